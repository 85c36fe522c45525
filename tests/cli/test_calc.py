"""`calc` on the command line: one JSON shape, exit statuses 0, 1 and 2, a batch that judges every line, and no Django."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openinfusion.app.calculators import calculators
from openinfusion.cli.calculate import judged
from openinfusion.core.calculator import InputKind

DROPS = ("drop-rate", "volume=1000 mL", "time=8 h", "drop_factor=15 [drp]/mL")
KEYS = ["name", "status", "result", "results", "steps", "findings", "tables"]


@pytest.fixture
def calc(openinfusion):
    """The exit status and the object of one calculation."""

    def call(*words: str):
        done = openinfusion("calc", *words, "--json")
        return done.returncode, json.loads(done.stdout)

    return call


# One calculation
def test_the_answer_is_one_object_with_decimal_text_and_ucum_units(calc):
    status, told = calc(*DROPS)
    assert (status, [*told]) == (0, KEYS)
    # 1000 mL * 15 drops/mL / 480 min
    assert told["result"] == {"value": "31.25", "unit": "[drp]/min", "exact": True, "rounded": "31"}
    assert told["results"] == {"drop_rate": told["result"]}
    assert (told["name"], told["status"], told["findings"], told["tables"]) == ("drop-rate", "ok", [], ["rounding-1"])
    (step,) = told["steps"]
    assert step["text"] == "1000 mL × 15 drops/mL / 8 h = 31.25 drops/min"
    assert step["inputs"]["time"] == {"value": "8", "unit": "h"}


def test_a_value_that_does_not_end_has_twelve_digits_and_says_so(calc):
    _status, told = calc("flow-rate", "volume=1 L", "time=7 h")
    assert told["result"] == {"value": "142.857142857", "unit": "mL/h", "exact": False}


def test_without_json_it_is_the_result_and_its_arithmetic_in_lines(openinfusion):
    done = openinfusion("calc", *DROPS)
    assert done.stdout.splitlines() == ["Drops a minute: 31 drops/min (31.25)", "  1000 mL × 15 drops/mL / 8 h = 31.25 drops/min"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ("volume=1,500 mL", "calc.comma"),
        ("volume=.5 L", "calc.naked-decimal"),
        ("volume=1000", "calc.no-unit"),
        ("volume=1000 mg", "calc.other-kind"),
        ("volume=1000 U", "calc.unknown-unit"),
        ("volume=0 mL", "calc.not-positive"),
        ("volume=-5 mL", "calc.not-positive"),
        ("volume=NaN mL", "calc.not-a-number"),
        ("volume=", "calc.not-a-number"),
        ('volume={"value": "5"}', "calc.not-a-number"),
        ("colour=red", "calc.unknown-input"),
        ("as=mg", "calc.as-of-other-kind"),
        ("select=nothing", "calc.no-such-result"),
        ("round_to=0", "calc.not-positive"),
    ],
)
def test_what_cannot_be_known_is_refused_with_exit_1_no_result_and_a_finding_in_words(calc, changed, code):
    name = changed.partition("=")[0]
    status, told = calc(*[word for word in DROPS if not word.startswith(f"{name}=")], changed)
    assert (status, told["status"], told["result"], told["results"]) == (1, "refused", None, {})
    (found,) = told["findings"]
    assert (found["code"], found["level"]) == (code, "missing")
    assert "Nothing was worked out." in found["text"]


def test_what_is_missing_is_named(calc):
    status, told = calc("drop-rate", "volume=1000 mL")
    assert (status, [one["params"]["name"] for one in told["findings"]]) == (1, ["time", "drop_factor"])


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-calculator", "volume=1 mL"),
        ("drop-rate", "volume"),
        ("drop-rate", "=5"),
        ("drop-rate", "volume=1 mL", "volume=2 mL"),
        (),
    ],
)
def test_a_line_that_is_typed_wrong_ends_with_exit_2(openinfusion, words):
    done = openinfusion("calc", *words, "--json")
    assert (done.returncode, json.loads(done.stdout)["code"]) == (2, "malformed")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("volume=1 l", "1 L"),
        ("volume=1000 cc", "1000 mL"),
        ("volume=1000 ml", "1000 mL"),
    ],
)
def test_an_alias_that_ismp_discourages_is_read_noticed_and_never_printed(openinfusion, word, value):
    # ISMP list of error-prone abbreviations: cc, and the small l that is read as 1
    done = openinfusion("calc", "flow-rate", word, "time=8 h", "--json")
    told = json.loads(done.stdout)
    assert (told["result"]["value"], [one["code"] for one in told["findings"]]) == ("125", ["calc.discouraged-unit"])
    assert told["steps"][0]["text"].startswith(value)
    assert "cc" not in told["steps"][0]["text"]


@pytest.mark.parametrize("word", ["time=8 hr", "time=8 hours", "time=480 min", "time=480 mins", "time=28800 s"])
def test_an_alias_that_nobody_misreads_is_read_without_a_notice(calc, word):
    _status, told = calc("flow-rate", "volume=1 L", word)
    assert (told["result"]["value"], told["findings"]) == ("125", [])


def test_a_trailing_zero_is_a_notice_and_no_refusal(calc):
    status, told = calc("flow-rate", "volume=1.0 L", "time=8 h")
    assert (status, told["status"]) == (0, "ok")
    assert [(one["code"], one["level"]) for one in told["findings"]] == [("calc.trailing-zero", "info")]


def test_units_are_activity_where_the_kind_is_activity(calc):
    status, told = calc("infusion-time", "amount=1000 units", "dose=125 units/h")
    assert (status, told["result"]["value"], told["steps"][0]["inputs"]["amount"]["unit"]) == (0, "8", "[iU]")


def test_as_select_and_round_to_stand_among_the_inputs(calc):
    _status, told = calc("flow-rate", "volume=1 L", "time=8 h", "as=mL/min", "round_to=0.5")
    assert told["result"] == {"value": "2.08333333333", "unit": "mL/min", "exact": False, "rounded": "2"}
    _status, told = calc("admixture-rate", "volume=100 mL", "drug_volume=10 mL", "added=yes", "time=30 min", "select=volume")
    assert told["result"] == told["results"]["volume"] == {"value": "110", "unit": "mL", "exact": True, "rounded": "110"}


# Times
def test_a_time_of_day_comes_back_as_one_to_the_second_and_rounded_to_the_minute(calc):
    # 100 mL at 90 mL/h: 1 h 6 min 40 s
    _status, told = calc("completion-time", "start=07:30", "volume=100 mL", "rate=90 mL/h")
    assert told["result"] == {"value": "08:36:40", "unit": "1", "exact": True, "rounded": "08:37"}
    assert told["findings"] == []


def test_an_iso_start_comes_back_with_its_date_and_the_next_day_is_told(calc):
    _status, told = calc("completion-time", "start=2026-03-01T21:30", "volume=1000 mL", "rate=125 mL/h")
    assert (told["result"]["value"], told["result"]["rounded"]) == ("2026-03-02T05:30:00", "2026-03-02T05:30")
    assert [one["code"] for one in told["findings"]] == ["calc.next-day"]


def test_a_start_with_its_offset_keeps_it(calc):
    _status, told = calc("completion-time", "start=2026-03-01T21:30+01:00", "volume=125 mL", "rate=125 mL/h")
    assert told["result"]["value"] == "2026-03-01T22:30:00+01:00"


def test_a_time_of_day_past_midnight_is_the_next_day(calc):
    _status, told = calc("completion-time", "start=23:30", "volume=125 mL", "rate=125 mL/h")
    assert (told["result"]["rounded"], [one["code"] for one in told["findings"]]) == ("00:30", ["calc.next-day"])


@pytest.mark.parametrize("start", ["24:00", "7.30", "noon", "2026-02-30T07:30", "07:30 mL"])
def test_what_is_no_time_is_refused(calc, start):
    status, told = calc("completion-time", f"start={start}", "volume=125 mL", "rate=125 mL/h")
    assert (status, [one["code"] for one in told["findings"]]) == (1, ["calc.not-a-time"])


# The list
def test_the_list_describes_every_calculator(openinfusion):
    told = json.loads(openinfusion("calc", "--list", "--json").stdout)["calculators"]
    assert [one["name"] for one in told] == list(calculators())
    for one in told:
        assert {"name", "title", "inputs", "ways", "results", "formula", "sources", "tables"} == set(one)
        assert {"name", "kind", "units", "choices", "required", "assumed"} <= set(one["inputs"][0])
        assert {asked["kind"] for asked in one["inputs"]} <= {kind.value for kind in InputKind}
    assert len(openinfusion("calc", "--list").stdout.splitlines()) == len(told)


# A batch
LINES = (
    '{"id": 1, "name": "flow-rate", "inputs": {"volume": "1 L", "time": "8 h"}}',
    "",
    '{"id": {"any": ["thing"]}, "name": "flow-rate", "inputs": {"volume": "1,5 L", "time": "8 h"}}',
    '{"id": null, "name": "no-such-calculator", "inputs": {}}',
    "{",
    "[]",
    '{"id": 5, "inputs": {}}',
    '{"id": 6, "name": "flow-rate", "inputs": []}',
    '{"name": "flow-rate", "inputs": {"volume": "1 L", "volume": "2 L", "time": "8 h"}}',
    '{"id": "7", "name": "body-mass-index", "inputs": {"weight": "80 kg", "height": 2.0}}',
    '{"id": 8, "name": "flow-rate", "inputs": {"volume": "\\ud800 L", "time": NaN}}',
    '{"id": 9, "name": "flow-rate", "inputs": {"volume": ' + "9" * 5000 + "}}",
    "[" * 100_000,
    '{"id": 10, "name": "flow-rate", "inputs": {"volume": "1 L", "time": "8 h"}}',
)
JUDGED: tuple[tuple[object, str, list[str]], ...] = (
    (1, "ok", []),
    ({"any": ["thing"]}, "refused", ["calc.comma"]),
    (None, "refused", ["calc.unknown"]),
    ("-", "refused", ["calc.line-unreadable"]),
    ("-", "refused", ["calc.line-unreadable"]),
    (5, "refused", ["calc.line-unreadable"]),
    (6, "refused", ["calc.line-unreadable"]),
    ("-", "refused", ["calc.line-unreadable"]),
    ("7", "refused", ["calc.no-unit"]),
    (8, "refused", ["calc.not-a-number", "calc.not-a-number"]),
    ("-", "refused", ["calc.line-unreadable"]),
    ("-", "refused", ["calc.line-unreadable"]),
    (10, "ok", []),
)


def test_a_batch_judges_every_line_echoes_ids_and_ends_with_exit_0(openinfusion, tmp_path: Path):
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(LINES), encoding="utf-8")
    done = openinfusion("calc", "--batch", str(file))
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    shown = [(one.get("id", "-"), one["status"], {found["code"] for found in one["findings"]}) for one in told]
    assert shown == [(identity, status, set(codes)) for identity, status, codes in JUDGED]


def test_bytes_that_are_no_utf_8_spoil_their_line_only(openinfusion, tmp_path: Path):
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"\xff\xfe{\n" + LINES[0].encode())
    told = [json.loads(line)["status"] for line in openinfusion("calc", "--batch", str(file)).stdout.splitlines()]
    assert told == ["refused", "ok"]


def test_a_file_that_is_not_there_is_exit_2(openinfusion, tmp_path: Path):
    assert openinfusion("calc", "--batch", str(tmp_path / "none")).returncode == 2


def test_a_line_of_a_batch_is_the_same_object_as_one_calculation(calc):
    _status, told = calc(*DROPS)
    inputs = dict(word.split("=", 1) for word in DROPS[1:])
    assert judged(json.dumps({"name": DROPS[0], "inputs": inputs})) == told


# As a process of its own
def test_a_line_is_answered_before_the_next_is_read_and_broken_text_stops_nothing():
    program = Path(sys.executable).with_name("openinfusion")
    command, pipe = [str(program), "calc", "--batch", "-"], subprocess.PIPE
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8", env=environment) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for line, status in ((LINES[0], "ok"), (LINES[10], "refused"), (LINES[0], "ok")):
            running.stdin.write(line + "\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["status"] == status
        running.stdin.close()
        assert running.wait(timeout=30) == 0


def test_calc_loads_no_django_and_no_arrays():
    program = (
        "import sys; from openinfusion.cli import main\n"
        "try: main()\n"
        "finally: assert not {'django', 'numpy', 'scipy', 'openinfusion.store', 'openinfusion.web'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, "calc", *DROPS, "--json"], capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "ok"), done.stderr


def test_the_function_gives_what_the_command_line_prints(calc):
    import openinfusion

    _status, told = calc("flow-rate", "volume=1 L", "time=8 h", "as=mL/min")
    assert openinfusion.calc("flow-rate", volume="1 L", time="8 h", as_="mL/min") == told
    assert openinfusion.calc("no-such-calculator")["findings"][0]["code"] == "calc.unknown"
