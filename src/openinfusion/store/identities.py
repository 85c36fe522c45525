"""Who the patients are, apart from the record, which knows opaque ids only. Implements the port Identities; earlier rows stay in a history.

Never merges two patients and never decides that two are the same: `alike` names those a person must look at.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.forms.models import model_to_dict

from openinfusion.app.ports import Clock, Contact, Identity
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.store.commit import fetch, saving
from openinfusion.store.models import IdentityHistoryRow, IdentityRow

_LIKE = 0.8
"""From this share of common letters on, two names of one birth date are shown to a person as possibly the same (ours)."""

_FEWEST_DIGITS = 4
_OF_PERSON = ("patient_id", "family_name", "given_name", "birth_date", "sex", "mrn", "phone", "language")
_OF_CONTACT = ("contact_name", "contact_phone", "contact_relation")
_COLUMNS = ", ".join((*_OF_PERSON, *_OF_CONTACT))


class StoredIdentities:
    """The table of identities."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def register(self, identity: Identity) -> None:
        """Store a new identity; raises Malformed when the MRN or the id is already taken, NotSaved when the store cannot write."""
        try:
            with saving():
                self._row(identity).save(force_insert=True)
        except IntegrityError as error:
            raise _taken(identity) from error

    def amend(self, identity: Identity) -> None:
        """Replace the identity and keep the earlier row; raises NotFound, Malformed when the MRN belongs to another, NotSaved."""
        try:
            with saving():
                earlier = IdentityRow.objects.select_for_update().filter(patient_id=identity.patient_id).first()
                if earlier is None:
                    raise NotFound("patient", identity.patient_id)
                kept = {name: value for name, value in model_to_dict(earlier).items() if not name.endswith("_key")}
                IdentityHistoryRow.objects.create(**kept, replaced_at=self._clock.now())
                self._row(identity).save(force_update=True)
        except IntegrityError as error:
            raise _taken(identity) from error

    def get(self, patient_id: str) -> Identity:
        """The identity, or NotFound."""
        row = IdentityRow.objects.filter(patient_id=patient_id).first()
        if row is None:
            raise NotFound("patient", patient_id)
        return _identity(row)

    def many(self, patient_ids: Sequence[str]) -> Mapping[str, Identity]:
        """The identities of several patients in one query; unknown ids are absent."""
        if not patient_ids:
            return {}
        # A board asks for a hundred at each look: a statement of our own, because making it by objects costs several times as much.
        places = ", ".join(["%s"] * len(patient_ids))
        rows = fetch(f"SELECT {_COLUMNS} FROM identity WHERE patient_id IN ({places})", patient_ids)  # noqa: S608 - places only
        return {
            patient: Identity(patient, family, given, _day_of(born), sex, mrn, phone, language, Contact(*contact))
            for patient, family, given, born, sex, mrn, phone, language, *contact in rows
        }

    def search(self, text: str, limit: int = 20) -> tuple[Identity, ...]:
        """Exact MRN and birth date first, then phone, then names by their first letters ("smi jo", "Smith, John"; one word: family names
        first)."""
        found: dict[str, IdentityRow] = {}
        for query in _searches(text.strip()):
            for row in query.order_by("family_key", "given_key", "birth_date", "patient_id")[:limit]:
                found.setdefault(row.patient_id, row)
        return tuple(_identity(row) for row in list(found.values())[:limit])

    def alike(self, identity: Identity) -> tuple[Identity, ...]:
        """Others with the same MRN, or the same birth date and a like name, or the same full name."""
        family, given = fold(identity.family_name), fold(identity.given_name)
        near = Q(birth_date=identity.birth_date) | Q(family_key=family, given_key=given)
        if identity.mrn:
            near |= Q(mrn=identity.mrn)
        others = IdentityRow.objects.filter(near).exclude(patient_id=identity.patient_id).order_by("family_key", "given_key", "patient_id")
        return tuple(_identity(row) for row in others if row.mrn == identity.mrn != "" or _like_name(row, family, given))

    def _row(self, identity: Identity) -> IdentityRow:
        contact = identity.emergency_contact
        return IdentityRow(
            patient_id=identity.patient_id,
            family_name=identity.family_name,
            given_name=identity.given_name,
            birth_date=identity.birth_date,
            sex=identity.sex,
            mrn=identity.mrn,
            phone=identity.phone,
            language=identity.language,
            contact_name=contact.name,
            contact_phone=contact.phone,
            contact_relation=contact.relation,
            family_key=fold(identity.family_name),
            given_key=fold(identity.given_name),
            phone_key=_digits(identity.phone),
            written_at=self._clock.now(),
        )


def _day_of(stored: date | str) -> date:
    """A birth date as the database gives it: SQLite has no dates, only texts."""
    return stored if isinstance(stored, date) else date.fromisoformat(stored)


def fold(name: str) -> str:
    """A name for comparing: no case, no accents, single blanks, hyphens and apostrophes left out of the way."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " if letter in " -\u2010\u2013," else "" for letter in plain).split())


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _searches(text: str) -> Iterable[QuerySet[IdentityRow]]:
    rows = IdentityRow.objects.all()
    if not text:
        return
    yield rows.filter(mrn__iexact=text)
    day = _day(text)
    if day is not None:
        yield rows.filter(birth_date=day)
        return
    digits = _digits(text)
    if len(digits) >= _FEWEST_DIGITS and not any(letter.isalpha() for letter in text):
        yield rows.filter(phone_key__endswith=digits.lstrip("0"))
    words = fold(text).split()
    yield from (
        rows.filter(family_key__startswith=" ".join(words[:cut]), given_key__startswith=" ".join(words[cut:]))
        for cut in range(len(words), 0, -1)
    )
    if words:
        yield rows.filter(given_key__startswith=" ".join(words))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _like_name(row: IdentityRow, family: str, given: str) -> bool:
    if (row.family_key, row.given_key) in ((family, given), (given, family)):
        return True
    return _share(row.family_key, family) >= _LIKE and (_share(row.given_key, given) >= _LIKE or row.given_key[:1] == given[:1])


def _share(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _identity(row: IdentityRow) -> Identity:
    return Identity(
        patient_id=row.patient_id,
        family_name=row.family_name,
        given_name=row.given_name,
        birth_date=row.birth_date,
        sex=row.sex,
        mrn=row.mrn,
        phone=row.phone,
        language=row.language,
        emergency_contact=Contact(row.contact_name, row.contact_phone, row.contact_relation),
    )


def _taken(identity: Identity) -> Malformed:
    return Malformed(
        "mrn", f"{identity.mrn!r} already belongs to another patient", "the MRN on this patient's wristband, or look the patient up"
    )
