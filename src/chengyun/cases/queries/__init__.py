"""Reads: scoped to the actor."""
