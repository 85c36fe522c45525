"""The frame holds: locks name no address, CI runs what people run, the README keeps its promise, and the wheel carries everything."""

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

import openinfusion

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(lock: str) -> dict[str, set[str]]:
    """Package name to its pinned versions; several only where markers choose between them."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9-]+)==([^\s;\\]+)", (ROOT / "requirements" / lock).read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


def normal(requirement: str) -> str:
    """The name of a requirement as locks spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address(lock: Path):
    # The same lock must serve a mirror, an offline folder and the public index.
    assert [line for line in lock.read_text(encoding="utf-8").splitlines() if "://" in line or line.startswith("-")] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_each_package_by_version_and_hash(lock: Path):
    entries = re.split(r"^(?=[a-z])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_each_list_has_its_lock_and_each_lock_its_list():
    lists = {path.stem for path in (ROOT / "requirements").glob("*.in")} | {"base"}  # base is listed in pyproject.toml
    assert {lock.stem for lock in LOCKS} == lists


def test_the_locks_agree_with_each_other_and_with_the_project():
    base, dev = pins("base.txt"), pins("dev.txt")
    assert {name: versions for name, versions in base.items() if dev.get(name) != versions} == {}
    assert [needed for needed in PROJECT["dependencies"] if normal(needed) not in base] == []


def test_ci_calls_make_check_and_nothing_else():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make check"]


def test_check_contains_the_tests():
    dry = subprocess.run(["make", "--dry-run", "check"], cwd=ROOT, capture_output=True, text=True, check=True)
    for part in ("ruff format --check", "ruff check", "mypy", "lint-imports", "pytest -n 2"):
        assert part in dry.stdout


def test_the_readme_starts_the_program_with_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert blocks[0].splitlines() == ["make run", "make test"]


def test_every_version_in_the_documents_is_the_program_s_own():
    assert PROJECT["version"] == openinfusion.__version__
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for version in re.findall(r"\bopeninfusion(?:==|-| )(\d+\.\d+[\w.]*)", path.read_text(encoding="utf-8"), re.IGNORECASE):
            assert version.rstrip(".") == PROJECT["version"], path
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == ("Unreleased" if "dev" in PROJECT["version"] else PROJECT["version"])


def test_no_folder_of_the_source_is_empty():
    folders = [path for path in (ROOT / "src").rglob("*") if path.is_dir() and path.name != "__pycache__"]
    assert [folder for folder in folders if not any(child.name != "__pycache__" for child in folder.iterdir())] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_every_file_of_the_package(wheel: Path):
    # Protocol data, templates, static files and catalogues are read from the installed package.
    packed = set(zipfile.ZipFile(wheel).namelist())
    for folder in (ROOT / "src", ROOT / "demo"):
        source = [path for path in folder.glob("openinfusion*/**/*") if path.is_file() and "__pycache__" not in path.parts]
        assert [name for path in source if (name := path.relative_to(folder).as_posix()) not in packed] == []
    assert any(name.endswith("/licenses/LICENSE") for name in packed)


def test_the_installed_wheel_opens_the_demo_centre_up_to_its_first_page(tmp_path: Path, wheel: Path):
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)}))
    install = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*install, f"--target={packages}", str(wheel)], check=True, capture_output=True)
    # The packages of this environment serve the new one, so that nothing is downloaded; the installed wheel goes before the checkout.
    (packages / "packages-of-the-tests.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    program = [
        str(environment / "bin" / "python"),
        "-I",
        "-c",
        "from openinfusion.cli import main; main()",
        "demo",
        "--port",
        "0",
        "--json",
    ]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENINFUSION_", "DJANGO_", "PYTHON"))}
    if not (ROOT / "demo").is_dir():
        without = subprocess.run(program, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
        assert "not part of this installation" in without.stdout
        return
    told = (tmp_path / "told").open("w", encoding="utf-8")
    demo = subprocess.Popen(
        program, cwd=tmp_path, env={**clean, "OPENINFUSION_HOME": str(tmp_path / "home")}, stdout=subprocess.PIPE, stderr=told, text=True
    )
    try:
        assert demo.stdout is not None
        answer = json.loads("".join((*itertools.takewhile(lambda line: line != "}\n", demo.stdout), "}")))
        assert answer["notice"].startswith("NOT FOR CLINICAL USE")
        page = first_page(answer["address"], demo)
        assert page.status_code == 200
        assert "n.amara" in page.text
        style = re.search(r'href="(/static/[^"]+\.css)"', page.text)
        assert style is not None
        assert httpx.get(answer["address"].rstrip("/") + style[1], timeout=10).status_code == 200
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(20)
        told.close()
        if demo.stdout is not None:
            demo.stdout.close()
    assert demo.returncode == 0, (tmp_path / "told").read_text(encoding="utf-8")


def first_page(address: str, server: "subprocess.Popen[str]") -> httpx.Response:
    """The first page that the server answers with; fails when it ends or takes longer than a minute."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and server.poll() is None:
        try:
            return httpx.get(address, follow_redirects=True, timeout=30)
        except httpx.TransportError:
            os.sched_yield()
    raise AssertionError(f"no page came from {address}; status {server.poll()}")


def setup_with(tools: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a copy of scripts/setup.sh where PATH holds only the given tools."""
    path = folder / "bin"
    path.mkdir()
    for tool in tools:
        found = shutil.which(tool)
        assert found
        (path / tool).symlink_to(found)
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copy(ROOT / "pyproject.toml", folder)
    environment = {"PATH": str(path), "HOME": os.environ.get("HOME", "/")}
    return subprocess.run([folder / "scripts" / "setup.sh", "base"], env=environment, capture_output=True, text=True, check=False)


def test_without_a_python_setup_says_what_to_type_and_changes_nothing(tmp_path: Path):
    answer = setup_with(["cat", "cksum", "dirname", "sed", "sh", "tr"], tmp_path)
    assert answer.returncode == 3
    assert "needs Python 3.11 or newer" in answer.stderr
    assert "make setup PYTHON=" in answer.stderr
    assert not (tmp_path / ".venv").exists()
