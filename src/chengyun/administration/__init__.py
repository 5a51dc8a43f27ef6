"""Application maintenance (应用维护).

Owns organisations, people, roles and data scope, dictionaries, settings, node identity, sign-in,
API tokens, the working calendar's data and the audit log.
"""
