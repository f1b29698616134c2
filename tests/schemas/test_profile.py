"""The profile as a whole: every field of the contract, every fault at once, and the worked cases of the rule base."""

from __future__ import annotations

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from jsonschema import Draft202012Validator
from marshmallow import ValidationError

from schemas.faults import flatten
from schemas.profile import profile_schema, request_schema
from schemas.quantities import Reading
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN

WORDS = KNOWLEDGE.vocabulary
PROFILE = profile_schema(WORDS)()
REQUEST = request_schema(WORDS)()

CONTRACT = {
    "": "age sex ancestry pregnancy eating_disorder scoff clinical_frailty_scale height weight waist weight_change blood_pressure "
    "resting_heart_rate labs symptoms signs_now conditions medications supplements allergies diet activity schedule goals preferences "
    "clearance_within_12m clearances pregnancy_test postpartum_weeks days_without_food smoking alcohol_units_per_week occupation",
    "labs": "fasting_glucose random_glucose ogtt_2h hba1c blood_ketones fasting_insulin triglycerides hdl ldl hs_crp alt ast egfr "
    "creatinine urine_acr potassium urate leptin platelets",
    "diet": "pattern produce_servings fibre_g protein_g energy_kcal added_sugar_pct satfat_pct upf refined_carbs sugary_drinks_per_day "
    "fatty_fish_per_week ala_per_week algal_or_supplement omega3_supplement_mg eating_window_h meals_per_day snacks_per_day late_eating",
    "activity": "moderate_min vigorous_min strength_sessions hiit_sessions fitness training_experience equipment parq_positive",
    "schedule": "shift sleep_h",
    "preferences": "fasting_ok hiit_ok fish_ok tracking_ok max_changes_at_once cooking_time budget home_or_gym",
}


def faults(sent, loader=PROFILE):
    with pytest.raises(ValidationError) as caught:
        loader.load(sent)
    return [(each["pointer"], each["code"]) for each in flatten(caught.value.messages)]


def with_age(**more):
    return {"age": 40, **more}


@pytest.mark.parametrize("part", CONTRACT)
def test_the_fields_are_those_of_the_contract(part):
    schema = PROFILE.fields[part].schema if part else PROFILE
    assert set(schema.fields) == set(CONTRACT[part].split())


def test_every_input_has_a_question_and_a_label():
    inputs = [word for word in WORDS.values() if word.input]
    assert [word.id for word in inputs if not (word.question.endswith(("?", ".")) and word.label and word.plain)] == []


def test_only_age_is_required():
    assert PROFILE.load({"age": 40}) == {"age": 40}
    assert faults({}) == [("/age", "required")]


def test_a_whole_profile_loads_in_the_shape_of_the_request():
    loaded = PROFILE.load(OPEN)
    assert set(loaded) == set(OPEN)
    assert isinstance(loaded["labs"]["hdl"], Reading)
    assert {name: reading.value for name, reading in loaded["blood_pressure"].items()} == {"systolic": 124, "diastolic": 78}
    assert loaded["diet"] == OPEN["diet"]


def test_every_fault_is_told_at_once():
    sent = {
        "sex": "woman",
        "bmi": 30,
        "scoff": 6,
        "height": {"value": 180, "unit": "cm"},
        "waist": {"value": 250, "unit": "cm"},
        "weight": {"value": 80},
        "blood_pressure": {"systolic": 80, "diastolic": 120, "unit": "mm[Hg]"},
        "labs": {"fasting_glucose": {"value": 5.8, "unit": "mg/dL"}, "hdl": [{"value": 50, "unit": "x"}], "bnp": 1},
        "conditions": ["t2d", {"code": "E11"}],
        "medications": ["metformin", 5],
        "diet": {"upf": "always", "fibre_g": "20"},
        "activity": None,
        "clearances": [{"intervention": "hiit", "role": "x" * 65, "date": "2026-01-01"}, {"intervention": "yoga"}],
    }
    assert faults(sent) == [
        ("/activity", "not_null"),
        ("/age", "required"),
        ("/blood_pressure/diastolic", "implausible"),
        ("/bmi", "unknown_field"),
        ("/clearances/0/role", "too_long"),
        ("/clearances/1/date", "required"),
        ("/clearances/1/intervention", "unknown_code"),
        ("/clearances/1/role", "required"),
        ("/conditions/1/system", "required"),
        ("/diet/fibre_g", "wrong_type"),
        ("/diet/upf", "unknown_code"),
        ("/labs/bnp", "unknown_field"),
        ("/labs/fasting_glucose", "implausible"),
        ("/labs/hdl/0/unit", "unknown_unit"),
        ("/medications/1", "wrong_type"),
        ("/scoff", "out_of_range"),
        ("/sex", "unknown_code"),
        ("/waist", "implausible"),
        ("/weight/unit", "required"),
    ]


