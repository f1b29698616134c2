"""What each medicine is to the rules: its class as its ATC code has it, and no answer less cautious than an unknown name's but by a ruling."""

from __future__ import annotations

import pytest

from service.knowledge.records import Term
from tests.asking import placements
from tests.loaded import KNOWLEDGE
from tests.profiles import OPEN, changed

MEDICINES = KNOWLEDGE.vocabulary["medications"].thesaurus
SUBSTANCES = [term for term in MEDICINES.terms if not term.parts and term.outcome != "none"]
STOPPED = ("intermittent_fasting", "caloric_reduction", "weight_loss_goal", "hiit")  # what an unknown name leaves to a clinician
STRICTNESS = {"not_indicated": 0, "recommendations": 0, "deferred": 0, "clinician_first": 1, "withheld": 2}

# Which class an ATC code has, and substances of the group that are no such medicine.
CLASSES = {
    "ace_arb": ("C09A C09B C09C C09D C09X", ""),
    "alpha_blocker": ("C02CA G04CA", ""),
    "alpha_glucosidase_inhibitor": ("A10BF", ""),
    "antipsychotic": ("N05A", "lithium"),
    "benzodiazepine_z_drug": ("N05BA N05CD N05CF N03AE", ""),
    "beta_blocker": ("C07", ""),
    "ccb": ("C08", ""),
    "clozapine": ("N05AH02", ""),
    "diuretic": ("C03A C03B C03C C03D C03X", "finerenone"),
    "dpp4_inhibitor": ("A10BH", ""),
    "gabapentinoid": ("N02BF", ""),
    "glitazone": ("A10BG", ""),
    "glp1_ra": ("A10BJ A10BX16", ""),
    "glinide": ("A10BX02 A10BX03 A10BX08", ""),
    "immunosuppressant": ("L04A", "apremilast; azathioprine; methotrexate; pirfenidone; teprotumumab"),
    "calcineurin_inhibitor": ("L04AD", ""),
    "insulin": ("A10A", ""),
    "laxative": ("A06AB A06AX A06AD11 A06AD15", ""),
    "lithium": ("N05AN", ""),
    "loop_diuretic": ("C03C", ""),
    "mirtazapine": ("N06AX11", ""),
    "mra": ("C03DA", ""),
    "mtor_inhibitor": ("L04AH", ""),
    "nitrate": ("C01DA C01DX12", ""),
    "opioid": ("N02A N07BC", ""),
    "oral_bisphosphonate": ("M05BA", "zoledronic acid"),
    "potassium_sparing": ("C03DB", ""),
    "sglt2i": ("A10BK", ""),
    "hmg_coa_reductase_inhibitor": ("C10AA", ""),
    "ssri_snri": ("N06AB N06AX16 N06AX17 N06AX21", ""),
    "stimulant": ("N06BA", "adrafinil"),
    "sulfonylurea": ("A10BB", ""),
    "trimethoprim": ("J01EA01", ""),
}  # fmt: skip
CANCER = "L01"  # not every medicine of this group is given against cancer, but what is called one stands in it

