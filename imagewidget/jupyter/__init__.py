"""Everything that depends on the internals of ipykernel and IPython."""
