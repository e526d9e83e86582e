#!/bin/sh
# What the tests need beside Python: Chromium (reports are looked at in a browser) PostgreSQL (a real server) and openssl (certificates).
set -eu
missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql"
command -v openssl >/dev/null || missing="$missing openssl"
[ -n "$missing" ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # The tests start a server of their own; the package should not.
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The tests need these programs: $missing. On Debian or Ubuntu: sudo apt-get update && sudo apt-get install $missing" >&2
    exit 1
fi
