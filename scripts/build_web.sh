#!/usr/bin/env bash
# Build the front end into web/dist; nothing to do when its sources have not changed.
set -euo pipefail
cd "$(dirname "$0")/.."

hash_of() { xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }
packages=$(printf '%s\0' web/package.json web/package-lock.json | hash_of)
sources=$(find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' \
  -not -path 'web/coverage/*' -not -name '*.tsbuildinfo' -print0 | sort -z | hash_of)

if [[ "$(cat web/node_modules/.stamp 2>/dev/null)" != "$packages" ]]; then
  echo "· 安装前端依赖 / installing the front end's packages"
  scripts/node.sh npm --prefix web ci --no-audit --no-fund --loglevel=error
  echo "$packages" >web/node_modules/.stamp
fi
if [[ "$(cat web/dist/.stamp 2>/dev/null)" != "$sources" ]]; then
  echo "· 构建前端 / building the front end"
  scripts/node.sh npm --prefix web run --silent build -- --logLevel warn
  .venv/bin/python -m whitenoise.compress -q web/dist
  echo "$sources" >web/dist/.stamp
fi
