"""Every setting is an environment variable, checked at start, listed without its secrets; a wrong one says which and why."""

import stat
from pathlib import Path

import pytest

from openinfusion import config
from openinfusion.app.ports import StoreKind
from openinfusion.config import Origin, Setting
from openinfusion.core.errors import ConfigurationError
from openinfusion.core.part import Region


def load(home, **given):
    return config.load({"OPENINFUSION_HOME": str(home), **{f"OPENINFUSION_{name}": value for name, value in given.items()}})


def test_without_any_variable_a_checkout_keeps_everything_in_var():
    found = config.load({})
    assert found.home == Path(config.__file__).parents[2] / "var"
    assert found.database_url == f"sqlite:///{found.home}/openinfusion.sqlite3"
    assert (found.region, found.language, found.time_zone, found.behind_proxy, found.allowed_hosts) == (None, "en", "UTC", False, ())


def test_an_installed_program_keeps_its_home_where_the_user_keeps_data(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "__file__", str(tmp_path / "site-packages" / "openinfusion" / "config.py"))
    assert config.load({"XDG_DATA_HOME": "/data"}).home == Path("/data/openinfusion")
    assert config.load({"HOME": "/home/m"}).home == Path("/home/m/.local/share/openinfusion")


def test_all_settings_are_read_and_listed_with_their_origin(tmp_path):
    found = load(
        tmp_path,
        DATABASE_URL="postgresql://app:hidden@db.example:5432/infusions",
        DATABASE_OWNER_URL="postgresql://owner:hidden@db.example:5432/infusions",
        ALLOWED_HOSTS="infusion.example, ward.example",
        BEHIND_PROXY="yes",
        TIME_ZONE="Europe/Lisbon",
        REGION="EU",
    )
    assert found.allowed_hosts == ("infusion.example", "ward.example")
    assert (found.behind_proxy, found.time_zone, found.region) == (True, "Europe/Lisbon", Region.EU)
    listed = {setting.name: setting for setting in found.settings}
    assert listed["OPENINFUSION_DATABASE_URL"] == Setting(
        "OPENINFUSION_DATABASE_URL", "postgresql://app:***@db.example:5432/infusions", Origin.ENVIRONMENT
    )
    assert listed["OPENINFUSION_DATABASE_OWNER_URL"].value == "set"
    assert listed["OPENINFUSION_LANGUAGE"].origin is Origin.DEFAULT
    assert listed["secret"] == Setting("secret", "not set", Origin.FILE)
    assert "hidden" not in str(found.settings)
    assert set(listed) - {"secret"} == set(config._NAMES)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("HOME", "here", "not an absolute path"),
        ("DATABASE_URL", "mysql://x/y", "write sqlite:"),
        ("DATABASE_URL", "sqlite:///relative.db", "write sqlite:"),
        ("DATABASE_URL", "postgresql:///nohost", "write sqlite:"),
        ("DATABASE_OWNER_URL", "sqlite:////x.db", "for PostgreSQL only"),
        ("ALLOWED_HOSTS", "*", "is no host name"),
        ("ALLOWED_HOSTS", "https://a.example", "is no host name"),
        ("BEHIND_PROXY", "true", "not one of yes, no"),
        ("LANGUAGE", "xx", "not one of en"),
        ("TIME_ZONE", "Lisbon", "no IANA time zone"),
        ("TIME_ZONE", "../etc/passwd", "no IANA time zone"),
        ("REGION", "usa", "not one of US, EU, UK, AU, CA"),
        ("DEMO", "1", "no such setting"),
        ("DATABASE_ULR", "sqlite:////x.db", "no such setting"),
    ],
)
def test_a_bad_value_names_the_variable_and_says_why(tmp_path, name, value, why):
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, **{name: value})
    assert refused.value.params["name"] == f"OPENINFUSION_{name}"
    assert why in str(refused.value.params["why"])


def test_a_demo_has_its_own_database_file_and_ignores_the_real_one(tmp_path):
    environ = {"OPENINFUSION_HOME": str(tmp_path), "OPENINFUSION_DATABASE_URL": "postgresql://app:x@db.example/real"}
    demo = config.load(environ, StoreKind.DEMO)
    assert demo.database_url == f"sqlite:///{tmp_path}/demo.sqlite3"
    assert demo.database_owner_url == ""


def test_home_and_secret_are_made_for_their_owner_alone_and_the_secret_is_made_once(tmp_path):
    found = load(tmp_path / "home")
    assert found.secret() == ""
    found.make_home()
    found.make_secret()
    assert stat.S_IMODE(found.home.stat().st_mode) == 0o700
    assert stat.S_IMODE(found.secret_file.stat().st_mode) == 0o600
    secret = found.secret()
    found.make_secret()
    assert found.secret() == secret
    assert len(secret) >= 50


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [("s" * 64, 0o600, "too regular"), ("short", 0o600, "shorter"), ("0123456789abcdef" * 5, 0o644, "others can read")],
)
def test_a_secret_that_others_can_read_or_guess_is_refused(tmp_path, text, mode, why):
    found = load(tmp_path)
    found.secret_file.write_text(text)
    found.secret_file.chmod(mode)
    with pytest.raises(ConfigurationError, match=why):
        found.secret()


def test_serving_needs_a_secret_and_the_names_of_the_hosts(tmp_path):
    with pytest.raises(ConfigurationError, match="openinfusion init"):
        load(tmp_path, ALLOWED_HOSTS="a.example").check_serving()
    load(tmp_path).make_secret()
    with pytest.raises(ConfigurationError, match="ALLOWED_HOSTS"):
        load(tmp_path).check_serving()
    load(tmp_path, ALLOWED_HOSTS="a.example").check_serving()


def test_a_home_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="OPENINFUSION_HOME"):
        load(tmp_path / "file" / "home").make_home()


def test_a_home_with_odd_letters_in_its_path_still_has_a_database(tmp_path):
    from openinfusion.settings import database

    odd = tmp_path / "infusión #1 100%"
    assert database(load(odd).database_url)["NAME"] == str(odd / "openinfusion.sqlite3")


def test_a_site_writes_what_its_sign_in_page_says_and_the_demo_beside_it_says_its_own(tmp_path):
    real, demo = load(tmp_path), config.load({"OPENINFUSION_HOME": str(tmp_path)}, StoreKind.DEMO)
    assert real.sign_in_notice() == ""
    real.sign_in_notice_file.write_text("A new code: extension 555", encoding="utf-8")
    demo.sign_in_notice_file.write_text("Everybody here is made up", encoding="utf-8")
    assert real.sign_in_notice() == "A new code: extension 555"
    assert demo.sign_in_notice() == "Everybody here is made up"


def test_idle_minutes_are_whole_and_at_most_an_hour(tmp_path):
    assert load(tmp_path).idle_minutes == 30
    assert load(tmp_path, IDLE_MINUTES="10").idle_minutes == 10
    for wrong in ("0", "61", "ten", "1.5", "-5"):
        with pytest.raises(ConfigurationError, match="OPENINFUSION_IDLE_MINUTES"):
            load(tmp_path, IDLE_MINUTES=wrong)
