"""Imports go down, the core is pure, and importing the package is light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

SOURCE = Path(__file__).parents[1] / "src" / "openinfusion"
CORE = SOURCE / "core"

IMPURE_CALLS = {"open", "print", "input", "breakpoint", "eval", "exec", "__import__"}
IMPURE_MODULES = {
    *("os", "sys", "io", "time", "logging", "random", "secrets", "pathlib", "tempfile", "shutil", "glob"),
    *("subprocess", "socket", "threading", "asyncio", "multiprocessing", "warnings", "django"),
}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("uuid", "uuid1"), ("uuid", "uuid4")}


def impurities(source: str) -> Iterator[str]:
    """Each use of a clock, file, stream, process, network, chance or Any in a module's source, as `line: what`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                used = {alias.name.partition(".")[0] for alias in names} & IMPURE_MODULES
            case ast.ImportFrom(module=str(module), level=0, names=names):
                used = {module.partition(".")[0]} & IMPURE_MODULES
                used |= {alias.name for alias in names if (module, alias.name) in CLOCKS or (module, alias.name) == ("typing", "Any")}
            case ast.Call(func=ast.Name(id=name)):
                used = {name} & IMPURE_CALLS
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attribute):
                used = {f"{owner}.{attribute}"} if (owner, attribute) in CLOCKS else set()
            case _:
                continue
        yield from (f"{node.lineno}: {name}" for name in sorted(used))


def test_every_import_goes_down():
    # The contracts stand in pyproject.toml; they name every package, so that a new one must find its place.
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_only_wiring_and_template_tags_know_the_store():
    graph = grimp.build_graph("openinfusion", cache_dir=None)
    importers = {found["importer"] for found in graph.find_matching_direct_imports("openinfusion.** -> openinfusion.store.**")}
    importers |= {found["importer"] for found in graph.find_matching_direct_imports("openinfusion.** -> openinfusion.store")}
    allowed = ("openinfusion.store", "openinfusion.wiring", "openinfusion.web.templatetags")
    assert [name for name in sorted(importers) if not f"{name}.".startswith(tuple(f"{prefix}." for prefix in allowed))] == []


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_core_uses_no_clock_no_file_no_stream_no_chance_and_no_any(path: Path):
    assert list(impurities(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path",
        "from time import monotonic",
        "from django.db import models",
        "import logging as log",
        "print(1)",
        "open('x')",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "from datetime import date\ndate.today()",
        "from datetime import datetime\nmake = datetime.utcnow",
        "from uuid import uuid4",
        "import uuid\nuuid.uuid4()",
        "import random",
        "from typing import Any",
    ],
)
def test_the_purity_test_sees_what_it_must_refuse(source: str):
    assert list(impurities(source))


@pytest.mark.parametrize(
    "source", ["def due(now): return now", "context.now", "from datetime import datetime, UTC", "from uuid import UUID"]
)
def test_the_purity_test_lets_time_pass_as_an_argument(source: str):
    assert list(impurities(source)) == []


def test_importing_the_package_loads_no_framework_and_no_numerics():
    heavy = ("django", "ninja", "pydantic", "numpy", "scipy", "numba", "httpx", "typer", "rich")
    asked = f"import sys, openinfusion, openinfusion.pk; print(*[name for name in {heavy!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []
