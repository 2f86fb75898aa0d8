"""What happens, and what is known of it: pure, with no thread, no Docker and no widget."""
