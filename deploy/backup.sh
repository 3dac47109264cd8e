#!/bin/sh
# Writes everything the platform knows into one file: telegive-<time in UTC>.dump, in pg_dump's custom format.
#
#   deploy/backup.sh [DIRECTORY]     default: ./backups
#
# DATABASE_URL says which database (POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE its password, when the address has none);
# without it, that of docker-compose.yml. KEEP is how many files stay (14; 0 keeps all): the oldest go after a good one was
# written, never before. Prints the file's name. Needs pg_dump of the server's version or a later one; PG_BIN is where.
set -eu

directory=${1:-backups}
keep=${KEEP:-14}
umask 077
mkdir -p "$directory"
file=$directory/telegive-$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$file.part"' EXIT

if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
fi
[ -z "${POSTGRES_PASSWORD:-}" ] || export PGPASSWORD="$POSTGRES_PASSWORD"

postgresql() {
    tool=$1
    shift
    if [ -n "${DATABASE_URL:-}" ]; then
        "${PG_BIN:+$PG_BIN/}$tool" "$@"
    else
        docker compose exec -T postgres "$tool" "$@"
    fi
}

# What Telegram may be asked for again lies in Redis and is left out on purpose (docs/restore.md).
postgresql pg_dump --format=custom --compress=6 --no-owner --no-privileges --lock-wait-timeout=60s \
    ${DATABASE_URL:+"--file=$file.part"} \
    --dbname="${DATABASE_URL:-postgresql://telegive@/telegive}" >"$file.part"
# A file that cannot be read to its end is no backup.
postgresql pg_restore --file=/dev/null <"$file.part"
mv "$file.part" "$file"
echo "$file"

if [ "$keep" -gt 0 ]; then
    # The names sort by time.
    find "$directory" -maxdepth 1 -name 'telegive-*.dump' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do
        rm -f -- "$old"
    done
fi
