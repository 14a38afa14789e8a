# Two commands for a newcomer: `make demo` and `make test`. Everything installs into .venv, pinned by hash.

SHELL := /bin/bash
# The first Python here that is new enough; `make PYTHON=/path/to/python3.12 demo` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What the tests take from npm; without it they say what they left out.
CLIENTS := tests/sandbox/clients
NPM := $(shell command -v npm 2>/dev/null)

.PHONY: help demo run test check bench picture format lock clean
help:  ## what there is to make
	@grep -hE '^[a-z.]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):[^#]*## */  make \1 — /'

demo: .venv  ## the bot in a local Slack and a local Segment, in the browser
	@exec $(BIN)/warehouse-bot demo

run: .venv  ## the bot as .env configures it
	@exec $(BIN)/warehouse-bot run

test: .venv/dev $(if $(NPM),$(CLIENTS)/node_modules/.stamp)  ## all tests
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: .venv/dev  ## lint, format, types, the walls between rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/dev  ## measure what is promised to be quick, and kill the bot 200 times
	@$(BIN)/python -m bench.ack
	@$(BIN)/python -m bench.redaction
	@$(BIN)/python -m bench.page
	@$(BIN)/python -m bench.kills

picture: .venv/dev  ## the README's pictures, taken anew
	@SCREENSHOTS=docs $(BIN)/python -m pytest -q tests/e2e/test_page.py::test_the_main_job_in_two_windows tests/e2e/test_scenes.py

format: .venv/dev  ## let ruff write what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: pyproject.toml  ## pin what pyproject.toml asks for, with hashes (needs uv on the PATH)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra build pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra build --extra dev --extra vault --extra aws --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

.venv: .venv/run  ## the set-up alone

.venv/run: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with the venv module is needed (Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(CLIENTS)/node_modules/.stamp: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@$(NPM) --prefix $(CLIENTS) ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

clean:  ## forget the set-up and everything generated
	rm -rf .venv $(CLIENTS)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
