"""Readers of the kinds of files there are."""
