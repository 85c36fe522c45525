"""The server as a process: it says whether it is well, and stops within three seconds although streams are open."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.staticfiles.finders import find
from django.test import AsyncClient, Client

from tests.web.cast import PASSWORD

Server = tuple[subprocess.Popen[str], str]

SERVE = """
import sys
from openinfusion import config, wiring
from openinfusion.app.access import Role
from openinfusion.app.ports import StoreKind
found = config.load({"OPENINFUSION_HOME": sys.argv[1]}, StoreKind.DEMO)
wiring.make_store(found)
people = wiring.users()
people.redeem(people.create_user("nora", Role.NURSE), sys.argv[3])
wiring.close()
from openinfusion.web.serving import serve
serve("127.0.0.1", int(sys.argv[2]))
"""


def a_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A demo server of its own on a loopback port, ready to answer."""
    home, port = tmp_path / "home", a_free_port()
    home.mkdir(mode=0o700)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENINFUSION_")}
    command = [sys.executable, "-c", SERVE, str(home), str(port), PASSWORD]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told = []
            for line in process.stderr:
                told.append(line)
                if "running on" in line:
                    break
            assert process.poll() is None, "".join(told)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def sign_in(client: httpx.Client) -> None:
    page = client.get("/sign-in").text
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|command_id)" value="([^"]+)"', page))
    assert client.post("/sign-in", data={**hidden, "name": "nora", "password": PASSWORD}).status_code == 302


def test_a_file_of_a_page_is_sent_in_one_piece(client: Client) -> None:
    # What the server says of a stream that it must read by itself is a warning, and a warning is an error here.
    async def asked() -> Any:
        return await AsyncClient().get("/static/web/css/bedside.css")

    whole, known = asyncio.run(asked()), client.get("/static/web/css/bedside.css")
    assert not whole.streaming
    assert whole.headers["Content-Type"].startswith("text/css")
    assert whole.content == known.content == Path(str(find("web/css/bedside.css"))).read_bytes()
    unchanged = client.get("/static/web/css/bedside.css", headers={"If-Modified-Since": known.headers["Last-Modified"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_every_answer_tells_how_long_the_server_took(server: Server) -> None:
    _, address = server
    told = httpx.get(f"{address}/healthz").headers["Server-Timing"]
    assert re.fullmatch(r"app;dur=\d+\.\d", told)


def test_a_server_says_that_it_is_well_and_stops_in_time_with_a_stream_open(server: Server) -> None:
    process, address = server
    assert httpx.get(f"{address}/healthz").json() == {"alive": True}
    assert httpx.get(f"{address}/readyz").json() == {"ready": True, "problems": [], "left_out": []}
    with httpx.Client(base_url=address, headers={"Referer": address}) as client:
        sign_in(client)
        with client.stream("GET", "/live/board") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 2000"
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert [line for line in lines if line.startswith("retry:")] == ["retry: 2000"]
    process.wait(timeout=10)
    # architecture.md 11: SIGTERM ends the live streams with `retry:`, and the process within 3 s
    assert time.monotonic() - began <= 3
