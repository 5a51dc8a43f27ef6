"""The append-only journal of events.

Owns the event table written in the same transaction as the change it tells of, and its reading by
cursor. Knows no meaning of any event.
"""
