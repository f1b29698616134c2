"""What an author has still to write: the marks that `python -m service new` leaves in the files it begins."""

from __future__ import annotations

from collections.abc import Mapping

from service.knowledge.faults import Findings
from service.knowledge.records import Place

MARK = "FILL IN"
EDGES = " :\"'{}[]#"


def check_filled(files: Mapping[str, bytes], faults: Findings) -> None:
    """A rule base with a place that nobody has filled serves nobody; nothing else is looked at before."""
    for name, content in files.items():
        if MARK.encode() in content:
            for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
                for place in line.split(MARK)[1:]:
                    faults.add(Place(name, number), f"to be filled in: {place.strip(EDGES)}")
