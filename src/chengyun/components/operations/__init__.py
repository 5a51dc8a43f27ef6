"""Writes of component types."""
