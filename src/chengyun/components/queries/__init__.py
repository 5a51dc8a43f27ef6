"""Reads of component types."""
