"""Tables: nothing in them is dropped or guessed."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from service.knowledge.faults import Findings
from service.knowledge.files import csv_table
from service.knowledge.files.article_schemas import NodeShape

COLUMNS = ("id", "type", "label", "plain")
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=8), st.permutations(COLUMNS), st.booleans())
def test_what_a_spreadsheet_writes_is_read_cell_by_cell(rows, columns, marked):
    written = io.StringIO()
    csv.writer(written).writerows([columns, *rows])
    content = written.getvalue().encode("utf-8-sig" if marked else "utf-8")
    faults = Findings()
    read = csv_table.read(content, "table.csv", NodeShape, faults)
    assert faults.faults == []
    expected = [{name: cell.strip() for name, cell in zip(columns, row, strict=True) if cell.strip()} for row in rows]
    assert [dict(row) for row in read] == [row for row in expected if row]


def test_a_row_knows_its_line_behind_cells_of_several_lines():
    content = b'id,type,label,plain\none,cause,"two\nlines",x\ntwo,cause,x,y\n'
    rows = csv_table.read(content, "table.csv", NodeShape, Findings())
    assert [(row["id"], row.place.line) for row in rows] == [("one", 2), ("two", 4)]
