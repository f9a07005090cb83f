"""Notes with Steward's columns three times: without a trail, with django-auditlog, with django-simple-history."""
