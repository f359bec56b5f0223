PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run demo test lint types contracts docs bench mutants bi-acceptance clean

run: $(VENV)/installed          ## import what lies in Playground/Strava Export
	$(BIN)/python -m ingest run

demo: $(VENV)/installed         ## the same on a synthetic athlete, into Playground/demo.db
	$(BIN)/python -m ingest demo

test: $(VENV)/installed-dev     ## all tests; PostgreSQL's skip where no server answers
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

contracts: $(VENV)/installed-dev
	$(BIN)/lint-imports

docs: $(VENV)/installed-dev     ## write docs/schema.md and the made files of docs/bi from the models
	$(BIN)/python -m db.schema_docs docs/schema.md
	$(BIN)/python -m docs.bi_docs docs/bi

bench: $(VENV)/installed-dev    ## parsers and imports against their floors, exporters
	$(BIN)/python -m benchmarks.parsers
	$(BIN)/python -m benchmarks.derived
	$(BIN)/python -m benchmarks.import_export
	$(BIN)/python -m benchmarks.exports

mutants: $(VENV)/installed-dev  ## change a value at a time, and say what no test notices (MODULE=path)
	$(BIN)/python -m tests.mutants $(MODULE)

bi-acceptance: $(VENV)/installed-dev   ## the dashboard in a real Superset (installed in .bi, 0.8 GB), on SQLite and PostgreSQL
	$(BIN)/python -m benchmarks.superset

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) .bi build dist *.egg-info
