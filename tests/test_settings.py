"""Django's settings follow the configuration, and the tables follow the models."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from openinfusion import config, wiring
from openinfusion.app.access import Role
from openinfusion.core.errors import StoreUnsafe
from openinfusion.settings import database


def test_every_connection_gets_full_durability(store):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            found = [
                cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert found == ["wal", 2, 1, 5000]
        else:
            cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('lock_timeout')")
            assert cursor.fetchone() == ("on", "5s")


def test_a_postgresql_url_keeps_its_encoded_parts():
    made = database("postgresql://app%40ward:p%2Fw@db.example:5433/in%20fusion")
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"], made["NAME"]) == (
        "app@ward",
        "p/w",
        "db.example",
        "5433",
        "in fusion",
    )


def test_nothing_is_served_in_debug_mode_and_passwords_are_hashed_with_argon2():
    assert settings.DEBUG is False
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert settings.SESSION_COOKIE_SAMESITE == "Strict"


def test_no_model_has_changed_without_a_migration(sqlite_store):
    said = StringIO()
    call_command("makemigrations", "store", check=True, dry_run=True, stdout=said)
    assert "No changes detected" in said.getvalue()


@pytest.fixture
def own_home(tmp_path, sqlite_store):
    from tests.databases import use_database

    found = config.load({"OPENINFUSION_HOME": str(tmp_path / "home")})
    use_database(found.database_url)
    yield found
    config._current = None


def test_a_store_is_made_opened_and_written_through_the_wiring(own_home):
    wiring.make_store(own_home)
    wiring.open_store(own_home)
    assert own_home.secret()
    assert not wiring.users().are_there_any()
    code = wiring.users().create_user("first.admin", Role.ADMINISTRATOR)
    assert wiring.users().redeem(code, "a long walk by the river") == "first.admin"
    assert wiring.users().are_there_any()
    assert wiring.event_log().head() == 0
    wiring.make_store(own_home)  # a second time changes nothing
    wiring.open_store(own_home)
    assert wiring.users().are_there_any()


def test_a_store_that_was_not_made_is_not_opened(own_home):
    own_home.make_home()
    with pytest.raises(StoreUnsafe, match="openinfusion init"):
        wiring.open_store(own_home)


def test_cookies_hold_for_this_host_alone_and_end_with_the_browser_or_a_shift():
    # Behind a proxy the names carry the prefix that makes a browser refuse them for any other host.
    assert (settings.SESSION_COOKIE_HTTPONLY, settings.CSRF_COOKIE_HTTPONLY, settings.CSRF_COOKIE_SAMESITE) == (True, True, "Strict")
    assert (settings.SESSION_EXPIRE_AT_BROWSER_CLOSE, settings.SESSION_COOKIE_AGE) == (True, 12 * 60 * 60)
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"
    code = f"from openinfusion import settings; print(*[getattr(settings, name) for name in {names.split()}])"
    environ = {**os.environ, "OPENINFUSION_BEHIND_PROXY": "yes"}
    told = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True).stdout.split()
    assert told == ["__Host-session", "__Host-csrf", "True", "True"]
