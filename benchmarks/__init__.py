"""Benchmarks on real servers, one command each: `python -m benchmarks.bulk_send`. See README.md beside this.

Servers that nobody named (DATABASE_URL, REDIS_URL) are embedded ones under var/benchmarks.
"""

import os

import django

from sandbox.supervisor.environment import PROJECT, complete, given, with_servers

RESULTS = PROJECT / "var" / "benchmarks"
os.environ.update(with_servers(complete({"LOG_LEVEL": "WARNING", **given()}, RESULTS), RESULTS))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
