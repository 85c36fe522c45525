"""Protocols to read and to sign: every figure with its source, gaps and missing maxima stated, two signatures of two roles."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from openinfusion import wiring
from openinfusion.app.library import FileLibrary
from openinfusion.app.protocols import status_of
from openinfusion.core.figure import Figure
from openinfusion.protocols.checks import parts_of
from openinfusion.protocols.load import from_canonical
from openinfusion.protocols.review import Status, weak_figures
from tests.web.cast import PASSWORD, Clinic, posted, text_of


def test_the_list_names_every_protocol_with_its_status(nurse: Client, clinic: Clinic) -> None:
    page = text_of(nurse.get("/protocols"))
    for loaded in clinic.ports.library.entries().values():
        assert loaded.protocol.title in page


def test_every_source_of_every_figure_stands_on_the_page(nurse: Client, clinic: Clinic) -> None:
    for name, loaded in clinic.ports.library.entries().items():
        page = text_of(nurse.get(f"/protocols/{name}"))
        for place, item in parts_of(loaded.protocol, ()):
            if isinstance(item, Figure) and "when" not in place:
                for source in item.sources:
                    assert f"{source.cite}, {source.at}" in page, (name, place)


def test_missing_maxima_and_gaps_are_stated(nurse: Client, clinic: Clinic) -> None:
    for name, loaded in clinic.ports.library.entries().items():
        page = text_of(nurse.get(f"/protocols/{name}"))
        assert page.count("has no hard maximum here") == len(loaded.protocol.no_hard_maximum), name
        for gap in loaded.protocol.gaps:
            assert gap.about.replace("_", " ").replace("-", " ") in page, (name, gap.id)


def _strong(clinic: Clinic) -> str:
    """A protocol without a weak figure, which two reviewers can make active."""
    found = next((name for name, one in clinic.ports.library.entries().items() if not weak_figures(one.protocol)), None)
    if found is None:
        pytest.fail("no shipped protocol can become active")
    return found


def test_a_prescriber_and_a_pharmacist_make_a_protocol_active(signed_in: Callable[[str], Client], clinic: Clinic) -> None:
    name = _strong(clinic)
    loaded = clinic.ports.library.entries()[name]
    address = f"/protocols/{name}/{loaded.content_hash}/sign"
    paula, fay = signed_in("paula"), signed_in("fay")
    assert loaded.protocol.title in text_of(paula.get("/decisions"))
    assert paula.post(address, posted(password=PASSWORD)).status_code == 302
    assert status_of(clinic.ports, loaded) is not Status.ACTIVE
    assert fay.post(address, posted(password=PASSWORD)).status_code == 302
    assert status_of(clinic.ports, loaded) is Status.ACTIVE
    assert "✓ active" in text_of(paula.get(f"/protocols/{name}"))
    again = paula.post(address, posted(password=PASSWORD))
    assert again.status_code == 422


def test_a_wrong_password_or_a_changed_file_signs_nothing(prescriber: Client, clinic: Clinic) -> None:
    name = _strong(clinic)
    loaded = clinic.ports.library.entries()[name]
    wrong = prescriber.post(f"/protocols/{name}/{loaded.content_hash}/sign", posted(password="wrong"))
    assert wrong.status_code == 400
    changed = prescriber.post(f"/protocols/{name}/{'0' * 64}/sign", posted(password=PASSWORD))
    assert changed.status_code == 409
    assert "changed after you opened it. Nothing was signed." in text_of(changed)
    assert not clinic.ports.log.streams("protocol/")


def test_weak_figures_are_listed_and_refuse_the_signature(prescriber: Client, clinic: Clinic) -> None:
    weak = {name: one for name, one in clinic.ports.library.entries().items() if weak_figures(one.protocol)}
    for name, loaded in weak.items():
        assert "cannot become active" in text_of(prescriber.get(f"/protocols/{name}"))
        assert prescriber.post(f"/protocols/{name}/{loaded.content_hash}/sign", posted(password=PASSWORD)).status_code == 422


def test_the_difference_between_a_content_and_itself_is_nothing(nurse: Client, clinic: Clinic) -> None:
    loaded = clinic.ports.library.entries()["iv-rituximab"]
    assert "Nothing differs." in text_of(nurse.get(f"/protocols/iv-rituximab/{loaded.content_hash}/changes"))


def test_a_content_of_another_protocol_or_an_unknown_one_is_not_found(nurse: Client, clinic: Clinic) -> None:
    other = clinic.ports.library.entries()["iv-infliximab"].content_hash
    assert nurse.get(f"/protocols/iv-rituximab/{other}").status_code == 404
    assert nurse.get("/protocols/no-such-protocol").status_code == 404
    assert nurse.get(f"/protocols/iv-rituximab/{'0' * 64}").status_code == 404


def test_who_may_read_and_who_may_sign(nurse: Client, administrator: Client, clinic: Clinic) -> None:
    loaded = clinic.ports.library.entries()["iv-rituximab"]
    assert administrator.get("/protocols/iv-rituximab").status_code == 200
    for client in (nurse, administrator):
        assert client.post(f"/protocols/iv-rituximab/{loaded.content_hash}/sign", posted(password=PASSWORD)).status_code == 403
        assert "Sign this protocol" not in text_of(client.get("/protocols/iv-rituximab"))
    assert Client().get("/protocols").status_code == 302


def test_a_changed_limit_stands_in_the_difference_with_both_values(nurse: Client, clinic: Clinic) -> None:
    now = clinic.ports.library.entries()["iv-rituximab"]
    content = json.loads(now.canonical)
    limit = next(one for one in content["protocol"]["limits"] if one["id"] == "max-rate")
    limit["figure"]["value"] = "300"
    earlier = from_canonical(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    clinic.ports.archive.keep(earlier.content_hash, earlier.canonical)
    page = text_of(nurse.get(f"/protocols/iv-rituximab/{earlier.content_hash}/changes"))
    assert "limits / max-rate / figure 300 mg/h 400 mg/h" in page  # the file says 400 mg/h (ritux-drugs)
    assert "not the file as it stands now" in text_of(nurse.get(f"/protocols/iv-rituximab/{earlier.content_hash}"))


def test_a_file_that_does_not_hold_is_named_with_its_line_and_the_others_are_shown(
    prescriber: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "Left out" not in text_of(prescriber.get("/protocols"))
    (tmp_path / "iv-infliximab").mkdir()
    (tmp_path / "iv-infliximab" / "protocol.yaml").write_text("schema: [broken\n", encoding="utf-8")
    broken = replace(clinic.ports, library=FileLibrary((tmp_path,), clinic.ports.archive))
    monkeypatch.setattr(wiring, "ports", lambda *_: broken)
    page = text_of(prescriber.get("/protocols"))
    assert "iv-infliximab/protocol.yaml:" in page
    assert "Rituximab, stepped-rate infusion" in page
    answer = prescriber.get("/readyz").json()
    assert len(answer["left_out"]) == 1
    assert not any("infliximab" in problem for problem in answer["problems"])


def test_files_that_all_protocols_rest_on_keep_a_server_from_being_ready(
    prescriber: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "policy.yaml").write_text("schema: [broken\n", encoding="utf-8")
    broken = replace(clinic.ports, library=FileLibrary((), clinic.ports.archive, tmp_path / "policy.yaml"))
    monkeypatch.setattr(wiring, "ports", lambda *_: broken)
    answer = prescriber.get("/readyz")
    assert answer.status_code == 503
    assert any("policy.yaml:" in problem for problem in answer.json()["problems"])
