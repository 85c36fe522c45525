"""What was found in a reaction, as people say it: signs by part of the body, numbers, what was done and how it answered.

It judges nothing. A word that nobody knows is kept as it came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from openinfusion.core.quantity import Quantity


class Exposure(StrEnum):
    """Whether the patient had met an allergen before the signs: none, a likely one for this patient, or one that is known."""

    NONE = "none"
    LIKELY = "likely"
    KNOWN = "known"


class Response(StrEnum):
    """How the signs answered to what was done."""

    PROMPT = "prompt"
    SLOW = "slow"
    NONE = "none"


PARTS: Mapping[str, tuple[str, ...]] = {
    "skin": ("urticaria", "itching", "flushing", "angioedema", "rash", "local-rash"),
    "airway": ("throat-tightness", "throat-swelling", "hoarse_voice", "painful-swallowing", "stridor"),
    "breathing": ("breathless", "wheeze", "cough", "chest-tightness", "low-peak-flow", "low-saturation", "cyanosis", "runny-nose"),
    "circulation": (
        "low-blood-pressure",
        "sbp_drop",
        "collapse",
        "syncope",
        "incontinence",
        "cardiac-arrest",
        "dizziness",
        "confusion",
        "tachycardia",
        "bradycardia",
        "pallor",
        "sweating",
    ),
    "gastrointestinal": (
        "nausea",
        "vomiting",
        "repeated-vomiting",
        "cramps",
        "persistent-cramps",
        "severe-cramps",
        "diarrhoea",
        "persistent-diarrhoea",
    ),
    "general": ("fever", "chills", "rigors", "headache", "back-pain", "pain", "pain-at-site", "swelling-at-site"),
}
"""What is asked about, by part of the body. Asking about a sign is no judgement of it."""

DONE = (
    "slowed",
    "interrupted",
    "topical",
    "oral",
    "iv",
    "antihistamine",
    "antipyretic",
    "steroid",
    "bronchodilator",
    "opioid",
    "fluids",
    "oxygen",
    "epinephrine-given",
    "vasopressor",
    "intubated",
    "resuscitated",
)
"""What may have been done about a reaction; `topical`, `oral` and `iv` say how a medicine was given."""

ALSO: Mapping[str, str] = {
    "hives": "urticaria",
    "wheals": "urticaria",
    "generalised urticaria": "urticaria",
    "generalized urticaria": "urticaria",
    "generalised hives": "urticaria",
    "generalized hives": "urticaria",
    "itch": "itching",
    "pruritus": "itching",
    "flush": "flushing",
    "erythema": "flushing",
    "exanthema": "rash",
    "swollen lips": "angioedema",
    "swollen tongue": "angioedema",
    "lip swelling": "angioedema",
    "tongue swelling": "angioedema",
    "angio oedema": "angioedema",
    "throat swelling": "throat-swelling",
    "laryngeal oedema": "throat-swelling",
    "laryngeal edema": "throat-swelling",
    "throat tightness": "throat-tightness",
    "hoarseness": "hoarse_voice",
    "voice change": "hoarse_voice",
    "dysphonia": "hoarse_voice",
    "odynophagia": "painful-swallowing",
    "dyspnea": "breathless",
    "dyspnoea": "breathless",
    "shortness of breath": "breathless",
    "breathlessness": "breathless",
    "wheezing": "wheeze",
    "bronchospasm": "wheeze",
    "hypoxia": "low-saturation",
    "hypoxemia": "low-saturation",
    "hypoxaemia": "low-saturation",
    "desaturation": "low-saturation",
    "hypotension": "low-blood-pressure",
    "shock": "low-blood-pressure",
    "hypotonia": "collapse",
    "loss of consciousness": "syncope",
    "unconscious": "syncope",
    "fainting": "syncope",
    "arrest": "cardiac-arrest",
    "vomiting repeatedly": "repeated-vomiting",
    "repetitive vomiting": "repeated-vomiting",
    "recurrent vomiting": "repeated-vomiting",
    "persistent vomiting": "repeated-vomiting",
    "abdominal pain": "cramps",
    "abdominal cramps": "cramps",
    "persistent abdominal pain": "persistent-cramps",
    "severe abdominal pain": "severe-cramps",
    "diarrhea": "diarrhoea",
    "stopped": "interrupted",
    "paused": "interrupted",
    "intravenous": "iv",
    "adrenaline": "epinephrine-given",
    "epinephrine": "epinephrine-given",
    "intubation": "intubated",
    "cpr": "resuscitated",
}
"""Other words for the same, in small letters and with blanks."""

SIGNS = frozenset(sign for part in PARTS.values() for sign in part)


def called(word: str) -> str:
    """The word by which a sign or an intervention is known here; a word that is not known comes back as it was written."""
    plain = " ".join(word.lower().replace("-", " ").replace("_", " ").split())
    return _KNOWN.get(plain, word.strip())


_KNOWN = {**{word.replace("-", " ").replace("_", " "): word for word in (*SIGNS, *DONE)}, **ALSO}


@dataclass(frozen=True, slots=True)
class Signs:
    """A reaction as it was found. What was not asked or measured is None; a sign that is not in `seen` was not seen."""

    seen: frozenset[str] = frozenset()
    exposure: Exposure | None = None
    systolic: Quantity | None = None
    baseline: Quantity | None = None
    age: Quantity | None = None
    saturation: Quantity | None = None
    oxygen: Quantity | None = None
    temperature: Quantity | None = None
    lasting: Quantity | None = None
    surface: Quantity | None = None
    done: frozenset[str] = frozenset()
    response: Response | None = None
    recurred: bool = False
    hospitalised: bool = False
    life_threatening: bool = False
    died: bool = False

    @property
    def marks(self) -> frozenset[str]:
        """All of it that is no number, as words."""
        said = {
            "recurred": self.recurred,
            "hospitalised": self.hospitalised,
            "life-threatening": self.life_threatening,
            "died": self.died,
            "exposed": self.exposure in (Exposure.LIKELY, Exposure.KNOWN),
            f"response-{self.response}": self.response is not None,
        }
        return self.seen | self.done | {word for word, is_so in said.items() if is_so}

    @property
    def measures(self) -> Mapping[str, Quantity]:
        """The numbers that a grade may rest on, by name."""
        held = {
            "temperature": self.temperature,
            "lasting": self.lasting,
            "saturation": self.saturation,
            "oxygen": self.oxygen,
            "surface": self.surface,
        }
        return {name: amount for name, amount in held.items() if amount is not None}
