"""Talks to Docker, and knows no display."""
