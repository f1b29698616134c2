"""Every single change to what is no rule: the graph, its chains, the article's claims, the evidence and the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from service.knowledge.rulebase import Knowledge
from tests.mutation.conditions import Conditions, following
from tests.mutation.text import Mutant, Node, RuleText, items, members, value_of, words

GRADES = ["strong", "moderate", "mixed", "weak", "indirect", "none"]
SIGNS = {"+": '"-"', "-": '"+"', "part-of": '"-"', "is-a": '"-"', "guides": '"-"', "normalises": '"-"'}
FLIPPED = {"true": "false", "false": "true"}
NUMBERS = {"valid_for_days": 30, "digits": 1}
CONVERSION = Decimal("1.02")


def graph(text: RuleText, _: Knowledge) -> Iterator[Mutant | None]:
    edges = value_of(text.root, "edges")
    for place, edge in enumerate(members(edges)):
        owner = f"{words(edge, 'from')} -> {words(edge, 'to')}"
        yield text.changed("edge", owner, value_of(edge, "sign"), SIGNS[words(edge, "sign")])
        yield text.without_item("edge", owner, edges, place)
        for name in ("bridge", "not_chained", "causal"):
            if value_of(edge, name) is not None:
                yield text.without_key("bridge or claim mark", owner, edge, name)
        for claim in range(len(members(value_of(edge, "claims")))):
            yield text.without_item("citation removed", owner, value_of(edge, "claims"), claim)


def chains(text: RuleText, _: Knowledge) -> Iterator[Mutant | None]:
    every = value_of(text.root, "chains")
    for place, chain in enumerate(members(every)):
        owner = f"{words(chain, 'intervention')} to {words(chain, 'side')}"
        yield text.without_item("chain", owner, every, place)
        for step in range(1, len(members(value_of(chain, "path"))) - 1):
            yield text.without_item("chain", owner, value_of(chain, "path"), step)
        if value_of(chain, "canonical") is not None:
            yield text.without_key("bridge or claim mark", owner, chain, "canonical")


def claims(text: RuleText, _: Knowledge) -> Iterator[Mutant | None]:
    for claim in members(text.root):
        owner = words(claim, "id")
        asserted = value_of(claim, "asserted")
        yield text.changed("bridge or claim mark", owner, asserted, FLIPPED[asserted.value])
        if value_of(claim, "inferred") is not None or value_of(claim, "context_only") is not None:
            name = "inferred" if value_of(claim, "inferred") is not None else "context_only"
            yield text.without_key("bridge or claim mark", owner, claim, name)


def evidence(text: RuleText, _: Knowledge) -> Iterator[Mutant | None]:
    for owner, entry in items(text.root):
        outcomes = members(value_of(entry, "outcomes"))
        for outcome in outcomes:
            grade = value_of(outcome, "grade")
            if grade.value in GRADES:
                yield text.changed("evidence", owner, grade, following(GRADES, grade.value))
        for told in (*outcomes, value_of(entry, "leptin"), value_of(entry, "harm")):
            sources = value_of(told, "sources")
            for place in range(len(members(sources))):
                yield text.without_item("citation removed", owner, sources, place)


def vocabulary(text: RuleText, knowledge: Knowledge) -> Iterator[Mutant | None]:
    for owner, entry in items(text.root):
        if owner in ("interventions", "components"):
            yield from catalogue(text, entry)
        elif owner == "groups":
            for name, group in items(entry):
                yield from (text.without_item("word", name, group, place) for place in range(len(members(group))))
                if name in levels(text):
                    yield from precedence(text, name, group)
        else:
            yield from word(text, knowledge, owner, entry)


def levels(text: RuleText) -> set[str]:
    """The groups whose members are the levels of a word of this file."""
    return {words(entry, "values") for _, entry in items(text.root) if words(entry, "kind") == "level"} - {""}


def catalogue(text: RuleText, entries: Node) -> Iterator[Mutant | None]:
    for owner, entry in items(entries):
        claimed = value_of(entry, "claims")
        yield from (text.without_item("citation removed", owner, claimed, place) for place in range(len(members(claimed))))


def word(text: RuleText, knowledge: Knowledge, owner: str, entry: Node) -> Iterator[Mutant | None]:
    for name, value in items(entry):
        if name in ("hard", "soft"):
            yield from bounds(text, owner, value)
        elif name in NUMBERS:
            yield text.changed("word", owner, value, str(int(value.value) + NUMBERS[name]))
        elif name in ("of", "from", "from_any"):
            yield from (text.without_item("word", owner, value, place) for place in range(len(members(value))))
        elif name == "unless":
            yield text.without_key("condition dropped", owner, entry, "unless")
            yield from Conditions(text, knowledge).group(owner, value)
        elif name == "units":
            yield from conversions(text, owner, value)
        elif name == "values" and words(entry, "kind") == "level" and not isinstance(value.value, str):
            yield from precedence(text, owner, value)


def bounds(text: RuleText, owner: str, pair: Node) -> Iterator[Mutant]:
    for end in members(pair):
        number = Decimal(end.value)
        step = Decimal(1).scaleb(int(number.as_tuple().exponent))
        yield text.changed("bound", owner, end, str(number + step))
        yield text.changed("bound", owner, end, str(number - step if number > step else number + 2 * step))


def conversions(text: RuleText, owner: str, units: Node) -> Iterator[Mutant]:
    for _, unit in items(units):
        for name, value in items(unit):
            if name in ("times", "per", "plus"):
                yield text.changed("conversion", owner, value, str(Decimal(value.value) * CONVERSION))


def precedence(text: RuleText, owner: str, values: Node) -> Iterator[Mutant]:
    """The first two levels in the other order: what was the weaker one wins."""
    pairs = values.value if not members(values) else [(node, node) for node in members(values)]
    if len(pairs) > 1:
        one, other = pairs[0], pairs[1]
        start, end = one[0].start_mark.index, other[1].end_mark.index
        first, second = (text.text[key.start_mark.index : value.end_mark.index] for key, value in (one, other))
        between = text.text[one[1].end_mark.index : other[0].start_mark.index]
        yield text.cut("word", owner, start, end, f"{second}{between}{first}")


def policy(text: RuleText, _: Knowledge) -> Iterator[Mutant | None]:
    most = value_of(value_of(text.root, "policy"), "max_changes_default")
    for after in (-1, 1):
        yield text.changed("rank", "policy", most, str(int(most.value) + after))


FILES: dict[str, Callable[[RuleText, Knowledge], Iterator[Mutant | None]]] = {
    "mechanisms/graph.yaml": graph,
    "mechanisms/chains.yaml": chains,
    "claims.yaml": claims,
    "evidence.yaml": evidence,
    "ranking.yaml": policy,
}
