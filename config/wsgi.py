"""The web process. It does not start with a route that declares no rule."""

import gc
import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from core.checks import undeclared  # noqa: E402  (needs the application)

if paths := undeclared():
    raise ImproperlyConfigured(f"routes without a rule: {', '.join(paths)}")

# What is loaded by now stays for good: the collector of garbage need not walk through it again and again, nor look as
# often as it does for a small program.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
