"""Attune: a profile in, an explained answer out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """The application, as service/application.py builds it: read only when it is called, for a record is checked without the engine."""
    from service.application import build

    return build(settings)
