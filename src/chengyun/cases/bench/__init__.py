"""`chengyun bench cases`: a city of its own, filled with cases, and load on it over HTTP.

`city` and `history` make the rows, `load` is the light client, `figures` are what is measured.
"""
