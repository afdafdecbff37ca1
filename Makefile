# `make demo` and `make test` set up all they need: make and Python 3.11 or later are enough.
# To choose the interpreter: make test PYTHON=python3.12
# To leave .venv as it is: make check PYTHON=python3.13 VENV_DIR=.venv-3.13

UV_VERSION := 0.13.8
PIP_AUDIT_VERSION := 2.9.0
PYTHON ?=
VENV_DIR ?= .venv

VENV := $(VENV_DIR)/bin
READY := $(VENV_DIR)/.ready$(subst /,-,$(PYTHON:%=-%))
MELTANO := .cache/meltano
MELTANO_READY := $(MELTANO)/.ready
FAKESNOW := .cache/fakesnow
FAKESNOW_READY := $(FAKESNOW)/.ready
AIRFLOW := .cache/airflow
AIRFLOW_READY := $(AIRFLOW)/.ready
DEMO_OUTPUT := output/demo
DEMO_LOG := $(DEMO_OUTPUT)/meltano.log
DEMO_PAGE := output/calls.html
POSTGRES_LOG := output/demo-postgres.log

export UV_PYTHON_DOWNLOADS := never
# Behind a company's proxy uv has to trust what pip and git trust: the system's certificates, where there are any.
ifneq ($(wildcard /etc/ssl/certs/*.crt /etc/ssl/certs/*.pem /etc/ssl/cert.pem /etc/pki/tls/certs/*.crt),)
export UV_SYSTEM_CERTS ?= true
endif
# Of the caller's shell: each would point uv or Python at another environment than VENV_DIR.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT UV_PYTHON PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help setup demo demo-postgres test check audit lint format typing layers programs postgres unit quick wheel generate bench chain airflow soak clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: $(READY) ## make VENV_DIR (.venv) with everything that uv.lock names
	@:

# Always from the start, whatever state an earlier run left, one that was killed included.
demo: $(MELTANO_READY) ## simulated providers -> meltano run -> files, a table of what landed, a page of the calls
	@rm -rf $(DEMO_OUTPUT) $(DEMO_PAGE)
	@mkdir -p $(DEMO_OUTPUT)
	@echo "== meltano run tap-voicecalls target-jsonl"
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 \
		$(MELTANO)/bin/meltano --environment=demo run --full-refresh --force tap-voicecalls target-jsonl \
		>$(DEMO_LOG) 2>&1 || { tail -n 40 $(DEMO_LOG) >&2; echo "demo: failed; all of the log is in $(DEMO_LOG)" >&2; exit 1; }
	@$(VENV)/python demo/summary.py $(DEMO_OUTPUT)
	@$(VENV)/python -m demo.page --made-up $(DEMO_OUTPUT)/calls.jsonl $(DEMO_PAGE)

# KEEP=--keep leaves the server running until Ctrl-C.
demo-postgres: $(MELTANO_READY) postgres ## the same into a PostgreSQL of its own, and five queries (KEEP=--keep)
	@mkdir -p $(dir $(POSTGRES_LOG))
	@echo "== meltano run tap-voicecalls target-postgres"
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 $(VENV)/python -m demo.into_postgres $(KEEP) $(POSTGRES_LOG) \
		$(MELTANO)/bin/meltano --environment=demo run --full-refresh --force tap-voicecalls target-postgres

test: lint typing layers programs unit wheel ## everything that CI runs
	@echo "== all checks passed"

# Less than `make test`: no Meltano, no database, no browser.
check: lint typing layers quick ## what one runs while working: rules, types, layers, unit and tap tests
	@echo "== check passed on $$($(VENV)/python -V)"

# It asks the network, and what it finds depends on the day: no part of `make test`.
audit: $(READY) ## known vulnerabilities of what uv.lock names
	@echo "== audit"
	@mkdir -p .cache
	@$(VENV)/uv export --quiet --frozen --all-groups --no-emit-project --output-file .cache/locked.txt
	@$(VENV)/uv tool run --quiet pip-audit==$(PIP_AUDIT_VERSION) --requirement .cache/locked.txt --disable-pip --require-hashes

quick: $(READY)
	@echo "== unit and tap tests"
	@$(VENV)/pytest --quiet --numprocesses=3 --dist=loadgroup tests/unit tests/tap

lint: $(READY) ## ruff: rules and format
	@echo "== lint"
	@$(VENV)/ruff check --quiet
	@$(VENV)/ruff format --check --quiet

format: $(READY) ## ruff: put right what it can
	@$(VENV)/ruff check --fix --quiet
	@$(VENV)/ruff format --quiet

typing: $(READY) ## mypy, strict
	@echo "== typing"
	@$(VENV)/mypy

layers: $(READY) ## import-linter: which way the arrows point
	@echo "== layers"
	@$(VENV)/lint-imports --no-logo

postgres: $(READY) ## bring PostgreSQL's programs, unless the system has them
	@VENV_DIR=$(VENV_DIR) sh scripts/postgres.sh

programs: ## install what tests need of the system, such as a browser, where that is allowed
	@sh scripts/programs.sh

unit: $(READY) $(MELTANO_READY) $(FAKESNOW_READY) postgres ## pytest
	@echo "== tests"
	@$(VENV)/pytest --quiet --numprocesses=3 --dist=loadgroup

wheel: $(READY) ## build the wheel, install it somewhere clean, run it there
	@echo "== wheel"
	@PATH="$(CURDIR)/$(VENV):$$PATH" $(VENV)/python scripts/smoke_wheel.py

generate: $(READY) ## write what is made from the registry: meltano.yml, README's tables, the hub's definition, dbt's staging
	@$(VENV)/python -m scripts.generate

# Takes about an hour on a machine that does nothing else; BENCH=--quick takes three minutes.
bench: $(READY) ## measure the tap beside others: benchmarks/results.md and .png (BENCH=--quick)
	@$(VENV)/python -m benchmarks.run $(BENCH)

# Some minutes; CHAIN="--calls 10000" is one.
chain: $(MELTANO_READY) postgres ## time 100,000 calls through Meltano and the tap into PostgreSQL (CHAIN=)
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 $(VENV)/python -m benchmarks.chain $(CHAIN)

# Three minutes; AIRFLOW_TRIAL="--calls 1000000 --shards 24 --one-process" takes long.
airflow: $(AIRFLOW_READY) $(MELTANO_READY) postgres ## a backfill on a real Airflow, with kills, every row compared (AIRFLOW_TRIAL=)
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 PYTHONPATH=tests:.:orchestrate $(VENV)/python -m trial.run $(AIRFLOW_TRIAL)

# Some minutes; SOAK="--runs 200 --seed 1" is another night.
soak: $(READY) ## 100 scheduled runs with faults and kills over a moving world: is anything lost? (SOAK=)
	@PYTHONPATH=tests $(VENV)/python soak/soak.py $(SOAK)

clean: ## remove what the targets made
	@rm -rf .venv .venv-* .cache .meltano output dist build

$(READY): pyproject.toml uv.lock scripts/setup.sh
	@UV_VERSION=$(UV_VERSION) PYTHON="$(PYTHON)" VENV_DIR=$(VENV_DIR) sh scripts/setup.sh
	@touch $@

# An environment of its own, of what a file of requirements names.
define environment
	@echo "== setting up $(1) in $(2)"
	@$(VENV)/uv venv --quiet --clear --python $(VENV)/python $(2)
	@$(VENV)/uv pip install --quiet --python $(2)/bin/python -r $(3)
endef

# The tap's copy in Meltano goes too, so that Meltano installs it again with its new dependencies.
$(MELTANO_READY): $(READY) demo/requirements.txt
	$(call environment,Meltano,$(MELTANO),demo/requirements.txt)
	@rm -rf .meltano/extractors/tap-voicecalls
	@touch $@

$(AIRFLOW_READY): $(READY) orchestrate/trial/requirements.txt
	$(call environment,Airflow,$(AIRFLOW),orchestrate/trial/requirements.txt)
	@touch $@

$(FAKESNOW_READY): $(READY) tests/warehouses/snowflake/requirements.txt
	$(call environment,a stand-in for Snowflake,$(FAKESNOW),tests/warehouses/snowflake/requirements.txt)
	@touch $@
