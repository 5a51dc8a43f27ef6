"""Encryption of a backup's parts in the age format: the `age` program can open them, too."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyrage
from pyrage import x25519

from chengyun.server.backups.faults import KeyInvalid, KeyNeeded

SUFFIX = ".age"


@dataclass(frozen=True, kw_only=True)
class Seal:
    """Whom parts are encrypted for; nobody = they are left open."""

    recipients: Sequence[x25519.Recipient] = field(default_factory=tuple)

    @property
    def suffix(self) -> str:
        """What is added to the names of parts."""
        return SUFFIX if self.recipients else ""

    def close(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Encrypt `source` into `target`."""
        pyrage.encrypt_io(source, target, list(self.recipients))


def seal_for(recipients: Sequence[str]) -> Seal:
    """Return the seal for public keys `age1…`; raise KeyInvalid."""
    made = []
    for text in recipients:
        try:
            made.append(x25519.Recipient.from_str(text.strip()))
        except pyrage.RecipientError as error:
            raise KeyInvalid(what=text) from error
    return Seal(recipients=made)


def new_key(path: Path) -> str:
    """Write a new private key that only its owner may read; return the public one.

    raises : FileExistsError
    """
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public


def read_key(path: Path) -> x25519.Identity:
    """Return the private key of a file as `age-keygen` and `new_key` write it; raise KeyInvalid."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    text = next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        return x25519.Identity.from_str(text)
    except pyrage.IdentityError as error:
        raise KeyInvalid(what=path) from error


def unseal(source: IO[bytes], target: IO[bytes], key: x25519.Identity | None) -> None:
    """Decrypt `source` into `target`; raise KeyNeeded when no key fits."""
    if key is None:
        raise KeyNeeded
    try:
        pyrage.decrypt_io(source, target, [key])
    except pyrage.DecryptError as error:
        raise KeyNeeded from error
