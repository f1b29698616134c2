"""An issuer of tokens for the tests: a real HTTP server with its key set, and tokens of every kind signed with its keys."""

from __future__ import annotations

import base64
import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

NAME, AUDIENCE = "https://idp.example", "attune"
MADE = {
    "RS256": (lambda: rsa.generate_private_key(65537, 2048), RSAAlgorithm),
    "PS256": (lambda: rsa.generate_private_key(65537, 2048), RSAAlgorithm),
    "ES256": (lambda: ec.generate_private_key(ec.SECP256R1()), ECAlgorithm),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate, OKPAlgorithm),
}


class Issuer:
    """Its keys by algorithm, each with the algorithm's name as `kid`; `answer` is what the server says, `asked` how often it was asked."""

    def __init__(self) -> None:
        self.keys = {name: make() for name, (make, _) in MADE.items()}
        self.asked, self.status, self.delay = 0, 200, 0.0
        self.answer = json.dumps({"keys": [self.public(name) for name in MADE]}).encode()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}/keys"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def public(self, name: str) -> dict[str, Any]:
        """The JSON Web Key of one of its keys."""
        return {**json.loads(MADE[name][1].to_jwk(self.keys[name].public_key())), "kid": name, "alg": name, "use": "sig"}

    def pem(self, name: str) -> bytes:
        """The public half as everybody knows it, which a careless verifier takes for the secret of HS256."""
        return self.keys[name].public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def token(self, algorithm: str = "ES256", key: Any = None, kid: str | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A good token, but for what is asked otherwise; a claim that is None is left out."""
        kept = {name: value for name, value in {**usual(), **claims}.items() if value is not None}
        return jwt.encode(kept, key or self.keys[algorithm], algorithm, headers={"kid": kid or algorithm, **(header or {})})


def usual() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": NAME, "aud": AUDIENCE, "sub": "app-1", "iat": now, "exp": now + 300, "scope": "advise read"}


def by_hand(header: dict[str, Any], claims: Any, signature: bytes = b"") -> str:
    """A token that no library would make."""
    return ".".join(_coded(part) for part in (json.dumps(header).encode(), claims if isinstance(claims, bytes) else json.dumps(claims).encode(), signature))


def _coded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked += 1
            time.sleep(issuer.delay)
            with suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(issuer.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(issuer.answer)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    return Handler
