"""What administration tells others, in the transaction of the change.

Kinds, by the noun that changed; the payload holds the act and the id, never personal data:
`administration.organisation_changed`, `administration.person_changed`,
`administration.role_changed`, `administration.post_changed`, `administration.grant_changed`,
`administration.token_changed`, `administration.dictionary_changed`,
`administration.calendar_changed`, `administration.setting_changed`.

Administration handles no event: it is the lowest context but the journal.
"""

from __future__ import annotations

from typing import Final

NOUNS: Final = (
    "organisation",
    "person",
    "role",
    "post",
    "grant",
    "token",
    "dictionary",
    "calendar",
    "setting",
)
KINDS: Final = frozenset(f"administration.{noun}_changed" for noun in NOUNS)
