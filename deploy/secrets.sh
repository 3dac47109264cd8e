#!/bin/sh
# Makes the files with the secrets that docker-compose.yml names, each one once: what is there stays.
#
#   deploy/secrets.sh [DIRECTORY]    default: ./secrets
#
# The files are readable to whoever may enter the directory, because containers read them as users of their own;
# the directory is its owner's alone.
set -eu

directory=${1:-secrets}
mkdir -p "$directory"
chmod 700 "$directory"

make() {
    [ -s "$directory/$1" ] && return
    head -c "$2" /dev/urandom | base64 | tr -d '\n' | tr "$3" "$4" >"$directory/$1.new"
    chmod 444 "$directory/$1.new"
    mv "$directory/$1.new" "$directory/$1"
    echo "made $directory/$1"
}

make secret_key 48 '+/' '-_'
make encryption_keys 32 '+/' '-_' # a Fernet key
make signing_key 32 '+' '+'
for name in postgres_password redis_password grafana_password; do
    make "$name" 24 '+/' 'xy'
done
