#!/bin/sh
# The gate: every check and every test, on real PostgreSQL and Redis; needs nothing but Python 3.11 or newer.
#
#   ./run_tests.sh              the whole gate, stopping at the first failure
#   ./run_tests.sh PYTEST-ARGS  only pytest, with these arguments (./run_tests.sh tests/giveaways -k publish)
#   ./run_tests.sh --help       this
#
# DATABASE_URL and REDIS_URL, when set, replace the embedded servers. The browser test needs Chromium.
set -eu

case "${1:-}" in
-h | --help)
    sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

cd -- "$(dirname -- "$0")"

if [ "${TELEGIVE_GATE:-}" != inside ]; then
    . sandbox/environment.sh
    prepare_environment requirements-dev.txt
    TELEGIVE_GATE=inside exec .venv/bin/python -m sandbox exec --base var/tests -- sh "$0" "$@"
fi

PATH="$PWD/.venv/bin:$PATH"
export PATH PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$PWD"

step() {
    name=$1
    shift
    echo
    echo "== $name"
    "$@"
}

if [ $# -gt 0 ]; then
    exec python -m pytest "$@"
fi

step "ruff format" ruff format --check --quiet .
step "ruff" ruff check --quiet .
step "mypy" mypy .
step "import contracts" lint-imports --no-logo
step "migrations are written" python manage.py makemigrations --check --dry-run
step "system checks" python manage.py check --fail-level WARNING
step "tests" python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/browser --ignore tests/faults -q
step "tests that kill processes" python -m pytest tests/faults -n 2 --dist loadfile --no-loadscope-reorder -q
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
    step "a person in a browser" python -m pytest tests/browser -q
else
    echo
    echo "== a person in a browser: LEFT OUT, no Chromium was found (Debian: apt install chromium)"
fi
echo
echo "The gate is open: every check and test passed."
