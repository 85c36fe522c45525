"""A leaflet says what the order says, and what it does not say is left to the team, never made up."""

from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.leaflet import fill, places

VALUES = {"dose": "0.5 mg. Not more", "volume": "5 mL", "duration": None}


def test_places_are_filled_with_the_words_of_the_order():
    assert fill("what_it_is", "You get {dose} in {volume}.", VALUES).paragraphs == ("You get 0.5 mg. Not more in 5 mL.",)


def test_a_sentence_with_an_unknown_figure_is_left_out_and_named():
    filled = fill("what_it_is", "You get {volume}. It takes {duration}. Rest well.", VALUES)
    assert filled.paragraphs == ("You get 5 mL. Rest well.",)
    assert filled.missing == ("duration",)


def test_a_paragraph_without_anything_left_disappears():
    filled = fill("sessions", "It takes {duration}.\n\nYou need {sessions}.\n\nAsk us.", VALUES)
    assert (filled.paragraphs, filled.missing) == (("Ask us.",), ("duration", "sessions"))


def test_lists_stay_lists():
    assert fill("call_now", "- You faint.\n- Your chest hurts.", {}).paragraphs == ("- You faint.\n- Your chest hurts.",)


def test_braces_in_a_value_are_not_filled_again():
    assert fill("what_it_is", "You get {dose}.", {"dose": "{volume}", "volume": "5 mL"}).paragraphs == ("You get {volume}.",)


@given(
    st.lists(st.sampled_from(["You get {dose}.", "It is {volume}!", "Takes {duration}?", "Rest."]), min_size=1),
    st.sampled_from([" ", "\n", "\n\n"]),
)
def test_no_open_place_is_ever_left_and_every_missing_one_is_named(sentences, between):
    values = {"dose": "5 mg", "volume": None}
    filled = fill("pain", between.join(sentences), values)
    assert places(" ".join(filled.paragraphs)) == ()
    asked = {name for sentence in sentences for name in places(sentence)}
    assert set(filled.missing) == asked - {"dose"}
