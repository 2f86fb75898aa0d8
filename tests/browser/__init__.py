"""Tests of what users see and do, in real front ends in a real browser."""
