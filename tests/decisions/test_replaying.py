"""Old decisions derived again: with the rules of their day, and under others, over a restart with another rule base."""

from __future__ import annotations

import shutil
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.serving import AUTHORIZATION
from service import create_app
from service.__main__ import main
from service.access.callers import Caller
from service.decisions.finding import Finder, Wanted
from service.decisions.recalling import Recaller
from service.decisions.replaying import Replayer
from service.knowledge.loading import load
from service.records import decisions, migrating, opening, querying, rulebases
from service.records.decisions import Made
from service.records.rulebases import NoSuchRuleBase
from tests.conftest import RULES
from tests.profiles import OPEN, changed
from tests.relocking import relock

CALLER = Caller("bootstrap", "key_test", frozenset({"read"}))
NOW = datetime.now(UTC)
HEAVY = changed(OPEN, {"weight": {"value": 96, "unit": "kg"}})  # BMI 30.3: obese under A, overweight under B
LIGHT = changed(OPEN, {"weight": {"value": 83.5, "unit": "kg"}, "waist": {"value": 84, "unit": "cm"}})  # BMI 26.4 under both
A, B = "20.1.0", "20.2.0"


def rewritten(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    assert path.read_text().count(before) == 1, (file, before)
    path.write_text(path.read_text().replace(before, after))


WEIGHTS = "hard: [25, 350]\n  joint: {height: {power: 2, times: 10000, hard: [7, 180]}}\n  soft: [40, 200]"


@pytest.fixture(scope="module")
def bases(tmp_path_factory) -> dict[str, Path]:
    """A, and B with another limit of obesity, a retired rule, a withdrawn source and a narrower range of weights."""
    found = {}
    for version in (A, B):
        folder = found[version] = Path(shutil.copytree(RULES, tmp_path_factory.mktemp("bases") / version))
        about = folder / "rulebase.yaml"
        lines = [f'version: "{version}"' if line.startswith("version:") else line for line in about.read_text().splitlines()]
        about.write_text("\n".join(lines) + "\n")
    rewritten(found[B], "findings/bmi.yaml", "{fact: bmi, at_least: 25 kg/m2, below: 30 kg/m2}", "{fact: bmi, at_least: 25 kg/m2, below: 31 kg/m2}")
    rewritten(found[B], "findings/bmi.yaml", "{fact: bmi, at_least: 30 kg/m2, below: 35 kg/m2}", "{fact: bmi, at_least: 31 kg/m2, below: 35 kg/m2}")
    rewritten(found[B], "sources/formulas.yaml", "mifflin_1990:\n", "mifflin_1990:\n  withdrawn: replaced by a newer equation\n")
    rewritten(found[B], "vocabulary/body.yaml", WEIGHTS, WEIGHTS.replace("350", "120").replace("200", "110"))
    for folder in found.values():
        relock(folder)
    return found


@pytest.fixture(scope="module")
def told(bases, settings, tmp_path_factory) -> dict:
    """Three people answered under A by a running application, then the same store under B."""
    data = tmp_path_factory.mktemp("replaying")
    under = {version: replace(settings, rules=folder, data=data, database_url=f"sqlite:///{data}/attune.db") for version, folder in bases.items()}
    with opening.store(under[A].database_url, data, 64) as store:
        migrating.migrate(store.database)
    clients = {}
    for version in (A, B):
        clients[version] = create_app(under[version]).test_client()
        clients[version].environ_base["HTTP_AUTHORIZATION"] = AUTHORIZATION["Authorization"]
        if version == A:
            people = {"heavy": HEAVY, "light": LIGHT, "heaviest": changed(OPEN, {"weight": {"value": 140, "unit": "kg"}})}
            made = {name: clients[A].post("/v1/recommendations", json={"profile": one, "subject": name}).get_json() for name, one in people.items()}
    return {"settings": under[B], "clients": clients, "made": made, **{name: one["decision_id"] for name, one in made.items()}}


def replayed(told: dict, version: str, name: str) -> dict:
    answer = told["clients"][version].get(f"/v1/decisions/{told[name]}/replay")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.mark.long
def test_under_its_own_rules_a_decision_is_the_same_then_and_today(told):
    for name in ("heavy", "light", "heaviest"):
        found = replayed(told, A, name)
        assert found["equal"] and found["same_steps"] and found["differences"] == found["refused"] == []
        assert found["today"]["equal"] and found["today"]["differences"] == []
        assert found["rulebase"] == found["today"]["rulebase"] == told["made"][name]["rulebase"]


def test_under_other_rules_the_old_ones_still_derive_it_and_the_difference_is_shown(told):
    found = replayed(told, B, "heavy")
    assert found["equal"] and found["differences"] == [] and found["rulebase"]["version"] == A
    today = found["today"]
    assert today["rulebase"]["version"] == B and not today["equal"]
    lines = {(row["kind"], row["id"]): (row["before"], row["after"]) for row in today["differences"]}
    assert lines["finding", "bmi_obese_1"] == (True, False) and lines["finding", "bmi_overweight"] == (False, True)
    assert "finding.bmi_obese_1" in today["rules"]["only_old"] and "finding.bmi_overweight" in today["rules"]["only_new"]


def test_whom_no_changed_rule_concerns_is_answered_alike_by_both(told):
    today = replayed(told, B, "light")["today"]
    assert today["equal"] and today["differences"] == [] and today["rules"]["only_old"] == today["rules"]["only_new"] == []


def test_a_request_that_is_no_longer_accepted_says_why(told):
    found = replayed(told, B, "heaviest")
    assert found["equal"]
    assert not found["today"]["equal"] and found["today"]["differences"] == []
    assert [(error["pointer"], error["code"]) for error in found["today"]["refused"]] == [("/profile/weight", "implausible")]


def test_the_old_trace_is_told_in_the_words_of_its_day(told):
    old, new = (told["clients"][version].get(f"/v1/decisions/{told['heavy']}/trace") for version in (A, B))
    assert old.get_json() == new.get_json()
    assert "finding.bmi_obese_1" in {node["rule"] for node in new.get_json()["nodes"]}


# --- affected, withdrawn -----------------------------------------------------------------------------------------------------


def listed(told: dict, **query: str) -> set[str]:
    """The names of the people on all pages, a few at a time."""
    names = {told[name]: name for name in told["made"]}
    found, address = [], "/v1/decisions"
    query = {**query, "limit": "1"}
    while address:
        answer = told["clients"][B].get(address, query_string=query)
        assert answer.status_code == 200, answer.text
        found += [names[item["id"]] for item in answer.get_json()["items"]]
        address, query = answer.get_json()["next"], None
    assert len(found) == len(set(found))
    return set(found)


def test_who_would_be_answered_otherwise(told):
    assert listed(told, affected_by=f"{A}..{B}") == {"heavy", "heaviest"}
    assert listed(told, affected_by=f"{A}..{A}") == listed(told, affected_by=f"{B}..{A}") == set()
    old = told["made"]["heavy"]["rulebase"]["digest"]
    assert listed(told, affected_by=f"{old}..{B}", subject="heavy") == listed(told, affected_by=f"{old[:8]}..{B}", subject="heavy") == {"heavy"}


@pytest.mark.parametrize("named", ["19.0.0", "0123456789", "2"])
def test_a_rule_base_that_is_not_stored_is_named_as_the_fault(told, named):
    answer = told["clients"][B].get("/v1/decisions", query_string={"affected_by": f"{A}..{named}"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json(force=True)["errors"]] == ["/query/affected_by"]


@pytest.mark.long
def test_a_rule_base_can_be_stored_before_it_serves(told, bases, monkeypatch, capsys):
    newer = bases[B].parent / "newer"
    shutil.copytree(bases[B], newer)
    rewritten(newer, "rulebase.yaml", f'version: "{B}"', 'version: "20.3.0"')
    rewritten(newer, "findings/bmi.yaml", "{fact: bmi, at_least: 18.5 kg/m2, below: 25 kg/m2}", "{fact: bmi, at_least: 18.5 kg/m2, below: 26 kg/m2}")
    rewritten(newer, "findings/bmi.yaml", "{fact: bmi, at_least: 25 kg/m2, below: 31 kg/m2}", "{fact: bmi, at_least: 26 kg/m2, below: 31 kg/m2}")
    relock(newer)
    monkeypatch.setenv("DATABASE_URL", told["settings"].database_url)
    monkeypatch.setenv("ATTUNE_DATA", str(told["settings"].data))
    assert main(["keep-rules", str(newer)]) == 0
    assert load(newer).digest in capsys.readouterr().out
    assert listed(told, affected_by=f"{A}..20.3.0") == {"heavy", "heaviest"}
    assert listed(told, affected_by=f"{A}..20.3.0", subject="light") == set()


def test_whose_grounds_are_gone(told):
    """The equation of resting energy was withdrawn: its numbers are made for all three. Under B itself nobody was answered."""
    assert listed(told, withdrawn="true") == {"heavy", "light", "heaviest"}
    assert told["clients"][A].get("/v1/decisions?withdrawn=true").get_json() == {"items": [], "next": None}


def test_a_name_that_two_rule_bases_have_is_refused(store, knowledge):
    with store.writing(NOW) as writing:
        for number in "01":
            rulebases.keep(writing, replace(knowledge, version="1.0", digest=number * 8 + "f" * 56), RULES)
    with store.reading() as connection:
        assert rulebases.named(connection, "0" * 8) == "0" * 8 + "f" * 56
        for name, several in (("1.0", True), ("0" * 7, False), ("2" * 8, False), ("%" * 8, False)):
            with pytest.raises(NoSuchRuleBase) as refused:
                rulebases.named(connection, name)
            assert refused.value.several == several


# --- a record that its own rules do not derive ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def replayer(told, advisor) -> Replayer:
    found = told["settings"]
    store = opening.store(found.database_url, found.data, 64)
    yield Replayer(Recaller(advisor, store))
    store.database.close()


def kept(replayer: Replayer, id_: str):
    with replayer.recaller.store.reading() as connection:
        return decisions.read(connection, id_)


def altered(replayer: Replayer, id_: str, change) -> list[dict]:
    """Where the replay finds a copy of this decision, into whose parts `change` put something else, to differ."""
    old = kept(replayer, id_)
    parts = deepcopy(old.parts())
    change(parts)
    made = Made(f"{id_}x{datetime.now(UTC).timestamp()}", datetime.fromisoformat(old.created_at), "nobody", False, old.rulebase, parts)
    with replayer.recaller.store.writing(NOW) as writing:
        decisions.write(writing, decisions.sealed(made))
    found = replayer.replay(kept(replayer, made.id))
    assert not found["equal"] and found["today"]["refused"] == []
    return found["differences"]


def test_an_answer_that_says_otherwise_is_told_by_its_place(told, replayer):
    was = told["made"]["light"]["recommendations"][0]
    found = altered(replayer, told["light"], lambda parts: parts["answer"]["recommendations"][0].update(rank=9, title=None))
    assert [(one["part"], one["at"], one["recorded"], one["derived"]) for one in found if one["at"] != "/decision_id"] == [
        ("answer", "/recommendations/0/rank", 9, was["rank"]), ("answer", "/recommendations/0/title", None, was["title"]),
    ]  # fmt: skip


def test_another_profile_and_a_step_more_or_less_are_told(told, replayer):
    def change(parts):
        parts["observations"]["given"].pop()
        steps.append(parts["trace"].pop())
        parts["trace"].append(invented)

    steps, invented = [], ["rule", "finding.bmi_obese_1", 7, []]
    found = altered(replayer, told["light"], change)
    last = len(kept(replayer, told["light"]).parts()["observations"]["given"]) - 1
    assert ("observations", f"/given/{last}") in {(one["part"], one["at"]) for one in found}
    assert [(one["recorded"], one["derived"]) for one in found if one["part"] == "trace"] == [(invented, None), (None, steps[0])]


def test_a_page_reads_a_bounded_number_and_goes_on(told, replayer, monkeypatch):
    monkeypatch.setattr("service.decisions.finding.EXAMINED", 1)
    finder, shown, before, pages = Finder(replayer.recaller.store, replayer.recaller), [], None, 0
    while True:
        page = finder.page(Wanted(querying.Filters(), affected_by=(A, B)), CALLER, 100, before, NOW)
        shown += [item["subject"] for item in page.items]
        pages, before = pages + 1, page.after
        if before is None:
            break
    assert (shown, pages) == (["heaviest", "heavy"], 3)
