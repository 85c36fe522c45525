"""The classifiers of a reaction in words, each by its own name. None of them speaks for another."""

from collections.abc import Mapping

from openinfusion.app.present.words import Translate, plain, readable
from openinfusion.core.monitoring.classify import Graded, Judged, Met

_STANDARDS: Mapping[str, str] = {"wao-2020": "WAO 2020", "niaid-2006": "NIAID 2006"}
_MET: Mapping[Met, str] = {Met.YES: "met", Met.OPEN: "met if an allergen was there", Met.NO: "not met"}
_BECAUSE = "{rule} Here: {signs}."


def standard(name: str) -> str:
    """What a standard is called."""
    return _STANDARDS.get(name, readable(name))


def met_word(met: Met, translate: Translate = plain) -> str:
    """Whether a standard is met, in words."""
    return translate(_MET[met])


def because(judged: Judged, rules: Mapping[str, str], terms: Mapping[str, str], translate: Translate = plain) -> str:
    """A criterion with the signs that it rests on."""
    return _line(judged.criterion, judged.because, rules, terms, translate)


def graded(one: Graded, rules: Mapping[str, str], terms: Mapping[str, str], translate: Translate = plain) -> str:
    """A grade in the sentence of its row, with what gave it."""
    return _line(one.row, one.because, rules, terms, translate)


def _line(rule: str, signs: tuple[str, ...], rules: Mapping[str, str], terms: Mapping[str, str], translate: Translate) -> str:
    said = ", ".join(terms.get(sign, readable(sign)) for sign in signs)
    return translate(_BECAUSE).format(rule=translate(rules.get(rule, readable(rule))), signs=said)


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    return (*_MET.values(), _BECAUSE)
