"""The files with which a rule or an intervention begins: whole but for the places that only its author can fill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from service.knowledge.faults import Findings
from service.knowledge.files.layout import CASES, EVIDENCE, NAME, NODES
from service.knowledge.records import Place

Begun = Mapping[str, str]  # the text by the name of the file below the rules

RULE: Begun = {
    "vocabulary/{name}.yaml": """\
{name}:
  label: "FILL IN: the finding in a clinician's words"
  plain: "FILL IN: the same for people, to stand after 'because of'"
  kind: flag
  listed: finding
""",
    "findings/{name}.yaml": """\
topic: {name}
layer: findings
title: "FILL IN: what the rules of this file are about"
applies: [adult]
rules:
- id: finding.{name}
  title: "FILL IN: the rule in a line"
  status: draft
  confidence: L
  cites:
    design: "FILL IN: why we chose so; or `article: [claim]`, `outside: [source]` in its place"
  when:
    all:
    - "FILL IN: a finding, or {{fact: name, at_least: number with unit}}"
  then: {{finding: {name}}}
""",
    "findings/{name}.cases.yaml": """\
- {{name: exactly on the limit, rule: finding.{name}, given: {{age: 40}}, fires: true}}  # FILL IN: what was sent
- {{name: just below the limit, rule: finding.{name}, given: {{age: 40}}, fires: false}}  # FILL IN: what was sent
- {{name: "17 years old", rule: finding.{name}, given: {{age: 17}}, fires: false}}  # FILL IN: what was sent
""",
}

INTERVENTION: Begun = {
    "vocabulary/{name}.yaml": """\
interventions:
  {name}:
    title: "FILL IN: its name as a heading"
    label: "FILL IN: a clinician's words for it"
    plain: "FILL IN: words for people"
    group: "FILL IN: diet, restrict, exercise or monitoring; a gate for the whole group stops it too"
    node: int.{name}
    claims: []  # FILL IN: what the article says of it; none where it says nothing

placement.{name}:
  label: placement of {name}
  plain: "FILL IN: advice on it, in plain words"
  kind: level
  values: [withheld, clinician_first, maintain, deferred, recommend, not_indicated]
""",
    "interventions/{name}.yaml": """\
topic: {name}
layer: indications
title: "FILL IN: when it is offered"
applies: [adult]
rules:
- id: offer.{name}
  title: "FILL IN: to whom it is offered, in a line"
  status: draft
  cites:
    design: "FILL IN: why; or `article: [claim]`, `outside: [source]` in its place"
  when:
    all:
    - "FILL IN: a finding or a state"
  then: {{offer: {name}}}
""",
    "interventions/{name}.cases.yaml": """\
- {{name: offered, rule: offer.{name}, given: {{age: 40}}, fires: true}}  # FILL IN: what was sent
- {{name: not offered, rule: offer.{name}, given: {{age: 40}}, fires: false}}
- {{name: "17 years old", rule: offer.{name}, given: {{age: 17}}, fires: false}}  # FILL IN: what was sent
""",
    "interventions/{name}_plan.yaml": """\
topic: {name}_plan
layer: plans
title: "FILL IN: it, made concrete"
applies:
- {{fact: placement.{name}, is: recommend}}
rules:
- id: plan.{name}.start
  title: "FILL IN: the first step in a line"
  status: draft
  cites:
    design: "FILL IN: where the dose comes from"
  when:
    all: [adult]
  then: {{plan: {name}, step: start}}
  says: "FILL IN: the step, with numbers, as one would say it to the person"
""",
    "interventions/{name}_plan.cases.yaml": """\
- {{name: recommended, rule: plan.{name}.start, given: {{age: 40}}, fires: true}}  # FILL IN: what was sent
- {{name: not recommended, rule: plan.{name}.start, given: {{age: 40}}, fires: false}}
""",
    "interventions/{name}_order.yaml": """\
topic: {name}_order
layer: ranking
title: Where it stands among the others
applies: [adult]
rules:
- id: rank.{name}
  title: Usual position of {name}
  status: draft
  cites:
    design: "FILL IN: why there; the positions of the others stand in ranking.yaml, smaller is earlier"
  when:
    all: [adult]
  then: {{position: {name}, at: 95}}

