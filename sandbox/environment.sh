# Sourced by run.sh and run_tests.sh, in the project's root: the Python environment in .venv, made once.

# prepare_environment FILE: .venv holds exactly what FILE pins, checked by hash. A note with FILE's checksum
# is written last, so that an install which was cut short is done again.
prepare_environment() {
    note=".venv/.$(basename "$1" .txt)"
    wanted=$(cksum <"$1") || return 1
    if .venv/bin/python -c '' 2>/dev/null && [ "$(cat "$note" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    make_environment || return 1
    echo "Installing the packages of $1 into .venv (once; a minute or two) ..." >&2
    rm -f "$note"
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement "$1" >&2; then
        echo "telegive: pip could not install $1; its own words are above." >&2
        return 1
    fi
    echo "$wanted" >"$note.new" && mv "$note.new" "$note"
}

make_environment() {
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then
        return 0
    fi
    python=$(find_python) || return 1
    if ! "$python" -m venv --clear .venv >&2; then
        echo "telegive: $python could not make .venv (on Debian and Ubuntu: apt install python3-venv)." >&2
        return 1
    fi
}

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    echo "telegive: Python 3.11 or newer is needed; this machine has $(python3 --version 2>/dev/null || echo none)." >&2
    return 1
}
