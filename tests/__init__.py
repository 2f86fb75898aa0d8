"""The tests of imagewidget."""
