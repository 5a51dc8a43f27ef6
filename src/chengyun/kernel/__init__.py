"""Pure rules shared by every context: errors, working time, codes, coordinates, units, hash chains.

Owns no table and imports no framework.
"""
