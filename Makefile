# Two commands for a newcomer: `make demo` and `make test`. Everything installs into .venv, pinned by hash.

SHELL := /bin/bash
# The first Python on the PATH that is new enough; `make PYTHON=/path/to/python3.12 demo` selects another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# The lock files are complete. With --no-deps pip resolves nothing, so it can't choose a release without a hash here.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --no-deps --require-hashes
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
	--no-header
# Packages that the tests use from npm. Without npm, those tests are skipped and say so.
CLIENTS := tests/sandbox/clients
NPM := $(shell command -v npm 2>/dev/null)

.PHONY: help demo run test check bench picture format lock vault aws clean
help:  ## list the targets
	@grep -hE '^[a-z.]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):[^#]*## */  make \1 — /'

demo: .venv  ## run the bot in a local Slack and a local Segment, in the browser
	@exec $(BIN)/warehouse-bot demo

run: .venv  ## run the bot as .env configures it
	@exec $(BIN)/warehouse-bot run

test: .venv/dev $(if $(NPM),$(CLIENTS)/node_modules/.stamp)  ## run all tests
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: .venv/dev  ## check style, format, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/dev  ## run the benchmarks, and kill the bot 200 times
	@$(BIN)/python -m bench.ack
	@$(BIN)/python -m bench.redaction
	@$(BIN)/python -m bench.detection
	@$(BIN)/python -m bench.page
	@$(BIN)/python -m bench.kills

picture: .venv/dev  ## take the README's pictures again
	@SCREENSHOTS=docs $(BIN)/python -m pytest -q tests/e2e/test_page.py::test_the_main_job_in_two_windows tests/e2e/test_scenes.py

format: .venv/dev  ## let ruff format the code and fix what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: pyproject.toml  ## pin the dependencies of pyproject.toml with hashes (needs uv on the PATH)
	$(LOCK) --extra build pyproject.toml --output-file requirements.txt
	$(call optional,vault) | $(LOCK) --constraint requirements.txt - --output-file requirements-vault.txt
	$(call optional,aws) | $(LOCK) --constraint requirements.txt --constraint requirements-vault.txt - \
	  --output-file requirements-aws.txt
	$(LOCK) --extra build --extra dev --extra vault --extra aws pyproject.toml --output-file requirements-dev.txt \
	  --constraint requirements.txt --constraint requirements-vault.txt --constraint requirements-aws.txt

# The packages of an extra in pyproject.toml, one a line.
optional = $(PYTHON) -c 'import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["$(1)"], sep="\n")'

vault: .venv/vault  ## add the client of HashiCorp Vault to .venv
aws: .venv/aws  ## add the client of AWS Secrets Manager to .venv

.venv: .venv/run  ## create .venv and install the bot

.venv/run: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with the venv module is needed (Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(INSTALL) -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

.venv/vault .venv/aws: .venv/%: .venv/run requirements-%.txt
	@$(INSTALL) -r requirements-$*.txt
	@touch $@

$(CLIENTS)/node_modules/.stamp: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@$(NPM) --prefix $(CLIENTS) ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

clean:  ## delete .venv and everything generated
	rm -rf .venv $(CLIENTS)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