- id: rank.phase.{name}
  title: Usual phase of {name}
  status: draft
  cites:
    design: "FILL IN: why then; 1 begins at once"
  when:
    all: [adult]
  then: {{phase: {name}, at: 1}}
""",
    "interventions/{name}_order.cases.yaml": """\
- {{name: adult, rule: rank.{name}, given: {{age: 40}}, fires: true}}
- {{name: "17 years old", rule: rank.{name}, given: {{age: 17}}, fires: false}}
- {{name: adult, rule: rank.phase.{name}, given: {{age: 40}}, fires: true}}
- {{name: "17 years old", rule: rank.phase.{name}, given: {{age: 17}}, fires: false}}
""",
    "safety/{name}_placement.yaml": """\
topic: {name}_placement
layer: placement
title: In which list it stands where it is not simply recommended or withheld
rules:
- id: place.{name}.not_indicated
  title: No rule puts it elsewhere
  status: draft
  cites:
    design: nothing is dropped in silence
  when:
    all:
    - {{fact: age, known: true}}
  then: {{place: {name}, in: not_indicated}}

# Where `check` says that a gate would not stop it, its group needs these too:
# - id: place.{name}.clinician_first
#   title: Offered, and a clinician has to agree first
#   status: draft
#   cites:
#     design: a gate that asks for a clinician stops the offer until a dated clearance names this intervention
#   when:
#     all:
#     - {{fact: clinician_first, includes: {name}}}
#     - {{fact: offer, includes: {name}}}
#     none:
#     - {{fact: cleared, includes: {name}}}
#     - {{fact: decline, includes: {name}}}
#   then: {{place: {name}, in: clinician_first}}
#
# - id: place.{name}.clinician_first_not_clearable
#   title: Offered, and no clearance lifts what stops it
#   status: draft
#   cites:
#     design: a clearance never lifts a gate that asks for what is not known, or for urgent care first
#   when:
#     all:
#     - {{fact: not_clearable, includes: {name}}}
#     - {{fact: offer, includes: {name}}}
#     none:
#     - {{fact: decline, includes: {name}}}
#   then: {{place: {name}, in: clinician_first}}
""",
    "safety/{name}_placement.cases.yaml": """\
- {{name: nothing calls for it, rule: place.{name}.not_indicated, given: {{age: 40}}, fires: true}}
- {{name: offered, rule: place.{name}.not_indicated, given: {{age: 40}}, fires: false}}  # FILL IN: what was sent
- {{name: offered, rule: place.{name}.recommend, given: {{age: 40}}, fires: true}}  # FILL IN: what was sent
- {{name: not offered, rule: place.{name}.recommend, given: {{age: 40}}, fires: false}}
- {{name: "17 years old", rule: place.{name}.withheld, given: {{age: 17}}, fires: true}}
- {{name: adult, rule: place.{name}.withheld, given: {{age: 40}}, fires: false}}
""",
}
ADDED: Begun = {  # to files that hold all of their kind
    EVIDENCE: """\
{name}:
  id: "FILL IN: the next E- number"
  outcomes:
  - outcome: "FILL IN: of which outcome the grade speaks"
    grade: "FILL IN: strong, moderate, mixed, weak, indirect or none"
    sources: []  # FILL IN: at least one source of sources/*.yaml
  leptin: {{says: None., sources: []}}
  harm: {{says: "FILL IN: what harm was seen, or that none was named", sources: []}}
  note: "FILL IN: what was shown, and for whom"
""",
    NODES: "int.{name},intervention,FILL IN: a clinician's words for it,FILL IN: words for people\n",
}


def begin(folder: Path, name: str, begun: Begun, added: Begun | None = None) -> list[str]:
    """Writes the files, and what is added to others, below the folder of a rule base; names them. Raises RuleBaseFaults if one is there."""
    faults = Findings()
    files = {place.format(name=name): text.format(name=name) for place, text in begun.items()}
    if not NAME.fullmatch(name):
        faults.add(Place(str(folder), 1), f"{name!r} is no name: small letters, digits and _, a letter first")
    for file in files:
        if (folder / file).exists() or (folder / file.replace(CASES, ".yaml")).exists():
            faults.add(Place(file, 1), "there is such a file already")
    faults.raise_if_any()
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    for file, text in (added or {}).items():
        with (folder / file).open("a", encoding="utf-8") as whole:
            whole.write(text.format(name=name))
    return [*files, *(added or {})]
