"""`plan`, `screen`, `leaflet` and `protocol` on the command line: pure answers, exit statuses from the table, no Django."""

import json
import subprocess
import sys

import pytest

PATIENT = {
    "birth_date": "1980-05-01",
    "sex": "female",
    "weight": "71 kg",
    "allergy": "none",
    "concurrent": "none",
    "pregnant": "no",
    "lactating": "no",
    "active.heavy_bleeding": "no",
    "history.nyha": "0",
    "history.cardiac": "no",
    "history.demyelinating": "no",
    "history.hypertension": "no",
    "history.vte": "no",
    "lab.tb_screen_done": "yes",
    "lab.hbv": "negative",
}
CHOICE = {"indication": "CD", "product": "Remicade", "region": "US", "diluent": "sodium-chloride-0.9%"}


@pytest.fixture
def asked(openinfusion):
    """Ask one command about the infliximab patient."""

    def call(command: str, facts: dict[str, str], choice: dict[str, str], *more: str):
        given = [part for name, value in facts.items() for part in ("-f", f"{name}={value}")]
        chosen = [part for name, value in choice.items() for part in ("-c", f"{name}={value}")]
        return openinfusion(command, "iv-infliximab", *given, *chosen, "--at", "2027-03-01T09:00+00:00", *more)

    return call