# By which ruling of clinical_review a class stops less than an unknown name. What has none of them may not.
RULED = {
    **dict.fromkeys([
        "ccb", "felodipine", "ace_arb", "diuretic", "loop_diuretic", "beta_blocker", "alpha_blocker", "nitrate",
        "hmg_coa_reductase_inhibitor", "simvastatin_lovastatin_atorvastatin", "tg_drug", "metformin", "glp1_ra", "tirzepatide", "levothyroxine", "antiplatelet", "doac",
        "rivaroxaban", "warfarin", "nsaid",
    ], "10.6.1"),
    **dict.fromkeys(["insulin", "sulfonylurea", "glinide", "sglt2i", "systemic_steroid"], "part 4"),
    **dict.fromkeys(
        ["maoi", "lithium", "antipsychotic", "mirtazapine", "ssri_snri", "gabapentinoid", "mra", "potassium_sparing", "trimethoprim",
         "methotrexate_azathioprine"],
        "8.2",
    ),
    **dict.fromkeys(
        ["dpp4_inhibitor", "alpha_glucosidase_inhibitor", "glitazone", "oral_bisphosphonate", "benzodiazepine_z_drug", "stimulant", "laxative"],
        "10.6.2",
    ),
    **dict.fromkeys(["oral_contraceptive", "iron", "biotin", "st_johns_wort", "ephedra"], "9.17"),
    "teratogen": "10.6.7: a flag; only a tretinoin for the skin is nothing else",
}  # fmt: skip
# The groups that a ruling calls reviewed, by ATC code; and what has none, by name.
REVIEWED = {
    "8.2": "A02BA A02BC G03A G03C G03D N02BE R06 M04AA01 J01 J04 P01AB G02CC C10AX09",
    "9.17": "A02A A11 A12C B03B M01AX05 A06AC",
    "10.6.2": "A02BX13 A03AB A07AA02 G04BD G04BE G04CB N02CC N05CH N07BA01 N06AX12 R01 R03A R03B R03DC03 S01 D01 D06 D10 D11 C05AA A01AB A07EA M05BA",
}
REVIEWED_BY_NAME = {
    "8.2": "azelastine chlorphenamine clavulanic_acid conjugated_estrogens dexlansoprazole dimetindene epinastine "
           "norelgestromin piperacillin sulfadimidine sulfamerazine sulfamethoxazole sulfamoxole tedizolid tetracycline propacetamol",
    "9.17": "dexpanthenol magnesium_carbonate magnesium_citrate mecobalamin",
    "10.6.2": "cromoglicic_acid fenoterol fluocinonide fluticasone_furoate nedocromil procaterol reproterol revefenacin vilanterol trazodone "
              "bufexamac rimexolone clobetasol clobetasone calcipotriol benzoyl_peroxide emollient eye_drops inhaler_for_asthma_or_COPD local_ciclosporin local_corticosteroid local_ketorolac "
              "local_minoxidil local_sirolimus local_tacrolimus nasal_spray nicotine_replacement vaccine",
}  # fmt: skip


def atc(term: Term) -> tuple[str, ...]:
    return tuple(term.codes.get("atc", ()))


def in_group(term: Term, groups: str) -> bool:
    return any(code.startswith(group) for code in atc(term) for group in groups.split())


@pytest.mark.parametrize("class_", CLASSES)
def test_a_substance_has_the_class_of_its_atc_code_and_no_other(class_):
    groups, others = CLASSES[class_]
    belongs = [term for term in SUBSTANCES if in_group(term, groups) and term.id not in others.split("; ")]
    assert [term.id for term in belongs if class_ not in term.values] == []
    called = [term for term in SUBSTANCES if class_ in term.values and atc(term) and term.id not in BESIDES.get(class_, ())]
    assert [term.id for term in called if not in_group(term, groups)] == []


# Of the class by what they do, though their code stands elsewhere.
BESIDES = {
    "immunosuppressant": ["mercaptopurine", "ruxolitinib", "hydroxycarbamide", "sirolimus", "everolimus"],
    "opioid": ["codeine", "fentanyl", "sufentanil", "methadone"],
    "antipsychotic": ["prochlorperazine", "droperidol", "levosulpiride"],
    "mtor_inhibitor": ["sirolimus", "everolimus"],
}


def test_what_is_called_a_cancer_medicine_stands_among_them():
    assert [term.id for term in SUBSTANCES if "chemotherapy" in term.values and atc(term) and not in_group(term, CANCER)] == []


def freed(term: Term) -> bool:
    """Whether a ruling lets a medicine stop less than an unknown name; one of several ingredients only where each of them may."""
    if term.parts:
        by_id = {one.id: one for one in SUBSTANCES}
        return all(freed(by_id[part]) for part in term.parts)
    if term.values:
        return any(value in RULED for value in term.values)
    return any(in_group(term, groups) for groups in REVIEWED.values()) or any(
        term.id.replace(" ", "_") in names.split() for names in REVIEWED_BY_NAME.values()
    )


def test_no_medicine_stops_less_than_an_unknown_name_unless_a_ruling_says_so(advise):
    """Over every medicine, product and class: what each set of values leaves open is asked once for each of these people."""
    people = [OPEN, changed(OPEN, {"age": 62, "sex": "female", "conditions": ["t2d"]}), changed(OPEN, {"sex": "female", "age": 30, "pregnancy": "none"})]
    unknown = [placements(advise(changed(person, {"medications": ["a name nobody mapped"]}))) for person in people]
    opened: dict[frozenset[str], list[str]] = {}
    failures = []
    for term in MEDICINES.terms:
        values = MEDICINES.find(term.id).values
        if term.outcome == "none" or freed(term):
            continue
        if values not in opened:
            answers = [placements(advise(changed(person, {"medications": [term.id]}))) for person in people]
            pairs = [(one, other, iv) for one, other in zip(answers, unknown, strict=True) for iv in STOPPED]
            opened[values] = sorted({iv for one, other, iv in pairs if STRICTNESS[one[iv]] < STRICTNESS[other[iv]]})
        if opened[values]:
            failures.append(f"{term.id} ({' '.join(sorted(values))}): {', '.join(opened[values])}")
    assert failures == []


