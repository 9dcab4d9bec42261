# `make` lists what there is. Everything runs from .venv, made from the hashed lock files.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run dev test browser lint format bench bench-full translations migration lock needs clean

export PYTHONDONTWRITEBYTECODE ?= 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
PORT ?= 8000
export PORT
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
# Two workers at most: each brings a browser and a database of its own.
WORKERS ?= 2
# More for pytest: make test ARGS="-k till"
ARGS ?=

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The runtime alone is enough to run; the full environment serves both, so run never takes anything away.
.venv/.full: requirements-dev.lock tools/make-venv.sh
	@tools/make-venv.sh requirements-dev.lock
	@touch .venv/.full .venv/.runtime

.venv/.runtime: requirements.lock tools/make-venv.sh
	@tools/make-venv.sh requirements.lock
	@touch .venv/.runtime

setup: .venv/.full  ## make the environment in .venv, nothing else

# The catalogue is read compiled; the compiled one is never committed.
CATALOGUE := virtue/translations/en/LC_MESSAGES/messages
$(CATALOGUE).mo: $(wildcard $(CATALOGUE).po) | .venv/.runtime
	@if [ -f $(CATALOGUE).po ]; then $(BIN)/pybabel -q compile -d virtue/translations; fi

run: .venv/.runtime $(CATALOGUE).mo  ## serve a demo village on http://127.0.0.1:8000 (PORT changes it), sign-ins printed
	@exec $(FLASK) virtue run-demo

dev: .venv/.full $(CATALOGUE).mo  ## serve what is in the data folder, reloading when a file changes
	@exec $(FLASK) run --debug --port "$(PORT)"

needs:
	@tools/system-needs.sh

test: .venv/.full needs $(CATALOGUE).mo  ## every test: SQLite, PostgreSQL and the browser
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup $(ARGS)

browser: .venv/.full needs $(CATALOGUE).mo  ## only the tests in a browser
	$(BIN)/python -m pytest -q tests/browser $(ARGS)

lint: .venv/.full  ## ruff, mypy, djlint, who may import whom, htmx 2 habits
	@status=0; \
	$(BIN)/ruff check || status=1; \
	$(BIN)/ruff format --check || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports --no-cache --no-logo || status=1; \
	$(BIN)/djlint --lint --quiet templates || status=1; \
	$(BIN)/python tools/upgrade-check.py templates static/js || status=1; \
	exit $$status

format: .venv/.full  ## put code in shape
	$(BIN)/ruff check --fix --exit-zero --quiet
	$(BIN)/ruff format

bench: .venv/.full needs $(CATALOGUE).mo  ## tills, scans, settling and import, each beside its reference from the same run
	$(BIN)/python -m tests.load.bench $(ARGS)

bench-full: .venv/.full needs $(CATALOGUE).mo  ## the same with ten years of notices behind the last one
	$(BIN)/python -m tests.load.bench --years 10 $(ARGS)

translations: .venv/.full  ## read the texts out of the code into the English catalogue and compile it
	$(BIN)/pybabel -q extract -F pyproject.toml --no-wrap --sort-by-file -k _l -o messages.pot .
	$(BIN)/pybabel -q update -i messages.pot -d virtue/translations --no-wrap --no-fuzzy-matching --ignore-obsolete
	$(BIN)/pybabel -q compile -d virtue/translations
	@rm -f messages.pot

migration: .venv/.full  ## write a migration from the models: make migration NAME="add stocktakes"
	$(FLASK) db revision --autogenerate -m "$${NAME:?make migration NAME=\"what it does\"}"

lock:  ## pin the dependencies of pyproject.toml anew, with hashes (needs uv)
	@for extra in "" "--extra test --extra lint"; do \
	  out=requirements$${extra:+-dev}.lock; \
	  uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header $$extra $${extra:+-c requirements.lock} -o $$out; \
	done

clean:  ## take away what tools leave behind; the environment and the data stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage test-results reports
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
