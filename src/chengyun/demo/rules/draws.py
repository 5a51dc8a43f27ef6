"""Random draws that depend on nothing but the seed and a label."""

import hashlib
import random

import numpy as np


def _number(seed: int, labels: tuple[object, ...]) -> int:
    text = "/".join(str(part) for part in (seed, *labels))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def scalar_draws(seed: int, *labels: object) -> random.Random:
    """Return a generator of single draws for one labelled purpose; repeatable, not secret."""
    return random.Random(_number(seed, labels))


def array_draws(seed: int, *labels: object) -> np.random.Generator:
    """Return a generator of whole arrays of draws for one labelled purpose."""
    return np.random.default_rng(_number(seed, labels))
