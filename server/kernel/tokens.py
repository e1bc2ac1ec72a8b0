"""Opaque tokens and one-time codes; only their hashes are stored."""

import hashlib
import secrets


def hash_token(token: str) -> str:
    """Hex SHA-256 of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
