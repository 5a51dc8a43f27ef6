"""The living city: simulated people act on a platform through its public API, as clients do.

Nothing here touches the database: what people know, they were told by an answer.
"""
