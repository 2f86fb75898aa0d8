"""What an image is called, and what an engine says of it."""
