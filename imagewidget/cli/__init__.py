"""The command line: the public functions as verbs, with the same words as their arguments."""
