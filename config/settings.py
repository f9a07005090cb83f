"""Settings of every process: web, worker, beat and commands. One module, fed by ``config.environment``."""

import sys

import django_stubs_ext
import structlog
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

import config.celery  # noqa: F401  (makes it the current Celery application of every process)
from config import environment, fonts
from config.navigation import CLIENT_PANELS, DEPOSIT_PANELS, LOG, NAVIGATION, SEARCH  # noqa: F401

django_stubs_ext.monkeypatch()
ENV = environment.read()
BASE_DIR = environment.BASE
VAR = ENV.var
DEMO = ENV.demo
DEBUG = False
SECRET_KEY = ENV.secret_key
CONTEXT_KEY, FIELD_KEY, INDEX_KEY = ENV.context_key, ENV.field_key, ENV.index_key
ALLOWED_HOSTS = ENV.hosts
PUBLIC_URL = ENV.public_url

INBOX = ENV.inbox
"""The folder that is watched for bank files, if any."""
FEED_DEPENDENTS = ("reports_statement",)
"""Tables whose rows rest on what a bank file brought: it is not taken back once one was written."""
INSTALLED_APPS = [
    "config",
    "core",
    "clients",
    "portfolios",
    "compliance",
    "reviews",
    "reports",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.web.RequestIds",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.web.UserLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "core.api.TokenHolders",
    "core.web.Guard",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "core.web.frame",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "core.templatetags.steward",
            ],
            "string_if_invalid": "",
        },
    }
]
COTTON_DIR = "components"
FORM_RENDERER = "core.web.FormRenderer"

DATABASES = {"default": environment.database(ENV.database_url)}
if ENV.database_owner_url != ENV.database_url and len(sys.argv) > 1 and sys.argv[1] in {"migrate", "showmigrations"}:
    DATABASES["default"] = environment.database(ENV.database_owner_url)
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES = {"knox": None}  # its table is ours: core.models.Token

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url,
        "OPTIONS": {"serializer": "config.cache.Json"},
    }
}
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENV.secure
SESSION_COOKIE_NAME = "__Host-session" if ENV.secure else "steward-session"
CSRF_COOKIE_NAME = "__Host-csrf" if ENV.secure else "steward-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.web.csrf_failure"
SIGNED_COOKIE_LEGACY_SALT_FALLBACK = False
SECURE_SSL_REDIRECT = ENV.secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.secure else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31536000 if ENV.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.secure
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["clients.access.GrantsBackend", "config.accounts.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
PURPOSE_URL = "compliance:purpose"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "config.accounts.StaffAdapter"
ACCOUNT_FORMS = {"login": "config.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,20/5m/ip"}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = ENV.time_zone
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder", "config.assets.PackageFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "files"}},
    "staticfiles": {"BACKEND": "config.assets.Storage"},
}
WHITENOISE_MAX_AGE = 3600
PDF_FONTS = fonts.faces  # reports.render asks for the files; the first call prepares what is missing

WEBHOOK_HOSTS = ENV.webhook_hosts
LEDGER_KEYS, LEDGER_WITNESSES = ENV.ledger_keys, ENV.ledger_witnesses
EMAIL_TIMEOUT = 30
SMTP_URL = ENV.smtp_url
DEFAULT_FROM_EMAIL = ENV.mail_from

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problem",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
KNOX_TOKEN_MODEL = "core.Token"  # noqa: S105  (a model)
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "steward-"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Steward",
    "DESCRIPTION": "What other systems may ask of the private-banking desk, under the same rules as its screens.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ClientKind": "clients.models.Client.Kind",
        "CoveragePart": "clients.models.Coverage.Kind",
        "ContactPointKind": "clients.models.ContactPoint.Kind",
        "DocumentKind": "clients.models.IdentityDocument.Kind",
        "TaskKind": "clients.models.Task.Kind",
        "HoldKind": "compliance.models.Hold.Kind",
        "DepositKind": "portfolios.models.Deposit.Kind",
        "TransactionKind": "portfolios.models.Transaction.Kind",
        "FeedKind": "portfolios.models.FeedRun.Kind",
        "FeedState": "portfolios.models.FeedRun.State",
        "ReviewKind": "reviews.models.Review.Kind",
        "DeliveryState": "reports.models.Delivery.State",
    },
}

LOGGING_CONFIG = None
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)
