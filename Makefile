# The commands of this project. `make run` and `make test` set up all they need by themselves.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq --no-input
TORCH := $(shell grep -E '^torch==' constraints.txt)
# The environment is built again exactly when what it is built from has changed.
STAMP := $(VENV)/.ready-$(shell cat pyproject.toml constraints.txt | cksum | tr ' ' '-')
BENCHMARKS := $(filter-out benchmarks/_%,$(wildcard benchmarks/*.py))

.PHONY: help setup run test test-unit lint format bench errors constraints clean

help: ## Say what each command does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: $(STAMP) ## Make .venv with pinned dependencies and fetch the base model
	@$(BIN)/domain-adapt models fetch smollm2-135m-instruct >/dev/null

run: setup ## Adapt the base model to finance; writes a report
	@$(BIN)/domain-adapt run finance --yes

test: setup ## Run all tests
	@$(BIN)/python -m pytest -q

test-unit: setup ## Run the tests that take seconds
	@$(BIN)/python -m pytest -q -m "not slow and not end_to_end"

lint: $(STAMP) ## Check format, style, types and spelling
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/codespell

format: $(STAMP) ## Format the code and fix what can be fixed
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: setup ## Run every benchmark; fails where one misses its bar
	@worst=0; for script in $(BENCHMARKS); do \
	  echo "== $$script"; $(BIN)/python "$$script" || worst=1; \
	done; exit $$worst

errors: $(STAMP) ## Write docs/errors.md from the source
	$(BIN)/python docs/build_errors.py

constraints: $(STAMP) ## Pin the versions that are installed in .venv now
	$(BIN)/python docs/pin_constraints.py > constraints.txt.new
	mv constraints.txt.new constraints.txt

clean: ## Remove what was built; the state and the cache stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one: make setup PYTHON=python3.11" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 \
	  || { echo "Making $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing torch (one large download, a few minutes)"
	@$(PIP) -c constraints.txt $(TORCH)
	@echo "Installing the other dependencies"
	@$(PIP) -c constraints.txt -e '.[dev]'
	@rm -f $(VENV)/.ready-* && touch $@
