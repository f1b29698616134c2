"""A rule base at fault does not start: each way to spoil one is reported with its file, its line and its reason."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from service.formulas import text_of
from service.knowledge.conditions import leaves
from service.knowledge.faults import Findings, RuleBaseFaults
from service.knowledge.files import strict_yaml
from service.knowledge.loading import Assembly, load, load_files, load_locked, read_content
from service.knowledge.records import Holds
from service.measures import Observations, check_formulas, compute, made_by
from tests.conftest import RULES
from tests.knowledge.spoiling import FILES, Files, replaced
from tests.thoroughness import some

HOMA, KIDNEY, LABS = "findings/homa.yaml", "safety/gates_kidney.yaml", "vocabulary/labs.yaml"
CONDITIONS, GROUPS = "vocabulary/conditions.csv", "safety/groups.yaml"
FLAGS, RANKING = "safety/gates_red_flags.yaml", "ranking.yaml"
GRAPH, CHAINS, NODES = "mechanisms/graph.yaml", "mechanisms/chains.yaml", "mechanisms/nodes.csv"
MEDICINES, PRODUCTS = "words/medicines.csv", "words/products.csv"
COMPUTED, INTERVENTIONS, SOURCES = "vocabulary/computed.yaml", "vocabulary/interventions.yaml", "sources/formulas.yaml"


def faults_of(files: Files) -> list[str]:
    with pytest.raises(RuleBaseFaults) as raised:
        load_locked(files)
    return [str(fault) for fault in raised.value.faults]


def line_of(file: str, old: str) -> int:
    """The line on which the change begins: of the first character that it changes."""
    return FILES[file].decode().split(old)[0].count("\n") + 1


# name: (file, what stands there, what is put in its place, words of the reason); the line is that of the rule, the slot or the item.
SPOILT = {
    # shapes of rule files
    "a misnamed list of rules": (KIDNEY, "\nrules:\n", "\nrule:\n", "there is no slot 'rule' here. Did you mean 'rules'?"),
    "a repeated key": (HOMA, "topic: homa", "topic: homa\ntopic: homa", "the key 'topic' is repeated"),
    "a missing citation": ("red_flags/potassium.yaml", "    outside: [", "    elsewhere: [", "cites nothing"),
    "a list that is text": (HOMA, "outside: [matthews_1985, gayoso_diz_2013]", "outside: matthews_1985", "a list is expected"),
    "a source twice": (HOMA, "outside: [matthews_1985,", "outside: [matthews_1985, matthews_1985,", "'matthews_1985' stands twice"),
    "an unknown slot": (HOMA, "  status: draft", "  state: draft", "there is no slot 'state' here. Did you mean 'status'?"),
    "a status that is none": (HOMA, "status: draft", "status: done", "status: must be one of"),
    "a confidence that is none": (HOMA, "confidence: M", "confidence: middling", "confidence: must be one of H, M, L"),
    "a layer that is none": (HOMA, "layer: findings", "layer: finding", "Did you mean 'findings'?"),
    "a topic of another file": (HOMA, "topic: homa", "topic: homer", "the file's name says 'homa'"),
    "a title that is a number": (HOMA, "title: HOMA-IR is high", "title: 5", "text is expected"),
    "a title that is nothing": (HOMA, "title: HOMA-IR is high", 'title: " "', "text is expected"),
    "a rule without a conclusion": (HOMA, "  then: {finding: homa_high}", "  note: none", "then: is missing"),
    "an unknown form of conclusion": (HOMA, "then: {finding: homa_high}", "then: {findings: homa_high}", "Did you mean 'finding'?"),
    "a gate without its interventions": (FLAGS, ", interventions: ALL", "", "interventions: is missing"),
    "a gate whose code is misnamed": (FLAGS, "code: ", "kode: ", "there is no slot 'kode' here. Did you mean 'code'?"),
    "a gate that may be cleared perhaps": (FLAGS, "clearable: false", "clearable: perhaps", "true or false is expected"),
    "a step of a plan without its name": ("interventions/hiit_plan.yaml", "then: {plan: hiit, step:", "then: {plan: hiit, steps:", "step: is missing"),
    "a phase that does not exist": (RANKING, "then: {phase: weight_loss_goal, at: 2}", "then: {phase: weight_loss_goal, at: 5}", "must lie between 1 and 4"),
    # conditions
    "an undeclared word": (HOMA, "fact: homa_ir", "fact: homa_irr", "Did you mean 'homa_ir'?"),
    "a word that is a list": (HOMA, "fact: homa_ir", "fact: [homa_ir]", "not in the vocabulary"),
    "a threshold outside its range": ("findings/fasting_glucose.yaml", "below: 70 mg/dL", "below: 7 mg/dL", "outside its range"),
    "a threshold that is text": (HOMA, "at_least: 2.5", "at_least: '2.5'", "must be a number, not '2.5'"),
    "a threshold in another unit": ("findings/fasting_glucose.yaml", "at_least: 126 mg/dL", "at_least: 126 mmol/L", "must be in mg/dL, the unit of the fact"),
    "a threshold in a unit that is spelt otherwise": ("findings/fasting_glucose.yaml", "at_least: 126 mg/dL", "at_least: 126 mg/dl", "must be in mg/dL"),
    "a threshold without its unit": ("findings/fasting_glucose.yaml", "at_least: 126 mg/dL", "at_least: 126", "must be a number with its unit, as in 1 mg/dL"),
    "a unit for what has none": (HOMA, "at_least: 2.5", "at_least: 2.5 mg/dL", "must be a number"),
    "a word of another kind": (HOMA, "at_least: 2.5", "includes: 2.5", "cannot be asked of 'homa_ir', which is a number"),
    "a misspelt comparison": (HOMA, "at_least: 2.5", "at_leest: 2.5", "Did you mean 'at_least'?"),
    "an interval": (HOMA, "at_least: 2.5", "between: 2.5", "cannot be asked"),
    "a value nobody declared": ("safety/tokens.yaml", "is: pregnant", "is: pregnent", "Did you mean 'pregnant'?"),
    "values that are no list": ("findings/metabolic_syndrome.yaml", "is_one_of: [female, male]", "is_one_of: female", "needs a list of values"),
    "known, perhaps": ("findings/metabolic_syndrome.yaml", "known: true", "known: perhaps", "is true or false, not 'perhaps'"),
    "a group that is none": (HOMA, "    none:\n    - {fact: stale", "    nor:\n    - {fact: stale", "a condition is a group of all, any, none"),
    "a conclusion nobody declared": (HOMA, "then: {finding: homa_high}", "then: {finding: homa_hi}", "Did you mean 'homa_high'?"),
    "a conclusion that is a measurement": (HOMA, "then: {finding: homa_high}", "then: {finding: homa_ir}", "only flags, levels and sets are concluded"),
    "a gate on nobody": (FLAGS, "interventions: ALL", "interventions: EVERYTHING", "no group 'EVERYTHING'"),
    "a gate of no level": (KIDNEY, "{gate: modify, code: M.CKD_HYDRATE", "{gate: modfy, code: M.CKD_HYDRATE", "Did you mean 'modify'?"),
    "a rule for a group that is none": ("safety/placement.yaml", "each: interventions", "each: intervention", "Did you mean 'interventions'?"),
    # what files say of each other
    "a source nobody declared": (HOMA, "outside: [", "outside: [gayoso_diz_2031, ", "Did you mean 'gayoso_diz_2013'?"),
    "a claim the article does not make": ("states/insulin_resistance.yaml", "article: [F-18", "article: [F-99", "no claim 'F-99'"),
    "a rule that reads a later layer": (HOMA, "applies: [adult]", "applies: [adult, ed_any]", "later layer"),
    "an edge to nowhere": (GRAPH, "to: proc.glucose_spikes", "to: proc.glucose_spike", "Did you mean 'proc.glucose_spikes'?"),
    "an edge that stands twice": (GRAPH, "{from: cause.added_sugar, to: proc.sustained_glucose_load,", "{from: cause.added_sugar, to: proc.glucose_spikes,", "stands twice"),
    "a chain that jumps": (CHAINS, "proc.insulin_spikes, state.insulin_resistance", "mol.jak2, state.insulin_resistance", "no edge"),
    "a chain from nothing": (CHAINS, "intervention: fibre", "intervention: fiber", "Did you mean 'fibre'?"),
    "a gate without its sentence": (FLAGS, "\n  says: There is a sign that needs emergency care now; advice on lifestyle waits until that has been dealt with.", "", "no sentence"),
    "a sentence with an unknown number": (FLAGS, "says: There is", "says: There {number_of} is", "'number_of'"),
    "an urgency that no disposition reads": ("safety/urgency.yaml", "[RF.CHEST_PAIN, ", "[", "no rule reads RF.CHEST_PAIN emergency"),
    "an offer that no placement reads": ("safety/placement.yaml", 'each: interventions\n  title: "{each}: offered and',
                                         'each: [fibre, omega3]\n  title: "{each}: offered and', "no rule reads offer "),
    "a class that is no word": ("rulebase.yaml", "classes: [bmi_severe_thinness,", "classes: [bmi_severe_thinnes,", "Did you mean 'bmi_severe_thinness'?"),
    "an attribute that asks about nothing": ("rulebase.yaml", "inputs: [sex]", "inputs: [sexx]", "'sexx' is not in the vocabulary"),
    # cases
    "a case that names no rule": ("findings/homa.cases.yaml", "rule: finding.homa_high", "rule: finding.homa_hi", "Did you mean 'finding.homa_high'?"),
    "a case with an undeclared fact": ("findings/homa.cases.yaml", "homa_ir:", "homa_irr:", "Did you mean 'homa_ir'?"),
    "a case with a value of another kind": ("findings/homa.cases.yaml", "homa_ir: 2.0", "homa_ir: high", "a value that no number of this name has"),
    "a case with a code nobody declared": ("findings/homa.cases.yaml", "stale: [fasting_glucose]", "stale: [glucose]", "a value that no codes"),
    "a case with True for true": ("findings/homa.cases.yaml", "fires: true", "fires: True", "true or false is expected"),
    "a case that gives nothing it names": ("findings/homa.cases.yaml", "given: {homa_ir: 2.0}", "given: homa_ir", "a mapping is expected"),
    # vocabulary
    "a validity in words": (LABS, "valid_for_days: 365", "valid_for_days: one year", "a whole number is expected"),
    "a changeable that is none": (LABS, "changeable: indirect", "changeable: sometimes", "changeable: must be one of"),
    "a list that no answer has": ("vocabulary/findings.yaml", "listed: finding}", "listed: findings}", "Did you mean 'finding'?"),
    "a range of one number": (LABS, "hard: [30, 600]", "hard: [30]", "a list of 2 or more is expected"),
    "a range upside down": (LABS, "hard: [30, 600]", "hard: [600, 30]", "two numbers are expected, the lower first"),
    "a soft range beyond the hard one": (LABS, "soft: [60, 250]", "soft: [60, 2500]", "must lie within `hard`"),
    "a unit converted by nothing known": (LABS, "mmol/L: {times: 88.57,", "mmol/L: {time: 88.57,", "there is no slot 'time' here. Did you mean 'times'?"),
    "a unit converted by a word": (LABS, "{times: 88.57,", "{times: eighty,", "a number is expected"),
    "a unit that multiplies by nothing": (LABS, "{times: 88.57,", "{times: 0,", "must lie between"),
    "a printed limit that its factor does not come near": (LABS, "[11.1, 200]", "[11.1, 210]", "do not rise as its factor does"),
    "a printed limit of one number": (LABS, "[11.1, 200]", "[11.1]", "a list of 2 or more is expected"),
    "a kind that is none": (LABS, "kind: number", "kind: numeric", "kind: must be one of"),
    "a slot of another kind": ("vocabulary/findings.yaml", "adult: {label: adult,", "adult: {label: adult, unit: a,", "a flag has no such slot"),
    "a measurement without its question": (LABS, "  question: What was your last blood sugar after", "  # What was your last blood sugar after", "needs its question"),
    "a word declared twice": (LABS, "\nrandom_glucose:\n", "\nheight:\n", "'height' is declared twice"),
    "a variability of two kinds": (LABS, "{percent: 4.8,", "{percent: 4.8, absolute: 5,", "one of percent and absolute"),
    "a variability nobody measured": (LABS, "source: widjaja_1999", "source: widjaja_1998", "Did you mean 'widjaja_1999'?"),
    "a computed number from an undeclared word": (COMPUTED, "from: [weight, height]", "from: [weight, hight]", "Did you mean 'height'?"),
    "a number made from itself": (COMPUTED, "from: [waist, height]", "from: [waist, whtr]", "is made from itself"),
    "a group of values that is none": (INTERVENTIONS, "values: interventions", "values: intervention", "Did you mean 'interventions'?"),
    "an intervention without its node": (INTERVENTIONS, "    node: int.fibre\n", "", "node: is missing"),
    # the article, evidence, sources, policy
    "a branch for one answer only": (
        "findings/diet.yaml", "- all: [{fact: sex, is: female}]\n      any:", "- all: [adult]\n      any:", "names one answer of 'sex' only",
    ),
    "a source that was seen on no day": ("sources/formulas.yaml", '  verified: "2026-11-22"\n', "", "`verified` says on which day"),
    "a grade without a source": ("evidence.yaml", "    sources: [burke_2011]", "    sources: []", "only the grade `none` needs no source"),
    "a grade that is none": ("evidence.yaml", "grade: strong", "grade: stronger", "Did you mean 'strong'?"),
    "a misspelt grade": ("evidence.yaml", "  grade: strong", "  grad: strong", "grade: is missing"),
    "a claim asserted perhaps": ("claims.yaml", "asserted: true", "asserted: perhaps", "true or false is expected"),
    "a source withdrawn for no reason": (SOURCES, "mifflin_1990:\n", "mifflin_1990:\n  withdrawn: true\n", "saying why"),
    "a source without its citation": (SOURCES, "  citation: ", "  cited: ", "citation: is missing"),
    "a policy key that nobody knows": (RANKING, "max_changes_default: 3", "max_change_default: 3", "Did you mean 'max_changes_default'?"),
    "a policy of many changes": (RANKING, "max_changes_default: 3", "max_changes_default: 300", "must lie between 1 and 14"),
    "a version that is none": ("rulebase.yaml", "version: ", "version: v", "a version is expected"),
    "a sign that is none": (GRAPH, 'sign: "+"', 'sign: "++"', "sign: must be one of"),
    # nodes, a table
    "a misnamed column": (NODES, "id,type,label,plain", "id,typ,label,plain", "there is no column 'typ'. Did you mean 'type'?"),
    "a table separated otherwise": (NODES, "id,type,label,plain", "id;type;label;plain", "columns are separated by commas"),
    "a row with a cell too few": (NODES, ",added sugar,added sugar", ",added sugar", "the row has 3 cells under 4 columns"),
    "a row without its type": (NODES, "cause.added_sugar,cause,", "cause.added_sugar,,", "type: is missing"),
    "a row of a type that is none": (NODES, "cause.added_sugar,cause,", "cause.added_sugar,causes,", "Did you mean 'cause'?"),
    "a quote that is not closed": (NODES, "cause.added_sugar,cause,", 'cause.added_sugar,"cause,', "not readable as CSV"),
    # what a person may name, in tables
    "a class that no rule reads": (MEDICINES, ",A10BA02,6809,metformin,", ",A10BA02,6809,metformine,", "Did you mean 'metformin'?"),
    "a medicine with rules and no class": (MEDICINES, ",A10BA02,6809,metformin,", ",A10BA02,6809,,", "has rules, and no value that they read"),
    "an outcome that is none": (MEDICINES, ",A10BA02,6809,metformin,rules", ",A10BA02,6809,metformin,rule", "Did you mean 'rules'?"),
    "a product of something else": (PRODUCTS, "perindopril + bisoprolol", "perindopril + bisoprolole", "Did you mean 'bisoprolol'?"),
    "a medicine that stands twice": (MEDICINES, "\nmetformin,", "\nmethadone,", "'methadone' stands twice"),
    "a condition of no value": ("words/conditions.csv", ",t2d,rules", ",type2,rules", "conditions has no value 'type2'"),
    "a form that frees of nothing known": ("words/forms.csv", "systemic_steroid nsaid", "steroid nsaid", "medications has no value 'steroid'"),
    # values of a list in a table, and their groups
    "a value in a group that is none": (CONDITIONS, "deficit_needs_plan effort_needs_plan", "deficit_needs_plans effort_needs_plan", "Did you mean 'deficit_needs_plan'?"),
    "a value in a group that does not ask for it": (CONDITIONS, "deficit_needs_plan effort_needs_plan", "deficit_needs_plan effort_needs_plan frail", "no rule concludes the group 'frail' from its members"),
    "a value that no rule reads and no group has": (CONDITIONS, "too much growth hormone,deficit_needs_plan effort_needs_plan", "too much growth hormone,", "acromegaly: it is in no group and no rule reads it"),
    "a value with rules that says there are none": (CONDITIONS, "t1d,type 1 diabetes,,,", "t1d,type 1 diabetes,,,harmless", "it says why nothing is to be minded, and rules read it"),
    "a value that rests on nothing declared": (CONDITIONS, "t1d,type 1 diabetes,,,,", "t1d,type 1 diabetes,,,,ada_standard", "Did you mean 'ada_standards'?"),
    "a value that stands twice": (CONDITIONS, "\nt2d,", "\nt1d,", "'t1d' stands twice"),
    "a value without its label": (CONDITIONS, "\nt2d,type 2 diabetes,", "\nt2d,,", "label: is missing"),
    "a column of values that is none": (CONDITIONS, ",groups,", ",group,", "there is no column 'group'. Did you mean 'groups'?"),
    "a group of nobody": (GROUPS, "in_group: effort_needs_plan", "in_group: effort_needs_plans", "nothing is in the group 'effort_needs_plans'. Did you mean 'effort_needs_plan'?"),
    "values in two places": ("vocabulary/codes.yaml", "understands: symptoms\n", "understands: symptoms\n  values: [t1d]\n", "'conditions' has its values in values and in a table of its own"),
    "values in no place": ("vocabulary/codes.yaml", "  speaks_of: symptoms\n", "", "'not_now' has its values in no place"),
    # YAML itself
    "a text that is no YAML": (HOMA, "topic: homa", "topic: [homa", "not readable as YAML"),
    "a key that is a list": (HOMA, "topic: homa", "[topic]: homa", "a key must be a word"),
    "a tag that makes something else": (HOMA, "topic: homa", "topic: !!python/name:os.system homa", "not readable as YAML"),
}  # fmt: skip


@pytest.mark.parametrize("name", some(list(SPOILT), 3))
def test_a_spoilt_rule_base_is_a_fault_with_file_line_and_reason(name):
    file, old, new, reason = SPOILT[name]
    faults = faults_of(replaced(file, old, new))
    found = [fault for fault in faults if reason in fault]
    assert found, faults
    files, lines = zip(*(fault.split(": ")[0].rsplit(":", 1) for fault in found), strict=True)
    assert file in files or file in ("safety/urgency.yaml", "safety/placement.yaml"), found  # what lost its reader is told where it is concluded
    assert file not in files or any(-25 <= int(line) - line_of(file, old) <= 10 for line in lines) or "not closed" in name, found


def moved(file: str, to: str) -> Files:
    return {to if name == file else name: content for name, content in FILES.items()}


WRONG_FILES: dict[str, tuple[Callable[[], Files], str, str]] = {
    "another ending": (lambda: moved(KIDNEY, "safety/gates_kidney.yml"), "safety/gates_kidney.yml:1", "nothing reads this file"),
    "cases with another ending": (lambda: moved("findings/homa.cases.yaml", "findings/homa.case.yaml"), "findings/homa.case.yaml:1", "nothing reads this file"),
    "a misspelt folder": (lambda: moved(KIDNEY, "safty/gates_kidney.yaml"), "safty/gates_kidney.yaml:1", "Did you mean 'safety'?"),
    "a file too deep": (lambda: moved(KIDNEY, "safety/old/gates_kidney.yaml"), "safety/old/gates_kidney.yaml:1", "nothing reads this file"),
    "a copy kept beside": (lambda: {**FILES, "safety/gates_kidney.yaml.bak": b""}, "safety/gates_kidney.yaml.bak:1", "nothing reads this file"),
    "a copy with a space in its name": (lambda: {**FILES, "safety/gates_kidney copy.yaml": FILES[KIDNEY]}, "safety/gates_kidney copy.yaml:1", "nothing reads"),
    "a misnamed policy": (lambda: moved(RANKING, "rankings.yaml"), "rankings.yaml:1", "Did you mean 'ranking.yaml'?"),
    "no policy": (lambda: {name: content for name, content in FILES.items() if name != RANKING}, "ranking.yaml:1", "the file is missing"),
    "cases without their rules": (lambda: {name: content for name, content in FILES.items() if name != KIDNEY}, "safety/gates_kidney.cases.yaml:1", "beside no rules"),
    "no rules of a kind": (lambda: {n: c for n, c in FILES.items() if not n.startswith("red_flags/")}, "red_flags/*.yaml:1", "the file is missing"),
    "an empty file": (lambda: {**FILES, KIDNEY: b""}, f"{KIDNEY}:1", "the file is empty"),
    "a file of comments": (lambda: {**FILES, KIDNEY: b"# later\n"}, f"{KIDNEY}:1", "the file is empty"),
    "a topic without rules": (lambda: {**FILES, KIDNEY: b"topic: gates_kidney\nlayer: gates\ntitle: Kidney\nrules: []\n"}, f"{KIDNEY}:4", "the list is empty"),
    "half a file": (lambda: {**FILES, KIDNEY: FILES[KIDNEY].partition(b"# Potassium")[0]}, "safety/gates_kidney.cases.yaml:", "which does not exist"),
    "a list for a file": (lambda: {**FILES, KIDNEY: b"- one\n"}, f"{KIDNEY}:1", "a mapping is expected"),
    "bytes that are no text": (lambda: {**FILES, KIDNEY: b"topic: \xff"}, f"{KIDNEY}:1", "not readable as YAML"),
    "a table that is no text": (lambda: {**FILES, NODES: b"id,type,label,plain\n\xff,,,\n"}, f"{NODES}:1", "not readable as UTF-8"),
    "two documents in a file": (lambda: {**FILES, KIDNEY: FILES[KIDNEY] + b"\n---\n" + FILES[KIDNEY]}, f"{KIDNEY}:", "not readable as YAML"),
    "a file that nests without end": (lambda: {**FILES, KIDNEY: b"rules: " + b"[" * 30_000 + b"]" * 30_000}, f"{KIDNEY}:1", "nested too deeply"),
    "a file of lists in lists": (lambda: {**FILES, KIDNEY: b"rules:\n" + b"- " * 30_000 + b"x"}, f"{KIDNEY}:1", "nested too deeply"),
    "a file that is indented without end": (lambda: {**FILES, KIDNEY: steps(400)}, f"{KIDNEY}:1", "nested too deeply"),
    "brackets that never close": (lambda: {**FILES, KIDNEY: b"rules: " + b"{a: " * 30_000}, f"{KIDNEY}:1", "nested too deeply"),
    "no rule base": (dict, "rulebase.yaml:1", "the file is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_is_lost_or_misplaced_is_a_fault(name):
    spoilt, place, reason = WRONG_FILES[name]
    assert [fault for fault in faults_of(spoilt()) if fault.startswith(place) and reason in fault], faults_of(spoilt())


def test_loading_changes_nothing_of_what_was_read(knowledge):
    contents = {name: read_content(content, name, Findings()) for name, content in FILES.items() if name != "lock.yaml"}
    before = deepcopy(contents)
    assert Assembly(contents, Findings()).knowledge(knowledge.digest) == knowledge
    assert contents == before


def test_a_rule_that_stands_twice():
    text = FILES[HOMA].decode()
    assert any("stands twice, first at findings/homa.yaml:" in fault for fault in faults_of({**FILES, HOMA: (text + text[text.index("- id:") :]).encode()}))


def test_a_cycle_through_negation():
    files = replaced(HOMA, "  then: {finding: homa_high}", "    none: [homa_borderline]\n  then: {finding: homa_high}")
    files = replaced(HOMA, "  then: {finding: homa_borderline}", "    none: [homa_high]\n  then: {finding: homa_borderline}", files)
    assert any("cycle through negation" in fault for fault in faults_of(files))


def test_a_rule_that_can_never_fire():
    files = replaced(FLAGS, "{fact: RF.UNINTENTIONAL_WEIGHT_LOSS, is: soon}", "{fact: RF.UNINTENTIONAL_WEIGHT_LOSS, is: emergency}")
    assert any("can never fire" in fault for fault in faults_of(files))


def test_a_gate_that_would_stop_nothing():
    assert any("would not stop cut_processed_foods" in fault for fault in faults_of(replaced(FLAGS, "clearable: false", "clearable: true")))


def test_a_group_that_no_gate_reads():
    files = {name: content.replace(b"all: [effort_needs_plan]", b"all: [frail]") for name, content in FILES.items()}
    assert any(fault.startswith(f"{CONDITIONS}:") and "no rule reads the group 'effort_needs_plan'" in fault for fault in faults_of(files))


def test_a_table_for_no_list():
    files = {**replaced("vocabulary/codes.yaml", "\nallergies:", "\nallergens:"), "vocabulary/allergies.csv": b"id,label\nmilk,milk\n"}
    assert "vocabulary/allergies.csv:2: there is no list 'allergies' for this table" in faults_of(files)


def test_a_group_has_members_of_every_list_and_its_rule_is_of_another_text_with_each(knowledge):
    entry = {**yaml.safe_load(FILES["vocabulary/codes.yaml"])["allergies"]["values"]}
    rows = [f"{name},{value['label'].replace(',', '')},{value.get('plain', '').replace(',', '')},{'effort_needs_plan' if name == 'soy' else ''}" for name, value in entry.items()]
    table = "id,label,plain,groups\n" + "\n".join(rows)
    text = FILES["vocabulary/codes.yaml"].decode()
    start, end = text.index("  values:\n    fish:"), text.index("  question: Are you allergic")
    loaded = load_files({**FILES, "vocabulary/codes.yaml": (text[:start] + text[end:]).encode(), "vocabulary/allergies.csv": table.encode()})
    group = loaded.rules["group.effort_needs_plan"]
    assert Holds("allergies", "soy") in [leaf for leaf, _ in leaves(group.when)]
    assert loaded.vocabulary["allergies"].values == knowledge.vocabulary["allergies"].values
    assert group.hash != knowledge.rules["group.effort_needs_plan"].hash


def test_faults_of_one_kind_are_reported_at_once():
    files = replaced(HOMA, "at_least: 2.5", "at_least: high")
    files = replaced("findings/tyg.yaml", "fact: tyg", "fact: tygg", files)
    files = replaced(FLAGS, "interventions: ALL", "interventions: EVERYTHING", files)
    assert {HOMA, "findings/tyg.yaml", FLAGS} <= {fault.split(":")[0] for fault in faults_of(files)}


def test_words_that_yaml_would_read_as_something_else_stay_words():
    words = b"{answer: NO, octal: 012, exponent: 1e3, date: 2026-01-01, yes: true, half: 0.5, whole: 7}"
    assert strict_yaml.read(words, "words.yaml", Findings()) == {
        "answer": "NO", "octal": "012", "exponent": "1e3", "date": "2026-01-01", "yes": True, "half": 0.5, "whole": 7,
    }  # fmt: skip


def test_the_digest_names_the_knowledge_and_not_the_cases():
    digest = load_files(FILES).digest
    assert load_files(replaced("findings/homa.cases.yaml", "fires: true", "fires:  true")).digest == digest
    assert load_files({**FILES, "lock.yaml": b"another"}).digest == digest
    assert load_files(replaced(HOMA, "HOMA-IR", "HOMA IR")).digest != digest


def test_what_a_word_implies_is_not_listed_again(knowledge):
    words = knowledge.vocabulary
    assert words["stale"].values == tuple(word.id for word in words.values() if word.valid_for_days)
    assert words["not_fasting"].values == tuple(word.id for word in words.values() if word.fasting)
    new = replaced(LABS, "\nurine_acr:\n", "\nurine_acr_direct:\n")
    assert "urine_acr_direct" in load_files(without_cases(rewritten_everywhere(new, "urine_acr", "urine_acr_direct"))).vocabulary["stale"].values


def rewritten_everywhere(files: Files, old: str, new: str) -> Files:
    """A fact under another name, in conditions, sentences and the description of the rule base."""
    files = {**files, "rulebase.yaml": files["rulebase.yaml"].replace(old.encode(), new.encode())}
    for before, behind in (("fact: ", ","), ("includes: ", "}"), ("{", "}")):
        was, becomes = f"{before}{old}{behind}", f"{before}{new}{behind}"
        files = {name: content.replace(was.encode(), becomes.encode()) for name, content in files.items()}
    return files


def without_cases(files: Files) -> Files:
    return {name: content for name, content in files.items() if not name.endswith(".cases.yaml")}


# --- the older form, and what belongs to editors ------------------------------------------------------------------------


UNIT = re.compile(r'((?:at_least|above|at_most|below): )(?:"(-?[0-9.]+) [^"]+"|(-?[0-9.]+) [^,}\n"]+)')


def steps(number: int) -> bytes:
    return b"".join(b" " * step + b"a:\n" for step in range(number))


def without_a_slot() -> Files:
    """The rules as they were written before a computed number said that it is made at any age."""
    return {name: content.replace(b"  at_any_age: true\n", b"") for name, content in FILES.items() if name != "lock.yaml"}


def test_a_kept_rule_base_makes_the_same_numbers_of_children(knowledge):
    older = load_files(without_a_slot()).vocabulary
    assert {word.id for word in older.values() if word.at_any_age} == {word.id for word in knowledge.vocabulary.values() if word.at_any_age} != set()


def first_form() -> Files:
    """The rules as they were written before thresholds had units."""
    files = {name: UNIT.sub(r"\1\2\3", content.decode()).encode() for name, content in FILES.items() if name != "lock.yaml"}
    return replaced("rulebase.yaml", "form: 4", "form: 1", files)


def test_a_kept_rule_base_of_the_first_form_loads_and_says_the_same(knowledge):
    older = load_files(first_form())
    written = {id_: rule.when for id_, rule in older.rules.items() if rule.topic != "graph" and "told" not in rule.then}
    assert written == {id_: rule.when for id_, rule in knowledge.rules.items() if "told" not in rule.then}


def test_in_a_kept_rule_base_of_the_third_form_the_article_names_any_food(knowledge):
    older = load_files(replaced("rulebase.yaml", "form: 4", "form: 3"))
    changed = {id_ for id_, rule in older.rules.items() if rule.when != knowledge.rules[id_].when}
    assert "told.omega3" in changed
    assert all("told" in knowledge.rules[id_].then for id_ in changed)


def test_a_kept_rule_base_makes_the_egfr_of_what_was_reported(knowledge):
    """Until 0.1.2 a reported eGFR counted also where creatinine contradicts it."""
    older = load_files(replaced("vocabulary/computed.yaml", "from_any: [egfr_agreed, egfr_from_creatinine]", "from_any: [egfr, egfr_from_creatinine]"))
    check_formulas(older.vocabulary)
    given = {"age": 50.0, "egfr": 90.0, "creatinine": 4.0, "sex": "male"}
    made = [Observations(dict(given)), Observations(dict(given))]
    for observations, base in zip(made, (older, knowledge), strict=True):
        compute(observations, base.vocabulary)
    assert made[0].values["egfr_value"] == 90.0 > made[1].values["egfr_value"]
    texts = [text_of(made_by(base.vocabulary["egfr_value"])) for base in (older, knowledge)]
    assert ["contradicted" in text for text in texts] == [False, True]


def test_in_a_kept_rule_base_of_the_second_form_the_arrows_of_the_graph_are_rules(knowledge):
    older = load_files(replaced("rulebase.yaml", "form: 4", "form: 2"))
    inferring = {id_ for id_, rule in older.rules.items() if rule.topic == "graph"}
    assert inferring == set(older.rules) - set(knowledge.rules)
    assert "edge.cause.processed_food>proc.chronic_inflammation.raised" in inferring


def test_rules_of_the_first_form_do_not_serve():
    with pytest.raises(RuleBaseFaults, match="written in form 1; rules that serve are in form 4"):
        load_locked(first_form())


def test_files_of_editors_and_mounts_are_passed_over(tmp_path):
    folder = Path(shutil.copytree(RULES, tmp_path / "rules"))
    (folder / "..data").mkdir()
    (folder / "..data" / "homa.yaml").write_text("topic: [")
    (folder / "findings" / ".homa.yaml.swp").write_bytes(b"\x00")
    assert load(folder).digest == load_files(FILES).digest


def test_an_intervention_declared_in_two_files():
    second = b"interventions:\n  fibre: {label: fibre, group: diet, node: int.fibre}\n"
    assert "vocabulary/more.yaml:2: 'fibre' is declared twice" in faults_of({**FILES, "vocabulary/more.yaml": second})


def test_a_link_that_leads_nowhere_is_no_file_that_may_be_missing(tmp_path):
    folder = Path(shutil.copytree(RULES, tmp_path / "rules"))
    (folder / KIDNEY).unlink()
    (folder / KIDNEY).symlink_to("nowhere.yaml")
    with pytest.raises(RuleBaseFaults, match=f"{KIDNEY}:1: not readable"):
        load(folder)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(RuleBaseFaults, match="there is no such folder"):
        load(tmp_path / "nowhere")
