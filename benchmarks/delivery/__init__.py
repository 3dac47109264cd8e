"""What the benchmarks of delivery share. Whoever imports this has servers and settings.

Servers that nobody named (DATABASE_URL, REDIS_URL) are embedded ones under var/benchmarks.
"""

import os

import django

from sandbox.supervisor.environment import PROJECT, complete, given, with_servers

BASE = PROJECT / "var" / "benchmarks"
os.environ.update(with_servers(complete({"LOG_LEVEL": "WARNING", **given()}, BASE), BASE))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
