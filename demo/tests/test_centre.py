"""`openinfusion demo` as a person starts it: a page, devices that are heard, and an end within three seconds."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from openinfusion.core.errors import Malformed
from openinfusion_demo.centre import _usable
from openinfusion_demo.people import PASSWORD

PROGRAM = [sys.executable, "-c", "from openinfusion.cli import main; main()"]
WITHIN_S = 90


class Running:
    """The demo centre as a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        environment = {**os.environ, "OPENINFUSION_HOME": str(home)}
        self.process = subprocess.Popen([*PROGRAM, "demo", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True)
        self.address = self._address()
        self.client = httpx.Client(base_url=self.address, follow_redirects=True, timeout=30)

    def _address(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                return found[0]
        raise AssertionError("the demo centre ended before it said where it is")

    def until(self, holds: Callable[[], bool]) -> None:
        """Ask until something holds; the server and the devices are processes of their own."""
        give_up = time.monotonic() + WITHIN_S
        while not _answers(holds):
            assert time.monotonic() < give_up
            assert self.process.poll() is None
            os.sched_yield()

    def heard(self, question: str) -> int:
        """A count in the demo store, which is only read."""
        with closing(sqlite3.connect(f"file:{self.home}/demo.sqlite3?mode=ro", uri=True)) as store:
            return int(store.execute(question).fetchone()[0])

    def sign_in(self, name: str) -> httpx.Response:
        page = self.client.get("/sign-in").text
        hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]+)"', page))
        form = {**hidden, "name": name, "password": PASSWORD}
        return self.client.post("/sign-in", data=form, headers={"Referer": f"{self.address}/sign-in"})


def _answers(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except httpx.TransportError:
        return False


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    started = Running(tmp_path)
    yield started
    started.client.close()
    started.process.kill()
    started.process.wait()
    assert started.process.stdout is not None
    started.process.stdout.close()


def devices_are_gone(address: str) -> bool:
    """Whether no process on this machine speaks to this address."""
    told = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return not any(b"simulate" in line and address.encode() in line for line in told)


def test_it_shows_its_people_hears_its_devices_and_ends_in_time(running: Running):
    running.until(lambda: running.client.get("/sign-in").is_success)
    assert PASSWORD in running.client.get("/sign-in").text
    board = running.sign_in("n.amara")
    assert board.url.path == "/board"
    running.until(lambda: "line is blocked" in running.client.get("/board").text)
    # Both kinds of devices speak, through the address of real gateways: pumps make events, monitors blocks of samples.
    running.until(lambda: running.heard("SELECT count(*) FROM event WHERE actor LIKE 'simulated devices %'") >= 1)
    running.until(lambda: running.heard("SELECT count(*) FROM sample_block WHERE device_id LIKE 'monitor-%'") >= 3)
    running.client.close()
    began = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    running.process.wait(20)
    assert time.monotonic() - began <= 3
    assert devices_are_gone(running.address)


def test_a_port_that_somebody_has_is_refused_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Malformed) as refused:
            _usable(taken.getsockname()[1])
    assert "0 for a free one" in str(refused.value.params["write"])
