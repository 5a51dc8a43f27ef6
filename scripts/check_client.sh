#!/usr/bin/env bash
# Check that the front end's client is generated from the committed api/openapi.json.
set -euo pipefail
cd "$(dirname "$0")/.."
kept=web/src/api/generated/schema.d.ts
fresh=$(mktemp --suffix=.d.ts)
trap 'rm -f "$fresh"' EXIT
(cd web && ../scripts/node.sh node_modules/.bin/openapi-typescript ../api/openapi.json -o "$fresh" >/dev/null)
cmp -s "$kept" "$fresh" || {
  echo "$kept is stale: run 'make openapi' and commit it"
  exit 1
}