def test_a_request_puts_the_profile_in_front_of_the_pointer():
    assert faults({"profile": {"age": "40"}, "x": 1}, REQUEST) == [("/profile/age", "wrong_type"), ("/x", "unknown_field")]
    assert faults({}, REQUEST) == [("/profile", "required")]
    assert faults([], REQUEST) == [("", "wrong_type")]
    assert faults({"profile": {"age": 40}, "subject": "s" * 129}, REQUEST) == [("/subject", "too_long")]
    assert REQUEST.load({"profile": {"age": 40}, "subject": "s" * 128})["subject"] == "s" * 128


@pytest.mark.parametrize(
    ("height", "waist", "fits"),
    [(160, 40, True), (161, 40, False), (120, 156, True), (120, 156.001, False), (200, 50, True), (200, 49.999, False)],
)
def test_the_waist_fits_the_height(height, waist, fits):
    sent = with_age(height={"value": height, "unit": "cm"}, waist={"value": waist, "unit": "cm"})
    if fits:
        PROFILE.load(sent)
    else:
        assert faults(sent) == [("/waist", "implausible")]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"systolic": 120, "diastolic": 120, "unit": "mm[Hg]"}, [("/diastolic", "implausible")]),
        ({"systolic": 16, "diastolic": 10, "unit": "mm[Hg]"}, [("/diastolic", "implausible"), ("/systolic", "implausible")]),
        ({"systolic": 120, "unit": "mm[Hg]"}, [("/diastolic", "required")]),
        ({"systolic": 120, "diastolic": 80, "unit": "atm"}, [("/unit", "unknown_unit")]),
        ({"systolic": "120", "diastolic": 80}, [("/systolic", "wrong_type"), ("/unit", "required")]),
        ({"systolic": 120, "diastolic": 80, "unit": "mm[Hg]", "pulse": 60}, [("/pulse", "unknown_field")]),
        (120, [("", "wrong_type")]),
        ([120, 80], [("", "wrong_type")]),
    ],
)
def test_blood_pressure_at_fault(sent, found):
    assert faults(with_age(blood_pressure=sent)) == [(f"/blood_pressure{pointer}", code) for pointer, code in found]


def test_blood_pressure_in_kilopascal():
    loaded = PROFILE.load(with_age(blood_pressure={"systolic": 16.5, "diastolic": 10, "unit": "kPa", "taken_on": "2026-01-01"}))
    systolic = loaded["blood_pressure"]["systolic"]
    assert systolic.value == 123.76023
    assert systolic.sent == ({"value": 16.5, "unit": "kPa", "taken_on": "2026-01-01"},)


def test_words_are_kept_as_sent():
    sent = ["Metformin", "grandmother's drops", {"system": "ATC", "code": "A10BB12", "display": "glimepiride"}]
    assert PROFILE.load(with_age(medications=sent))["medications"] == sent


@pytest.mark.parametrize(
    ("value", "found"),
    [("metformin", ("", "wrong_type")), ([""], ("/0", "wrong_type")), ([None], ("/0", "not_null")), (["a\nb"], ("/0", "wrong_type")),
     (["x" * 129], ("/0", "too_long")), (["x"] * 101, ("", "too_long")), ([["x"]], ("/0", "wrong_type")),
     ([{"system": "ATC", "code": ""}], ("/0/code", "wrong_type")), ([{"system": "ATC", "code": 5}], ("/0/code", "wrong_type"))],
)  # fmt: skip
def test_medicines_at_fault(value, found):
    assert faults(with_age(medications=value)) == [(f"/medications{found[0]}", found[1])]


