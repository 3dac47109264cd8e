"""`python -m sandbox`: see supervisor/command.py."""

import sys

from sandbox.supervisor.command import main

if __name__ == "__main__":
    sys.exit(main())
