"""Other people's files: read row by row, through a mapping, in runs that can be resumed.

Owns the readers of tables and vector files, the form of mapping files, the runs with their bad
rows, their routes and jobs. What a kind of row becomes, the context says that registers the kind.
"""
