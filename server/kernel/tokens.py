"""Opaque tokens and one-time codes; only their hashes are stored."""

import hashlib
import secrets
import unicodedata

# No 0, O, 1, I or L: codes are read aloud and typed on small screens.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_GROUPS = 3
_GROUP_LENGTH = 4


def new_token(prefix: str) -> str:
    """A secret of 256 random bits, written `<prefix>_<43 characters of base64url>`."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """Hex SHA-256 of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """A code to be read and typed, such as `7KQM-XW3P-9RTE`: 59 random bits.

    One-time codes of enrolments (接入码) are such, and the codes on stamped photos (水印编号).
    """
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(_CODE_GROUPS * _GROUP_LENGTH)]
    return _grouped("".join(letters))


def normalise_code(text: str) -> str:
    """A typed code as `new_code` writes it, whatever the case, width, blanks and dashes.

    Hash the result. What is no code comes out as something that is simply not known.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    return _grouped("".join(letter for letter in plain if letter.isascii() and letter.isalnum()))


def _grouped(letters: str) -> str:
    starts = range(0, len(letters), _GROUP_LENGTH)
    return "-".join(letters[start : start + _GROUP_LENGTH] for start in starts)
