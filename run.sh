#!/bin/sh
# The whole platform on this machine; needs nothing but Python 3.11 or newer.
#
#   ./run.sh               start everything, show where it is; Ctrl-C stops everything
#   ./run.sh --fresh       the same, forgetting the data first
#   ./run.sh demo [ARGS]   play a giveaway from start to end (starts and stops everything, unless it runs)
#   ./run.sh --help        this
#
# A variable that is set, here or in .env, always wins: DATABASE_URL, REDIS_URL and TELEGRAM_API_URL replace
# the embedded servers and the sandbox's Telegram; WEB_PORT, BOTS_PORT, SANDBOX_PORT choose ports
# (mail goes to SANDBOX_PORT + 2);
# TELEGIVE_VAR says where the data lie (var/). All of them: .env.example.
set -eu

case "${1:-}" in
-h | --help)
    sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

cd -- "$(dirname -- "$0")"
. sandbox/environment.sh
prepare_environment requirements-sandbox.txt
exec .venv/bin/python -m sandbox up "$@"
