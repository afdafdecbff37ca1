# All targets install what they need. Required are only make and Python 3.11 or later.
# To choose the interpreter: make test PYTHON=python3.12
# To keep .venv unchanged: make check PYTHON=python3.13 VENV_DIR=.venv-3.13

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
ZENSICAL := .cache/zensical
ZENSICAL_READY := $(ZENSICAL)/.ready
AIRFLOW := .cache/airflow
AIRFLOW_READY := $(AIRFLOW)/.ready
DOCS := output/docs
DEMO_OUTPUT := output/demo
DEMO_LOG := $(DEMO_OUTPUT)/meltano.log
DEMO_PAGE := output/calls.html
POSTGRES_LOG := output/demo-postgres.log

export UV_PYTHON_DOWNLOADS := never
# Behind a company's proxy, everything must trust the certificates that pip trusts: those it is told of, and those of the
# system, if it has any. uv, and Meltano with its own uv, go by SSL_CERT_FILE; a folder is SSL_CERT_DIR.
CERTIFICATES := $(shell sh scripts/certificates.sh)
ifneq ($(CERTIFICATES),)
ifneq ($(wildcard $(CERTIFICATES)/.),)
export SSL_CERT_DIR ?= $(CERTIFICATES)
else
export SSL_CERT_FILE ?= $(CERTIFICATES)
endif
export REQUESTS_CA_BUNDLE ?= $(CERTIFICATES)
endif
ifneq ($(wildcard /etc/ssl/certs/*.crt /etc/ssl/certs/*.pem /etc/ssl/cert.pem /etc/pki/tls/certs/*.crt),)
export UV_SYSTEM_CERTS ?= true
endif
# These variables of the caller's shell would make uv or Python use another environment than VENV_DIR.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT UV_PYTHON PYTHONPATH PYTHONHOME
# With this one, each start of a program that was not compiled when it was installed compiles it anew: 2 s for Meltano.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help setup demo demo-postgres docs test check audit lint format typing layers programs postgres unit quick wheel generate bench trend chain airflow targets soak clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: $(READY) ## create VENV_DIR (.venv) with all packages of uv.lock
	@:

# Reads everything again and ignores the state of an earlier or killed run.
demo: $(MELTANO_READY) ## simulated providers -> meltano run -> files, a summary of what was loaded, a page of the calls
	@rm -rf $(DEMO_OUTPUT) $(DEMO_PAGE)
	@mkdir -p $(DEMO_OUTPUT)
	@echo "== meltano run tap-voicecalls target-jsonl"
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 \
		$(MELTANO)/bin/meltano --environment=demo run --full-refresh --force tap-voicecalls target-jsonl \
		>$(DEMO_LOG) 2>&1 || { tail -n 40 $(DEMO_LOG) >&2; echo "demo: failed; see the whole log in $(DEMO_LOG)" >&2; exit 1; }
	@$(VENV)/python demo/summary.py $(DEMO_OUTPUT)
	@$(VENV)/voicecalls-page --made-up $(DEMO_OUTPUT) $(DEMO_PAGE)

# KEEP=--keep leaves the server running until Ctrl-C.
demo-postgres: $(MELTANO_READY) postgres ## the same into a temporary PostgreSQL, and the queries (KEEP=--keep)
	@mkdir -p $(dir $(POSTGRES_LOG))
	@echo "== meltano run tap-voicecalls target-postgres"
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 $(VENV)/python -m demo.into_postgres $(KEEP) $(POSTGRES_LOG) \
		$(MELTANO)/bin/meltano --environment=demo run --full-refresh --force tap-voicecalls target-postgres

# Built from a copy: Zensical keeps its cache in the `.cache` beside the pages. Strict: a link to a page or heading that
# does not exist is an error.
docs: $(ZENSICAL_READY) ## build the documentation into output/docs/site, and check its links
	@echo "== docs"
	@rm -rf $(DOCS)
	@mkdir -p $(DOCS)
	@cp -R docs mkdocs.yml $(DOCS)
	@cd $(DOCS) && $(CURDIR)/$(ZENSICAL)/bin/zensical build --strict >build.log 2>&1 || { cat build.log >&2; exit 1; }

test: lint typing layers docs programs unit wheel ## everything that CI runs
	@echo "== all checks passed"

# Less than `make test`: no Meltano, no database, no browser.
check: lint typing layers quick ## the checks to run while working: lint, types, layers, unit and tap tests
	@echo "== check passed on $$($(VENV)/python -V)"

# Not part of `make test`: it needs the network, and its result changes from day to day.
audit: $(READY) ## known vulnerabilities of the packages in uv.lock
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

format: $(READY) ## ruff: fix and format
	@$(VENV)/ruff check --fix --quiet
	@$(VENV)/ruff format --quiet

typing: $(READY) ## mypy, strict
	@echo "== typing"
	@$(VENV)/mypy

layers: $(READY) ## import-linter: the allowed imports between modules
	@echo "== layers"
	@$(VENV)/lint-imports --no-logo

postgres: $(READY) ## install PostgreSQL's programs, unless the system has them
	@VENV_DIR=$(VENV_DIR) sh scripts/postgres.sh

programs: ## install system packages for the tests, such as a browser, if that is allowed
	@sh scripts/programs.sh

unit: $(READY) $(MELTANO_READY) $(FAKESNOW_READY) postgres ## pytest
	@echo "== tests"
	@$(VENV)/pytest --quiet --numprocesses=3 --dist=loadgroup

wheel: $(READY) ## build the wheel, install it in a clean environment, run it there
	@echo "== wheel"
	@PATH="$(CURDIR)/$(VENV):$$PATH" $(VENV)/python scripts/smoke_wheel.py

generate: $(READY) ## write what is made from the registry: meltano.yml, tables of README and docs, the hub's definition, dbt's staging
	@$(VENV)/python -m scripts.generate

# Takes about an hour on an idle machine; BENCH=--quick takes three minutes.
bench: $(READY) ## compare the speed of the tap with other tools: benchmarks/results.md and .png (BENCH=--quick)
	@$(VENV)/python -m benchmarks.run $(BENCH)

# Takes about two minutes on an idle machine; TREND=--record writes the ratios that later runs are compared with.
trend: $(READY) ## fail if the tap is more than a fifth slower than on record, beside a plain SDK tap (TREND=)
	@$(VENV)/python -m benchmarks.trend $(TREND)

# Takes some minutes; CHAIN="--calls 10000" takes one.
chain: $(MELTANO_READY) postgres ## time 100,000 calls through Meltano and the tap into PostgreSQL (CHAIN=)
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 $(VENV)/python -m benchmarks.chain $(CHAIN)

# Takes three minutes; AIRFLOW_TRIAL="--calls 1000000 --shards 24 --one-process" takes long.
airflow: $(AIRFLOW_READY) $(MELTANO_READY) postgres ## test a backfill on a real Airflow, with kills, and compare every row (AIRFLOW_TRIAL=)
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 PYTHONPATH=tests:.:orchestrate $(VENV)/python -m trial.run $(AIRFLOW_TRIAL)

# Takes some minutes; TARGETS="sqlite csv" tries only those, and leaves the page as it is.
targets: $(FAKESNOW_READY) postgres ## load into other people's targets, compare every value, write the table of docs/targets.md (TARGETS=)
	@PATH="$(CURDIR)/$(VENV):$$PATH" NO_COLOR=1 $(VENV)/python -m targets.run $(TARGETS)

# Takes some minutes; SOAK="--runs 200 --seed 1" changes the number of runs and the seed.
soak: $(READY) ## 100 scheduled runs with faults and kills, while calls change: is anything lost? (SOAK=)
	@PYTHONPATH=tests $(VENV)/python soak/soak.py $(SOAK)

clean: ## remove everything that the targets created
	@rm -rf .venv .venv-* .cache .meltano output dist build

$(READY): pyproject.toml uv.lock scripts/setup.sh
	@UV_VERSION=$(UV_VERSION) PYTHON="$(PYTHON)" VENV_DIR=$(VENV_DIR) sh scripts/setup.sh
	@touch $@

# Creates a separate environment from a requirements file.
define environment
	@echo "== setting up $(1) in $(2)"
	@$(VENV)/uv venv --quiet --clear --python $(VENV)/python $(2)
	@$(VENV)/uv pip install --quiet --python $(2)/bin/python -r $(3)
endef

# Removes Meltano's copy of the tap as well, so that Meltano installs it with its new dependencies.
$(MELTANO_READY): $(READY) demo/requirements.txt
	$(call environment,Meltano,$(MELTANO),demo/requirements.txt)
	@rm -rf .meltano/extractors/tap-voicecalls
	@touch $@

$(ZENSICAL_READY): $(READY) scripts/docs_requirements.txt
	$(call environment,Zensical,$(ZENSICAL),scripts/docs_requirements.txt)
	@touch $@

$(AIRFLOW_READY): $(READY) orchestrate/trial/requirements.txt
	$(call environment,Airflow,$(AIRFLOW),orchestrate/trial/requirements.txt)
	@touch $@

$(FAKESNOW_READY): $(READY) tests/warehouses/snowflake/requirements.txt
	$(call environment,a stand-in for Snowflake,$(FAKESNOW),tests/warehouses/snowflake/requirements.txt)
	@touch $@
