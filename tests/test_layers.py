"""Who may know whom: the one-way flow of the design, read from the imports themselves."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAY_KNOW = {  # the house from the top down: an import only goes down this list, and only to what a line names
    "service.application": {
        "service.api", "service.preparing", "service.decisions", "service.explaining", "service.advising", "service.access", "service.records",
        "service.knowledge", "service.settings", "service.observing",
    },
    "service.__main__": {"service.commands", "service.measures", "service.records", "service.knowledge", "schemas"},
    "service.api": {
        "service.preparing", "service.decisions", "service.explaining", "service.advising", "service.measures", "service.access",
        "service.records", "service.knowledge", "service.observing", "schemas",
    },
    "service.commands": {
        "service.workbench", "service.decisions", "service.decisions.rechecking", "service.explaining", "service.advising", "service.answering",
        "service.access", "service.records", "service.knowledge", "service.settings", "schemas",
    },
    "service.preparing": {"service.access", "service.records", "service.knowledge", "service.settings", "service.observing"},
    "service.workbench": {
        "service.advising", "service.answering", "service.measures", "service.given", "service.engine", "service.knowledge", "service.formulas",
        "schemas",
    },
    "service.decisions": {
        "service.decisions.recording", "service.explaining", "service.advising", "service.answering", "service.advised", "service.ranking",
        "service.measures", "service.engine", "service.access", "service.records", "service.knowledge", "schemas",
    },
    "service.decisions.rechecking": {  # neither the engine's session nor advising: a record is checked without them
        "service.decisions.recording", "service.answering", "service.advised", "service.ranking", "service.measures", "service.engine",
        "service.records", "service.knowledge", "schemas",
    },
    "service.decisions.recording": {"service.measures", "service.given", "service.engine", "service.knowledge", "schemas.bounds"},
    "service.explaining": {
        "service.advising", "service.answering", "service.analysis", "service.advised", "service.measures", "service.engine",
        "service.knowledge",
    },
    "service.advising": {
        "service.answering", "service.advised", "service.ranking", "service.measures", "service.engine", "service.knowledge",
    },
    "service.answering": {
        "service.analysis", "service.advised", "service.ranking", "service.measures", "service.given", "service.engine", "service.knowledge",
        "service.formulas", "schemas", "schemas.bounds",
    },
    "service.analysis": {"service.measures", "service.given", "service.engine", "service.knowledge", "schemas.bounds"},
    "service.advised": {"service.ranking", "service.measures", "service.engine"},
    "service.ranking": {"service.engine", "service.knowledge"},
    "service.measures": {
        "service.given", "service.readings", "service.engine", "service.knowledge", "service.formulas", "schemas",
        "schemas.bounds",
    },
    "service.given": {"service.readings", "service.engine", "service.knowledge", "schemas", "schemas.bounds"},
    "service.readings": {"service.knowledge", "schemas", "schemas.bounds"},
    "service.engine": {"service.knowledge", "schemas.bounds"},
    "service.access": {"service.records", "schemas"},
    "service.records": {"service.knowledge", "service.observing", "schemas"},
    "service.knowledge": set(),
    "service.formulas": set(),
    "service.settings": {"schemas"},
    "service.observing": set(),
    "schemas": {"schemas.bounds"},
    "schemas.bounds": set(),
}
FROM_THE_TOP = list(MAY_KNOW)
ENGINE = {"durable", "durable_rules_engine"}


def modules() -> list[Path]:
    return sorted(path for folder in ("schemas", "service") for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of what a module imports, also inside functions and for type checking only."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(name: str, layer: str) -> bool:
    return name == layer or name.startswith(f"{layer}.")


def layer_of(name: str) -> str | None:
    """The layer that a full name belongs to, the narrowest one, if it is ours."""
    return max((layer for layer in MAY_KNOW if within(name, layer)), key=len, default=None)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


ENTRANCE = "service"  # service/__init__.py: the version, which all may read, and what builds the application when it is called


def test_the_list_goes_down():
    upwards = [(layer, other) for layer, known in MAY_KNOW.items() for other in known if FROM_THE_TOP.index(other) <= FROM_THE_TOP.index(layer)]
    assert upwards == []


def test_a_module_knows_only_what_its_line_names():
    files = {name_of(path): path for path in modules() if name_of(path) != ENTRANCE}
    assert [name for name in files if layer_of(name) is None] == [], "modules in no layer"
    more = [
        f"{name} -> {other}"
        for name, path in files.items()
        for other in imported(path)
        if (layer := layer_of(other)) and layer != layer_of(name) and layer not in MAY_KNOW[layer_of(name)]
    ]
    assert sorted(more) == []


def test_no_module_comes_back_to_itself():
    known = {name_of(path): path for path in modules() if name_of(path) != ENTRANCE}
    graph = {name: {module for other in imported(path) if (module := module_of(other, known))} - {name} for name, path in known.items()}
    list(TopologicalSorter(graph).static_order())  # raises CycleError


def module_of(name: str, known: dict[str, Path]) -> str | None:
    """The module that a full name is, or is in."""
    return name if name in known else next((module for module in (name.rpartition(".")[0],) if module in known), None)


def test_the_workbench_is_for_the_terminal_only():
    knowing = {layer_of(name_of(path)) for path in modules() if any(within(name, "service.workbench") for name in imported(path))}
    assert knowing == {"service.workbench", "service.commands"}


def test_one_module_knows_the_engine():
    knowing = {str(path.relative_to(ROOT)) for path in modules() if {name.split(".")[0] for name in imported(path)} & ENGINE}
    assert knowing == {"service/engine/session.py"}


def test_only_the_edge_knows_http():
    knowing = {layer_of(name_of(path)) for path in modules() if {name.split(".")[0] for name in imported(path)} & {"flask", "werkzeug"}}
    assert knowing - {None} == {"service.api", "service.application", "service.observing"}


STORES = {"sqlalchemy", "alembic", "psycopg", "sqlite3"}
STATEMENTS = re.compile(r"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|DROP\s+TABLE|ALTER\s+TABLE|PRAGMA)\s", re.DOTALL)
SECRETS = re.compile(r"secret|digest|token|signature|password|prefix", re.IGNORECASE)


def test_only_the_records_know_sql():
    knowing = {layer_of(name_of(path)) for path in modules() if {name.split(".")[0] for name in imported(path)} & STORES}
    assert knowing == {"service.records"}
    written = {layer_of(name_of(path)) for path in modules() for text in texts(path) if STATEMENTS.match(f"{text} ")}
    assert written == {"service.records"}


def test_sql_is_never_put_together_from_what_was_sent():
    """Within a function, text that reaches the database as SQL is a constant; what a module makes when it is imported is of constants anyway."""
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        if layer_of(name_of(path)) == "service.records"
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and called(node) in ("text", "exec_driver_sql") and not all(constant(part) for part in node.args[:1])
    ]
    assert made == []


def test_secrets_are_never_compared_with_an_equals_sign():
    """`==` ends at the first difference, and how long it took tells where that was; hmac.compare_digest does not."""
    compared = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        if name_of(path).startswith("service.access") or path.name == "guard.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and any(isinstance(word, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for word in node.ops)
        and any(SECRETS.search(name) for side in (node.left, *node.comparators) for name in named(side))
    ]  # fmt: skip
    assert compared == []


def test_keys_are_compared_in_constant_time():
    source = (ROOT / "service/access/keys.py").read_text(encoding="utf-8")
    assert "compare_digest" in {called(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}


def texts(path: Path) -> list[str]:
    return [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def constant(node: ast.AST) -> bool:
    """A text, a choice between texts, or a name in capitals."""
    if isinstance(node, ast.IfExp):
        return constant(node.body) and constant(node.orelse)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def named(node: ast.AST) -> set[str]:
    """The names that an expression is made of."""
    return {getattr(part, "attr", getattr(part, "id", "")) for part in ast.walk(node)} - {""}
