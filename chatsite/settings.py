"""All settings, each from the environment; `.env` beside manage.py is read too."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from admin_panel.theme import UNFOLD as UNFOLD
from chatsite import cors, secrets
from chatsite.embedded_redis import socket_url
from chatsite.environment import (
    BASE_DIR,
    choice,
    decimal,
    directory,
    env,
    flag,
    names,
    text,
    whole,
)

DEBUG = flag("DEBUG", default=False)
DATA_DIR: Path = directory("DATA_DIR", BASE_DIR / "var")
MODELS_DIR = directory("MODELS_DIR", BASE_DIR / "models")
DEMO_MODEL_DIR = BASE_DIR / "demo_model"
DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- web ---------------------------------------------------------------------------------------

HOST = text("HOST", "127.0.0.1")
PORT = whole("PORT", 8000, least=1, most=65535)
HTTPS = flag("HTTPS", default=False)
SECRET_KEY = text("SECRET_KEY") or secrets.stored_key(DATA_DIR / "secret_key")
# Health checks come by the loopback names, whatever else the server is called.
ALLOWED_HOSTS = [*names("ALLOWED_HOSTS", []), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [
    f"https://{'*' if host.startswith('.') else ''}{host}" for host in ALLOWED_HOSTS if host != "*"
]
CORS_ALLOWED_ORIGINS = names("CORS_ORIGINS", [])
CORS_ALLOW_HEADERS = cors.SENT
CORS_EXPOSE_HEADERS = cors.READ
PROGRAMS_URLS_REGEX = r"^/(v1|api)/"
CORS_URLS_REGEX = PROGRAMS_URLS_REGEX

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Whether shared conversations can be read without signing in.
PUBLIC_LINKS = flag("PUBLIC_LINKS", default=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"

INSTALLED_APPS = [
    "daphne",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "admin_panel.apps.ParleyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "corsheaders",
    "csp",
    "django_htmx",
    "accounts",
    "inference",
    "conversations",
    "admin_panel.apps.AdminPanelConfig",
    "chatsite",
]

MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "chatsite.api_answers.api_answers",
    "inference.api.rate_limits.rate_limits",
    "inference.api.idempotency.keep_answers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.languages.LanguageMiddleware",
    "accounts.devices.DeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["chatsite.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# Scripts only from here or with the response's nonce; nothing from another host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("zh-hans", "简体中文"),
]
FORMAT_MODULE_PATH = ["chatsite.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
ENGLISH_URLS_REGEX = r"^/(v1|api|admin)/"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- accounts ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Wide enough for an office or a class that shares one address; one account stays well guarded.
ACCOUNT_RATE_LIMITS = {
    "signup": "60/m/ip",
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
}
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Parley"
MFA_TOTP_TOLERANCE = 1  # for clocks that are up to half a minute off
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}  # two requests for each
MFA_ALLOW_UNVERIFIED_EMAIL = True  # as no address is verified here
ALLAUTH_TRUSTED_PROXY_COUNT = whole("TRUSTED_PROXY_COUNT", 0, least=0, most=10)
# smtp+tls://user:password@host:587; consolemail:// prints mails to the log.
vars().update(env.email_url_config(text("EMAIL_URL", "consolemail://")))
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "Parley <parley@localhost>")

# --- database, Redis, Celery -------------------------------------------------------------------

DATABASES = {
    "default": env.db_url_config(text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'parley.sqlite3'}"))
}
DATABASES["default"] |= {
    "CONN_MAX_AGE": whole("CONN_MAX_AGE", 60, least=0),
    "CONN_HEALTH_CHECKS": True,
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue for the lock instead of failing when a read turns into a write.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = text("REDIS_URL") or socket_url(DATA_DIR)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # The default of 5 s would end every socket whose blocking read of 5 s brings nothing;
            # with any timeout, Python 3.11 loses cancellations (asyncio.wait_for), and so tasks.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "prefix": "parley:channels",
        },
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = whole("WORKER_THREADS", 64, least=1, most=1024)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# --- inference ---------------------------------------------------------------------------------

MODEL_REPO = text("MODEL_REPO")
MODEL_FILENAME = text("MODEL_FILENAME")
N_CTX = whole("N_CTX", 8192, least=64, most=10_000_000)
NUM_THREADS = whole("NUM_THREADS", 0, least=0, most=1024)  # 0: as many as the process may use
MAX_NEW_TOKENS = whole("MAX_NEW_TOKENS", 1024, least=1)
TEMPERATURE = decimal("TEMPERATURE", 0.7, least=0, most=5)
TOP_P = decimal("TOP_P", 0.9, least=0, most=1)
REPETITION_PENALTY = decimal("REPETITION_PENALTY", 1.1, least=0.1, most=5)
MAX_HISTORY_MESSAGES = whole("MAX_HISTORY_MESSAGES", 10, least=1)
# States of the KV cache that had to make room, or outlive the worker; of each model.
KV_RAM_MB = whole("KV_RAM_MB", 256, least=0)
KV_DISK_MB = whole("KV_DISK_MB", 1024, least=0)
GENERATION_TIMEOUT = timedelta(seconds=decimal("GENERATION_TIMEOUT_S", 600, least=1, most=86_400))
MAX_WAITING_PER_USER = whole("MAX_WAITING_PER_USER", 20, least=1)
MAX_WAITING = whole("MAX_WAITING", 500, least=1)
MAX_WAITING_TOKENS_PER_USER = whole("MAX_WAITING_TOKENS_PER_USER", 32_768, least=1)
MAX_WAITING_TOKENS = whole("MAX_WAITING_TOKENS", 262_144, least=1)

# --- logging -----------------------------------------------------------------------------------

LOG_LEVEL = choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "filters": {
        "unasked": {  # a 503 is an answer given on purpose, to a probe or when the queue is full
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", None) != 503,
        }
    },
    "loggers": {
        "django.request": {"filters": ["unasked"]},
        "daphne": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
