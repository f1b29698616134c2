"""What may be set from outside, read once at start with every fault reported at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from environs import EnvValidationError, FileAwareEnv
from marshmallow import ValidationError
from marshmallow.validate import OneOf, Range, Regexp

from schemas.faults import flatten
from schemas.issuers import RATE, USUAL_RATE, read_issuers

PREFIX = "ATTUNE_"
SHORTEST_KEY = 32
WITHOUT_PREFIX = {"port", "database_url"}


@dataclass(frozen=True)
class Settings:
    """The settings and their defaults; `PORT` and `DATABASE_URL` are read without the prefix."""

    port: int = 8000
    host: str = "127.0.0.1"
    rules: Path = Path("rules")
    workers: int = 2
    threads: int = 16
    timeout: int = 30
    docs: bool = True
    oracle_share: float = 0.01
    log_level: str = "info"
    revision: str = "unknown"
    database_url: str = field(default="sqlite:///data/attune.db", repr=False)
    data: Path = Path("data")
    checkpoint_every: int = 64
    retention_days: int | None = None
    bootstrap_key: str | None = field(default=None, repr=False)
    rate: str = USUAL_RATE
    limit_storage: str = field(default="memory://", repr=False)
    proxies: int = 0
    issuers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Environment(FileAwareEnv):
    """The environment, in which `NAME_FILE` may name a file that holds the value of `NAME`; one that cannot be read is a fault of NAME."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        try:
            return super()._get_value(env_key, default)
        except ValueError:
            name = f"{env_key}{self.file_suffix}"
            raise EnvValidationError(name, {name: ["Not the path of a file that can be read."]}) from None


def variable(field: str) -> str:
    """Name the environment variable that sets a field."""
    return field.upper() if field in WITHOUT_PREFIX else PREFIX + field.upper()


def rules_folder() -> Path:
    """The folder of the rule base, for commands that need no other setting. Raises environs.EnvValidationError."""
    env = Environment(eager=False, strip_whitespace=True)
    with env.prefixed(PREFIX):
        folder = env.path("RULES", Settings.rules, validate=_folder)
    env.seal()
    return folder


def names() -> list[str]:
    """List every environment variable that is read."""
    return [variable(field.name) for field in fields(Settings)]


def read() -> Settings:
    """Read the environment.

    Raises environs.EnvValidationError, whose `error_messages` name every variable at fault.
    """
    env = Environment(eager=False, strip_whitespace=True)
    env.add_parser("issuers", _issuers)
    port = env.int("PORT", Settings.port, validate=Range(1, 65535))
    database_url = env.str("DATABASE_URL", Settings.database_url, validate=_database)
    with env.prefixed(PREFIX):
        settings = Settings(
            port=port,
            database_url=_with_whole_scheme(database_url),
            host=env.str("HOST", Settings.host),
            data=env.path("DATA", Settings.data),
            checkpoint_every=env.int("CHECKPOINT_EVERY", Settings.checkpoint_every, validate=Range(1, 100_000)),
            retention_days=env.int("RETENTION_DAYS", Settings.retention_days, validate=Range(1)),
            bootstrap_key=env.str("BOOTSTRAP_KEY", None, validate=_key),
            rate=env.str("RATE", Settings.rate, validate=Regexp(RATE)),
            limit_storage=env.str("LIMIT_STORAGE", Settings.limit_storage, validate=_limit_storage),
            proxies=env.int("PROXIES", Settings.proxies, validate=Range(0, 8)),
            issuers=env.issuers("ISSUERS", "{}"),
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


def _database(url: str) -> None:
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValidationError("Neither sqlite:///… nor postgresql://….")


def _with_whole_scheme(url: str | None) -> str:
    """As some platforms give it: postgres://. None where it is at fault, which is told when all is read."""
    return re.sub("^postgres://", "postgresql://", url or "")


def _key(key: str | None) -> None:
    if key is not None and not re.fullmatch(rf"[A-Za-z0-9._~+/-]{{{SHORTEST_KEY},512}}", key):
        raise ValidationError(f"Not {SHORTEST_KEY} to 512 of A-Z a-z 0-9 . _ ~ + / -.")


def _limit_storage(uri: str) -> None:
    scheme = uri.partition("://")[0]
    if scheme not in ("memory", "redis", "rediss"):
        raise ValidationError("Neither memory://, redis://… nor rediss://….")
    if scheme != "memory" and find_spec("redis") is None:
        raise ValidationError("The package `redis` is not installed.")


def _issuers(text: str) -> dict[str, dict[str, Any]]:
    """A JSON object, or the path of a JSON or YAML file that holds one."""
    try:
        content = text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8")
        return read_issuers(json.loads(content) if content.lstrip().startswith("{") else yaml.safe_load(content))
    except (OSError, ValueError, yaml.YAMLError) as error:
        if isinstance(error, ValidationError):
            raise ValidationError([f"{fault['pointer']} {fault['message']}" for fault in flatten(error.messages)]) from None
        raise ValidationError("Neither a JSON object nor the path of a JSON or YAML file with one.") from None
