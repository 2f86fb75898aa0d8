"""What every test may ask for: the rig's engines and registries."""

from hypothesis import settings

pytest_plugins = ["tests.rig.fixtures"]

# How long one example takes says something of the machine only.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
