"""The build context: which files belong to it."""
