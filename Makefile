# `make demo` shows the main job; `make test` passes every test. Both install what they need into .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --no-build-isolation --constraint constraints.txt --editable

.PHONY: demo test lint types layers mappings pytest both-stores torture bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo          watch leads become campaign calls, all on this machine (ONCE=1 ends by itself)"
	@echo "make test          every check and every test"
	@echo "make both-stores   the tests of the console's pages on PostgreSQL as well (the others always run on both)"
	@echo "make torture       everything that can go wrong, on both stores, with a report"
	@echo "make bench         how fast, how large, how it grows, beside an app that stores nothing (QUICK=1: a look)"

.venv/installed: pyproject.toml constraints.txt
	@echo "Installing into .venv (once) …"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(PIP) install --constraint constraints.txt setuptools
	@$(INSTALL) .
	@touch $@

.venv/installed-dev: .venv/installed
	@echo "Installing what the tests need …"
	@$(INSTALL) '.[dev]'
	@touch $@

demo: .venv/installed
	@$(BIN)/gateway demo $(if $(ONCE),--once)

test: lint types layers mappings pytest

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/hadolint Dockerfile

types: .venv/installed-dev
	$(BIN)/mypy

layers: .venv/installed-dev
	$(BIN)/lint-imports --no-cache

mappings: .venv/installed-dev
	$(BIN)/gateway --no-env check
	$(BIN)/gateway --no-env test

pytest: .venv/installed-dev
	$(BIN)/python -m pytest -n 4 --dist worksteal  # they wait for processes more than they compute

both-stores: .venv/installed-dev
	$(BIN)/python -m pytest -n 4 --dist worksteal --both-stores tests/test_console_*.py

torture: .venv/installed-dev
	$(BIN)/python tests/torture.py --points 200 --leads 20000 --report docs/reliability.md

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

bench: .venv/installed-dev
	$(BIN)/python bench/run.py $(if $(QUICK),--quick,--write docs/performance.md)
	$(BIN)/python bench/diff.py $(if $(QUICK),--leads 1000 --rounds 1)
	$(BIN)/python bench/console.py $(if $(QUICK),--leads 10000 --times 5)
