#!/usr/bin/env bash
# What the tests need beside Python: a browser, Chinese fonts, PostgreSQL's programs, a PDF reader.
# Installs what is missing where it may (root or passwordless sudo, with apt); else says what to install.
set -euo pipefail

has_browser() {
  [ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ] && return
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}
has_fonts() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]; }
has_postgres() {
  command -v initdb >/dev/null && return
  compgen -G "${POSTGRES_BIN:-/usr/lib/postgresql/*/bin}/initdb" >/dev/null || compgen -G "/usr/pgsql-*/bin/initdb" >/dev/null
}
has_pdf() { command -v pdftoppm >/dev/null; }

missing=()
has_browser || missing+=(chromium)
has_fonts || missing+=(fontconfig fonts-noto-cjk)
has_postgres || missing+=(postgresql)
has_pdf || missing+=(poppler-utils)
[ ${#missing[@]} -eq 0 ] && exit 0

tell() {
  echo "The tests need ${missing[*]}: install them (Debian: apt install ${missing[*]}) and try again." >&2
  exit 1
}

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null && sudo -n true 2>/dev/null || tell
  sudo=(sudo -n)
fi
command -v apt-get >/dev/null || tell

echo "Installing ${missing[*]} ..." >&2
install() {
  # The server's own cluster and service are not wanted: only its programs.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}
install || { "${sudo[@]}" apt-get update -q >&2 && install; } || tell
