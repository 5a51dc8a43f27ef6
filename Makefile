# Doors for people: `make run` and `make test` set everything up themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-test web run test lint unit browser test-web explore openapi audit format clean

DEMO ?= small

help: ## list the doors
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## install what is missing: system packages, Python and Node environments
	@scripts/setup.sh

setup-test: ## the same, with what the tests need (Chromium)
	@scripts/setup.sh --test

web: setup ## build the front end if its sources changed
	@scripts/build_web.sh

run: web ## set up and start with the demo city; prints addresses and accounts
	@.venv/bin/chengyun up --demo $(DEMO)

test: setup-test ## set up, lint, then every test
	@scripts/build_web.sh
	@$(MAKE) --no-print-directory lint unit browser test-web

lint: ## format, lint, types, imports, sizes, migrations, OpenAPI, front end
	@.venv/bin/python scripts/lint.py

unit: ## rules, operations, API, server
	@.venv/bin/pytest -q -n 2 --dist loadgroup -m "not browser and not journey"

browser: ## a running city: cases through all desks in headless Chromium and by curl
	@.venv/bin/pytest -q -n 2 --dist loadgroup -m "browser or journey"

test-web: ## tests of the front end
	@scripts/node.sh npm --prefix web run test

explore: ## property tests on examples drawn anew; what they find becomes a test
	@CHENGYUN_EXPLORE=1 .venv/bin/pytest -q -n 2 --dist loadgroup -m "not browser and not journey" src

openapi: ## rewrite api/openapi.json and the front end's client
	@.venv/bin/chengyun openapi --output api/openapi.json
	@scripts/node.sh npm --prefix web run generate

audit: ## known holes in dependencies; needs the advisory databases on the network
	@.venv/bin/pip-audit --skip-editable
	@scripts/node.sh npm --prefix web audit --omit=dev

format: ## put the Python sources in order
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

clean: ## remove builds and environments; the data under var/ stays
	@rm -rf .venv .tools web/node_modules web/dist
