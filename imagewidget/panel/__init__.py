"""The panel: a live view of a pull or a build in a notebook."""
