"""The way in: first password, signing in and out, who may do what."""
