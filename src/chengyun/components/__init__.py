"""Components (部件): their types, as far as a case needs it.

Owns component types with the codes of three standards. The objects themselves come later.
"""
