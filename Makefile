# Everything a person does with Attune. Each target says what it does while it does it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test lint check lock-rules bench soak fuzz explore mutate lock clean

PORT ?= 8000
export PORT
VENV := .venv
PY := $(VENV)/bin/python
# durable-rules 2.0.28 calls a function that Python 3.13 no longer has; the name of the one in its place is known to all of them
INSTALL := CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
say = @printf '\033[1m== %s\033[0m\n' "$(1)"

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: $(VENV)/.run  ## start the service, send it one person's profile, print the explained answer, stop it
	$(call say,Asking the service about the fictional person of deploy/demo/profile.json)
	@$(PY) -m deploy.demo deploy/demo/profile.json

serve: $(VENV)/.run  ## bring the database up to date and run the service in the foreground on PORT (8000); Ctrl-C or SIGTERM stops it
	$(call say,Serving on http://127.0.0.1:$(PORT) with its API at /docs)
	@$(PY) -m service migrate
	@exec $(PY) -m gunicorn --config deploy/gunicorn.conf.py

# What is compiled is kept, also where PYTHONDONTWRITEBYTECODE is set: else both processes, and each service that a test starts, compile all of it anew.
test: ARGS ?= -m "not long"
test: $(VENV)/.dev  ## run the tests but the long ones (ARGS for pytest: --hypothesis-profile=whole runs every test, on 2,000 examples each)
	$(call say,Running the tests on two processes)
	@PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n 2 --dist worksteal $(ARGS)

lint: $(VENV)/.dev  ## look for faults of style, then for faults of types
	$(call say,Reading the code with ruff)
	@$(PY) -m ruff check .
	$(call say,Reading its types with mypy)
	@$(PY) -m mypy

check: $(VENV)/.run  ## load the rule base, run its cases and report every fault in it
	$(call say,Checking the rule base)
	@$(PY) -m service check

lock-rules: $(VENV)/.run  ## write rules/lock.yaml anew after a change to the rules; its diff is what a reviewer signs
	$(call say,Locking the rule base)
	@$(PY) -m service lock

bench: $(VENV)/.dev  ## measure the engine, the answer, the explanations and recording (ARGS: the number of rounds)
	$(call say,Measuring)
	@$(PY) -m deploy.bench $(ARGS)
	@$(PY) -m deploy.recording $(ARGS)
	@$(PY) -m deploy.bench_explanations $(ARGS)

soak: $(VENV)/.dev  ## send 20,000 alternating people (ARGS: so many) to one worker: nothing leaks, memory stays flat
	$(call say,Soaking one worker)
	@$(PY) -m deploy.soak $(ARGS)

fuzz: $(VENV)/.dev  ## send thousands of generated requests to a running service and check every answer against the OpenAPI document (ARGS for schemathesis)
	$(call say,Sending generated requests to a service on a free port)
	@$(PY) -m deploy.fuzz $(ARGS)

explore: $(VENV)/.dev  ## run the property tests on 500 (EXAMPLES) random examples each, and print the SEED that makes them
	@seed=$${SEED:-$$RANDOM$$RANDOM}; printf '\033[1m== Running the property tests on new examples; the same again: make explore SEED=%s\033[0m\n' "$$seed"; \
	    $(PY) -m pytest -n 2 --dist worksteal -m hypothesis --hypothesis-profile=explore --hypothesis-seed="$$seed" $(ARGS)

mutate: $(VENV)/.dev  ## spoil the rules, one thing at a time, and print the share that make check and make test notice (ARGS: --count, --seed)
	$(call say,Spoiling a copy of the rules; a quarter of an hour or more)
	@$(PY) -m tests.mutation $(ARGS)

lock: | $(PY)  ## resolve requirements*.in again and lock them with hashes, for Python 3.11 to 3.13 at once
	$(call say,Locking)
	@$(PY) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@for name in requirements-build requirements requirements-dev; do \
	    echo "$$name.txt"; \
	    UV_SYSTEM_CERTS=1 $(VENV)/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	        --no-header --no-annotate --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt; \
	done
	@rm -rf $(VENV)/lock

clean:  ## remove what the other targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis

$(PY):
	$(call say,Making the environment in $(VENV); the first time takes a minute)
	@python=$$(deploy/python.sh) && echo "using $$python" && "$$python" -m venv $(VENV)

# pip's cache may hold an engine that was compiled elsewhere, without the name
$(VENV)/.run: requirements.txt requirements-build.txt | $(PY)
	$(call say,Installing what the service needs; the rule engine is compiled)
	@$(INSTALL) -r requirements-build.txt
	@$(INSTALL) --no-cache-dir --no-build-isolation -r requirements.txt
	@$(PY) -c 'import durable_rules_engine' && touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(call say,Installing what the tests need)
	@$(INSTALL) --no-build-isolation -r requirements-dev.txt && touch $@
