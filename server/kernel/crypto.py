"""The crypto seam for personal data (个人信息加密): sealed texts and blind indexes.

A sealed text says with which suite and which key it was made, so that suites and keys can change
while old values stay readable:

    g1$aes-gcm$<key id>$<base64url of nonce (12 bytes), ciphertext, tag (16 bytes)>

Suites: `aes-gcm` (AES-256-GCM, HMAC-SHA256) and `sm4-gcm` (国密: SM4-GCM, HMAC-SM3). Each use of a
master key has a subkey of its own (HKDF with the suite's hash). The context, for example
"subject.id_card", is bound into the value: a value moved to another column does not open.

    CryptoError
    ├── KeyFormatError    a key text that cannot be read
    ├── UnknownSuite      no such suite, or this build of OpenSSL lacks it
    ├── UnknownKey        sealed with a key that was not given
    ├── NotSealed         the text has not the form of a sealed value
    └── Tampered          wrong context, or changed since it was sealed
"""

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import CipherAlgorithm, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "g1"
MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_TEXT = re.compile(r"(?P<id>[0-9a-z-]{1,32}):(?P<secret>[A-Za-z0-9_-]{43}=)")


class CryptoError(Exception):
    """Any failure of this module."""


class KeyFormatError(CryptoError):
    """A key text that cannot be read; the message does not repeat it."""


class UnknownSuite(CryptoError):
    """A suite that does not exist or that this build of OpenSSL lacks."""


class UnknownKey(CryptoError):
    """A value sealed with a key that was not given."""


class NotSealed(CryptoError):
    """A text that has not the form of a sealed value."""


class Tampered(CryptoError):
    """A value that was changed, or sealed for another context."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher for GCM with its key length in bytes, and the hash of HMAC and HKDF."""

    block: Callable[[bytes], CipherAlgorithm]
    key_bytes: int
    digest: Callable[[], hashes.HashAlgorithm]


