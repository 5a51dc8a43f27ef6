"""A fictional city, generated at any size from a seed."""
