"""What the tables of words look like: what a person may name, by which names and codes, and what it is to the rules."""

from __future__ import annotations

from service.knowledge.files.shapes import OneOf, Shape, Text

OUTCOMES = ("rules", "reviewed", "not_reviewed", "none")
FORMS = ("salt", "form", "release", "device", "local")


class TermShape(Shape):
    """A row of words/conditions.csv and its like. Cells of several names are separated by semicolons, of several codes or values by spaces.

    `values` are values of the word that the table belongs to; `broader` are those ICD-10 codes of the row that mean more than it.
    """

    id = Text(required=True)
    names = Text()
    atc = Text()
    rxnorm = Text()
    icd10 = Text()
    snomed = Text()
    broader = Text()
    values = Text()
    outcome = OneOf(OUTCOMES, required=True)


class ProductShape(Shape):
    """A row of words/products.csv: a medicine of several ingredients, each a row of words/medicines.csv, by its brands or its ATC code.

    `adds` are classes of parts that are not named as substances; `unnamed` says that the product has parts of which nothing is known.
    """

    names = Text()
    atc = Text()
    ingredients = Text(required=True)
    adds = Text()
    unnamed = OneOf(("yes",))


class FormShape(Shape):
    """A row of words/forms.csv: a word on a package that is no part of a medicine's name; `frees` of classes that act on the whole body."""

    word = Text(required=True)
    kind = OneOf(FORMS, required=True)
    frees = Text()


class SpellingShape(Shape):
    """A row of words/units.csv: how people write a unit of the vocabulary where UCUM would read nothing or something else."""

    spelling = Text(required=True)
    unit = Text(required=True)


class ForbiddingShape(Shape):
    """A row of words/forbidding.csv: what the sentence of a red flag says, and the groups of interventions that it forbids."""

    phrase = Text(required=True)
    actions = Text()


class FoodShape(Shape):
    """A row of words/foods.csv: a food, the words for it separated by semicolons, and the kinds by which it may be ruled out.

    Without kinds it is no food, but words in which the name of one stands.
    """

    food = Text(required=True)
    words = Text(required=True)
    kinds = Text()
