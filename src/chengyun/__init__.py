"""Chengyun (城运): a city operation management service platform."""