def test_plan_gives_dose_rates_and_course_with_the_worked_arithmetic(asked):
    done = asked("plan", PATIENT, CHOICE, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    # 5 mg/kg x 71 kg (inflix-120ty, highlights, dosage)
    assert answer["dose"]["amount"] == {"value": "355", "unit": "mg"}
    assert answer["notice"].startswith("NOT FOR CLINICAL USE")


def test_plan_without_a_weight_gives_no_dose_and_says_what_is_missing(asked):
    done = asked("plan", {name: value for name, value in PATIENT.items() if name != "weight"}, CHOICE, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["dose"] is None
    assert any(finding["level"] == "missing" and "eight" in finding["text"] for finding in answer["findings"])


@pytest.mark.parametrize("weight", ["71,5 kg", "71.5", "71.5 stone", "heavy"])
def test_a_weight_that_is_not_plain_is_refused_with_what_to_write(weight, asked):
    done = asked("plan", {**PATIENT, "weight": weight}, CHOICE)
    assert done.returncode == 2
    assert "71.5 kg" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_undeclared_field_and_an_unknown_protocol_are_not_found(openinfusion):
    assert openinfusion("plan", "iv-infliximab", "-f", "wieght=71 kg").returncode == 2
    done = openinfusion("plan", "iv-nothing")
    assert done.returncode == 2
    assert "iv-nothing" in done.stderr


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("infusion_nr=2", "no order knows this choice"),
        ("dose=355", "'355' has no unit"),
        ("dose=35,5 mg", "'35,5 mg' cannot be read"),
        ("final_volume=250 cups", "'250 cups' cannot be read"),
        ("infusion_number=two", "a whole number"),
        ("region=Mars", "one of US"),
        ("start_on=1/2/2027", "a day such as"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused_with_what_to_write(choice, said, asked):
    done = asked("plan", PATIENT, {}, "-c", choice)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_plan_that_needs_two_prescribers_is_no_success_for_a_script(asked):
    for command in ("plan", "screen"):
        done = asked(command, {**PATIENT, "allergy": "infliximab"}, CHOICE, "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["verdict"] in ("contraindicated", "banned")


def test_a_bare_screening_is_incomplete_and_one_without_findings_that_hold_it_back_is_success(asked):
    assert asked("screen", {}, {}).returncode == 1
    assert asked("screen", PATIENT, CHOICE).returncode == 0


def test_screen_stops_on_a_contraindication(asked):
    done = asked("screen", {**PATIENT, "allergy": "infliximab"}, CHOICE, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["verdict"] in ("contraindicated", "banned")


def test_leaflet_answers_the_eight_questions_from_the_order(asked):
    done = asked("leaflet", PATIENT, CHOICE, "--json")
    questions = {block["question"] for block in json.loads(done.stdout)["blocks"]}
    # The guide's statements 78 to 85.
    assert {
        "food_and_medicines",
        "companions",
        "pain",
        "allergic_reaction",
        "sessions",
        "side_effects_at_home",
        "home_training",
        "measuring",
    } <= questions


def test_plan_and_screen_load_no_django():
    code = (
        "import sys; sys.argv = ['openinfusion', {0!r}, 'iv-infliximab']\n"
        "from openinfusion.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert 'django' not in sys.modules, 'django was loaded'\n"
    )
    for command in ("plan", "screen"):
        done = subprocess.run([sys.executable, "-c", code.format(command)], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr


def test_protocols_are_listed_checked_shown_and_compared(openinfusion):
    listed = json.loads(openinfusion("protocol", "list", "--json").stdout)["protocols"]
    assert {row["id"] for row in listed} >= {"iv-rituximab", "ep-labour", "sc-ig"}
    assert openinfusion("protocol", "check").returncode == 0
    shown = openinfusion("protocol", "show", "iv-rituximab").stdout
    assert "375 mg/m" in shown
    assert "ritux-drugs2" in shown


def test_a_changed_limit_is_a_clinical_difference(tmp_path, openinfusion):
    import shutil

    from openinfusion.protocols.load import PACKAGE_DATA

    old, new = PACKAGE_DATA / "iv-rituximab", tmp_path / "iv-rituximab"
    shutil.copytree(old, new)
    text = (new / "protocol.yaml").read_text(encoding="utf-8")
    changed = text.replace("figure: {value: 400, unit: mg/h}", "figure: {value: 300, unit: mg/h}")
    assert changed != text
    (new / "protocol.yaml").write_text(changed, encoding="utf-8")
    done = openinfusion("protocol", "diff", str(old), str(new))
    assert done.returncode == 1
    assert "400" in done.stdout
    assert "300" in done.stdout
    assert openinfusion("protocol", "diff", str(old), str(old)).returncode == 0


def test_a_broken_protocol_is_named_by_line_and_what_to_write(tmp_path, openinfusion):
    import shutil

    from openinfusion.protocols.load import PACKAGE_DATA

    folder = tmp_path / "iv-infliximab"
    shutil.copytree(PACKAGE_DATA / "iv-infliximab", folder)
    path = folder / "protocol.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("unit: mg/kg", "unit: mg/stone", 1), encoding="utf-8")
    done = openinfusion("protocol", "check", str(folder))
    assert done.returncode == 4
    assert "protocol.yaml:" in done.stderr
    assert "mg/stone" in done.stderr
    assert "Traceback" not in done.stderr


def test_plan_prints_a_rate_table_whose_end_is_the_volume(asked):
    table = json.loads(asked("plan", PATIENT, CHOICE, "--json").stdout)["rate_table"]
    # 250 mL (iv2-remicade-hcp, dilution) over 120 min (inflix-120ty, administration) is 125 mL/h
    assert [(row["kind"], row["rate"], row["given"]) for row in table["rows"]] == [
        ("flow", {"value": "125", "unit": "mL/h"}, {"value": "250", "unit": "mL"})
    ]
    assert (table["volume"], table["drop_factor"]) == ({"value": "250", "unit": "mL"}, None)


def test_plan_counts_drops_for_the_set_that_is_chosen(asked):
    table = json.loads(asked("plan", PATIENT, CHOICE, "--json", "--drop-factor", "20").stdout)["rate_table"]
    # 125 mL/h x 20 drops/mL / 60 min/h = 41.67 drops/min
    assert table["rows"][0]["drops"]["whole"] == {"value": "42", "unit": "[drp]/min"}


@pytest.mark.parametrize("factor", ["0", "twenty", "-20", "20.5"])
def test_a_drop_factor_that_is_no_number_of_drops_is_refused(factor, asked):
    done = asked("plan", PATIENT, CHOICE, f"--drop-factor={factor}")
    assert done.returncode == 2
    assert "package of the set" in done.stderr


def test_plan_draws_rate_and_volume_into_a_file(asked, tmp_path):
    path = tmp_path / "rates.svg"
    assert asked("plan", PATIENT, CHOICE, "--svg", str(path)).returncode == 0
    assert "<title" in path.read_text(encoding="utf-8")


def test_a_drawing_that_cannot_be_written_says_where(asked, tmp_path):
    done = asked("plan", PATIENT, CHOICE, "--svg", str(tmp_path / "no-such-folder" / "rates.svg"))
    assert done.returncode == 2
    assert "no-such-folder" in done.stderr


def test_a_choice_ten_times_the_rule_is_asked_about_with_both_numbers(asked):
    answer = json.loads(asked("plan", PATIENT, {**CHOICE, "dose": "3550 mg"}, "--json").stdout)
    (slip,) = [found for found in answer["findings"] if found["code"] == "consistency.ten-fold"]
    # 5 mg/kg x 71 kg = 355 mg (inflix-120ty, highlights, dosage)
    assert "3550 mg" in slip["text"]
    assert "355 mg" in slip["text"]


def test_a_zero_at_the_end_of_a_chosen_amount_is_a_notice(asked):
    answer = json.loads(asked("plan", PATIENT, {**CHOICE, "final_volume": "250.0 mL"}, "--json").stdout)
    assert "consistency.trailing-zero" in {found["code"] for found in answer["findings"]}
