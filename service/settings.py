"""What may be set from outside, read once at start with every fault reported at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from environs import Env
from marshmallow import ValidationError
from marshmallow.validate import OneOf, Range

PREFIX = "ATTUNE_"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Settings:
    """The settings and their defaults; `PORT` alone is read without the prefix."""

    port: int = 8000
    rules: Path = Path("rules")
    workers: int = 2
    threads: int = 16
    timeout: int = 30
    docs: bool = True
    oracle_share: float = 0.01
    log_level: str = "info"
    revision: str = "unknown"


def variable(field: str) -> str:
    """Name the environment variable that sets a field."""
    return "PORT" if field == "port" else PREFIX + field.upper()


def names() -> list[str]:
    """List every environment variable that is read."""
    return [variable(field.name) for field in fields(Settings)]


def read() -> Settings:
    """Read the environment.

    Raises environs.EnvValidationError, whose `error_messages` name every variable at fault.
    """
    env = Env(eager=False)
    port = env.int("PORT", Settings.port, validate=Range(1, 65535))
    with env.prefixed(PREFIX):
        settings = Settings(
            port=port,
            rules=env.path("RULES", Settings.rules, validate=_folder),
            workers=env.int("WORKERS", Settings.workers, validate=Range(1, 64)),
            threads=env.int("THREADS", Settings.threads, validate=Range(1, 256)),
            timeout=env.int("TIMEOUT", Settings.timeout, validate=Range(1, 600)),
            docs=env.bool("DOCS", Settings.docs),
            oracle_share=env.float("ORACLE_SHARE", Settings.oracle_share, validate=Range(0, 1)),
            log_level=env.str("LOG_LEVEL", Settings.log_level, validate=OneOf(["debug", "info", "warning", "error"])),
            revision=env.str("REVISION", Settings.revision),
        )
    env.seal()
    return settings


def _folder(path: Path) -> None:
    if not path.is_dir():
        raise ValidationError("Not a folder.")
