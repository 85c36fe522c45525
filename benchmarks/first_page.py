"""Claim: from a fresh copy of the checkout, `make run` shows its first page within 90 s when the packages are in pip's cache.

Copies the committed files to a folder of its own and does there what `make run` does: `make setup`, then the demo centre,
on a free loopback port.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

LIMIT_S = 90.0
GIVE_UP_S = 300.0
CHECKOUT = Path(__file__).parents[1]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_page(server: "subprocess.Popen[bytes]", address: str, give_up_at: float) -> None:
    """Return when a page comes from `address`; exit when the server ends or the time is up."""
    while server.poll() is None and time.monotonic() < give_up_at:
        try:
            if httpx.get(address, follow_redirects=True, timeout=10).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit(f"No page came from {address}; the demo centre's status is {server.poll()}.")


def main() -> int:
    """Print the seconds of both steps and whether the claim holds; exit status 1 when it does not."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENINFUSION_")}
    with tempfile.TemporaryDirectory(prefix="openinfusion-first-page-") as folder:
        copy, port = Path(folder) / "checkout", free_port()
        subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(copy)], check=True)
        start = time.monotonic()
        subprocess.run(["make", "setup"], cwd=copy, env=environment, check=True, stdout=sys.stderr)
        ready = time.monotonic()
        program = [str(copy / ".venv" / "bin" / "openinfusion"), "demo", "--port", str(port)]
        server = subprocess.Popen(program, cwd=copy, env=environment, stdout=sys.stderr)
        try:
            wait_for_page(server, f"http://127.0.0.1:{port}/", start + GIVE_UP_S)
            shown = time.monotonic()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    holds = shown - start <= LIMIT_S
    measured = {"setup_s": ready - start, "demo_to_page_s": shown - ready, "first_page_s": shown - start}
    print(
        json.dumps(
            {"claim": "first_page", **{name: round(value, 2) for name, value in measured.items()}, "limit_s": LIMIT_S, "holds": holds}
        )
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