SINCE = {"value": 3, "unit": "h"}


@pytest.mark.parametrize(
    "sent",
    ["chest pain", {"code": "chest_pain"}, {"code": "chest_pain", "since": SINCE, "course": "new", "with": ["sweaty", {"system": "ICD-10", "code": "R55"}]},
     {"system": "ICD-10", "code": "R07.4", "display": "chest pain", "course": "worse"}, {"code": "fever", "with": []}],
)  # fmt: skip
def test_a_sign_is_kept_as_sent(sent):
    assert PROFILE.load(with_age(signs_now=[sent]))["signs_now"] == [sent]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({}, [("/code", "required")]),
        ({"code": ""}, [("/code", "wrong_type")]),
        ({"code": "fever", "display": "fever"}, [("/system", "required")]),
        ({"code": "fever", "since": 3}, [("/since", "wrong_type")]),
        ({"code": "fever", "since": {"value": -1, "unit": "min"}}, [("/since/unit", "unknown_code"), ("/since/value", "out_of_range")]),
        ({"code": "fever", "since": {}}, [("/since/unit", "required"), ("/since/value", "required")]),
        ({"code": "fever", "since": {"value": "3", "unit": "h"}}, [("/since/value", "wrong_type")]),
        ({"code": "fever", "course": "better"}, [("/course", "unknown_code")]),
        ({"code": "fever", "with": "vomiting"}, [("/with", "wrong_type")]),
        ({"code": "fever", "with": ["vomiting", 5, {"code": "x"}]}, [("/with/1", "wrong_type"), ("/with/2/system", "required")]),
        ({"code": "fever", "with": ["x"] * 21}, [("/with", "too_long")]),
        ({"code": "fever", "course": None}, [("/course", "not_null")]),
        ({"code": "fever", "severity": 5}, [("/severity", "unknown_field")]),
        (5, [("", "wrong_type")]),
    ],
)
def test_signs_at_fault(sent, found):
    assert sorted(faults(with_age(signs_now=["vomiting", sent]))) == [(f"/signs_now/1{pointer}", code) for pointer, code in found]


@pytest.mark.parametrize("name", ["symptoms", "signs_now", "conditions", "medications", "supplements", "allergies", "goals"])
def test_an_empty_list_is_an_answer(name):
    assert PROFILE.load(with_age(**{name: []})) == with_age(**{name: []})


@pytest.mark.parametrize(("value", "read"), [(3, 3), (3.0, 3), (0, 0), (5, 5)])
def test_scores_are_whole_numbers(value, read):
    assert PROFILE.load(with_age(scoff=value))["scoff"] == read


def test_an_intention_stands_inside_the_weight_change():
    loaded = PROFILE.load(with_age(weight_change={"value": -4, "unit": "kg", "intentional": False}))
    assert (loaded["weight_change"]["value"].value, loaded["weight_change"]["intentional"]) == (-4, False)


def test_a_clearance_does_not_end_before_it_begins():
    clearance = {"intervention": "hiit", "role": "cardiologist", "date": "2026-02-01", "expires": "2026-01-31"}
    assert faults(with_age(clearances=[clearance])) == [("/clearances/0/expires", "invalid_date")]


@pytest.mark.parametrize("age", [-1, 121, "40", True, None, 10**30, [40], float("nan")])
def test_an_age_is_a_number_of_years(age):
    assert [pointer for pointer, _ in faults({"age": age})] == ["/age"]


def test_the_order_of_fields_changes_nothing():
    assert PROFILE.load(dict(reversed(OPEN.items()))) == PROFILE.load(OPEN)


