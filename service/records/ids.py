"""Ids that sort by the time they were made (UUIDv7), and the form in which times are kept."""

from __future__ import annotations

from datetime import UTC, datetime

from uuid_utils import uuid7


def new(prefix: str) -> str:
    """A new id, as `dec_01a204b8…`."""
    return f"{prefix}_{uuid7().hex}"


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds; such texts sort by time."""
    return _in_utc(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"  # years of four digits, unlike strftime


def moment(stamped: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.strptime(stamped, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:  # within a day of the first or the last moment that there is
        return at.replace(tzinfo=UTC)