def test_medicines_of_every_day_ask_for_no_clinician_by_themselves(advise):
    """10.6.1; a nitrate is heart disease, and a loop diuretic asks before a fast."""
    own = [value for value, ruling in RULED.items() if ruling == "10.6.1" and value not in ("nitrate", "loop_diuretic")]
    asking = {value: advise(changed(OPEN, {"medications": [value]}))["clinician_first"] for value in own}
    assert {value for value, rows in asking.items() if rows} == set()
    loop = advise(changed(OPEN, {"medications": ["furosemide"]}))
    assert [row["intervention"] for row in loop["clinician_first"]] == ["intermittent_fasting"]


def test_what_is_reviewed_changes_nothing(advise):
    before = advise(OPEN)
    for sent in ("cetirizine", "omeprazole 20 mg", "sumatriptan", "Montelukast 10mg", "finasteride", "sildenafil", "vitamin D3 1000 IU", "flu jab"):
        after = advise(changed(OPEN, {"medications": [sent]}))
        assert (placements(after), after["unrecognised"], after["notices"]) == (placements(before), [], before["notices"]), sent


# --- forms ---------------------------------------------------------------------------------------------------------------------

FORMS = {
    "hydrocortisone cream 1%": "", "Hydrocortisone (cream)": "", "betamethasone ointment": "", "clobetasol cream": "", "apixabanol cream": "unreviewed_medication",
    "prednisolone eye drops": "", "dexamethasone eyedrops": "", "budesonide inhaler": "", "beclometasone nebules": "", "triamcinolone nasal spray": "",
    "methylprednisolone intra-articular injection": "", "steroid injection in the knee": "", "Protopic": "", "tacrolimus ointment": "",
    "diclofenac gel": "", "ketorolac eye drops": "", "terbinafine cream": "", "estradiol vaginal cream": "", "minoxidil foam": "",
    "hydrocortisone/miconazole cream": "", "timolol eye drops": "beta_blocker", "diltiazem cream": "",
    # what acts on the whole body in that form too, or of which the form is not told
    "hydrocortisone": "systemic_steroid", "prednisolone for my knee": "unreviewed_medication", "testosterone gel": "teratogen unreviewed_medication",
    "nitroglycerin spray": "nitrate", "nitroglycerin ointment": "nitrate", "ketorolac nasal spray": "nsaid", "diclofenac suppository": "nsaid",
    "fentanyl patch": "opioid", "tramadol drops": "opioid", "tretinoin cream": "teratogen",
    "insulin inhaler": "insulin",
    "hydrocortisone cream, prednisolone 5 mg": "systemic_steroid", "hydrocortisone cream and prednisolone": "systemic_steroid",
}  # fmt: skip


@pytest.mark.parametrize("sent", FORMS)
def test_a_form_that_stays_where_it_is_put_frees_of_what_acts_on_the_whole_body(sent):
    assert MEDICINES.find(sent).values == set(FORMS[sent].split())


# --- as it was written ---------------------------------------------------------------------------------------------------------


def test_a_notice_names_the_medicine_as_it_was_written(advise):
    answer = advise(changed(OPEN, {"medications": ["Glucophage 850 mg", "Ramipril AL 5", "cetirizine", "aspirin 100"], "symptoms": ["vomiting"]}))
    (sick,) = [notice for notice in answer["notices"] if "usually paused" in notice]
    assert "Glucophage 850 mg" in sick and "cetirizine" not in sick and "aspirin" not in sick and "vomiting" not in sick


def test_a_notice_names_a_code_of_ours_by_its_label(advise):
    answer = advise(changed(OPEN, {"medications": ["ace_arb", "metformin"], "symptoms": ["vomiting"]}))
    assert any("ACE inhibitor or ARB" in notice and "metformin" in notice and "ace_arb" not in notice for notice in answer["notices"])
