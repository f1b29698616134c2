"""From FHIR R4 bundles to profiles, as a partner would map them; `python -m tests.knowledge.bundles FOLDER` says what is understood.

With a second argument the bundles are written to that file, reduced to what is mapped: so synthea.json was made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.profile import QUANTITIES

ABOUT = (
    "Synthetic patients (Synthea, FHIR R4) of smart-on-fhir/generated-sample-data, Apache License 2.0, copyright 2018 Boston Children's Hospital; "
    "reduced."
)
LISTS = {"Condition": "conditions", "MedicationRequest": "medications", "AllergyIntolerance": "allergies"}
TODAY = 2026
PRESSURE = {"8480-6": "systolic", "8462-4": "diastolic"}


def reduced(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """What a profile can say of a bundle: sex, year of birth, each coding once, and the newest value of each code."""
    person: dict[str, Any] = {"conditions": [], "medications": [], "allergies": [], "observations": {}}
    for resource in sorted((entry["resource"] for entry in bundle["entry"]), key=lambda one: one.get("effectiveDateTime", "")):
        kind = resource["resourceType"]
        if kind == "Patient":
            person |= {"sex": resource["gender"], "born": int(resource["birthDate"][:4])}
        elif kind in LISTS:
            concept = resource.get("medicationCodeableConcept") or resource["code"]
            person[LISTS[kind]] += [coding for coding in concept["coding"] if coding not in person[LISTS[kind]]]
        elif kind == "Observation":
            person["observations"] |= {part["code"]["coding"][0]["code"]: measured(part) for part in parts(resource) if "valueQuantity" in part}
    return person


def parts(observation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return observation.get("component") or [observation]


def measured(part: Mapping[str, Any]) -> list[Any]:
    return [round(part["valueQuantity"]["value"], 2), part["valueQuantity"]["unit"]]


def profile_of(person: Mapping[str, Any], vocabulary: Mapping[str, Any]) -> dict[str, Any]:
    profile: dict[str, Any] = {"age": TODAY - person["born"], "sex": person["sex"], **{name: person[name] for name in LISTS.values()}, "labs": {}}
    for code, (value, unit) in person["observations"].items():
        if code in PRESSURE:
            profile.setdefault("blood_pressure", {"unit": unit})[PRESSURE[code]] = value
            continue
        for word in with_loinc(code, vocabulary):
            place = profile["labs"] if word.input.startswith("/labs/") else profile
            place[word.id] = {"value": value, "unit": unit}
    return profile


def with_loinc(code: str, vocabulary: Mapping[str, Any]) -> Iterator[Any]:
    for word in vocabulary.values():
        if word.input and code in word.codes.get("loinc", ()) and (word.id in QUANTITIES or word.input.startswith("/labs/")):
            yield word


def main(folder: str, written: str | None = None) -> None:
    from tests.loaded import KNOWLEDGE  # only here the rules are needed

    people = [reduced(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(Path(folder).glob("*.json"))]
    for name in LISTS.values():
        sent = {coding["display"]: KNOWLEDGE.vocabulary[name].thesaurus.find(coding) for person in people for coding in person[name]}
        unknown = sorted(text for text, found in sent.items() if not found.sure)
        print(f"{name}: {len(sent) - len(unknown)} of {len(sent)} understood; not: {unknown}")
    if written:
        lines = ",\n".join(json.dumps(person) for person in people)
        Path(written).write_text(f'{{"about": {json.dumps(ABOUT)}, "people": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
