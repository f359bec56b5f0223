PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run serve demo report check test lint format format-check types contracts docs drawing pictures bench mutants \
	bi-acceptance clean

help:                           ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/installed          ## import what lies in Playground/Strava Export
	$(BIN)/python -m ingest run

serve: $(VENV)/installed        ## show your data in a browser, on a page of this machine
	$(BIN)/python -m ingest serve

demo: $(VENV)/installed         ## import a synthetic athlete into Playground/demo.db, to look around
	$(BIN)/python -m ingest demo

report: $(VENV)/installed       ## draw a page of charts of your data, Playground/Exports/report.html
	$(BIN)/python -m ingest report

check: lint format-check types contracts test   ## all that must pass before a change lands

test: $(VENV)/installed-dev     ## run the tests; those of PostgreSQL are skipped where no server answers
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/installed-dev     ## look for mistakes and unsorted imports (ruff)
	$(BIN)/ruff check .

format: $(VENV)/installed-dev   ## sort imports and lay the code out anew (ruff)
	$(BIN)/ruff check --quiet --select I --fix .
	$(BIN)/ruff format .

format-check: $(VENV)/installed-dev   ## say which files `make format` would change
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev    ## check the types (mypy)
	$(BIN)/mypy

contracts: $(VENV)/installed-dev   ## check that imports go one way (import-linter)
	$(BIN)/lint-imports

docs: $(VENV)/installed-dev     ## write the pages and files of docs/ that are made from the code
	$(BIN)/python -m db.schema_docs docs/schema.md
	$(BIN)/python -m docs.cli_docs docs/cli.md
	$(BIN)/python -m docs.bi_docs docs/bi

drawing:                        ## draw docs/flow.svg from docs/flow.dot (graphviz)
	dot -Tsvg docs/flow.dot -o docs/flow.svg

pictures: $(VENV)/installed-dev ## take the pictures of docs/page.md and of the report (chromium)
	$(BIN)/python -m docs.page_pictures docs
	$(BIN)/python -m docs.report_pictures docs

bench: $(VENV)/installed-dev    ## measure parsers, derived figures, imports and exporters
	$(BIN)/python -m benchmarks.parsers
	$(BIN)/python -m benchmarks.derived
	$(BIN)/python -m benchmarks.import_export
	$(BIN)/python -m benchmarks.exports

mutants: $(VENV)/installed-dev  ## change values in the code, and count how often the tests notice
	$(BIN)/python -m tests.mutants $(MODULE)

bi-acceptance: $(VENV)/installed-dev   ## try the dashboard in a real Superset (installed in .bi, 0.8 GB)
	$(BIN)/python -m benchmarks.superset

clean:                          ## remove the environments and what builds leave
	rm -rf $(VENV) .bi build dist *.egg-info

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
