"""Rows, mappings, and what may be wrong with them."""
