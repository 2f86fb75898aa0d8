"""The request for a build, checked and complete."""
