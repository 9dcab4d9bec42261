#!/usr/bin/env bash
# Makes .venv from a hashed lock file: tools/make-venv.sh requirements.lock
# uv does it in seconds where it is present; pip does the same slower. Needs Python 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=${1:?which lock file?}

say() { printf '%s\n' "$*" >&2; }

python=""
for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
  if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 \
    && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  say "Virtue needs Python 3.11 or newer. Install it (Debian: apt install python3 python3-venv), or name it: make setup PYTHON=/path/to/python"
  exit 1
fi

works() { [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

by_uv() {
  command -v uv >/dev/null 2>&1 || return 1
  works || uv venv --quiet --clear --no-python-downloads --python "$(command -v "$python")" .venv || return 1
  UV_LINK_MODE=${UV_LINK_MODE:-copy} uv pip install --quiet --require-hashes --python .venv/bin/python -r "$lock"
}

by_pip() {
  if ! works || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if ! "$python" -m venv --clear .venv; then
      rm -rf .venv
      say "$python can't make a virtual environment. Install its venv module (Debian: apt install python3-venv) and try again."
      exit 1
    fi
  fi
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
}

say "Making .venv from $lock ..."
by_uv || by_pip
