"""What is said of an imported FHIR Bundle: what could not be read, what was left out, and what a person must find out instead."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NOT_USED = "It is not used, and no older value in its place."
_NOBODY = "Nobody can go on with this import."
_ENTER = "Find it out and enter it."

IMPORT_MESSAGES: Mapping[str, Message] = {
    "fhir.several-patients": Message(
        "The Bundle is about {count} patients.", "Nothing was read: no patient is chosen.", "Send one patient at a time."
    ),
    "fhir.other-patient": Message(
        "{where} is about another patient.", f"It is not used. {_NOBODY}", "Find out why it is in this Bundle, and export it again."
    ),
    "fhir.no-patient": Message(
        "The Bundle holds no Patient.",
        "Nobody's name, birth date or sex was read.",
        "Make sure whose Bundle this is before using anything of it.",
    ),
    "fhir.no-subject": Message(
        "{where} does not say which patient it is about.", "It is not used.", "Ask for it with its subject, or enter it by hand."
    ),
    "fhir.not-a-patient": Message("{where} is about something that is not a patient.", "It is not used.", "Nothing needs to be done."),
    "fhir.deceased": Message(
        "The record says that this patient has died.", _NOBODY, "Check that it is the right patient and the right record."
    ),
    "fhir.patient-replaced": Message("This patient record was replaced by another.", _NOBODY, "Export the record that replaces it."),
    "fhir.patient-not-in-use": Message(
        "This patient record is marked as not in use.", "It was read.", "Check that it is the right record."
    ),
    "fhir.several-record-numbers": Message(
        "The patient has several record numbers: {numbers}.", "None was chosen.", "Choose the one of your house."
    ),
    "fhir.birth-date": Message(
        "The birth date is written as {text}, which is not one day in the past.", "The age is not known.", "Enter the full birth date."
    ),
    "fhir.unsafe": Message(
        "{where} cannot be read safely: it holds {element}, which may turn its meaning round.",
        f"It is not used. {_NOBODY}",
        "Ask the sender for the record without it.",
    ),
    "fhir.unreadable": Message("{where} {why}.", "What depends on it is not used.", "Ask the sender to correct it, or enter it by hand."),
    "fhir.several-versions": Message(
        "{where} stands in the Bundle with several contents.", "None of them is used.", "Ask the sender which one holds."
    ),
    "fhir.more-pages": Message("The Bundle is one page of several.", "What is on the other pages is not known here.", "Export all pages."),
    "fhir.subset": Message("The sending system left parts of its resources out.", "What stands there was read.", "Export whole resources."),
    "fhir.server-said": Message("The sending system reports a problem: {text}", "The Bundle may not be whole.", "Ask the sender."),
    "fhir.document-status": Message(
        "The document is not final (status {status}).", "It was read.", "Ask the sender for the document that holds."
    ),
    "fhir.not-read": Message("Not read: {types}.", "Nothing was taken from them.", "Look into them by hand where they matter."),
    "fhir.not-understood": Message(
        "{where} was not understood: {code}",
        "Nothing was made of it.",
        "Enter what it means where a question asks for it.",
        {"text": "It reads: {text}."},
    ),
    "fhir.text-only": Message(
        "{where} has no code.",
        "Nothing was made of it.",
        "Enter what it means where a question asks for it.",
        {"text": "It reads: {text}."},
    ),
    "fhir.withdrawn": Message("{where} is {status}.", "It is not used.", "Nothing needs to be done."),
    "fhir.unconfirmed": Message(
        "{where} is not marked as confirmed and active: {status}.", "It is taken as it stands.", "Clear it up with the patient."
    ),
    "fhir.allergies-disagree": Message(
        "The record says that no allergy is known, and names others or none at the same time.",
        "It is not taken for no allergy.",
        "Ask the patient, and enter the allergies.",
    ),
    "fhir.one-kind-none-known": Message(
        "{where} says only of one kind of allergy that none is known: {text}.",
        "The others are open.",
        "Ask about the others, and enter the allergies.",
    ),
    "fhir.no-time": Message("{field}: {where} does not say on which day it was true.", _NOT_USED, _ENTER),
    "fhir.in-future": Message("{field}: {where} is dated {at}, which is still to come.", _NOT_USED, _ENTER),
    "fhir.not-final": Message(
        "{field}: {where} is not final (status {status}).", _NOT_USED, "Wait for the final result, or enter a value."
    ),
    "fhir.about-another": Message("{field}: {where} was measured on somebody or something else.", _NOT_USED, _ENTER),
    "fhir.no-value": Message("{field}: there is no value in {where}.", _NOT_USED, _ENTER),
    "fhir.value-not-understood": Message("{field}: the value {value} was not understood.", _NOT_USED, _ENTER),
    "fhir.not-exact": Message("{field}: the value is only a bound ({comparator}).", _NOT_USED, _ENTER),
    "fhir.no-unit": Message("{field}: the value has no unit.", _NOT_USED, "Find out the unit, and enter the value in {wanted}."),
    "fhir.unit-unknown": Message(
        "{field}: {unit} is not a UCUM unit that this program knows.", _NOT_USED, "Find out the value in {wanted}, and enter it."
    ),
    "fhir.unit-of-other-kind": Message(
        "{field}: {unit} is not a unit for this.", _NOT_USED, "Find out the value in {wanted}, and enter it."
    ),
    "fhir.units-disagree": Message(
        "{field}: the unit is coded as {unit} and written as {text}.", _NOT_USED, "Find out which one holds, and enter the value."
    ),
    "fhir.unit-as-text": Message(
        "{field}: the unit stands there as text only ({unit}).", "It is used as written.", "Compare it with the source."
    ),
    "fhir.pounds": Message("The weight was sent in pounds: {weight}.", "It is converted to {kilograms}.", "Compare it with the scale."),
    "fhir.differ": Message(
        "{field}: several values hold for one time, {at}: {values}.", _NOT_USED, "Find out which one is right, and enter it."
    ),
    "fhir.medicines": Message(
        "Medicines in the record: {medicines}.",
        "Nothing was ordered, and none is taken as an answer.",
        "Ask the patient, and enter those that matter.",
    ),
    "fhir.medicine-not-named": Message("{where} does not name its medicine.", "It is not used.", "Find out which medicine it is."),
    "fhir.do-not-give": Message(
        "{where} says not to give a medicine.", "Nothing was made of it.", "Read it before ordering.", {"text": "It reads: {text}."}
    ),
}
"""Code of a finding -> what is said."""
