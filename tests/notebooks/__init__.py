"""Tests of the notebooks, and of jobs in a real kernel."""
