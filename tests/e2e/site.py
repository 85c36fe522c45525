"""A site for the browser tests: a home folder made by `openinfusion init`, people with one-time codes, the server as a process.

A real store is served behind `front.py`; in it nothing can be given before two people of the site signed its protocol. A demo store is
served plainly, as `openinfusion demo` does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.front import Front

PASSWORD = "quiet river seven lamps"
PEOPLE = {"paula": "prescriber", "peter": "prescriber", "fay": "pharmacist", "nora": "nurse", "nils": "nurse"}
ADMINISTRATOR = "anna"
_PROGRAM = Path(sys.executable).with_name("openinfusion")


class Site:
    """One store with its server; `address` is where a browser finds it."""

    def __init__(self, folder: Path) -> None:
        self.home, self.offset_file = folder / "home", folder / "offset"
        self.home.mkdir(mode=0o700)
        self.codes: dict[str, str] = {}
        self.therapies: dict[str, dict[str, str]] = {}
        self.is_demo = False
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"
        self._port = _a_free_port()
        self._set(timedelta())
        self.front = Front(self._port)

    @property
    def address(self) -> str:
        """Where a browser finds the pages."""
        return f"http://127.0.0.1:{self._port if self.is_demo else self.front.port}"

    def environment(self) -> dict[str, str]:
        """The settings of this site, and nothing of the person's who runs the tests."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENINFUSION_", "DJANGO_"))}
        return {**kept, "OPENINFUSION_HOME": str(self.home), "OPENINFUSION_ALLOWED_HOSTS": "127.0.0.1", "OPENINFUSION_TIME_ZONE": "UTC"}

    def run(self, *words: str) -> Any:
        """What the program answers to this line with `--json`; the line must succeed."""
        done = subprocess.run([_PROGRAM, *words, "--json"], env=self.environment(), capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    def script(self, module: str, *words: str) -> str:
        """What one of the scripts beside this file prints, on this store and with its clock."""
        command = [sys.executable, "-m", f"tests.e2e.{module}", str(self.offset_file), *words]
        root = Path(__file__).parents[2]
        done = subprocess.run(command, env=self.environment(), cwd=root, capture_output=True, text=True, check=False, timeout=110)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    @contextmanager
    def opened(self, *therapies: str) -> "Iterator[Site]":
        """Make the store and serve it to the end of `with`: an empty real one whose `codes` are the one-time codes of its people, or with
        therapies (see `seed.py`) a demo store whose people have passwords."""
        self.is_demo = bool(therapies)
        if therapies:
            found = json.loads(self.script("seed", *therapies))
            self.therapies, self.token = found["therapies"], found["token"]
        else:
            self.codes[ADMINISTRATOR] = self.run("init", "--administrator", ADMINISTRATOR)["code"]
            self.codes["nora"] = self.run("users", "add", "nora", "--role", PEOPLE["nora"])["code"]
            self.codes |= json.loads(self.script("seed"))
            self.token = self.run("gateways", "add", "ward")["token"]
        with self.front:
            self.start()
            try:
                yield self
            finally:
                self.stop()

    def start(self) -> None:
        """Serve, and wait until it answers."""
        words = ["demo-store", str(self._port)] if self.is_demo else ["serve", "--behind-proxy", "--port", str(self._port)]
        command = [sys.executable, "-m", "tests.e2e.served", str(self.offset_file), *words]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment(), cwd=Path(__file__).parents[2], stderr=log, stdout=log)
        ends = time.monotonic() + 40
        while not self._answers():
            assert self.process.poll() is None, self.log()[-4000:]
            assert time.monotonic() < ends, self.log()[-4000:]
            time.sleep(0.05)  # no event tells that another process listens

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self._port}/healthz", headers={"X-Forwarded-Proto": "https"}).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> float:
        """End the server as a service manager does; returns the seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        finally:
            self.process.kill()
        return time.monotonic() - began

    def now(self) -> datetime:
        """The site's time."""
        return datetime.now(UTC) + self._offset

    def passes(self, span: timedelta) -> None:
        """Let so much time go by."""
        self._set(self._offset + span)

    def until(self, hour: int) -> None:
        """Let time go by until this hour of the next day."""
        now = self.now()
        self.passes(now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=1) - now)

    def _set(self, offset: timedelta) -> None:
        self._offset = offset
        coming = self.offset_file.with_suffix(".new")
        coming.write_text(str(offset.total_seconds()), encoding="ascii")
        coming.replace(self.offset_file)

    def device_says(self, message: Mapping[str, object]) -> httpx.Response:
        """One message of a device, as a gateway sends it."""
        headers = {"Authorization": f"Bearer {self.token}", "X-Forwarded-Proto": "https"}
        return httpx.post(f"http://127.0.0.1:{self._port}/api/ingest", json=dict(message), headers=headers, timeout=20)

    def log(self) -> str:
        """What the server wrote."""
        return self._log.read_text(encoding="utf-8")


def _a_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
