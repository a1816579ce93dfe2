# `make report` sets everything up and runs the main job; `make test` sets up and runs the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUDY ?= configs/greater-manchester.toml

.PHONY: help setup report test check docs golden example benchmarks lock clean

help:  ## what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

setup: $(VENV)/.installed  ## a virtual environment from the lock, and riskmc in it

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

report: setup  ## run the Greater Manchester study (or STUDY=...) and write its report
	$(BIN)/riskmc run $(STUDY)

test: setup  ## the tests, in parallel
	$(BIN)/python -m pytest -n auto

check: setup  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src

docs: setup  ## the printed parts of the guides anew
	$(BIN)/python -m tests.update_docs

golden: setup  ## the golden runs anew: make golden WHY="what changed"
	$(BIN)/python -m tests.update_golden --why "$(WHY)"

example: setup  ## the example report anew
	$(BIN)/python -m tests.update_example

benchmarks: setup  ## the speed tables anew (needs a quiet machine)
	$(BIN)/python -m benchmarks

lock:  ## the lock anew, for every Python from 3.11 on (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --all-extras --group test --group lint --group build --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean:  ## what set-up and tests left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
