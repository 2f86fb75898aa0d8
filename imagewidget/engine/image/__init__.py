"""Image names, and what an engine reports about an image."""