# --- the documentation -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def documented():
    spec = APISpec("Attune", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.schema("RecommendationRequest", schema=REQUEST)
    return spec.to_dict()["components"]["schemas"]


def test_every_object_is_closed(documented):
    assert all(schema["additionalProperties"] is False for schema in documented.values())


def test_numbers_and_choices_are_documented(documented):
    properties = documented["Profile"]["properties"]
    assert properties["age"] == {"type": "number", "minimum": 0, "maximum": 120, "description": "age", "x-unit": "a"}
    assert properties["scoff"]["type"] == "integer"
    assert properties["sex"]["enum"] == ["female", "male", "intersex", "other", "unknown"]
    assert properties["goals"]["items"]["enum"] == list(WORDS["goals"].values)
    assert [one["type"] for one in properties["conditions"]["items"]["oneOf"]] == ["string", "object"]
    sign = properties["signs_now"]["items"]["oneOf"][1]
    assert (set(sign["properties"]), sign["required"]) == ({"system", "code", "display", "since", "course", "with"}, ["code"])
    assert documented["Profile"]["required"] == ["age"]


def test_a_quantity_is_documented_unit_by_unit(documented):
    variants = documented["ProfileLabs"]["properties"]["hdl"]["anyOf"]
    assert [variant["properties"]["unit"]["enum"] for variant in variants[:3]] == [["mg/dL"], ["mmol/L"], ["g/L"]]
    about = "From 0.1293 up; with the comparator < or <= from 0 up."
    assert variants[1]["properties"]["value"] == {"type": "number", "minimum": 0.0, "maximum": 3.878975, "description": about}
    assert variants[3]["properties"]["unit"]["not"] == {"enum": ["mg/dL", "mmol/L", "g/L"]}
    assert (variants[4]["type"], variants[4]["maxItems"]) == ("array", 20)
    assert variants[0]["additionalProperties"] is False
    assert [variant.get("title") for variant in variants[1:4:2]] == ["hdl in mmol/L", "hdl in another spelling of its units"]


def with_pressure(sent):
    return {**OPEN, "blood_pressure": {"systolic": 130, "diastolic": 80, **sent}}


def test_the_document_takes_what_the_service_takes(documented):
    """Every spelling of a unit, and a limit of detection below what is plausible; a number that no body has it refuses in the units that it lists."""
    check = Draft202012Validator({"$ref": "#/components/schemas/Profile", "components": {"schemas": documented}})
    taken = [{**OPEN, "labs": {"hdl": one}} for one in (
        {"value": 50, "unit": "mg/dl"}, {"value": 50, "unit": "mg/dL{serum}"}, [{"value": 50, "unit": "mg/dL"}, {"value": 1.3, "unit": "mmol/l"}],
        {"value": 0.1, "unit": "mmol/L", "comparator": "<"},
    )]  # fmt: skip
    taken += [{**OPEN, "weight": {"value": 190, "unit": "lbs"}}, with_pressure({"unit": "mmHg"}), with_pressure({"unit": "mm[Hg]"})]
    for profile in taken:
        PROFILE.load(profile)
        assert [fault.message for fault in check.iter_errors(profile)] == []
    for profile in ({**OPEN, "labs": {"hdl": {"value": 5000, "unit": "mg/dL"}}}, with_pressure({"unit": "mm[Hg]", "systolic": 3000})):
        assert list(check.iter_errors(profile)) != []


def test_an_outcome_of_a_test_needs_its_day():
    sent = {"result": "negative", "taken_on": "2026-11-20"}
    loaded = PROFILE.load(with_age(pregnancy_test=sent))["pregnancy_test"]
    assert (loaded.value, loaded.taken_on.isoformat(), loaded.sent) == ("negative", "2026-11-20", sent)
    assert faults(with_age(pregnancy_test={"result": "negative"})) == [("/pregnancy_test/taken_on", "required")]
    assert faults(with_age(pregnancy_test={"result": "maybe", "taken_on": "2026-11-20"})) == [("/pregnancy_test/result", "unknown_code")]
    assert faults(with_age(pregnancy_test="negative")) == [("/pregnancy_test", "wrong_type")]
