"""Reaches an engine."""
