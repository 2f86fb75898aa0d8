"""What belongs to a build context."""
