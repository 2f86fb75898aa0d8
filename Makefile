# The two commands: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo demo-down test test-quick test-oldest test-newest matrix compatibility engines faults audit lint \
        lint-python lint-frontend test-frontend format \
        bench lab rig-up rig-down proto clean

PYTHON ?= python3
# How many tests run at the same time. Each worker has its own engines, registries and browser.
WORKERS ?= 2
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
# For targets of which none has to wait for another.
AT_ONCE = @$(MAKE) --no-print-directory --jobs $(WORKERS) --output-sync
VENV := .venv
BIN := $(VENV)/bin
# The oldest Python that is installed, of those that the package supports.
OLDEST_PYTHON = $(firstword $(foreach minor,10 11 12 13 14,\
  $(shell python3.$(minor) -c '' 2>/dev/null && echo python3.$(minor))) $(PYTHON))
TOOLS := build/tools
FRONTEND := imagewidget/panel/frontend
BUNDLE := imagewidget/panel/static/core.js
FRONTEND_SOURCES := $(shell find $(FRONTEND) -type f -not -path '*/node_modules/*' 2>/dev/null)

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# These tests are about the tools of the group `lint`, not about dependencies.
WITHOUT_TOOLS := --ignore tests/unit/test_typing.py --ignore tests/unit/engine/buildkit/test_proto.py

# $(call unit-tests-in,directory,python,options): in a new environment, resolved with the options.
define unit-tests-in
$(TOOLS)/bin/uv venv --quiet --clear --no-python-downloads --python $(2) $(1)
	$(TOOLS)/bin/uv pip install --quiet --python $(1) $(3) --editable '.[lab,ssh]' --group test
	$(1)/bin/python -m pytest --numprocesses $(WORKERS) tests/unit $(WITHOUT_TOOLS)
endef

demo: $(VENV)/demo.stamp ## run the quickstart notebook, which builds the embedded environment on a real engine
	$(BIN)/python -m tests.notebooks.quickstart

demo-down: ## stop the engine that `make demo` started, if it started one
	$(BIN)/python -m tests.rig.demo down

# Separate processes, because the browser driver leaves an event loop running in its process.
test: $(VENV)/test.stamp $(BUNDLE) ## run every kind of test: unit, notebooks, real engines, a real browser
	$(AT_ONCE) lint-python lint-frontend test-frontend
	$(PYTEST) tests/unit --cov --cov-report=term
	$(BIN)/python -m pytest tests/notebooks
	$(PYTEST) tests/engine
	$(PYTEST) tests/browser

test-quick: $(VENV)/test.stamp $(BUNDLE) test-frontend ## run the tests that need no engine and no browser
	$(PYTEST) tests/unit

test-oldest: $(TOOLS)/tools.stamp $(BUNDLE) ## run the unit tests with the oldest dependencies that pyproject.toml allows
	$(call unit-tests-in,build/oldest,$(OLDEST_PYTHON),--resolution lowest-direct)

test-newest: $(TOOLS)/tools.stamp $(BUNDLE) ## run the unit tests with the newest dependencies, pre-releases too
	$(call unit-tests-in,build/newest,$(PYTHON),--prerelease allow)

# Of these tables, `make test` runs a fixed sample; see tests/sample.py.
matrix: $(VENV)/test.stamp $(BUNDLE) ## run every row of the large tables, on real engines and in a real browser
	$(PYTEST) tests/engine -m '(matrix or sample) and not faults and not compatibility'
	$(PYTEST) tests/browser -m '(matrix or sample) and not faults'

compatibility: $(VENV)/test.stamp $(BUNDLE) ## run the tests with an engine on old versions of Docker and Podman
	$(PYTEST) tests/engine -m 'compatibility and not matrix'

engines: $(VENV)/test.stamp $(BUNDLE) ## ask every engine, old ones too, every question of docs/engines.md, and write that page
	$(PYTEST) tests/engine/test_answers.py -m 'compatibility or not compatibility'
	$(BIN)/python -m tests.engine.answers

faults: $(VENV)/test.stamp $(BUNDLE) ## run every test that provokes a fault, on every current engine
	$(PYTEST) tests/engine -m 'faults and not compatibility'

audit: $(TOOLS)/tools.stamp $(VENV)/test.stamp $(BUNDLE) ## look for known vulnerabilities in what is installed
	$(BIN)/python -m pip freeze --exclude-editable > $(TOOLS)/installed.txt
	$(TOOLS)/bin/pip-audit --strict --disable-pip --no-deps --requirement $(TOOLS)/installed.txt
	cd $(FRONTEND) && npm audit

lint: $(VENV)/test.stamp $(BUNDLE) ## check format, lint and types, in Python and TypeScript
	$(AT_ONCE) lint-python lint-frontend

lint-python: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

lint-frontend: $(BUNDLE)
	cd $(FRONTEND) && npm run --silent lint && npm run --silent check

test-frontend: $(BUNDLE)
	cd $(FRONTEND) && npm test --silent

format: $(VENV)/test.stamp $(BUNDLE) ## fix what the formatters and linters can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd $(FRONTEND) && npm run --silent format

bench: $(VENV)/test.stamp $(BUNDLE) ## run the benchmarks, each next to a comparable tool
	$(BIN)/python -m tests.benchmarks

lab: $(VENV)/demo.stamp ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

rig-up: $(VENV)/test.stamp ## start the engines and registries that the tests use, and leave them running
	$(BIN)/python -m tests.rig up

rig-down: ## stop those engines and registries
	$(BIN)/python -m tests.rig down

proto: $(VENV)/test.stamp ## generate the protobuf modules of BuildKit's session
	$(BIN)/python -m imagewidget.engine.buildkit.proto

clean: ## remove what this Makefile created in the tree
	rm -rf $(VENV) $(FRONTEND)/node_modules imagewidget/panel/static build dist tests/screenshots
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.*

# Debian and Ubuntu ship Python without ensurepip; root can install it.
$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; } \
	  || { echo 'This Python cannot create virtual environments. Install python3-venv, then try again.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || apt-get install -qy --no-install-recommends python3-venv \
	  || { apt-get update -q && apt-get install -qy --no-install-recommends python3-venv; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	touch $@

$(VENV)/demo.stamp: $(VENV)/pip.stamp pyproject.toml $(BUNDLE)
	$(BIN)/python -m pip install --quiet --editable '.[lab]' nbclient
	touch $@

$(VENV)/test.stamp: $(VENV)/pip.stamp pyproject.toml $(BUNDLE)
	$(BIN)/python -m pip install --quiet --editable '.[lab,ssh]' --group test --group lint
	touch $@

# For targets outside `make test`.
$(TOOLS)/tools.stamp: $(VENV)/pip.stamp
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet pip-audit uv
	touch $@

# Not `npm ci`: it rejects a lock file written against a registry that lacks some platforms' binaries.
$(FRONTEND)/node_modules/.package-lock.json: $(FRONTEND)/package-lock.json
	cd $(FRONTEND) && npm install --no-save --loglevel=error --no-fund --no-audit
	touch $@

$(BUNDLE): $(FRONTEND)/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	cd $(FRONTEND) && npm run --silent build
	touch $@
