"""What the codes of one protocol are called: the labels of the field dictionary and the sentences of its rules and tables."""

from collections.abc import Callable, Mapping
from datetime import datetime

from openinfusion.app.present.words import Glossary, in_utc
from openinfusion.core.patient import FieldSpec
from openinfusion.protocols.load import LoadedProtocol


def glossary_of(
    loaded: LoadedProtocol, fields: Mapping[str, FieldSpec], language: str = "en", moment: Callable[[datetime], str] = in_utc
) -> Glossary:
    """The names of fields and rules in a language, else in English; the protocol's own words win over those of its tables."""
    rules: dict[str, str] = {}
    for table in loaded.tables.values():
        rules |= table.wording.get(language) or table.wording.get("en", {})
    rules |= loaded.protocol.wording.get(language) or loaded.protocol.wording.get("en", {})
    return Glossary({name: spec.meaning for name, spec in fields.items() if spec.meaning}, rules, moment)
