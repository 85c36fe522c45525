"""A site may watch more often and observe longer than a sourced minimum, never less; what a protocol leaves to the site is the site's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.part import Authority
from openinfusion.core.protocol import Monitoring, ObservationAfter
from openinfusion.core.site_policy import interval, observation, under
from tests.core.monitoring.cast import figure
from tests.core.prescribing.therapies import SOURCE, therapy


def watched(authority: Authority, every: str | None = "30") -> Monitoring:
    stated = {} if every is None else {"every": {"value": every, "unit": "min", "sources": [SOURCE]}}
    rule = {"id": "vitals", "what": ["bp"], "moment": "during", "authority": authority.value, "sources": [SOURCE], **stated}
    return Monitoring.model_validate(rule)


def stay(authority: Authority, lasting: str = "30") -> ObservationAfter:
    stated = {"lasting": {"value": lasting, "unit": "min", "sources": [SOURCE]}}
    return ObservationAfter.model_validate({"id": "stay", "authority": authority.value, "sources": [SOURCE], **stated})


@pytest.mark.parametrize(
    ("authority", "site", "holds"),
    [
        (Authority.PROTOCOL_MINIMUM, "60", "30"),  # a site may not watch less than a sourced minimum
        (Authority.PROTOCOL_MINIMUM, "15", "15"),
        (Authority.SITE_POLICY, "60", "60"),
    ],
)
def test_the_shorter_interval_wins_over_the_site_where_it_is_sourced(authority, site, holds):
    every = interval(watched(authority), figure(site, "min"))
    assert every is not None
    assert every.quantity == figure(holds, "min").quantity


@pytest.mark.parametrize(
    ("authority", "site", "holds"),
    [(Authority.PROTOCOL_MINIMUM, "15", "30"), (Authority.PROTOCOL_MINIMUM, "60", "60"), (Authority.SITE_POLICY, "15", "15")],
)
def test_the_longer_observation_wins_over_the_site_where_it_is_sourced(authority, site, holds):
    assert observation(stay(authority), figure(site, "min")).quantity == figure(holds, "min").quantity


def test_where_the_protocol_states_no_interval_the_site_may_set_one():
    assert interval(watched(Authority.SITE_POLICY, None), figure("20", "min")) == figure("20", "min")


def test_without_a_figure_of_the_site_the_protocol_stands_as_it_is():
    protocol = therapy(
        monitoring=[watched(Authority.SITE_POLICY).model_dump()], observation_after=[stay(Authority.SITE_POLICY).model_dump()]
    )
    assert under(protocol, {}) is protocol
    assert under(protocol, {"no-such-rule": figure("5", "min")}) == protocol


@given(stated=st.integers(1, 500), own=st.integers(1, 500))
def test_no_figure_of_a_site_ever_loosens_a_sourced_minimum(stated, own):
    protocol = therapy(
        monitoring=[watched(Authority.PROTOCOL_MINIMUM, str(stated)).model_dump()],
        observation_after=[stay(Authority.PROTOCOL_MINIMUM, str(stated)).model_dump()],
    )
    here = under(protocol, {"vitals": figure(str(own), "min"), "stay": figure(str(own), "min")})
    every = here.monitoring[0].every
    assert every is not None
    assert every.quantity == figure(str(min(stated, own)), "min").quantity
    assert here.observation_after[0].lasting.quantity == figure(str(max(stated, own)), "min").quantity
