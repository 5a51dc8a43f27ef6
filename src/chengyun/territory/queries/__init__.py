"""Reads of the territory. Base geography is open to every desk that has `territory.read`."""
