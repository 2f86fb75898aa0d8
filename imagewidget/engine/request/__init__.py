"""What a build is asked to do."""
