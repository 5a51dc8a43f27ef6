"""Chengyun (城运): a city operation management service platform."""

__version__ = "0.1.0"
