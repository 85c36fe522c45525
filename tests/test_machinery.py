"""The tests' own machinery: nothing is skipped in silence, nothing reaches another machine, nothing is left behind."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.loopback import NotLoopback
from tests.postgres import RUN_FOLDER

ROOT = Path(__file__).parents[1]
LACKING = """
from tests.needs import Need, NeedsReport

UNICORN = Need("unicorn", lambda: None, "catch one")

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(NeedsReport((UNICORN,)))
"""
NEEDS_IT = "from tests.needs import not_run\nfrom conftest import UNICORN\n\ndef test_ride():\n    not_run(UNICORN)\n"


def run(folder: Path, **files: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest as its own run, with two workers, over the given modules."""
    for name, source in files.items():
        (folder / f"{name}.py").write_text(source)
    inherited = {name: value for name, value in os.environ.items() if name != RUN_FOLDER and not name.startswith("PYTEST_")}
    alone = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # each other plugin costs three starts of Python
    options = ["-p", "xdist", "-n", "2", "-p", "no:cacheprovider", "--rootdir", str(folder), "-c", os.devnull]
    command = [sys.executable, "-m", "pytest", *options, str(folder)]
    return subprocess.run(command, cwd=folder, env={**inherited, **alone}, capture_output=True, text=True, check=False)


def test_what_is_missing_is_listed_first_the_rest_runs_and_the_status_is_3(tmp_path: Path):
    answer = run(tmp_path, conftest=LACKING, test_it=NEEDS_IT + "\ndef test_walk():\n    pass\n")
    assert answer.returncode == 3, answer.stdout
    assert answer.stdout.index("unicorn: MISSING") < answer.stdout.index("2 workers")
    assert "test_it.py::test_ride" in answer.stdout.partition("NOT RUN: this machine lacks")[2]
    assert "1 passed, 1 skipped" in answer.stdout.splitlines()[-1]


def test_a_failure_is_reported_as_a_failure_also_where_something_is_missing(tmp_path: Path):
    answer = run(tmp_path, conftest=LACKING, test_it=NEEDS_IT + "\ndef test_walk():\n    assert False\n")
    assert answer.returncode == 1, answer.stdout


def test_a_server_lives_as_long_as_its_run(tmp_path: Path, postgres_url: str):
    source = """
def test_ask(postgres_url, request):
    from pathlib import Path
    (Path(__file__).parent / "url").write_text(postgres_url)
"""
    answer = run(tmp_path, conftest=(ROOT / "tests" / "conftest.py").read_text(), test_it=source)
    assert answer.returncode == 0, answer.stdout
    url = (tmp_path / "url").read_text()
    if not os.environ.get("OPENINFUSION_TEST_POSTGRES"):
        assert url != postgres_url
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=5)


def test_the_server_has_the_durability_that_the_program_demands(postgres_url: str):
    with psycopg.connect(postgres_url) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit", "full_page_writes")]
    assert shown == [("on",), ("on",), ("on",)]


@pytest.mark.parametrize("address", ["192.0.2.1", "example.org"])  # RFC 5737 and RFC 2606: addresses that belong to nobody
def test_a_test_cannot_reach_another_machine(address: str):
    with socket.socket() as outside, pytest.raises(NotLoopback, match="use a fake"):
        outside.connect((address, 80))


def test_a_test_can_reach_this_machine():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname(), timeout=5).close()
