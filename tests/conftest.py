"""What every test may ask for: the rig's engines and registries."""

pytest_plugins = ["tests.rig.fixtures"]
