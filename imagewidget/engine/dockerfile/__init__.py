"""What must be known of a Dockerfile."""
