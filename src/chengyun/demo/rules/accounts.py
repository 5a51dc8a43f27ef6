"""How one signs in to the generated city."""

from __future__ import annotations

from typing import Final

# Of every demo account, and printed by the command: no secret.
SIGN_IN_WORD: Final = "Linjiang-2026"
