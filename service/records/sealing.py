"""One secret a decision: it salts the commitments that the log keeps, and seals the content that can be erased."""

from __future__ import annotations

import hmac
import secrets
import zlib
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_HALF = 32
_NONCE = 12
_LEVEL = 1  # five times quicker than the best level, for a third more bytes


class SealBroken(Exception):
    """Content that was changed, or is not what its secret sealed."""


class Secret(NamedTuple):
    """`salt` for commitments, `key` for AES-256-GCM; 32 bytes each."""

    salt: bytes
    key: bytes

    @classmethod
    def new(cls) -> Secret:
        return cls(secrets.token_bytes(_HALF), secrets.token_bytes(_HALF))

    @classmethod
    def of(cls, kept: bytes) -> Secret:
        if len(kept) != 2 * _HALF:
            raise SealBroken
        return cls(kept[:_HALF], kept[_HALF:])

    def kept(self) -> bytes:
        return self.salt + self.key

    def commitment(self, name: str, part: bytes) -> str:
        """HMAC-SHA256 over the part's name and canonical form, in hexadecimal."""
        return hmac.digest(self.salt, name.encode() + b"\0" + part, "sha256").hex()

    def seal(self, content: bytes, about: str) -> bytes:
        """Compress and encrypt; `about` is the id of what it belongs to and is bound to it."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, zlib.compress(content, _LEVEL), about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Raises SealBroken where one bit of it was changed."""
        try:
            return zlib.decompress(AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode()))
        except (InvalidTag, ValueError, zlib.error):
            raise SealBroken from None


def keyed_digest(key: bytes, *texts: str) -> str:
    """HMAC-SHA256 over texts that hold no zero byte, in hexadecimal."""
    return hmac.digest(key, "\0".join(texts).encode(), "sha256").hex()