SUITES = {
    "aes-gcm": Suite(algorithms.AES, 32, hashes.SHA256),
    "sm4-gcm": Suite(algorithms.SM4, 16, hashes.SM3),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A master key of 32 bytes and the name by which sealed values call it."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Key":
        """A key as `generate_key` writes it; KeyFormatError otherwise."""
        found = _KEY_TEXT.fullmatch(text.strip())
        if found is None:
            raise KeyFormatError("a key is written <id>:<base64url of 32 bytes>")
        return cls(found["id"], base64.urlsafe_b64decode(found["secret"]))


def generate_key() -> str:
    """A new master key for the settings: `<id>:<base64url of 32 random bytes>`."""
    secret = secrets.token_bytes(MASTER_KEY_BYTES)
    return f"{secrets.token_hex(4)}:{base64.urlsafe_b64encode(secret).decode()}"


@cache
def available_suites() -> tuple[str, ...]:
    """The suites that this build of OpenSSL can do, found by trying; ask once at start."""
    return tuple(name for name in SUITES if _works(name))


def _works(suite: str) -> bool:
    try:
        cipher = _Suited(suite, Key("trial", bytes(MASTER_KEY_BYTES)))
        return cipher.open(cipher.seal(b"trial", b""), b"") == b"trial"
    except UnsupportedAlgorithm:
        return False


class _Suited:
    """One key in one suite; works on bytes."""

    def __init__(self, suite: str, key: Key) -> None:
        self._suite = SUITES[suite]
        self._seal_key = self._derive(key, "seal", self._suite.key_bytes)
        self._index_key = self._derive(key, "index", 32)

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        encryptor = self._gcm(modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        nonce, tag = sealed[:_NONCE_BYTES], sealed[-_TAG_BYTES:]
        decryptor = self._gcm(modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(sealed[_NONCE_BYTES:-_TAG_BYTES]) + decryptor.finalize()

    def index(self, plain: bytes) -> str:
        mac = HMAC(self._index_key, self._suite.digest())
        mac.update(plain)
        return mac.finalize().hex()

    def _gcm(self, mode: modes.GCM) -> BlockCipher[modes.GCM]:
        return BlockCipher(self._suite.block(self._seal_key), mode)

    def _derive(self, key: Key, use: str, length: int) -> bytes:
        info = f"gewu {VERSION} {use}".encode()
        return HKDF(self._suite.digest(), length, salt=None, info=info).derive(key.secret)


class Cipher:
    """Seals with the newest key in the chosen suite; opens with every key in every suite."""

    def __init__(self, keys: Iterable[str], suite: str = "aes-gcm") -> None:
        """Key texts, the newest first. KeyFormatError, UnknownSuite."""
        self._suite = _supported(suite)
        parsed = [Key.parse(text) for text in keys]
        self._keys = {key.id: key for key in parsed}
        if not parsed or len(self._keys) < len(parsed):
            raise KeyFormatError("at least one key is needed, and each id only once")
        self._newest = parsed[0].id
        self._suited: dict[tuple[str, str], _Suited] = {}

    def seal(self, plaintext: str, *, context: str) -> str:
        """The sealed form of a text, different at each call; its length shows through."""
        header = f"{VERSION}${self._suite}${self._newest}"
        sealed = self._with(self._suite, self._newest).seal(
            _bytes(plaintext), _bound(header, context)
        )
        return f"{header}${base64.urlsafe_b64encode(sealed).decode()}"

    def open_(self, value: str, *, context: str) -> str:
        """The text that was sealed. NotSealed, UnknownSuite, UnknownKey, Tampered."""
        header, suite, key_id, sealed = _parts(value)
        try:
            plain = self._with(suite, key_id).open(sealed, _bound(header, context))
        except InvalidTag as error:
            raise Tampered(f"a value sealed with key {key_id} does not open") from error
        return plain.decode("utf-8", "surrogatepass")

    def is_current(self, value: str) -> bool:
        """Whether the newest key in the chosen suite sealed it; others want sealing anew."""
        _, suite, key_id, _ = _parts(value)
        return (suite, key_id) == (self._suite, self._newest)

    def blind_index(self, value: str, *, context: str) -> str:
        """What to store beside a sealed value so that equal values can be found.

        Deterministic: 64 hex digits after suite and key id. The caller normalises first (blanks,
        case), since only equal texts have equal indexes.
        """
        return self._index(self._suite, self._newest, value, context)

    def blind_indexes(self, value: str, *, context: str) -> list[str]:
        """Every index under which the value may be stored: one for each key and suite.

        The current one is first. Search with `IN`: rows written before a change of key or suite
        are found too.
        """
        pairs = [(suite, key_id) for suite in available_suites() for key_id in self._keys]
        pairs.sort(key=lambda pair: pair != (self._suite, self._newest))
        return [self._index(suite, key_id, value, context) for suite, key_id in pairs]

    def _index(self, suite: str, key_id: str, value: str, context: str) -> str:
        header = f"{VERSION}${suite}${key_id}"
        digest = self._with(suite, key_id).index(_bound(header, context) + b"\0" + _bytes(value))
        return f"{header}${digest}"

    def _with(self, suite: str, key_id: str) -> _Suited:
        if (suite, key_id) not in self._suited:
            if key_id not in self._keys:
                raise UnknownKey(f"no key with the id {key_id!r} was given")
            self._suited[suite, key_id] = _Suited(_supported(suite), self._keys[key_id])
        return self._suited[suite, key_id]


def _supported(suite: str) -> str:
    if suite not in available_suites():
        raise UnknownSuite(f"{suite!r} is not one of {', '.join(available_suites())}")
    return suite


def _parts(value: str) -> tuple[str, str, str, bytes]:
    """(header, suite, key id, sealed bytes) of a stored value."""
    header, _, text = value.rpartition("$")
    parts = header.split("$")
    try:
        sealed = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotSealed("the last part is not base64") from error
    if len(parts) != 3 or parts[0] != VERSION or len(sealed) < _NONCE_BYTES + _TAG_BYTES:
        raise NotSealed(f"a sealed value is written {VERSION}$suite$key id$base64")
    return header, parts[1], parts[2], sealed


def _bound(header: str, context: str) -> bytes:
    """What is authenticated besides the text."""
    return f"{header}\0{context}".encode()


def _bytes(text: str) -> bytes:
    """UTF-8; half surrogates, which JSON can carry, survive."""
    return text.encode("utf-8", "surrogatepass")
