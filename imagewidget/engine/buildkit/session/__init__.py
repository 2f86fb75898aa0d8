"""The session through which an engine calls back."""
