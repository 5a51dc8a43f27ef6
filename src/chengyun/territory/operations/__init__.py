"""Writes of the territory; each needs `territory.manage` for the divisions that it touches."""
