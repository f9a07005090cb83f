"""The settings as the type checker reads them: it needs their names and types, no server and no key file."""

import os

PLACEHOLDER = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
os.environ.update(
    {
        "DATABASE_URL": "postgresql:///types",
        "REDIS_URL": "redis://localhost",
        **dict.fromkeys(("SECRET_KEY", "CONTEXT_KEY", "FIELD_KEY", "INDEX_KEY"), PLACEHOLDER),
    }
)

from config.settings import *  # noqa: E402, F403
