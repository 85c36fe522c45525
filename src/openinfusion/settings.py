"""Django's settings, all of them made from the checked configuration of this process. Nothing here is read from a user, and nothing is
secret in code."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from openinfusion import config

_configuration = config.current()
_package = Path(__file__).parent

SECRET_KEY = _configuration.secret()
DEBUG = False
ALLOWED_HOSTS = [*_configuration.allowed_hosts, "localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "openinfusion.store",
    "openinfusion.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "openinfusion.web.packaged.PackagedFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "openinfusion.web.middleware.ClinicMiddleware",
    "openinfusion.web.audit.AuditMiddleware",
    "openinfusion.web.middleware.IdleMiddleware",
]

ROOT_URLCONF = "openinfusion.web.urls"
LOGIN_URL = "sign-in"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "openinfusion.web.context.clinic",
            ],
        },
    },
]


def database(url: str) -> dict[str, Any]:
    """Django's database settings for a checked URL, with the durability that the record needs set on every connection."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # the log is moved into the file each 16 MiB instead of each 4: a commit is as durable, and fewer of them wait for that
        durable = (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; "
            "PRAGMA wal_autocheckpoint=4000"
        )
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path)[1:],
            "OPTIONS": {"init_command": durable, "transaction_mode": "IMMEDIATE", "timeout": 5},
            "CONN_MAX_AGE": None,
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path).removeprefix("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {"options": "-c synchronous_commit=on -c lock_timeout=5000"},
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(_configuration.database_url)}
if _configuration.database_owner_url:
    DATABASES["owner"] = database(_configuration.database_owner_url)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = _configuration.behind_proxy
SESSION_COOKIE_NAME = "__Host-session" if _configuration.behind_proxy else "session"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = _configuration.behind_proxy
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if _configuration.behind_proxy else "csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _configuration.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

USE_I18N = True
LANGUAGE_CODE = _configuration.language
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [_package / "web" / "locale"]
USE_TZ = True
TIME_ZONE = _configuration.time_zone

STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "openinfusion.store.logline.JsonLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}, "django.server": {"handlers": [], "propagate": True}},
}
