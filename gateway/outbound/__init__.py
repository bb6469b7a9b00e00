"""Plan → the world."""
