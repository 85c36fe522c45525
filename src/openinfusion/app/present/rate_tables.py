"""A rate table in words and as JSON: times as hours and minutes, every volume beside what is given by then, drops both exact and whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from openinfusion.app.present.numbers import quantity, quantity_json
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.canonical import Json
from openinfusion.core.prescribing.rate_table import Drops, Kind, RateTable, Row
from openinfusion.core.quantity import Quantity

KINDS: Mapping[Kind, str] = {
    Kind.PRIMING: "Fill the line",
    Kind.FLOW: "Flow",
    Kind.BOLUS: "Bolus",
    Kind.REST: "No flow",
    Kind.INJECTION: "Injection",
    Kind.FLUSH: "Flush",
}
_FASTEST = "At the fastest: a bolus as often as the programme grants one. Less may flow."
_TOO_SLOW = "fewer than 1 drop/min; too slow to count"
_WHOLE = "{whole}, which is {rate} (the plan asks for {exact})"
_LINE = "{n}. {begins} to {ends}: {kind}{rate}, {volume}; {given} given"
_MOMENT = "{n}. at {begins}: {kind}{rate}, {volume}; {given} given"
_BESIDE = "{kind}: {volume}, not counted as given"
_CONTAINER = "In the container: {container}"
_END = "End: {ends} after the start, {volume} given"
_ALL_END = "With the flush: {ends}"


@dataclass(frozen=True, slots=True)
class RowWords:
    """One row for people. Empty where it has nothing of the kind; what happens at one moment has no end."""

    n: str
    kind: str
    begins: str
    ends: str
    rate: str
    drops: str
    by_drops: str
    dose_rate: str
    per_site: str
    volume: str
    given: str
    counts: bool


def clock_text(span: Quantity) -> str:
    """A time after the start as hours and minutes, with seconds where it is not made of whole minutes; to the nearest second, and so
    marked."""
    exact = span.to("s").value
    seconds = (exact + Fraction(1, 2)).__floor__()
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    text = f"{hours}:{minutes:02}:{left:02}" if left else f"{hours}:{minutes:02}"
    return text if exact == seconds else f"≈ {text}"


def row_words(table: RateTable, translate: Translate = plain) -> tuple[RowWords, ...]:
    """Every row for people."""
    return tuple(_row(row, translate) for row in table.rows)


def _row(row: Row, translate: Translate) -> RowWords:
    before = row.kind is Kind.PRIMING
    return RowWords(
        n=str(row.n) if row.kind.counts else "",
        kind=translate(KINDS[row.kind]),
        begins="" if before else clock_text(row.begins),
        ends=clock_text(row.ends) if row.lasts.value else "",
        rate=_shown(row.rate, translate),
        drops=_drops(row.drops, translate),
        by_drops=quantity(row.drops.rate, translate) if row.drops is not None and row.drops.whole.value else "",
        dose_rate=_shown(row.dose_rate or row.dose, translate),
        per_site=_shown(row.per_site, translate),
        volume=_shown(row.volume, translate),
        given="" if before else _shown(row.given, translate),
        counts=row.kind.counts,
    )


def _shown(amount: Quantity | None, translate: Translate) -> str:
    return "" if amount is None else quantity(amount, translate)


def _drops(drops: Drops | None, translate: Translate) -> str:
    """Whole drops; a flow that is too slow for one in a minute says so and is never shown as none."""
    if drops is None:
        return ""
    return quantity(drops.whole, translate) if drops.whole.value else translate(_TOO_SLOW)


def _drops_line(row: Row, translate: Translate) -> str:
    """The drops with the exact count and the flow that the whole ones come to, where rounding changed them."""
    drops = row.drops
    if drops is None or drops.whole == drops.exact or not drops.whole.value:
        return _drops(drops, translate)
    exact = quantity(drops.exact, translate)
    return translate(_WHOLE).format(whole=quantity(drops.whole, translate), exact=exact, rate=quantity(drops.rate, translate))


def rate_table_lines(table: RateTable, translate: Translate = plain) -> Iterator[str]:
    """The table for the command line, one row a line."""
    if table.is_fastest:
        yield translate(_FASTEST)
    for exact, row in zip(table.rows, row_words(table, translate), strict=True):
        counted = _drops_line(exact, translate)
        if not row.begins:
            yield translate(_BESIDE).format(kind=row.kind, volume=row.volume)
            continue
        form = translate(_LINE if row.ends else _MOMENT)
        flows = "".join(f" {text}" for text in (row.rate, row.dose_rate and f"({row.dose_rate})", counted and f"= {counted}") if text)
        line = form.format(n=row.n, begins=row.begins, ends=row.ends, kind=row.kind, rate=flows, volume=row.volume, given=row.given)
        yield line.removeprefix(". ")
    yield translate(_END).format(ends=clock_text(table.ends), volume=quantity(table.volume, translate))
    if table.all_ends != table.ends:
        yield translate(_ALL_END).format(ends=clock_text(table.all_ends))
    if table.container is not None:
        yield translate(_CONTAINER).format(container=quantity(table.container, translate))


def rate_table_json(table: RateTable | None) -> Json:
    """Every row with exact values; null where there is no table."""
    if table is None:
        return None
    return {
        "shape": table.shape,
        "at_the_fastest": table.is_fastest,
        "rows": [_row_json(row) for row in table.rows],
        "volume": quantity_json(table.volume),
        "ends": quantity_json(table.ends),
        "ends_with_flush": quantity_json(table.all_ends),
        "container": quantity_json(table.container),
        "drop_factor": quantity_json(table.drop_factor),
        "sites": table.sites,
    }


def _row_json(row: Row) -> Json:
    drops = row.drops
    return {
        "n": row.n,
        "kind": row.kind.value,
        "begins": quantity_json(row.begins),
        "ends": quantity_json(row.ends),
        "lasts": quantity_json(row.lasts),
        "rate": quantity_json(row.rate),
        "dose_rate": quantity_json(row.dose_rate),
        "dose": quantity_json(row.dose),
        "per_site": quantity_json(row.per_site),
        "drops": None
        if drops is None
        else {"exact": quantity_json(drops.exact), "whole": quantity_json(drops.whole), "rate": quantity_json(drops.rate)},
        "volume": quantity_json(row.volume),
        "given": quantity_json(row.given),
    }


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    return (*KINDS.values(), _FASTEST, _TOO_SLOW, _WHOLE, _LINE, _MOMENT, _BESIDE, _CONTAINER, _END, _ALL_END)
