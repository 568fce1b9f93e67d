#!/usr/bin/env bash
# Installs the clients that the tests drive, when their lock has changed since they were installed.
set -euo pipefail
cd "$(dirname "$0")"

missing() {
  echo "The tests with real MCP clients need $1: install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm)." >&2
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
