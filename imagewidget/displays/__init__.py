"""Displays without a widget: a terminal, saved HTML, a recording."""
