"""Jobs: operations that run in the background."""
