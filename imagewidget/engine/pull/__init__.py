"""Pulls an image."""
