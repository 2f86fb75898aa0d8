"""The notebooks, and what a kernel does to a job."""
