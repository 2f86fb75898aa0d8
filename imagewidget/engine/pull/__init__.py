"""Pulling an image."""
