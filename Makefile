# Everything a person does here: `make demo`, `make test`. Both set up what they need first.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
MINUTES ?= 10
WORKERS ?= 2
LOCK_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: help demo test soak checks faults bench lint docs lock clean

help:            ## say what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/run  ## run the wallet and move a slice under live traffic; ARGS=--exit ends by itself
	@$(BIN)/matapalo demo $(ARGS)

test: .venv/dev  ## every test that fits in a few minutes; WORKERS=2 at a time
	@$(BIN)/pytest -m "not soak" -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

soak: .venv/dev .venv/checkov/ready ## the long tests; MINUTES=10
	@MATAPALO_SOAK_MINUTES=$(MINUTES) $(BIN)/pytest -m soak --timeout 0 -n $(WORKERS) --dist loadfile $(ARGS)
	@MATAPALO_EXAMPLES=10 $(BIN)/pytest -m "hypothesis and not soak" --timeout 0 -n $(WORKERS) $(ARGS)

checks: .venv/dev .venv/checkov/ready ## scan what is rendered for AWS with checkov
	@MATAPALO_CHECKOV=needed $(BIN)/pytest tests/cloud/test_scanners.py $(ARGS)

faults: .venv/dev ## try every fault at every moment of a switch; write the table in docs/switch.md
	@MATAPALO_WRITE_DOCS=1 $(BIN)/pytest -m soak --timeout 0 tests/switch/test_faults.py $(ARGS)

bench: .venv/dev ## measure against peers in the same run, print ratios
	@for b in bench/*.py; do case $$b in */_*) ;; *) $(BIN)/python $$b $(ARGS) || exit 1;; esac; done

lint: .venv/dev  ## style, types, layers, generated docs up to date
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/matapalo schema --docs --check docs/blueprint.md

docs: .venv/dev  ## write the generated pages anew
	@$(BIN)/matapalo schema --docs > docs/blueprint.md

lock: .venv/dev  ## resolve the dependencies anew
	@$(BIN)/uv pip compile pyproject.toml $(LOCK_FLAGS) --upgrade --all-extras -o requirements/dev.lock
	@$(BIN)/uv pip compile pyproject.toml $(LOCK_FLAGS) --upgrade --extra local --extra wallet --extra build -c requirements/dev.lock -o requirements/run.lock
	@$(BIN)/uv pip compile requirements/checkov.in $(LOCK_FLAGS) --upgrade -o requirements/checkov.lock

clean:           ## remove what was set up and what ran here
	@rm -rf .venv .matapalo examples/wallet/.matapalo

# A stamp a set of dependencies: dev contains run.
.venv/run: requirements/run.lock pyproject.toml
	@test -e .venv/dev || $(MAKE) --no-print-directory .venv/.run
	@touch $@
.venv/dev: requirements/dev.lock pyproject.toml
	@$(MAKE) --no-print-directory .venv/.dev
	@touch $@ .venv/run

# checkov pins much of what others need newer: it has an environment of its own.
.venv/checkov/ready: requirements/checkov.lock
	@rm -rf .venv/checkov && $(PYTHON) -m venv .venv/checkov
	@echo "installing checkov ($<)"
	@.venv/checkov/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.%:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "matapalo needs Python 3.11 or newer: make PYTHON=python3.11")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "installing the dependencies (requirements/$*.lock)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
