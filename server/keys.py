"""The deployment's keys: one file that signs receipts, one that seals personal data.

They lie in the folder `GEWU_KEYS` with mode 0600. Every node of a deployment needs the same files.
"""

import os
from pathlib import Path

from flask import Flask, current_app

from server.config import Settings
from server.kernel.crypto import Cipher, generate_key
from server.kernel.signing import Signer

SIGNING, FIELD = "signing.pem", "field.key"


class KeysMissing(Exception):
    """A key file is not there; the message names it."""


def ensure_keys(settings: Settings) -> list[Path]:
    """Make the key files that are missing; the paths of those made."""
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    texts = {SIGNING: lambda: Signer.generate().to_pem(), FIELD: lambda: generate_key() + "\n"}
    made = []
    for name, text in texts.items():
        path = settings.keys / name
        if not path.exists():
            _write_private(path, text())
            made.append(path)
    return made


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def init_app(app: Flask, settings: Settings) -> None:
    """Remember where the keys are; they are read when first needed."""
    app.extensions["gewu_keys"] = {"folder": settings.keys}


def signer() -> Signer:
    """The key that signs receipts; KeysMissing before `gewu init`."""
    keys = current_app.extensions["gewu_keys"]
    if "signer" not in keys:
        keys["signer"] = Signer.from_pem(_read(keys["folder"] / SIGNING))
    return keys["signer"]


def cipher() -> Cipher:
    """The seal of personal data; the first line of the key file seals, all of them open."""
    keys = current_app.extensions["gewu_keys"]
    if "cipher" not in keys:
        keys["cipher"] = Cipher(_read(keys["folder"] / FIELD).split())
    return keys["cipher"]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError as error:
        raise KeysMissing(f"{path}: 没有密钥，请运行 gewu init / no key; run gewu init") from error
