"""Making text from outside safe to show, as single lines and as a terminal would show it."""
