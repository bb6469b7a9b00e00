"""Who may use the console, and what they did there."""
