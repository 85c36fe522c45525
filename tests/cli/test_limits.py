"""`limits check|lint|import` on the command line: one JSON shape, exit statuses from the table, a batch that streams, no Django."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "drug-library"
LIBRARY = str(EXAMPLES / "library.yaml")


@pytest.fixture
def order(tmp_path: Path):
    """An order of the example drug with some fields changed, as a file."""

    def write(**changes: str) -> str:
        fields = {"drug": "example-pressor", "care_area": "adult-icu", "dose": "0.1 ug/kg/min", "weight": "70 kg", "amount": "8 mg"}
        path = tmp_path / "order.yaml"
        path.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in {**fields, "volume": "250 mL", **changes}.items()))
        return str(path)

    return write


def test_an_order_inside_all_limits_is_ok_and_the_answer_has_two_parts(openinfusion, order):
    done = openinfusion("limits", "check", LIBRARY, order(), "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"verdict": "ok", "hits": []})


@pytest.mark.parametrize(("dose", "verdict", "limit"), [("1 ug/kg/min", "soft", "0.5"), ("3 ug/kg/min", "hard", "2")])
def test_a_passed_limit_is_named_with_both_numbers(dose, verdict, limit, openinfusion, order):
    done = openinfusion("limits", "check", LIBRARY, order(dose=dose), "--json")
    answer = json.loads(done.stdout)
    hit = next(hit for hit in answer["hits"] if hit["binds"])
    assert (done.returncode, answer["verdict"], hit["level"], hit["side"], hit["measure"]) == (1, verdict, verdict, "above", "dose")
    assert (hit["value"], hit["limit"]) == ({"value": dose[0], "unit": "ug/kg/min"}, {"value": limit, "unit": "ug/kg/min"})
    assert (hit["care_area"], hit["line"], hit["file_line"]) == ("adult-icu", "example-pressor-icu", 8)
    assert f"{limit} mcg/kg/min" in hit["text"]


@pytest.mark.parametrize(
    "changes",
    [
        {"dose": "1,500 ug/kg/min"},
        {"dose": "NaN"},
        {"dose": "0.1"},
        {"dose": "0 ug/kg/min"},
        {"dose": "0.1 mL"},
        {"weight": ""},
        {"drug": "nobody's"},
        {"care_area": "moon"},
    ],
)
def test_what_cannot_be_compared_is_hard_with_a_hit_of_level_missing(changes, openinfusion, order):
    done = openinfusion("limits", "check", LIBRARY, order(**changes), "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["verdict"]) == (1, "hard")
    assert "missing" in {hit["level"] for hit in answer["hits"]}
    assert all(hit["text"].endswith((".", "?")) and "Nothing was changed." in hit["text"] for hit in answer["hits"])


def test_people_read_the_verdict_the_line_and_each_hit(openinfusion, order):
    done = openinfusion("limits", "check", LIBRARY, order(dose="3 ug/kg/min"))
    assert "Stop: a hard limit is passed" in done.stdout
    assert "[hard] * Example pressor in adult-icu: the dose, 3 mcg/kg/min, is above the hard maximum of 2 mcg/kg/min" in done.stdout


@pytest.mark.parametrize(("library", "status"), [("missing.yaml", 4), ("order.yaml", 4)])
def test_a_library_that_does_not_hold_is_refused_by_the_error_table(library, status, openinfusion, order):
    done = openinfusion("limits", "check", str(EXAMPLES / library), order(), "--json")
    assert (done.returncode, json.loads(done.stdout)["code"]) == (status, "protocol-broken")


def test_a_file_that_is_no_order_is_malformed(openinfusion, tmp_path):
    path = tmp_path / "order.yaml"
    path.write_text("a: [")
    done = openinfusion("limits", "check", LIBRARY, str(path), "--json")
    assert (done.returncode, json.loads(done.stdout)["code"]) == (2, "malformed")


def test_a_batch_answers_each_line_and_a_broken_one_stops_nothing(openinfusion, tmp_path):
    path = tmp_path / "orders.jsonl"
    path.write_bytes((EXAMPLES / "orders.jsonl").read_bytes() + b"{broken\n\n" + b'{"drug": "\xff"}\n')
    done = openinfusion("limits", "check", LIBRARY, "--batch", str(path))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.get("id") for one in answers] == ["1", "2", "3", "4", None, None]
    assert [one["verdict"] for one in answers] == ["ok", "hard", "soft", "hard", "hard", "hard"]
    assert [one["input_line"] for one in answers] == [1, 2, 3, 4, 5, 7]
    assert done.returncode == 0  # every line was judged


def test_a_batch_in_which_all_is_ok_ends_with_zero_and_a_missing_file_is_said(openinfusion, tmp_path):
    path = tmp_path / "orders.jsonl"
    path.write_bytes((EXAMPLES / "orders.jsonl").read_bytes().splitlines()[0])
    assert openinfusion("limits", "check", LIBRARY, str(path), "--batch").returncode == 0
    assert openinfusion("limits", "check", LIBRARY, str(tmp_path / "none"), "--batch").returncode == 2


def test_a_batch_from_the_input_answers_before_the_next_line_comes_and_loads_no_django():
    program = "import sys; from openinfusion.cli import main\ntry: main()\nfinally: assert 'django' not in sys.modules"
    line = (EXAMPLES / "orders.jsonl").read_bytes().splitlines(keepends=True)[0]
    with subprocess.Popen(
        [sys.executable, "-c", program, "limits", "check", LIBRARY, "-", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for number in (1, 2):
            running.stdin.write(line)
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["input_line"] == number
        running.stdin.close()
        assert running.wait(timeout=20) == 0


def test_lint_names_file_line_and_what_to_do(openinfusion, tmp_path):
    assert openinfusion("limits", "lint", LIBRARY).returncode == 0
    path = tmp_path / "library.yaml"
    path.write_text((EXAMPLES / "library.yaml").read_text().replace("hard_max: 2 ug/kg/min", "hard_max: 0.1 ug/kg/min"))
    done = openinfusion("limits", "lint", str(path))
    assert done.returncode == 1
    assert f"{path}:8: example-pressor-icu: " in done.stdout
    found = json.loads(openinfusion("limits", "lint", str(path), "--json").stdout)["findings"]
    assert [(one["code"], one["line"], one["file_line"]) for one in found] == [("library-line.soft-outside-hard", "example-pressor-icu", 8)]


def test_lint_counts_a_line_with_an_unknown_unit_and_goes_on(openinfusion, tmp_path):
    path = tmp_path / "library.yaml"
    path.write_text((EXAMPLES / "library.yaml").read_text().replace("hard_max: 2 ug/kg/min", "hard_max: 2 furlongs"))
    answer = json.loads(openinfusion("limits", "lint", str(path), "--json").stdout)
    assert [one["code"] for one in answer["findings"]] == ["library-line.unreadable"]
    assert "furlongs" in answer["findings"][0]["text"]
    assert answer["lines"] == 5


def test_an_imported_export_can_be_linted_and_checked(openinfusion, tmp_path):
    done = openinfusion("limits", "import", str(EXAMPLES / "export.csv"), "--mapping", str(EXAMPLES / "mapping.yaml"))
    path = tmp_path / "library.yaml"
    path.write_text(done.stdout)
    # the export leaves the hard maximum of one drug open
    assert (done.returncode, openinfusion("limits", "lint", str(path)).returncode) == (0, 1)
    broken = openinfusion("limits", "import", str(EXAMPLES / "orders.jsonl"), "--mapping", str(EXAMPLES / "mapping.yaml"))
    assert broken.returncode == 4
    assert "Traceback" not in broken.stderr
