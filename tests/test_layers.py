"""Who may know whom: the one-way flow of the design, read from the imports themselves."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAY_KNOW = {
    "schemas": {"schemas"},
    "service.knowledge": {"service.knowledge"},
    "service.formulas": set(),
    "service.engine": {"service.engine", "service.knowledge"},
    "service.given": {"schemas", "service.knowledge"},
    "service.measures": {"schemas", "service.given", "service.formulas", "service.engine", "service.knowledge"},
    "service.ranking": {"service.engine", "service.knowledge"},
    "service.explaining": {
        "service.explaining", "service.formulas", "service.given", "service.ranking", "service.measures", "service.engine", "service.knowledge",
    },
    "service.advising": {"service.explaining", "service.ranking", "service.measures", "service.engine", "service.knowledge"},
    "service.proving": {
        "schemas", "service.proving", "service.measures", "service.given", "service.formulas", "service.engine", "service.knowledge",
    },
    "service.comparing": {"schemas", "service.advising", "service.measures", "service.knowledge"},
    "service.records": {"schemas", "service.records", "service.knowledge", "service.observing"},
    "service.access": {"schemas", "service.access", "service.records"},
    "service.decisions.recording": {"service.given", "service.measures", "service.engine", "service.knowledge"},
    "service.decisions.rechecking": {  # neither the engine's session nor advising: a record is checked without them
        "schemas", "service.records", "service.decisions.recording", "service.explaining", "service.ranking", "service.measures",
        "service.engine", "service.knowledge",
    },
    "service.decisions": {
        "schemas", "service.decisions", "service.decisions.recording", "service.access", "service.records", "service.comparing",
        "service.advising", "service.explaining", "service.ranking", "service.measures", "service.engine", "service.knowledge",
    },
    "service.preparing": {"service.access", "service.records", "service.knowledge", "service.settings", "service.observing"},
    "service.settings": {"schemas"},
    "service.observing": set(),
    "service.api": {
        "schemas", "service.api", "service.access", "service.decisions", "service.preparing", "service.records", "service.advising",
        "service.measures", "service.knowledge", "service.observing",
    },
}
ASSEMBLERS = {"service/__init__.py", "service/__main__.py", "service/application.py"}
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


def test_a_module_knows_only_what_is_below_it():
    files = {str(path.relative_to(ROOT)): path for path in modules()}
    layered = {file: path for file, path in files.items() if file not in ASSEMBLERS and not file.startswith(JOINING)}
    assert {file for file, path in layered.items() if layer_of(name_of(path)) is None} == set(), "modules outside the layers"
    above = {file: {layer_of(name) for name in imported(path)} - {None} - MAY_KNOW[layer_of(name_of(path))] for file, path in layered.items()}
    assert {file: layers for file, layers in above.items() if layers} == {}


def test_one_module_knows_the_engine():
    knowing = {str(path.relative_to(ROOT)) for path in modules() if {name.split(".")[0] for name in imported(path)} & ENGINE}
    assert knowing == {"service/engine/session.py"}


def test_only_the_edge_knows_http():
    knowing = {layer_of(name_of(path)) for path in modules() if {name.split(".")[0] for name in imported(path)} & {"flask", "werkzeug"}}
    assert knowing - {None} == {"service.api", "service.observing"}


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
