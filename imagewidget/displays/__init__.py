"""Displays without a widget: terminals, saved HTML and text, recordings."""
