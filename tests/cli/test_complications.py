"""`complications`: one row for each statement 45 to 69 of the guide, with what recognises it, the first step, and who is called."""

import json

import pytest

ROWS = {
    # statement: the complications that answer it (coverage.md, "implemented by"), and one word of a first step
    45: ({"cx.site_redness", "cx.phlebitis", "cx.sc_site"}, "take the cannula out"),
    46: ({"cx.site_swelling"}, "stop"),
    47: ({"cx.site_injury"}, "do not use this place again"),
    48: ({"cx.muscle_pain"}, "soreness"),
    49: ({"cx.anaphylaxis", "cx.infusion_reaction"}, "stop the drug"),
    50: ({"cx.infiltration", "cx.extravasation"}, "leave the cannula in"),
    51: ({"cx.site_infection", "cx.phlebitis"}, "culture the drainage"),
    52: ({"cx.pulmonary_oedema"}, "sit the patient upright"),
    53: ({"cx.air_embolism"}, "clamp the line"),
    54: ({"cx.epidural_hypotension"}, "uterus to the left"),
    55: ({"cx.pdph"}, "anaesthetist"),
    56: ({"cx.epidural_flushing"}, "measure temperature"),
    57: ({"cx.epidural_haematoma_abscess"}, "stop the epidural"),
    58: ({"cx.epidural_nerve"}, "exclude bleeding"),
    59: ({"cx.epidural_bladder_bowel", "cx.epidural_haematoma_abscess"}, "emergency"),
    60: ({"cx.im_nerve"}, "needle out at once"),
    61: ({"cx.im_leakage"}, "never repeat the dose"),
    62: ({"cx.im_atrophy"}, "rotate"),
    63: ({"cx.im_bone"}, "do not push on"),
    64: ({"cx.sc_blister"}, "longer needle"),
    65: ({"cx.sc_headache"}, "slow the next infusion"),
    66: ({"cx.sc_sore_throat"}, "write it down"),
    67: ({"cx.sc_nausea"}, "antiemetic"),
    68: ({"cx.sc_kidney"}, "creatinine"),
    69: ({"cx.sc_clot", "cx.hit"}, "emergency call"),
}
BEYOND = {
    # issue 4: those beyond the guide
    "cx.transfusion_reaction",
    "cx.high_block",
    "cx.last",
    "cx.inadequate_block",
    "cx.opioid_toxicity",
    "cx.hypoglycaemia",
    "cx.vasovagal",
}


def test_the_statements_are_45_to_69_without_a_gap():
    assert list(ROWS) == list(range(45, 70))


@pytest.mark.parametrize("statement", ROWS)
def test_each_statement_has_a_script_what_recognises_it_a_first_step_and_somebody_to_call(statement, openinfusion):
    done = openinfusion("complications", "--statement", str(statement), "--json")
    rows = json.loads(done.stdout)["complications"]
    codes, word = ROWS[statement]
    assert (done.returncode, {row["complication"] for row in rows}) == (0, codes)
    assert any(word in row["first_step"].lower() for row in rows)
    for row in rows:
        assert statement in row["statements"]
        assert row["script"].endswith("-response-1") or row["script"] == "infusion-reaction-1"
        assert row["recognised_by"]
        assert all(one["text"] and one["sources"] for one in row["recognised_by"])
        assert row["steps"][0]["text"] == row["first_step"]
        assert row["call"]


def test_no_two_complications_share_a_script(openinfusion):
    # The issue: a shared script only where recognition, first step and who to call are the same; none is.
    rows = json.loads(openinfusion("complications", "--json").stdout)["complications"]
    assert len({row["script"] for row in rows}) == len(rows) == len({row["complication"] for row in rows})


def test_those_beyond_the_guide_are_listed_too(openinfusion):
    rows = json.loads(openinfusion("complications", "--json").stdout)["complications"]
    assert {row["complication"] for row in rows if not row["statements"]} == BEYOND


def test_what_opens_a_script_names_its_edition_and_what_is_asked_about_does_not(openinfusion):
    rows = json.loads(openinfusion("complications", "--json").stdout)["complications"]
    for one in (one for row in rows for one in row["recognised_by"]):
        assert (one["version"] is not None) == (one["use"] == "alarm")


def test_for_people_it_is_a_few_lines(openinfusion):
    done = openinfusion("complications", "--statement", "53")
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[0]) == (0, "53: Air in a vein [IV] air-embolism-response-1")
    assert lines[-2].split(maxsplit=2)[2].startswith("Clamp the line at once.")
    assert "the emergency team" in lines[-1]
    assert any("Ask about: fast pulse, shoulder pain" in line for line in lines)


def test_where_no_source_names_anybody_the_sites_own_list_does(openinfusion):
    assert "the prescriber (by the site's own list)" in openinfusion("complications", "--statement", "63").stdout


def test_a_statement_that_is_none_is_told(openinfusion):
    done = openinfusion("complications", "--statement", "44", "--json")
    assert done.returncode != 0
    assert json.loads(done.stdout)["status"] == "error"
