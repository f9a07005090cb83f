"""Django's own defaults over the same database: sessions, sign-in, admin. The models are Steward's, the rest is not."""

import os

from config import environment

SECRET_KEY = "a rival has no secrets"
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "import_export",
    "knox",
    "core",
    "clients",
    "portfolios",
    "tests.bench.rival",
]
if "RIVAL_TRAILS" in os.environ:  # in the process that saves with other people's trails, and nowhere else
    INSTALLED_APPS += ["auditlog", "simple_history", "tests.bench.rival.trails"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tests.bench.rival.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": environment.database(os.environ["RIVAL_URL"])}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "core.User"
KNOX_TOKEN_MODEL = "core.Token"
AUTHENTICATION_BACKENDS = ["tests.bench.rival.people.Backend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "clients"
LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "static/"
BASE_DIR = environment.BASE
CONTEXT_KEY = FIELD_KEY = INDEX_KEY = b""
"""Names that Steward's models import; nothing here uses them."""
SILENCED_SYSTEM_CHECKS = ["steward.E001", "admin.E408", "admin.E409", "admin.E410"]
