"""Text from outside, made safe to show: one line, as a terminal would show it."""
