#!/usr/bin/env bash
# build.sh [test]: installs what the Worker is built with, when its lock has changed since; bundles the Worker for workerd, as a
# deployment would, when something of it has; with `test`, checks and tests it first.
set -euo pipefail
cd "$(dirname "$0")"
# Nothing is told to anybody, and nothing is asked.
export WRANGLER_SEND_METRICS=false CI=1 NO_COLOR=1

missing() {
  echo "The Worker needs $1: install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm)." >&2
  exit 1
}

command -v node >/dev/null || missing node
command -v npm >/dev/null || missing npm
major=$(node --version | sed -E 's/^v([0-9]+).*/\1/')
[ "$major" -ge 20 ] || missing "a newer Node than $(node --version)"

stamp=$(cat package.json package-lock.json .npmrc <(uname -sm) | cksum)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$stamp" ]; then
  npm ci --loglevel=error
  echo "$stamp" >node_modules/.installed
fi

if [ "${1:-}" = test ]; then
  npm run --silent check
  npm run --silent test
fi

if [ ! -f dist/index.js ] || [ -n "$(find src ../contract/edge-config.schema.json ../contract/headers.json package-lock.json wrangler.jsonc -newer dist/index.js -print -quit)" ]; then
  npm run --silent build >dist.log 2>&1 || {
    cat dist.log >&2
    exit 1
  }
  touch dist/index.js
fi
rm -f dist.log
