"""ImageWidget: the panel to click."""
