"""Rules of the generated city: pure, deterministic, without Django.

A city is drawn in an abstract plan (straight river, straight roads), cut into ever smaller faces
of one planar mesh, and then bent as a whole; every step is linear or n log n in the number of
unit grids, so the size is a parameter.
"""
