"""Who works and who is treated in the demo centre. Everybody is made up; the password is no secret and opens the demo store only."""

from dataclasses import dataclass
from datetime import date

from openinfusion.app.access import Role
from openinfusion.app.scenario import Person

PASSWORD = "demo centre only"  # noqa: S105 - shown on the sign-in page of the demo store, which holds made-up people only


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person as whom a visitor signs in."""

    name: str
    role: Role
    work: str


VISITORS = (
    Visitor("dr.ito", Role.PRESCRIBER, "co-sign an order that waits for a second prescriber"),
    Visitor("dr.sato", Role.PRESCRIBER, "co-sign it instead, or order for a patient of yours"),
    Visitor("ph.lang", Role.PHARMACIST, "verify an order, prepare a container"),
    Visitor("n.amara", Role.NURSE, "be the second person at a check, start an infusion, look after alarms"),
    Visitor("n.boye", Role.NURSE, "the same, as a second nurse"),
    Visitor("administrator", Role.ADMINISTRATOR, "give a new colleague a code"),
)

NEWCOMER = "n.novak"
"""A nurse who was added and has not signed in yet; only the administrator can give a fresh code."""

PRESCRIBER, PHARMACIST, NURSE, SECOND_NURSE = "dr.keller", "ph.moreau", "n.diaz", "n.okafor"
"""Colleagues who work in the background and never sign in."""

COLLEAGUES = {PRESCRIBER: "prescriber", PHARMACIST: "pharmacist", NURSE: "nurse", SECOND_NURSE: "nurse"}

_FAMILY = "Almeida Bauer Costa Dahl Ekberg Ferrari Gallo Horvat Ilic Jensen Kaya Lindqvist Marino Olsen Petrov Quist Rossi Silva".split()
_GIVEN = {
    "female": "Ana Bea Clara Dina Elif Freya Greta Hana Ines Jana Klara Lea Mia Nora Olga Pia Rita Sana Tea Una".split(),
    "male": "Adam Ben Ciro Dan Emil Finn Gus Hugo Ivo Jon Karl Leo Max Nils Otto Paul Rui Sam Tom Udo".split(),
}


def patient(number: int, sex: str, born: date) -> Person:
    """The made-up patient of this number; the name repeats after some hundreds, the record number never."""
    family = _FAMILY[number * 7 % len(_FAMILY)]
    given = _GIVEN[sex][(number + number // len(_FAMILY)) % len(_GIVEN[sex])]
    return Person(family_name=family, given_name=given, birth_date=born, sex=sex, mrn=f"DEMO-{number:04}")


def sign_ins() -> str:
    """What the sign-in page of the demo store says."""
    lines = [f"{one.name} ({one.role.value}): {one.work}" for one in VISITORS]
    return "\n".join(("NOT FOR CLINICAL USE. Everybody here is made up. Sign in as", *lines, f"The password of each: {PASSWORD}"))
