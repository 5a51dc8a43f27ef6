"""Reads of components and their types."""
