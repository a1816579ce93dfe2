# `make report` sets everything up and runs the main job; `make test` sets up and runs the tests.
# A user's set-up is requirements.lock; a developer's adds requirements-dev.lock.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUDY ?= configs/greater-manchester.toml
LOCKED := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" pyproject.toml

.PHONY: help setup develop report backtest test slow check docs site golden example benchmarks lock clean

help:  ## what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

setup: $(VENV)/.installed  ## a virtual environment from the lock, and riskmc in it

develop: $(VENV)/.developer  ## what a developer needs on top of that

$(VENV)/.installed: requirements.lock pyproject.toml hatch_build.py $(wildcard src/riskmc/compiled/*.c)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developer: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

report: setup  ## run the Greater Manchester study (or STUDY=...) and write its report
	$(BIN)/riskmc run $(STUDY)

test: develop  ## the tests, in parallel
	$(BIN)/python -m pytest -n auto

slow: develop  ## the slow studies: coverage of intervals, kills, back-tests
	$(BIN)/python -m pytest -n auto -m "slow and not nightly"

check: develop  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src

docs: develop  ## write the printed parts of the guides again
	$(BIN)/python -m tests.update_docs

site: develop  ## the documentation as a web site, warnings as errors
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

golden: develop  ## write the golden runs again: make golden WHY="what changed"
	$(BIN)/python -m tests.update_golden --why "$(WHY)"

example: develop  ## write the example report again
	$(BIN)/python -m tests.update_example

backtest: develop  ## run the back-tests again and score them
	$(BIN)/python -m tests.update_backtests

benchmarks: develop  ## measure the speed tables again (needs a quiet machine)
	$(BIN)/python -m benchmarks

lock:  ## write the locks again, for every Python from 3.11 on (needs uv)
	$(LOCKED) --group build -o requirements.lock
	$(LOCKED) --constraint requirements.lock --extra parquet --extra arviz --extra dask --group build --group test --group docs --group lint -o requirements-dev.lock
	$(LOCKED) --group build --group test --resolution lowest-direct -o requirements-lowest.lock

clean:  ## what set-up and tests left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis docs/_build docs/api docs/gallery
