"""Making text from outside safe to show, line by line, as a terminal would show it."""
