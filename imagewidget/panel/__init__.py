"""The panel: what a pull or a build looks like in a notebook."""
