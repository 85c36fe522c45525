"""`simulate` and `demo` say what is wrong before anything is started."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., Any]
DEVICES = ("simulate", "--url", "http://127.0.0.1:9", "--token", "t", "--device", "pump-1")


def test_an_incident_that_does_not_exist_is_refused_with_what_to_write(openinfusion: Call):
    done = openinfusion(*DEVICES, "--incident", "pump-1=fire@3")
    assert done.returncode == 2
    assert "pump-1=fire@3" in done.stderr
    assert "pump-3=occlusion@90" in done.stderr


def test_a_volume_that_is_no_number_is_refused_with_what_to_write(openinfusion: Call):
    done = openinfusion(*DEVICES, "--given", "pump-1=52,5")
    assert done.returncode == 2
    assert "pump-3=52.5" in done.stderr


def test_an_installation_without_the_demo_centre_says_so(openinfusion: Call, monkeypatch: pytest.MonkeyPatch):
    for name in ("openinfusion_demo", "openinfusion_demo.centre"):
        monkeypatch.setitem(sys.modules, name, None)
    done = openinfusion("demo")
    assert done.returncode == 2
    assert "not part of this installation" in done.stderr
