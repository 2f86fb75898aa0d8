"""What a person sees and does, in real front ends in a real browser."""
