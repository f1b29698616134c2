"""Who may know whom: the one-way flow of the design, read from the imports themselves."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_KNOW = {
    "schemas": {"schemas"},
    "service.knowledge": {"service.knowledge"},
    "service.formulas": set(),
    "service.engine": {"service.engine", "service.knowledge"},
    "service.given": {"schemas", "service.knowledge"},
    "service.measures": {"schemas", "service.given", "service.formulas", "service.engine", "service.knowledge"},
    "service.ranking": {"service.engine", "service.knowledge"},
    "service.explaining": {"service.explaining", "service.formulas", "service.ranking", "service.measures", "service.engine", "service.knowledge"},
    "service.advising": {"service.explaining", "service.ranking", "service.measures", "service.engine", "service.knowledge"},
    "service.proving": {
        "schemas", "service.proving", "service.measures", "service.given", "service.formulas", "service.engine", "service.knowledge",
    },
    "service.comparing": {"schemas", "service.advising", "service.measures", "service.knowledge"},
    "service.recording": {"service.given", "service.measures", "service.engine", "service.knowledge"},
    "service.records": {"service.records", "service.knowledge", "service.observing"},
    "service.recalling": {"service.records", "service.recording", "service.advising", "service.ranking"},
    "service.access": {"service.access", "service.records"},
    "service.deciding": {"service.access", "service.recalling", "service.recording", "service.records", "service.advising"},
    "service.settings": set(),
    "service.observing": set(),
    "service.api": {
        "schemas", "service.api", "service.access", "service.deciding", "service.recalling", "service.records", "service.advising",
        "service.measures", "service.knowledge", "service.observing",
    },
}
ASSEMBLERS = {"service/__init__.py", "service/__main__.py"}
JOINING = "service/commands/"  # each command builds what it needs, as create_app does
ENGINE = {"durable", "durable_rules_engine"}


def modules() -> list[Path]:
    return sorted(path for folder in ("schemas", "service") for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of what a module imports, also inside functions; imports for type checking only do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer_of(name: str) -> str | None:
    """The layer that a full name belongs to, if it is ours."""
    return next((layer for layer in MAY_KNOW if name == layer or name.startswith(f"{layer}.")), None)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_knows_only_what_is_below_it(path):
    file = str(path.relative_to(ROOT))
    if file in ASSEMBLERS or file.startswith(JOINING):
        return
    layer = layer_of(name_of(path))
    assert layer, "a module outside the layers"
    ours = {layer_of(name) for name in imported(path)} - {None}
    assert ours <= MAY_KNOW[layer]


def test_one_module_knows_the_engine():
    knowing = {str(path.relative_to(ROOT)) for path in modules() if {name.split(".")[0] for name in imported(path)} & ENGINE}
    assert knowing == {"service/engine/session.py"}


def test_only_the_edge_knows_http():
    knowing = {layer_of(name_of(path)) for path in modules() if {name.split(".")[0] for name in imported(path)} & {"flask", "werkzeug"}}
    assert knowing - {None} == {"service.api", "service.observing"}
