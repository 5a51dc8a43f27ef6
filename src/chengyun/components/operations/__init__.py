"""Writes of components and their types."""
