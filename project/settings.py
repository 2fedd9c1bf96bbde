"""Django's settings, all from the environment (environment.py)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from project import environment
from project.environment import ROOT

VAR_DIR = environment.var_dir()
SECRET_KEY = environment.secret_key()
DEBUG = environment.flag("DEBUG")
HTTPS = environment.flag("HTTPS")
HOST = environment.text("HOST")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.hosts()]
PROXIES = environment.number("PROXIES")

INSTALLED_APPS = [
    "annotations",
    "importers",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "annotations.pages.headers.SafeHeaders",
    "annotations.pages.headers.ContentPolicy",
    "annotations.pages.headers.TrustedTypes",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "annotations.pages.bodies.BoundedBodies",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "annotations.pages.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "annotations.pages.audited.AuditMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "annotations.pages.care.appearance",
                "annotations.pages.language.language_of_page",
            ],
            "builtins": ["django.templatetags.i18n", "annotations.templatetags.sentences"],
        },
    },
]


def _database() -> dict[str, Any]:
    """PostgreSQL where DATABASE_URL names one, else SQLite made safe for several writers.

    WAL lets readers go on while one process writes, IMMEDIATE makes a writer queue at the start
    instead of failing in the middle, FULL keeps acknowledged writes through a power cut.
    """
    url = environment.text("DATABASE_URL")
    if url:
        chosen = environ.Env.db_url_config(url)
        return {
            **chosen,
            # else a server that is gone from the network is waited for as long as TCP does
            "OPTIONS": {"connect_timeout": 5, **chosen.get("OPTIONS", {})},
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "project.sqlite",
        "NAME": VAR_DIR / "threadmark.sqlite3",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-65536"
            ),
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "annotations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "annotations.accounts.AccountBackend",
]
SESSION_ENGINE = "annotations.accounts"
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Who is locked out and goes on trying does not stay locked out for it: never for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "annotations.visitors.address_of"
AXES_LOCKOUT_TEMPLATE = "annotations/locked_out.html"
AXES_RESET_ON_SUCCESS = True
# Where somebody goes after the log-in may be an invitation: its token is kept out of the tables.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "next"]
AUDIT_ADDRESSES = environment.one_of("AUDIT_ADDRESSES", "shortened", "whole", "none")

# Each language has its catalogs in annotations/locale, importers/locale and frontend/src/i18n.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
FORMAT_MODULE_PATH = "project.formats"
TIME_ZONE = environment.text("TIME_ZONE")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [("frontend", ROOT / "frontend" / "dist")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# A name with a hash in it stands for one content for ever: Django's hashes and the front end's own.
WHITENOISE_IMMUTABLE_FILE_TEST = r"(\.[0-9a-f]{12}|/chunks/[^/]+-[\w-]{8})\.\w+$"
MEDIA_ROOT = VAR_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
MAX_UPLOAD_BYTES = environment.number("MAX_UPLOAD_MB") * 1_000_000
MAX_BULK_BYTES = environment.number("MAX_BULK_MB") * 1_000_000
THREADS = environment.web_processes()[1]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Browsers take a cookie of such a name from this host alone, never from a neighbour.
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = [
    f"https://*{name}" if name.startswith(".") else f"https://{name}"
    for name in environment.hosts()
]
CSRF_FAILURE_VIEW = "annotations.pages.errors.csrf_failed"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [NONE],
        "frame-src": [NONE],
        "worker-src": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "report-uri": ["/policy-report/"],
        "report-to": ["policy"],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "annotations.api.errors.error_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
REST_KNOX = {"TOKEN_PREFIX": "tm_", "TOKEN_TTL": timedelta(days=365)}
KNOX_TOKEN_MODEL = "annotations.ApiToken"  # noqa: S105 (a model, no password)
# knox's own table would stay empty beside ours: its migrations are left out.
MIGRATION_MODULES = {"knox": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Threadmark",
    "DESCRIPTION": (
        "Threads, codebooks, campaigns and labels of Threadmark. The guide `docs/api.md` says what "
        "all routes have in common; `work` is labeling. Here you ask as whom you are logged in."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "none",
        "filter": True,
        "tagsSorter": "alpha",
    },
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
}

# A socket's path may have 107 bytes at most, and the clone may lie deep: then it lies in /tmp.
BROKER_SOCKET = VAR_DIR / "broker.sock"
if len(os.fsencode(BROKER_SOCKET)) > 100:
    _digest = hashlib.sha256(os.fsencode(VAR_DIR)).hexdigest()[:16]
    BROKER_SOCKET = Path(tempfile.gettempdir()) / f"threadmark-{_digest}" / "broker.sock"
EMBEDDED_BROKER = not environment.text("REDIS_URL")
CELERY_BROKER_URL = environment.text("REDIS_URL") or f"redis+socket://{BROKER_SOCKET}"
# On SQLite one process serves all pages (launch.py) and counts requests best by itself: the broker
# would write each of them to the disk.
BUCKETS_URL = environment.text("REDIS_URL") or (
    f"unix://{BROKER_SOCKET}" if environment.text("DATABASE_URL") else ""
)
# Which file of labels a client reads by parts must be known to the process that gives the next one.
_shared = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": BUCKETS_URL,
    "KEY_PREFIX": "threadmark",
    "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
}
_own = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES = {
    "default": _own,
    "reading": _shared if BUCKETS_URL else {**_own, "LOCATION": "reading"},
}
TOKEN_RATE = environment.number("TOKEN_RATE")
TOKEN_BURST = environment.number("TOKEN_BURST")
SAVE_RATE = environment.number("SAVE_RATE")
SAVE_BURST = environment.number("SAVE_BURST")
WEBHOOK_ALLOWED_HOSTS = environment.names("WEBHOOK_ALLOWED_HOSTS")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A message seen again after this time finds its row claimed, and ends at once.
    "visibility_timeout": 3600,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "socket_keepalive": True,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = environment.number("WORKER_PROCESSES")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "annotations.sweep", "schedule": timedelta(seconds=10)},
}
# Kept in memory: a clock that writes a file ends where the disk is full, and the worker with it.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "filters": {"without_tokens": {"()": "project.logs.WithoutTokens"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_tokens"],
        }
    },
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL")},
}

os.umask(0o077)
