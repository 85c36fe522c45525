"""What a site may set: environment variables only, checked once at start. Reads no database, loads no Django, keeps no secret in its
listing."""

import os
import secrets
import stat
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openinfusion.app.ports import StoreKind
from openinfusion.core.errors import ConfigurationError
from openinfusion.core.part import Region

T = TypeVar("T")

LANGUAGES = ("en",)
"""Languages that have a message catalogue."""

EPINEPHRINE_SCHEMES = ("rcuk", "us", "ascia")
"""Schemes for intramuscular epinephrine; the first, which has a row for every age, holds where a site chooses none."""

_SHORTEST_SECRET = 50
_LONGEST_IDLE = 60
_FILE_OF = {StoreKind.REAL: "openinfusion.sqlite3", StoreKind.DEMO: "demo.sqlite3"}


class Origin(StrEnum):
    """Where the value of a setting comes from."""

    DEFAULT = "default"
    ENVIRONMENT = "env"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of `openinfusion config`: a secret shows as "set" or "not set"."""

    name: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Configuration:
    """The checked settings of one program start."""

    kind: StoreKind
    home: Path
    database_url: str
    database_owner_url: str
    secret_file: Path
    allowed_hosts: tuple[str, ...]
    behind_proxy: bool
    language: str
    time_zone: str
    region: Region | None
    epinephrine_scheme: str
    idle_minutes: int
    settings: tuple[Setting, ...]

    def secret(self) -> str:
        """The site's secret, empty before `make_secret`; raises ConfigurationError when others may read the file or it is too short."""
        if not self.secret_file.exists():
            return ""
        if stat.S_IMODE(self.secret_file.stat().st_mode) & 0o077:
            raise ConfigurationError("OPENINFUSION_SECRET_FILE", f"others can read {self.secret_file}; run chmod 600 on it")
        text = self.secret_file.read_text(encoding="utf-8").strip()
        if len(text) < _SHORTEST_SECRET or len(set(text)) < 10:
            raise ConfigurationError(
                "OPENINFUSION_SECRET_FILE", f"the secret in {self.secret_file} is shorter than {_SHORTEST_SECRET} characters or too regular"
            )
        return text

    @property
    def sign_in_notice_file(self) -> Path:
        """Where a site writes what its sign-in page shall say, such as whom to call for a new code. Each kind of store has its own."""
        return self.home / f"sign-in-{self.kind.value}.txt"

    def sign_in_notice(self) -> str:
        """The site's text for its sign-in page, empty when it wrote none."""
        return self.sign_in_notice_file.read_text(encoding="utf-8") if self.sign_in_notice_file.exists() else ""

    def make_home(self) -> None:
        """Make the home folder for its owner alone; raises ConfigurationError when it cannot be made or others may look into it."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.home.chmod(0o700)
        except OSError as error:
            raise ConfigurationError("OPENINFUSION_HOME", f"{self.home} cannot be made private: {error.strerror}") from error

    def make_secret(self) -> None:
        """Write a new random secret, readable by its owner alone, unless there is one."""
        if self.secret_file.exists():
            return
        handle = os.open(self.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(64) + "\n")

    def check_serving(self) -> None:
        """What `serve` needs beyond a valid configuration; raises ConfigurationError naming the variable to set."""
        if not self.secret():
            raise ConfigurationError("OPENINFUSION_SECRET_FILE", f"{self.secret_file} does not exist; `openinfusion init` makes it")
        if not self.allowed_hosts:
            raise ConfigurationError(
                "OPENINFUSION_ALLOWED_HOSTS", "name the hosts under which people reach this server, separated by commas"
            )


class _Reader:
    """Takes settings out of an environment one by one and keeps the list of what it took."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ, self.taken = environ, list[Setting]()

    def take(self, name: str, default: str, read: Callable[[str], T], shown: Callable[[str], str] = str) -> T:
        """Read one variable; an empty one counts as unset. `read` raises ValueError with the reason when the text is not valid."""
        given = self._environ.get(name, "").strip()
        text = given or default
        try:
            value = read(text)
        except ValueError as error:
            raise ConfigurationError(name, str(error)) from error
        self.taken.append(Setting(name, shown(text), Origin.ENVIRONMENT if given else Origin.DEFAULT))
        return value


