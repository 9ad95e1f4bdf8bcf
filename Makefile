# `make demo` and `make test` need nothing but Python 3.11 or newer; on Debian they install what is missing.
PYTHON ?= python3
BIN := .venv/bin
EXAMPLE := fixtures/apps/python_rag_chat_ready
DEMO := out/demo

.PHONY: demo test lint types imports docs clean

demo: .venv/installed  ## Audit the bundled example and leave a PDF.
	$(BIN)/readiness audit $(EXAMPLE) --engagement $(EXAMPLE).engagement.yaml --out $(DEMO)
	@echo "The report: $(DEMO)/report.pdf"

test: lint types imports  ## Everything that CI runs; pytest comes last.
	$(BIN)/pytest -q -n auto

lint: .venv/developer
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/developer
	$(BIN)/mypy

imports: .venv/developer
	PYTHONPATH=. $(BIN)/lint-imports

docs: .venv/developer  ## Only the tests that hold the documents to the code.
	$(BIN)/pytest -q tests/test_docs.py

clean:
	rm -rf .venv out

.venv/installed: pyproject.toml
	PYTHON=$(PYTHON) .ci/system
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/developer: pyproject.toml
	PYTHON=$(PYTHON) .ci/system
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
