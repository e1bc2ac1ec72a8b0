"""Signatures of receipts: RFC 8032's vector, and everything that must not verify."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from server.kernel.signing import Signer, verify

TEXT = "gewu-receipt-1\n网格"


def base64_of(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


def test_the_vector_of_rfc_8032():
    """Section 7.1, test 2."""
    private = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    signer = Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)))
    assert signer.public_base64() == base64_of(public)
    assert signer.sign("\x72") == base64_of(signature)
    assert verify(base64_of(public), "\x72", base64_of(signature))


def test_the_key_survives_pem():
    signer = Signer.generate()
    again = Signer.from_pem(signer.to_pem())
    assert again.public_base64() == signer.public_base64()
    assert again.sign(TEXT) == signer.sign(TEXT)


def test_signers_differ():
    assert Signer.generate().public_base64() != Signer.generate().public_base64()


def test_only_the_signed_text_and_key_verify():
    signer = Signer.generate()
    signature = signer.sign(TEXT)
    assert verify(signer.public_base64(), TEXT, signature)
    assert not verify(signer.public_base64(), TEXT + "\n", signature)
    assert not verify(Signer.generate().public_base64(), TEXT, signature)
    assert not verify(signer.public_base64(), TEXT, signer.sign("other"))


@pytest.mark.parametrize("nonsense", ["", "AAAA", "不是", "====", "A" * 88])
def test_nonsense_does_not_verify(nonsense):
    signer = Signer.generate()
    assert not verify(signer.public_base64(), TEXT, nonsense)
    assert not verify(nonsense, TEXT, signer.sign(TEXT))


def pem_of(key, encryption) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "not a key",
        pem_of(ec.generate_private_key(ec.SECP256R1()), NoEncryption()),
        pem_of(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret")),
    ],
    ids=["empty", "text", "other kind", "encrypted"],
)
def test_other_keys_are_refused(pem):
    with pytest.raises(ValueError, match=r"."):
        Signer.from_pem(pem)
