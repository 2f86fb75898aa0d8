"""The files that a session serves."""
