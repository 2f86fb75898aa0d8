"""Everything that shows that imagewidget works."""
