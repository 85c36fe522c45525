"""How a complication is recognised, who is called, and its JSON form, in words. It decides nothing."""

from collections.abc import Iterable, Mapping

from openinfusion.app.present.words import Translate, plain, readable
from openinfusion.core.canonical import Json
from openinfusion.core.complication import Complication, Recognition, Use
from openinfusion.core.figure import Tier, best

_CRITERION = "{sentence} ({version})"
_ASK = "Ask about: {signs}"
_NEVER_ALONE = "Alone it opens nothing: {signs}"
_BY_THE_SITE = "{who} (by the site's own list)"


def recognition_line(one: Recognition, wording: Mapping[str, str], translate: Translate = plain) -> str:
    """One way to recognise a complication: a criterion with its edition, or the signs that are asked about."""
    if one.use is Use.ALARM:
        return translate(_CRITERION).format(sentence=translate(wording[one.id]), version=one.version)
    form = _ASK if one.use is Use.ASK else _NEVER_ALONE
    return translate(form).format(signs=", ".join(sign_words(sign) for sign in one.signs))


def recognition_lines(row: Complication, wording: Mapping[str, str], translate: Translate = plain) -> tuple[str, ...]:
    """Every way to recognise a complication, the criteria first."""
    ordered = sorted(row.recognise, key=lambda one: list(_ORDER).index(one.use))
    return tuple(recognition_line(one, wording, translate) for one in ordered)


_ORDER = (Use.ALARM, Use.ASK, Use.NEVER_ALONE)


def sign_words(sign: str) -> str:
    """A sign as readable text."""
    return readable(sign)


def call_lines(row: Complication, wording: Mapping[str, str], translate: Translate = plain) -> tuple[str, ...]:
    """Who is called, in order; where no published source names anybody, the site's own list decides."""
    return tuple(
        translate(wording[call.id]) if best(call.sources) is not Tier.U else translate(_BY_THE_SITE).format(who=translate(wording[call.id]))
        for call in row.call
    )


def recognition_json(row: Complication, wording: Mapping[str, str]) -> Json:
    """The criteria and the signs to ask about, each with what it rests on."""
    return [
        {
            "use": one.use.value,
            "id": one.id,
            "text": recognition_line(one, wording),
            "version": one.version or None,
            "signs": _texts(one.signs),
            "sources": _texts(source.cite for source in one.sources),
        }
        for one in row.recognise
    ]


def _texts(texts: Iterable[str]) -> list[Json]:
    return list(texts)


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    return (_CRITERION, _ASK, _NEVER_ALONE, _BY_THE_SITE)
