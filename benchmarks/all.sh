#!/bin/sh
# Every benchmark at full length, on a machine that does nothing else: about 45 minutes.
#
#   benchmarks/all.sh           the numbers of README.md: tables, and JSON under var/benchmarks
#   benchmarks/all.sh --quick   the same shapes, short and few: about 6 minutes, to look rather than to quote
set -eu

cd -- "$(dirname -- "$0")/.."
. sandbox/environment.sh
prepare_environment requirements-dev.txt

case "${1:-}" in
--quick) runs=1 messages=3000 seconds=8 whole=10 ;;
*) runs=5 messages=20000 seconds=20 whole=20 ;;
esac

measure() {
    echo
    .venv/bin/python -m "benchmarks.$@"
}

uptime
measure bulk_send --runs "$runs" --messages "$messages"
measure pacing --runs "$runs" --seconds "$seconds"
measure many_bots --runs "$runs" --seconds "$seconds"
measure joins --runs "$runs" --people "$messages"
measure offers --runs 5 --seconds "$((seconds / 4))"
measure memory --runs "$runs" --seconds "$whole"
if [ "$runs" -gt 1 ]; then
    # To the last of the million, once: the peak must not come later.
    measure memory --runs 1 --seconds 3600 --json var/benchmarks/memory-whole.json
fi
uptime
