"""Ed25519 signatures over texts, for receipts (docs/protocol.md, section 10)."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


class Signer:
    """The server's private key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> "Signer":
        """A signer with a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: str) -> "Signer":
        """The signer that `to_pem` wrote; ValueError if it is no such key."""
        try:
            private = load_pem_private_key(pem.encode(), password=None)
        except TypeError as error:
            raise ValueError("the key is encrypted") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")
        return cls(private)

    def to_pem(self) -> str:
        """The private key as unencrypted PKCS #8; keep it like a password."""
        return self._private.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()

    def sign(self, text: str) -> str:
        """Base64 of the 64-byte signature over the UTF-8 text."""
        return base64.b64encode(self._private.sign(text.encode())).decode()

    def public_base64(self) -> str:
        """Base64 of the 32-byte public key."""
        return base64.b64encode(self._private.public_key().public_bytes_raw()).decode()


def verify(public_base64: str, text: str, signature: str) -> bool:
    """Whether `signature` (base64) is over `text` by that public key; False for any nonsense."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_base64, validate=True))
        public.verify(base64.b64decode(signature, validate=True), text.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
