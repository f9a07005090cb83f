"""Every periodic task on one page, and how Celery behaves."""

from celery.schedules import crontab
from django.conf import settings

from config.celery import broker

VISIBILITY = {"visibility_timeout": 600}

broker_url = broker(settings.ENV.redis_url)
broker_connection_retry_on_startup = True
broker_transport_options = VISIBILITY
timezone = settings.TIME_ZONE
enable_utc = True
accept_content = ["json"]
task_serializer = "json"
task_ignore_result = True
task_publish_retry_policy = {"max_retries": 1}
task_acks_late = True
task_reject_on_worker_lost = True
task_time_limit = 290
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 200
worker_soft_shutdown_timeout = 5
worker_enable_soft_shutdown_on_idle = True
worker_hijack_root_logger = False
worker_cancel_long_running_tasks_on_connection_loss = True

beat_schedule = {
    "sweep": {"task": "steward.sweep", "schedule": 15.0},
    "partitions": {
        "task": "steward.tick",
        "schedule": crontab(hour="0", minute="10"),
        "args": ["compliance.partitions"],
        "kwargs": {"every": "day"},
    },
    "ledger": {
        "task": "steward.tick",
        "schedule": 60.0,
        "args": ["compliance.watch_ledger"],
        "kwargs": {"every": "minute"},
    },
    "compliance_mail": {
        "task": "steward.tick",
        "schedule": crontab(hour="6", minute="30"),
        "args": ["compliance.mail_day"],
        "kwargs": {"every": "day"},
    },
    "openings": {
        "task": "steward.tick",
        "schedule": crontab(minute="*/5"),
        "args": ["compliance.watch_openings"],
        "kwargs": {"every": "minute"},
    },
    "calendars": {
        "task": "steward.tick",
        "schedule": crontab(hour="0", minute="40"),
        "args": ["calendars.seed"],
        "kwargs": {"every": "day"},
    },
    "maturities": {
        "task": "steward.tick",
        "schedule": crontab(hour="1", minute="0"),
        "args": ["portfolios.mature"],
        "kwargs": {"every": "day"},
    },
    "reviews": {
        "task": "steward.tick",
        "schedule": crontab(hour="1", minute="20"),
        "args": ["reviews.open_due"],
        "kwargs": {"every": "day"},
    },
    "lapses": {
        "task": "steward.tick",
        "schedule": crontab(hour="1", minute="40"),
        "args": ["reviews.lapse"],
        "kwargs": {"every": "day"},
    },
    "valuations": {
        "task": "steward.tick",
        "schedule": crontab(hour="1", minute="50"),
        "args": ["portfolios.value_due"],
        "kwargs": {"every": "day"},
    },
    "statements": {
        "task": "steward.tick",
        "schedule": crontab(hour="3", minute="0"),
        "args": ["reports.issue_due"],
        "kwargs": {"every": "day"},
    },
    "programs": {
        "task": "steward.tick",
        "schedule": crontab(minute="*/10"),
        "args": ["programs.tidy"],
        "kwargs": {"every": "minute"},
    },
    "exports": {
        "task": "steward.tick",
        "schedule": crontab(minute="*/15"),
        "args": ["lists.tidy"],
        "kwargs": {"every": "minute"},
    },
    "feeds": {
        "task": "steward.tick",
        "schedule": crontab(minute="*/20"),
        "args": ["portfolios.tidy_feeds"],
        "kwargs": {"every": "minute"},
    },
    "deliveries": {
        "task": "steward.tick",
        "schedule": 60.0,
        "args": ["reports.sweep_deliveries"],
        "kwargs": {"every": "minute"},
    },
}
if settings.INBOX is not None:
    beat_schedule["inbox"] = {
        "task": "steward.tick",
        "schedule": 60.0,
        "args": ["portfolios.scan_inbox"],
        "kwargs": {"every": "minute"},
    }
