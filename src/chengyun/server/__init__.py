"""Wiring: settings, routes, processes, command line. Holds no rule of the trade."""
