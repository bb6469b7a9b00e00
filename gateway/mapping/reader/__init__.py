"""YAML text → Mapping, or every mistake in it at its place with its cure."""
