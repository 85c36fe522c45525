"""The pages of the calculators: every one opens, works its example out, keeps what was typed and says beside it what is wrong."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import openinfusion
from openinfusion.app.calculator_examples import EXAMPLES
from openinfusion.app.calculators import calculators
from openinfusion.app.present.calculators import TITLES
from tests.web.cast import CAST, Clinic, text_of

DROPS = {"volume": "1000", "volume.unit": "mL", "time": "8", "time.unit": "h", "drop_factor": "15", "drop_factor.unit": "[drp]/mL"}


def part(answer: Any, name: str) -> str:
    """The words of one element of the page, by its id."""
    found = re.search(rf'id="{name}"[^>]*>(.*?)</(ul|section|div)>', answer.content.decode(), re.DOTALL)
    assert found is not None, name
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", found[1]).split()))


def test_the_list_names_every_calculator_with_a_link(nurse: Client) -> None:
    page = nurse.get("/calculators").content.decode()
    for name in calculators():
        assert f'href="/calculators/{name}"' in page
        assert html.escape(TITLES[name]) in page


@pytest.mark.parametrize(
    ("asked", "found"), [("drops minute", "drop-rate"), ("CLEARANCE", "creatinine-clearance"), ("hemoglobin", "iron-deficit")]
)
def test_the_list_is_searched_by_words_of_names_inputs_and_results_without_scripts(nurse: Client, asked: str, found: str) -> None:
    page = nurse.get("/calculators", {"q": asked}).content.decode()
    assert f'href="/calculators/{found}"' in page
    assert 'href="/calculators/qtc"' not in page


def test_a_search_that_finds_nothing_says_so(nurse: Client) -> None:
    assert "No calculator has these words" in text_of(nurse.get("/calculators", {"q": "no such thing"}))


def test_every_role_finds_the_calculators_in_the_menu_and_may_use_them(signed_in: Callable[[str], Client]) -> None:
    for person in CAST:
        assert 'href="/calculators" aria-current="page"' in signed_in(person).get("/calculators/drop-rate").content.decode()


def test_who_is_not_signed_in_is_asked_to_and_keeps_what_was_typed(clinic: Clinic) -> None:
    answer = Client().get("/calculators/drop-rate", DROPS)
    assert answer.status_code == 302
    assert "next=/calculators/drop-rate%3Fvolume" in str(answer["Location"])


def test_a_calculator_that_is_not_there_is_not_found(nurse: Client) -> None:
    assert nurse.get("/calculators/no-such-thing").status_code == 404


def test_every_calculator_opens_empty_and_works_its_example_out_as_the_function_does(nurse: Client) -> None:
    for name in calculators():
        empty = nurse.get(f"/calculators/{name}")
        assert "Nothing is entered yet" in text_of(empty)
        link = re.search(r'<a href="([^"]+)">Fill in an example', empty.content.decode())
        assert link is not None, name
        page, told = text_of(nurse.get(html.unescape(link[1]))), openinfusion.calc(name, **EXAMPLES[name])
        assert told["status"] == "ok", (name, told["findings"])
        assert [step["text"] for step in told["steps"] if " ".join(step["text"].split()) not in page] == []


def test_a_form_that_is_sent_as_the_example_filled_it_in_gives_the_same_result(nurse: Client) -> None:
    result = re.compile(r'<p class="the-result">.*?</p>', re.DOTALL)
    for name in calculators():
        worked = nurse.get(f"/calculators/{name}", EXAMPLES[name]).content.decode()
        again = nurse.get(f"/calculators/{name}", filled(worked)).content.decode()
        assert result.findall(again) == result.findall(worked) != [], name


def filled(page: str) -> dict[str, str]:
    """What a browser would send of the form that asks for the inputs."""
    form = re.search(r'<form class="panel" method="get".*?</form>', page, re.DOTALL)[0]  # type: ignore[index]  # a miss fails the test
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and ('type="radio"' not in tag or " checked" in tag):
            sent[name[1]] = html.unescape(value[1]) if value else ""
    for name, inside in re.findall(r'<select[^>]*? name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        sent[name] = html.unescape(chosen[1]) if chosen else ""
    for name, inside in re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = html.unescape(inside)
    return sent


def test_the_result_is_large_and_rounded_with_the_exact_value_and_the_worked_line(nurse: Client) -> None:
    page = text_of(nurse.get("/calculators/drop-rate", DROPS))
    # 1000 mL over 8 h at 15 drops/mL: 15000 / 480 min = 31.25
    assert "31 drops/min rounded from 31.25 drops/min" in page
    assert "1000 mL × 15 drops/mL / 8 h = 31.25 drops/min" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,500", "Volume is 1,500 mL; some read the comma"),
        (".5", "Volume is .5 mL; a point without a digit"),
        ("0", "Volume is 0 mL, which is not above zero"),
        ("-5", "Volume is -5 mL, which is not above zero"),
        ("abc", "Volume is abc mL, which is not a number"),
        ("NaN", "Volume is NaN mL, which is not a number"),
        ("5 kg", "Volume is 5 kg, which is not the kind"),
        ("5 furlong", '"furlong" is not a unit that fits here'),
        ("100.0", "Leave the zero after the point away"),
    ],
)
def test_an_entry_that_cannot_be_read_is_kept_with_what_is_wrong_beside_it(nurse: Client, typed: str, said: str) -> None:
    answer = nurse.get("/calculators/drop-rate", {**DROPS, "volume": typed})
    assert said in part(answer, "said-volume")
    sent = filled(answer.content.decode())
    assert (sent["volume"], sent["time"], sent["time.unit"], sent["drop_factor"]) == (typed, "8", "h", "15")


def test_a_number_of_which_the_kind_is_open_needs_its_unit_chosen(nurse: Client) -> None:
    empty = filled(nurse.get("/calculators/infusion-time").content.decode())
    assert (empty["amount.unit"], empty["volume.unit"]) == ("", "mL")
    answer = nurse.get("/calculators/infusion-time", {"amount": "10", "amount.unit": "", "dose": "2", "dose.unit": "mg/h"})
    assert "without its unit" in part(answer, "said-amount")


def test_a_unit_that_is_typed_with_the_number_wins_over_the_one_beside_it(nurse: Client) -> None:
    page = text_of(nurse.get("/calculators/drop-rate", {**DROPS, "volume": "1 L"}))
    assert "1 L × 15 drops/mL / 8 h = 31.25 drops/min" in page


def test_a_unit_that_begins_with_a_number_is_told_from_the_number(nurse: Client) -> None:
    sent = filled(nurse.get("/calculators/four-ts", {"nadir": "45 10*9/L"}).content.decode())
    assert (sent["nadir"], sent["nadir.unit"]) == ("45", "10*9/L")


def test_what_is_still_needed_is_listed_and_no_error_of_a_field(nurse: Client) -> None:
    answer = nurse.get("/calculators/drop-rate", {"volume": "1000", "volume.unit": "mL"})
    assert "Still needed: Time Drop factor" in text_of(answer)
    assert part(answer, "said-time") == ""


def test_the_result_can_be_asked_for_in_another_unit_step_or_as_another_result(nurse: Client) -> None:
    page = text_of(nurse.get("/calculators/flow-rate", {"volume": "1 L", "time": "8 h", "as": "mL/min", "round_to": "0.5"}))
    # 1000 mL / 480 min = 2.0833, to the nearest half 2
    assert "2 mL/min rounded from ≈ 2.0833 mL/min" in page


def test_sources_stand_with_tier_title_and_a_link(nurse: Client, clinic: Clinic) -> None:
    page = nurse.get("/calculators/drop-rate").content.decode()
    row = clinic.ports.library.reference.publications["htuse-drip-rate"]
    assert f'<a href="{row.url}" rel="noreferrer">{html.escape(row.title)}</a>' in page
    assert ">D</span>" in page


def test_a_document_stands_once_with_all_its_places(nurse: Client) -> None:
    page = part(nurse.get("/calculators/creatinine-clearance"), "readings")
    assert page.count("calvert-nccn") == 1


def test_a_calculator_that_never_refuses_gives_its_dose_to_a_form_that_is_sent_empty(nurse: Client) -> None:
    answer = nurse.get("/calculators/epinephrine-im", {"weight": "", "weight.unit": "kg", "age": "", "scheme": ""})
    assert 'class="the-result"' in answer.content.decode()


# The same as JSON
def send(client: Client, name: str, body: object) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/api/v1/calc/{name}", text, content_type="application/json")


def test_the_interface_answers_what_the_function_gives(nurse: Client) -> None:
    for name in calculators():
        answer = send(nurse, name, {"id": 7, "inputs": EXAMPLES[name]})
        assert (answer.status_code, answer.json()) == (200, {"id": 7, **openinfusion.calc(name, **EXAMPLES[name])})


def test_what_is_refused_is_422_with_no_result_and_findings(nurse: Client) -> None:
    answer = send(nurse, "drop-rate", {"inputs": {"volume": "1,500 mL"}})
    told = answer.json()
    assert (answer.status_code, told["status"], told["result"]) == (422, "refused", None)
    assert {one["code"] for one in told["findings"]} == {"calc.comma", "calc.missing"}
    assert "id" not in told


def test_whole_numbers_and_truths_may_come_bare(nurse: Client) -> None:
    inputs = {"volume": "100 mL", "drug_volume": "10 mL", "added": True, "time": "30 min"}
    assert send(nurse, "admixture-rate", {"inputs": inputs}).json()["result"]["value"] == "220"  # 110 mL in half an hour
    assert send(nurse, "drop-rate", {"inputs": {"volume": "1 L", "time": "8 h", "drop_factor": 15}}).status_code == 200


def test_half_a_character_is_told_back_and_breaks_nothing(nurse: Client) -> None:
    answer = send(nurse, "flow-rate", '{"id": "\\ud800", "inputs": {"volume": "\\ud800 L", "time": "8 h"}}')
    assert (answer.status_code, answer.json()["id"]) == (422, "\ud800")


def test_an_unknown_calculator_is_not_found_in_the_one_shape_of_error(nurse: Client) -> None:
    answer = send(nurse, "no-such-thing", {"inputs": {}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"inputs": {"volume": 1.5}}', '{"inputs": []}', '{"inputs": {}, "extra": 1}', '{"inputs": {}, "inputs": {}}']
)
def test_a_body_that_cannot_be_meant_is_malformed(nurse: Client, body: str) -> None:
    answer = send(nurse, "drop-rate", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_the_interface_needs_a_signed_in_person_and_any_role_will_do(clinic: Clinic, signed_in: Callable[[str], Client]) -> None:
    assert send(Client(), "drop-rate", {"inputs": {}}).status_code == 401
    for person in CAST:
        assert send(signed_in(person), "drop-rate", {"inputs": EXAMPLES["drop-rate"]}).status_code == 200
