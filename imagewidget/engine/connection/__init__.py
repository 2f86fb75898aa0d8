"""Connecting to an engine."""
