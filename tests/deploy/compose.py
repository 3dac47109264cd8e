"""The compose file and its neighbours as tests read them."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "bots", "worker", "pump", "beat", "migrate")
VARIABLE = re.compile(r"\$\{([A-Z_]+)")


def described() -> set[str]:
    """The variables of .env.example."""
    text = (ROOT / ".env.example").read_text(encoding="utf8")
    return set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))


def required(text: str) -> set[str]:
    """Variables without which Docker Compose refuses to start."""
    return set(re.findall(r"\$\{([A-Z_]+):\?", text))
