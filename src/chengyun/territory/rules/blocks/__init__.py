"""Proposing unit grids: blocks of a wanted size between roads, waters and the borders of divisions.

The order of work, each step in a module of its own: `network` cuts an area into faces by its
lines, `merging` joins faces that are too small, `cutting` cuts what is too large, `partition` runs
the three, `seam` makes the result of many areas one mesh, `proof` proves that it covers exactly.

All but `plane` and `proof` work in metres on a local plane.

source : ours; the aim (about 10 000 m², seamless, inside one community) CJ/T 213, GB/T 30428.1
"""
