#!/usr/bin/env bash
# Check that the front end's client is what `npm run generate` makes of the committed api/openapi.json.
set -euo pipefail
cd "$(dirname "$0")/../web"
kept=src/api/generated/schema.d.ts
fresh=$(mktemp --suffix=.d.ts)
trap 'rm -f "$fresh"' EXIT
command=$(../scripts/node.sh node -p 'require("./package.json").scripts.generate')
PATH="$PWD/node_modules/.bin:$PATH" ../scripts/node.sh sh -c "${command/$kept/$fresh}" >/dev/null
cmp -s "$kept" "$fresh" || {
  echo "web/$kept is stale: run 'make openapi' and commit it"
  exit 1
}
