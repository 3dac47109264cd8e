#!/bin/sh
# Makes the database what a file of deploy/backup.sh says: all of it, or, when anything goes wrong, nothing.
#
#   deploy/restore.sh FILE
#
# Which database: as for deploy/backup.sh. Refuses while anybody works on it: stop web, bots, worker, pump and beat first.
# What to do before they are started again: docs/restore.md.
set -eu

file=${1:?"which file? deploy/restore.sh FILE"}

if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
fi
[ -z "${POSTGRES_PASSWORD:-}" ] || export PGPASSWORD="$POSTGRES_PASSWORD"
database=${DATABASE_URL:-postgresql://telegive@/telegive}

postgresql() {
    tool=$1
    shift
    if [ -n "${DATABASE_URL:-}" ]; then
        "${PG_BIN:+$PG_BIN/}$tool" "$@"
    else
        docker compose exec -T postgres "$tool" "$@"
    fi
}

postgresql pg_restore --list <"$file" | grep -q ' TABLE DATA public accounts_account ' || {
    echo "$file is no backup of Telegive." >&2
    exit 1
}
others=$(postgresql psql --no-psqlrc --tuples-only --no-align --dbname="$database" --command="
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'" </dev/null)
if [ "$others" != 0 ]; then
    echo "$others connections are at work on the database. Stop web, bots, worker, pump and beat first." >&2
    exit 1
fi
postgresql pg_restore --clean --if-exists --no-owner --no-privileges --single-transaction --exit-on-error \
    --dbname="$database" <"$file"
echo "Restored. Before anything is started again: docs/restore.md"
