"""Strict tables: CSV with a header, in which no row, cell or column is dropped or guessed; every row knows its line."""

from __future__ import annotations

import csv
import io

from service.knowledge.faults import Findings, did_you_mean
from service.knowledge.files.shapes import Shape
from service.knowledge.files.strict_yaml import Entry, Items
from service.knowledge.records import Place


def read(content: bytes, file: str, shape: type[Shape], faults: Findings) -> Items:
    """The rows of a table whose columns are the slots of a shape; an empty cell is a slot that is not there. All cells are text."""
    rows = Items()
    rows.lines = {}
    try:
        text = content.decode("utf-8-sig")  # spreadsheets put a mark at the beginning
        table = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip() for name in next(table, [])]
        if not is_header(header, file, shape, faults):
            return rows
        line = table.line_num + 1
        for cells in table:
            if any(cell.strip() for cell in cells):
                add_row(rows, header, cells, Place(file, line), faults)
            line = table.line_num + 1
    except UnicodeDecodeError:
        faults.add(Place(file, 1), "not readable as UTF-8")
    except csv.Error as error:
        faults.add(Place(file, table.line_num), f"not readable as CSV: {error}")
    return rows


def is_header(header: list[str], file: str, shape: type[Shape], faults: Findings) -> bool:
    fields = shape().fields
    known = [field.data_key or name for name, field in fields.items()]
    required = [field.data_key or name for name, field in fields.items() if field.required]
    wrong = [f"there is no column {name!r}{did_you_mean(name, known)}" for name in header if name not in known]
    wrong += [f"the column {name!r} stands twice" for name in dict.fromkeys(header) if header.count(name) > 1]
    wrong += [f"the column {name!r} is missing; columns are separated by commas" for name in required if name not in header]
    for reason in wrong:
        faults.add(Place(file, 1), reason)
    return not wrong


def add_row(rows: Items, header: list[str], cells: list[str], place: Place, faults: Findings) -> None:
    if len(cells) != len(header):
        faults.add(place, f"the row has {len(cells)} cells under {len(header)} columns")
        return
    row = Entry((name, cell.strip()) for name, cell in zip(header, cells, strict=True) if cell.strip())
    row.place, row.lines = place, dict.fromkeys(row, place.line)
    rows.lines[len(rows)] = place.line
    rows.append(row)
