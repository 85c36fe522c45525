"""The shape of a protocol refuses what a reviewer must never have to look for: silence about a maximum, two doses in one rule, an
unknown key."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from openinfusion.core.part import Part
from openinfusion.core.protocol import DoseRule, Legal, Limit, Maturity, Phase, Protocol, Route, ScreenRule
from openinfusion.core.table import AgeDose, AnyTable, ReactionDefaults

SOURCE = {"cite": "label", "at": "section 2", "tier": "A"}


def figure(value: str, unit: str) -> dict[str, object]:
    return {"value": value, "unit": unit, "sources": [SOURCE]}


def limit(measure: str, value: str, unit: str, **more: object) -> dict[str, object]:
    return {"id": f"most-{measure}", "measure": measure, "op": "<=", "figure": figure(value, unit), "strength": "hard", **more}


SIGNED = {"signed_by": ["prescriber", "pharmacist"], "date": "2026-11-30"}
LIMITS = [limit("dose", "500", "mg"), limit("rate", "250", "mL/h"), limit("duration", "6", "h")]


def whole(**changes: object) -> dict[str, object]:
    """A small protocol that holds, with parts replaced."""
    return {
        "schema": "openinfusion.protocol/1",
        "id": "iv-small",
        "version": "1.0.0",
        "title": "Small",
        "maturity": "draft",
        "legal": "labelled",
        "route": "IV",
        "delivery": "intermittent_infusion",
        "author": "somebody",
        "drug": {"generic": "small", "drug_class": "test", "ingredients": ["small"]},
        "indications": [{"code": "X", "sources": [SOURCE]}],
        "doses": [{"id": "flat", "basis": "flat", "amount": figure("100", "mg")}],
        "limits": LIMITS,
        "preparation": {},
        "rates": [{"id": "fixed", "shape": "fixed_duration", "duration": figure("1", "h")}],
        "schedule": [{"id": "once", "kind": "once"}],
        "double_check": {"required": "true"},
        "home": {"suitability": "not_suitable", "sources": [SOURCE]},
        **changes,
    }


def test_a_small_protocol_holds_and_reads_back_as_written() -> None:
    protocol = Protocol.model_validate(whole())
    assert (protocol.route, protocol.maturity, protocol.legal) == (Route.IV, Maturity.DRAFT, Legal.LABELLED)
    again = Protocol.model_validate(protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    assert again == protocol


@pytest.mark.parametrize("silent", ["dose", "rate", "duration"])
def test_silence_about_a_hard_maximum_is_refused_and_saying_so_is_enough(silent: str) -> None:
    limits = [each for each in LIMITS if each["measure"] != silent]
    with pytest.raises(ValidationError, match=f"no hard maximum for {silent}"):
        Protocol.model_validate(whole(limits=limits))
    said = [{"measure": silent, "reason": "no-figure-in-sources", **SIGNED}]
    assert Protocol.model_validate(whole(limits=limits, no_hard_maximum=said)).no_hard_maximum


def test_what_has_no_hard_maximum_is_signed_by_two_roles_with_a_day_unless_all_is_an_example() -> None:
    def said(**parts: object) -> dict[str, object]:
        return whole(limits=LIMITS[1:], no_hard_maximum=[{"measure": LIMITS[0]["measure"], "reason": "no-figure-in-sources", **parts}])

    assert Protocol.model_validate(said(**SIGNED)).no_hard_maximum[0].date == date(2026, 11, 30)
    with pytest.raises(ValidationError, match="not signed"):
        Protocol.model_validate(said())
    assert Protocol.model_validate({**said(), "maturity": "example"}).no_hard_maximum[0].signed_by is None
    for broken in ({"signed_by": ["pharmacist", "prescriber"]}, {"date": "2026-11-30"}, {**SIGNED, "signed_by": ["pharmacist"] * 2}):
        with pytest.raises(ValidationError, match="signed"):
            Protocol.model_validate(said(**broken))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"course": "true", "cumulative": "true"}, "several spans"),
        ({"course": "true", "window": figure("1", "d")}, "several spans"),
        ({"measure": "rate_change", "op": ">="}, "upper bound"),
        ({"measure": "rate_change", "cumulative": "true"}, "upper bound"),
    ],
)
def test_a_limit_has_one_span_and_a_rise_an_upper_bound(parts: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Protocol.model_validate(whole(limits=[*LIMITS, {**LIMITS[0], "id": "more", **parts}]))


@pytest.mark.parametrize("change", [{"strength": "soft"}, {"op": ">="}])
def test_a_soft_or_a_lower_limit_is_no_hard_maximum(change: dict[str, str]) -> None:
    limits = [{**LIMITS[0], **change}, *LIMITS[1:]]
    with pytest.raises(ValidationError, match="no hard maximum for dose"):
        Protocol.model_validate(whole(limits=limits))


@pytest.mark.parametrize(
    "rule",
    [
        {"basis": "flat"},
        {"basis": "flat", "amount": figure("1", "mg"), "low": figure("1", "mg"), "high": figure("2", "mg")},
        {"basis": "flat", "low": figure("1", "mg"), "high": figure("2", "mg")},
        {"basis": "flat", "low": figure("1", "mg"), "selection": "prescriber"},
    ],
)
def test_a_dose_is_one_amount_or_a_range_from_which_a_prescriber_chooses(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DoseRule.model_validate({"id": "dose", **rule})


def test_a_rate_range_is_never_automatic() -> None:
    rate = {"id": "range", "shape": "range", "selection": "automatic", "low": figure("1", "mL/h"), "high": figure("2", "mL/h")}
    with pytest.raises(ValidationError, match="prescriber"):
        Protocol.model_validate(whole(rates=[rate]))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("route", "intravenous"),
        ("legal", "ok"),
        ("maturity", "active"),
        ("version", "1.0"),
        ("id", "iv small"),
        ("indications", []),
        ("status", "active"),
    ],
)
def test_words_outside_the_closed_sets_and_unknown_keys_are_refused(part: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Protocol.model_validate(whole(**{part: value}))


def test_a_rule_that_screens_needs_a_condition_and_a_source() -> None:
    rule = {"id": "no-egg", "when": {"field": "allergy", "any_of": ["egg"]}, "level": "contraindicated", "sources": [SOURCE]}
    assert ScreenRule.model_validate(rule).before == "order"
    for missing in ("when", "sources"):
        with pytest.raises(ValidationError):
            ScreenRule.model_validate({key: value for key, value in rule.items() if key != missing})


@pytest.mark.parametrize("phase", [{"kind": "offsets"}, {"kind": "sessions"}])
def test_a_phase_says_when_its_sessions_are(phase: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="write"):
        Phase.model_validate({"id": "phase", **phase})


def test_no_part_can_be_changed_after_loading() -> None:
    held = Limit.model_validate(LIMITS[0])
    with pytest.raises(ValidationError):
        setattr(held, "strength", held.strength)  # noqa: B010 - the type checker already refuses the plain assignment


def models(hint: object) -> Iterator[type[BaseModel]]:
    """Every model that a type can hold, whatever it is wrapped in."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    elif get_origin(hint) in (Annotated, Union, UnionType, tuple, Mapping):
        for inner in get_args(hint):
            yield from models(inner)


def test_every_part_of_protocols_and_tables_is_frozen_and_closed() -> None:
    waiting: list[Any] = [Protocol, *models(AnyTable)]
    seen = set[type[BaseModel]]()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        assert model.model_config.get("frozen"), model
        assert model.model_config.get("extra") == "forbid", model
        for spec in model.model_fields.values():
            waiting.extend(models(spec.annotation))
    assert len([model for model in seen if issubclass(model, Part)]) > 40


def test_an_age_row_has_one_dose_or_a_range() -> None:
    with pytest.raises(ValidationError, match="dose, or low and high"):
        AgeDose.model_validate({"since": figure("6", "mo")})


def test_reaction_defaults_leave_no_grade_without_a_rule() -> None:
    raw = {
        "schema": "openinfusion.table/1",
        "name": "reaction-defaults-9",
        "kind": "reaction_defaults",
        "rules": [{"id": "mild", "grades": ["1", "2"], "action": "pause"}],
        "recurrence": "stop_today",
        "anaphylaxis": "stop_for_good",
        "sources": [SOURCE],
    }
    with pytest.raises(ValidationError, match="no rule for grade 3"):
        ReactionDefaults.model_validate(raw)
