"""`init`, `users`, `verify`, `rebuild` and `config`: an empty real store, made and looked after. Each runs in a process of its own."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).parent / "openinfusion")


@dataclass(frozen=True)
class Site:
    """A command line with a home of its own."""

    home: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=60, env={**self.environment, **more}
        )


@pytest.fixture
def site(tmp_path):
    """A command line with a home of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENINFUSION_")}
    environment |= {"OPENINFUSION_HOME": str(tmp_path / "home")}

    return Site(tmp_path / "home", environment)


@pytest.fixture(scope="module")
def initialised(tmp_path_factory):
    """A home that `init` made, once for this file."""
    home = tmp_path_factory.mktemp("initialised") / "home"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENINFUSION_")}
    done = Site(home, environment | {"OPENINFUSION_HOME": str(home)})("init")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def made(site, initialised):
    """A site of its own, a copy of what `init` made."""
    shutil.copytree(initialised, site.home)
    return site


def test_init_makes_an_empty_private_store_with_one_administrator(site):
    done = site("init", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["user"] == "administrator"
    assert len(answer["code"]) >= 20
    assert site.home.stat().st_mode & 0o077 == 0
    verified = json.loads(site("verify", "--json").stdout)
    assert verified["status"] == "ok"
    assert verified["events"] == 0


def test_verify_says_where_no_record_is_and_makes_none(site):
    told = site("verify")
    assert told.returncode == 2
    assert f"There is no record at {site.home / 'openinfusion.sqlite3'}." in " ".join(told.stderr.split())
    assert "openinfusion init" in told.stderr
    assert "unable to open" not in told.stderr
    answer = json.loads(site("verify", "--json").stdout)
    assert (answer["status"], answer["events"]) == ("unreadable", 0)
    assert not site.home.exists()


def test_people_are_added_with_a_one_time_code(made):
    done = made("users", "add", "n.amara", "--role", "nurse", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["code"]
    again = made("users", "add", "n.amara", "--role", "nurse")
    assert again.returncode == 2
    assert "already taken" in again.stderr
    assert made("users", "add", "someone", "--role", "surgeon").returncode == 2


def test_a_gateway_gets_a_token_of_its_own_and_can_lose_it(made):
    done = made("gateways", "add", "ward-3", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["token"]) >= 32
    again = made("gateways", "add", "ward-3")
    assert again.returncode == 2
    assert "already taken" in again.stderr
    assert made("gateways", "revoke", "ward-3").returncode == 0
    assert made("gateways", "revoke", "ward-3").returncode != 0


def test_every_setting_is_listed_and_a_secret_is_only_set(made):
    settings = {row["name"]: row for row in json.loads(made("config", "--json").stdout)["settings"]}
    assert settings["OPENINFUSION_HOME"]["origin"] == "env"
    assert settings["secret"]["value"] == "set"


def test_a_setting_that_is_not_valid_is_named_with_the_reason(site):
    done = site("config", OPENINFUSION_REGION="Mars")
    assert done.returncode == 7
    assert "OPENINFUSION_REGION" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_without_hosts_and_https(made):
    done = made("serve")
    assert done.returncode == 7
    assert "OPENINFUSION_ALLOWED_HOSTS" in done.stderr
    done = made("serve", OPENINFUSION_ALLOWED_HOSTS="infusion.example")
    assert done.returncode == 7
    assert "HTTPS" in done.stderr


def test_serve_refuses_a_store_whose_triggers_are_gone(made):
    [file] = made.home.glob("*.sqlite3")
    with sqlite3.connect(file) as raw:
        names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        assert names
        raw.execute(f"DROP TRIGGER {names[0]}")
    done = made("serve", "--behind-proxy", OPENINFUSION_ALLOWED_HOSTS="infusion.example")
    assert done.returncode == 6
    assert "does not serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_read_models_are_made_anew_by_one_command(made):
    done = made("rebuild", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"status": "ok"}


def test_who_looked_is_listed_by_patient_or_user_and_listing_is_itself_a_row(made):
    made("users", "add", "n.amara", "--role", "nurse")
    listed = made("audit", "--user", "n.amara")
    assert listed.returncode == 0, listed.stderr
    assert "users add (user n.amara) from command line" in listed.stdout
    rows = json.loads(made("audit", "--user", "n.amara", "--json").stdout)["rows"]
    shown = [(row["action"], row["id"], row["outcome"]) for row in rows[:2]]
    assert shown == [("users add", "n.amara", "allowed"), ("audit", "n.amara", "allowed")]
    assert json.loads(made("audit", "--patient", "nobody", "--json").stdout)["rows"][0]["action"] == "audit"
    for wrong in ((), ("--patient", "a", "--user", "b")):
        assert made("audit", *wrong).returncode == 2
    assert json.loads(made("verify", "--json").stdout)["audit_rows"] == 5