def load(environ: Mapping[str, str], kind: StoreKind = StoreKind.REAL) -> Configuration:
    """The configuration of an environment; raises ConfigurationError for the first variable that is not valid.

    A demo store always lives in its own SQLite file and ignores the database variables.
    """
    _refuse_unknown(environ)
    reader = _Reader(environ)
    home = reader.take("OPENINFUSION_HOME", str(_default_home(environ)), _absolute)
    inside = environ if kind is StoreKind.REAL else {}
    stores = _Reader(inside)
    file = f"sqlite:///{quote(str(home / _FILE_OF[kind]))}"
    url = stores.take("OPENINFUSION_DATABASE_URL", file, _database_url, _without_password)
    owner = stores.take("OPENINFUSION_DATABASE_OWNER_URL", "", _owner_url, lambda text: "set" if text else "not set")
    secret_file = reader.take("OPENINFUSION_SECRET_FILE", str(home / "secret"), _absolute)
    secret = Setting("secret", "set" if secret_file.exists() else "not set", Origin.FILE)
    return Configuration(
        kind=kind,
        home=home,
        database_url=url,
        database_owner_url=owner,
        secret_file=secret_file,
        allowed_hosts=reader.take("OPENINFUSION_ALLOWED_HOSTS", "", _hosts),
        behind_proxy=reader.take("OPENINFUSION_BEHIND_PROXY", "no", _yes_or_no),
        language=reader.take("OPENINFUSION_LANGUAGE", LANGUAGES[0], _one_of(LANGUAGES)),
        time_zone=reader.take("OPENINFUSION_TIME_ZONE", "UTC", _time_zone),
        region=reader.take("OPENINFUSION_REGION", "", lambda text: Region(_one_of(tuple(Region))(text)) if text else None),
        epinephrine_scheme=reader.take("OPENINFUSION_EPINEPHRINE_SCHEME", EPINEPHRINE_SCHEMES[0], _one_of(EPINEPHRINE_SCHEMES)),
        idle_minutes=reader.take("OPENINFUSION_IDLE_MINUTES", "30", _idle_minutes),
        settings=(*reader.taken, *stores.taken, secret),
    )


_current: Configuration | None = None


def current() -> Configuration:
    """The configuration of this process: the one given to `use`, else that of its environment for a real store."""
    return _current if _current is not None else load(os.environ)


def use(configuration: Configuration) -> None:
    """Choose the configuration of this process, before Django's settings are first read."""
    global _current  # noqa: PLW0603 - a process has one configuration, as it has one set of Django settings
    _current = configuration


def keep_compiled(environ: MutableMapping[str, str], home: Path) -> None:
    """Have Numba keep what it compiles under the home folder and nowhere else, unless the person says otherwise; before it is loaded."""
    environ.setdefault("NUMBA_CACHE_DIR", str(home / "numba"))
    environ.setdefault("NUMBA_CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")


_NAMES = frozenset(
    f"OPENINFUSION_{name}"
    for name in (
        "HOME DATABASE_URL DATABASE_OWNER_URL SECRET_FILE ALLOWED_HOSTS BEHIND_PROXY LANGUAGE TIME_ZONE REGION EPINEPHRINE_SCHEME "
        "IDLE_MINUTES"
    ).split()
)


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """A misspelt variable would otherwise leave its default in force without a word. Variables of the test run have a prefix of their
    own."""
    for name in sorted(environ):
        if name.startswith("OPENINFUSION_") and not name.startswith("OPENINFUSION_TEST_") and name not in _NAMES:
            raise ConfigurationError(name, f"no such setting; the settings are {', '.join(sorted(_NAMES))}")


def _default_home(environ: Mapping[str, str]) -> Path:
    checkout = Path(__file__).parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "var"
    shared = environ.get("XDG_DATA_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".local" / "share")
    return Path(shared) / "openinfusion"


def _absolute(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError(f"{text!r} is not an absolute path")
    return path


def _database_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "sqlite" and not parts.netloc and parts.path.startswith("//") and len(parts.path) > 2:
        return text
    if parts.scheme in ("postgresql", "postgres") and parts.hostname and len(parts.path) > 1:
        return text
    raise ValueError("write sqlite:////absolute/file or postgresql://role:password@host:port/database")


def _owner_url(text: str) -> str:
    if text and urlsplit(text).scheme not in ("postgresql", "postgres"):
        raise ValueError("an owner's URL is for PostgreSQL only: postgresql://owner:password@host:port/database")
    return _database_url(text) if text else ""


def _without_password(text: str) -> str:
    password = urlsplit(text).password
    return text.replace(f":{password}@", ":***@") if password else text


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(part.strip() for part in text.split(",") if part.strip())
    for host in hosts:
        if "*" in host or "/" in host or ":" in host:
            raise ValueError(f"{host!r} is no host name: no scheme, no port, no star")
    return hosts


def _idle_minutes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _LONGEST_IDLE:
        raise ValueError(f"write whole minutes from 1 to {_LONGEST_IDLE}")
    return int(text)


def _yes_or_no(text: str) -> bool:
    return _one_of(("yes", "no"))(text) == "yes"


def _one_of(allowed: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is not one of {', '.join(allowed)}")
        return text

    return read


def _time_zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{text!r} is no IANA time zone such as Europe/Lisbon") from error
