"""Components (部件): types, objects with their versions, attributes, census.

Owns component types with the codes of three standards, and the objects themselves: where they
stand, who answers for them, in which state they are and what was changed. Knows no case: an upper
context names a component by its code.
"""
