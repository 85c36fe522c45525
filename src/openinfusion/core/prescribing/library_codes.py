"""The codes of what a drug library says of an order, and of its own lines, with the names of their parameters."""

from collections.abc import Mapping

_PASSED = ("measure", "value", "limit", "drug", "care_area", "line", "parts", "advisory")
_WRITTEN = ("field", "text", "example")
_LINE = ("drug", "care_area")

LIBRARY_CODES: Mapping[str, tuple[str, ...]] = {
    **{f"library.{side}-{strength}": _PASSED for side in ("above", "below") for strength in ("hard", "soft")},
    "library.not-named": ("field",),
    "library.drug-unknown": ("drug", "near"),
    "library.care-area-unknown": ("care_area", "care_areas"),
    "library.drug-not-in-area": ("drug", "care_area", "care_areas"),
    "library.several-lines": ("drug", "care_area", "lines"),
    "library.no-such-line": ("drug", "care_area", "lines"),
    "library.nothing-stated": _LINE,
    "library.per-body": ("field", "unit"),
    "library.implausible": ("field", "value", "greatest"),
    "library.not-stated": ("field", "unit"),
    "library.not-comparable": ("field", "value", "unit"),
    "library.contradiction": ("field", "value", "parts", "other"),
    "library.number-unreadable": _WRITTEN,
    "library.unit-missing": _WRITTEN,
    "library.unit-unknown": _WRITTEN,
    "library.unit-other-kind": ("field", "text", "wanted"),
    "library.not-above-zero": _WRITTEN,
    "library.in-pounds": ("weight", "kilograms"),
    "library.mode-unknown": ("mode", "modes"),
    "library.not-text": ("field",),
    "library.field-unknown": ("field", "near"),
    "library.order-unreadable": ("why",),
    "library-line.no-hard-maximum": _LINE,
    "library-line.no-dose-bounds": _LINE,
    "library-line.both-maximum-and-none": (*_LINE, "limit"),
    "library-line.inverted": (*_LINE, "measure", "low", "high"),
    "library-line.soft-outside-hard": (*_LINE, "measure", "low", "high"),
    "library-line.standard-outside": (*_LINE, "measure", "value", "strength", "limit"),
    "library-line.standard-not-comparable": (*_LINE, "measure", "unit"),
    "library-line.repeated": (*_LINE, "other", "at"),
}
