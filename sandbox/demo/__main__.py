"""`python -m sandbox.demo`: plays a giveaway against a running platform; exit code 0 when all went as promised."""

import sys
import tempfile
from pathlib import Path

from sandbox.client import ClientError, api_url, control_url
from sandbox.demo import checks, options
from sandbox.demo.screen import Screen
from sandbox.demo.story import Story

INTERRUPTED = 130


def main() -> int:
    chosen = options.read(sys.argv[1:])
    screen = Screen()
    try:
        with tempfile.TemporaryDirectory(prefix="telegive-demo-") as directory:
            return play(chosen, screen, Path(directory))
    except ClientError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def play(chosen: options.Options, screen: Screen, directory: Path) -> int:
    screen.opening(chosen)
    facts = Story(chosen, (api_url(), control_url()), screen).play(directory)
    parts = checks.judge(facts)
    screen.verdict(facts, parts, facts.finished["draw_url"])
    return 0 if all(check.ok for part in parts.values() for check in part) else 1


if __name__ == "__main__":
    sys.exit(main())
