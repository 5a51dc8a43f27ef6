"""Files that people upload: what they are, and where they are kept.

Owns the storage (a folder or a bucket), the checking of what comes in, and the way it is sent.
Owns no table: which row a file belongs to, and who may see it, is told by the context above.
"""
