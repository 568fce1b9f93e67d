#!/usr/bin/env bash
# Installs the clients that the tests drive, or what another folder pins, when its lock has changed since it was installed.
set -euo pipefail
cd "${1:-$(dirname "$0")}"

missing() {
  echo "The tests need $1: install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm)." >&2
  exit 1
}

command -v node >/dev/null || missing node
command -v npm >/dev/null || missing npm
major=$(node --version | sed -E 's/^v([0-9]+).*/\1/')
[ "$major" -ge 20 ] || missing "a newer Node than $(node --version)"

stamp=$(cat package.json package-lock.json .npmrc <(uname -sm) | cksum)
[ "$(cat node_modules/.installed 2>/dev/null)" = "$stamp" ] && exit 0

# Engine warnings are expected: the newest clients are run with the newer Node that comes along.
npm ci --loglevel=error
echo "$stamp" > node_modules/.installed
