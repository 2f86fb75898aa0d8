"""What this package knows of a Jupyter kernel."""
