"""Checkpoints: the length and hash of the log, signed with a key that is not in the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.records.canonical import canonical, sha256

_ID_LENGTH = 16


class Signer:
    """Signs with the Ed25519 key of a PEM file."""

    def __init__(self, private: Ed25519PrivateKey):
        self._private = private
        self.public = public_bytes(private.public_key())
        self.key = key_id(self.public)

    @classmethod
    def of(cls, file: Path) -> Signer:
        """Raises ValueError where the file holds no Ed25519 key."""
        found = serialization.load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(found, Ed25519PrivateKey):
            raise ValueError(f"{file}: not an Ed25519 key")
        return cls(found)

    @classmethod
    def made(cls, file: Path) -> Signer:
        """The key of the file, made where there is none: for this user's eyes only.

        Its public half is a line of the `.pub` file beside it, after those of the keys before it.
        """
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            _write_new(file, _pem(Ed25519PrivateKey.generate()))
        signer = cls.of(file)
        _publish(file.with_suffix(".pub"), signer.public.hex())
        return signer

    def sign(self, said: dict[str, Any]) -> str:
        return self._private.sign(canonical(said)).hex()


def signed_by(public: bytes, said: dict[str, Any], signature: str) -> bool:
    """Whether this public key's owner signed exactly this."""
    try:
        written = bytes.fromhex(signature)
        Ed25519PublicKey.from_public_bytes(public).verify(written, canonical(said))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return written.hex() == signature  # in its one form


def key_id(public: bytes) -> str:
    """A short name for a public key: the start of its SHA-256."""
    return sha256(public).hex()[:_ID_LENGTH]


def public_bytes(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def trusted(file: Path) -> dict[str, bytes]:
    """The public keys of a file, one a line in hexadecimal, by their short names. Raises ValueError for a line that is none."""
    keys = [bytes.fromhex(line) for line in file.read_text(encoding="ascii").split()]
    for key in keys:
        Ed25519PublicKey.from_public_bytes(key)
    return {key_id(key): key for key in keys}


def _publish(file: Path, public: str) -> None:
    """Add a line, where it is not there."""
    if not file.exists() or public not in file.read_text(encoding="ascii").split():
        with file.open("a", encoding="ascii") as published:
            published.write(public + "\n")


def _write_new(file: Path, content: bytes) -> None:
    """Whole or not at all, and once where two processes start together."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    try:
        os.link(unfinished, file)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
