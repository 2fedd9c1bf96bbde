# One word for every daily act: `make` alone lists them.
# PYTHON chooses the interpreter (3.11 or newer), ARGS is passed on to pytest.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules
# Every process of the tests loads hundreds of modules: compiling them each time takes longer than
# loading them.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
NPM := cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm

RUNTIME := $(VENV)/installed-runtime
DEVELOPMENT := $(VENV)/installed-development
MODULES := frontend/node_modules/.installed
PAGES := frontend/dist/.built
PAGE_SOURCES := $(shell find frontend -type f \
	-not -path 'frontend/node_modules/*' -not -path 'frontend/dist/*' -not -path '*/coverage/*')
CATALOGS := $(patsubst %.po,%.mo,$(shell find annotations/locale importers/locale -name '*.po'))
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n logical --maxprocesses 4
SCHEMA := docs/openapi.yaml

.PHONY: help run install test test-fast fuzz chaos audit sbom test-frontend test-sqlite test-postgresql bench \
	browser check format schema messages screenshots client client-docs lock clean

help:  ## Lists what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-22s%s\n", $$1, $$2}'

run: install  ## Starts the application; PORT=8001 make run chooses the port
	@$(BIN)/python -m project.launch

install: $(RUNTIME) $(PAGES) $(CATALOGS)  ## Sets up all that the application needs

test: $(DEVELOPMENT) $(PAGES) browser test-frontend  ## Runs every test, on SQLite and, where it can differ, on PostgreSQL
	$(PYTEST) $(PARALLEL) -m "not e2e" $(ARGS)
	$(PYTEST) $(PARALLEL) -m e2e $(ARGS)
	$(BIN)/python -m tests.on_postgresql $(PARALLEL) -m "database and not e2e" $(ARGS)
	$(BIN)/python -m tests.on_postgresql $(PARALLEL) -m "database and e2e" $(ARGS)

test-fast: $(DEVELOPMENT) $(PAGES)  ## Runs the everyday tests: SQLite, no browser, nothing slow
	$(PYTEST) $(PARALLEL) -m "not e2e and not slow" $(ARGS)

test-sqlite: $(DEVELOPMENT) $(PAGES)  ## Runs pytest on SQLite: make test-sqlite ARGS="tests/importers"
	$(PYTEST) $(ARGS)

test-postgresql: $(DEVELOPMENT) $(PAGES)  ## Runs pytest on PostgreSQL, with the same ARGS
	$(BIN)/python -m tests.on_postgresql $(ARGS)

fuzz: $(DEVELOPMENT) $(PAGES)  ## Asks the API all that its document allows and forbids, and gives readers and client what is broken: FUZZ_SEED=2 make fuzz
	FUZZ_ONE_OF=1 FUZZ_INVENTED=$${FUZZ_INVENTED:-50} $(PYTEST) $(PARALLEL) \
		tests/annotations/api/test_schemathesis.py $(ARGS)
	CHAOS=1 $(PYTEST) $(PARALLEL) tests/importers/test_every_reader.py \
		tests/client/test_hostile_server.py $(ARGS)

test-frontend: $(MODULES)  ## Runs the unit tests of the front end
	$(NPM) test

chaos: $(DEVELOPMENT) $(PAGES) browser  ## Kills, fills, loads and cuts off the application for long: ARGS="-k worker"
	CHAOS=1 $(PYTEST) tests/chaos $(ARGS)

audit: $(DEVELOPMENT) $(MODULES)  ## Looks all packages up in the advisories, and fails on any that was skipped
	@$(BIN)/python -m tests.supply audit

sbom: $(DEVELOPMENT) $(MODULES)  ## Writes what Threadmark is made of into sbom/ (CycloneDX)
	@$(BIN)/python -m tests.supply sbom

bench: $(DEVELOPMENT) $(PAGES) browser  ## Measures speed beside floors (docs/speed.md): BENCH_SIZE=small make bench ARGS="import next"
	@$(BIN)/python -m tests.bench $(ARGS)

browser: $(DEVELOPMENT)  ## Finds a Chromium for the tests, or installs one
	@$(BIN)/python -m tests.browser

check: $(DEVELOPMENT) $(MODULES)  ## Checks style, types, layers, migrations and the API document
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --fail-on-warn --validate --file $(VENV)/openapi.yaml
	@diff -u $(SCHEMA) $(VENV)/openapi.yaml || \
		{ echo "$(SCHEMA) is not what the code serves: run make schema." >&2; exit 1; }
	$(NPM) run check
	$(NPM) run lint

format: $(DEVELOPMENT) $(MODULES)  ## Mends what can be mended
	$(BIN)/ruff check --fix . || true
	$(BIN)/ruff format .
	$(NPM) run format

schema: $(DEVELOPMENT) $(MODULES)  ## Writes the OpenAPI document with its types, and the codebooks' schema
	$(BIN)/python manage.py spectacular --fail-on-warn --validate --file $(SCHEMA)
	$(BIN)/python -m annotations.codebooks > docs/codebook.schema.json
	$(NPM) run types

messages: $(DEVELOPMENT)  ## Brings the catalogs of other languages up to date with the code
	$(BIN)/python -m project.catalogs update

screenshots: $(DEVELOPMENT) $(PAGES) browser  ## Takes the pictures in docs/images from the running demo
	$(BIN)/python -m tests.e2e.screenshots

client: $(DEVELOPMENT)  ## Builds the Python client: a wheel in client/dist
	@$(BIN)/python -m pip wheel -q --no-deps --no-build-isolation --wheel-dir client/dist ./client
	@ls client/dist/*.whl

client-docs: $(DEVELOPMENT)  ## Writes the reference of the Python client into docs/client.md
	$(BIN)/python client/reference.py

lock: $(DEVELOPMENT)  ## Pins all Python packages anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group frontend $(LOCK) --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group frontend --group dev \
		--constraint requirements.txt $(LOCK) --output-file requirements-dev.txt

LOCK := --quiet --universal --python-version 3.11 --no-emit-index-url \
	--custom-compile-command "make lock"

clean:  ## Removes what was installed and built; the data in var/ stays
	rm -rf $(VENV) frontend/node_modules frontend/dist client/dist .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || \
		{ echo "Threadmark needs Python 3.11 or newer; none was found as python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Threadmark needs Python 3.11 or newer; $(PYTHON) is older." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing: install it (Debian, Ubuntu: python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(RUNTIME): requirements.txt $(BIN)/python
	@echo "Installing Python packages and Node (once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt client/pyproject.toml $(RUNTIME)
	@echo "Installing tools for tests and checks (once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation \
		--editable ./client
	@touch $@

$(MODULES): frontend/package-lock.json | $(RUNTIME)
	@echo "Installing front-end packages (once) ..."
	@$(NPM) ci --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

%.mo: %.po | $(RUNTIME)
	@$(BIN)/python -m project.catalogs compile

$(PAGES): $(MODULES) $(PAGE_SOURCES)
	@echo "Building the front end ..."
	@$(NPM) run build --silent > /dev/null
	@touch $@
