# Souk's commands. Everything they install or write stays below this folder, in what .gitignore names.

PYTHON ?= python3
PORT ?= 8600
DATA ?= tests/data/bazaar
SETUP := @$(PYTHON) infra/local/environments.py
LOCAL := .cloud/bin/python -m infra.local
DEV := PYTHONPATH=layers/souk/python:functions .venv/bin/python -m

help: ## these lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

run: ## the whole shop on this machine, until Ctrl-C (DETACH=1: in the background; PORT=8600)
	$(SETUP) .cloud
	@$(LOCAL).run start --port $(PORT) $(if $(DETACH),--detach)

# These two install nothing: that could pull the environment from under the running shop.
stop: ## end what `make run` started
	@test ! -x .cloud/bin/python || $(LOCAL).run stop

reset: ## end it and empty the shop
	@test ! -x .cloud/bin/python || $(LOCAL).run reset

demo: ## the story of one order, told in the terminal
	$(SETUP) .cloud
	@$(LOCAL).demo.story

replay: ## the shop run on real orders (DATA=folder ORDERS=100)
	$(SETUP) .cloud
	@$(LOCAL).replay $(DATA) $(if $(ORDERS),--orders $(ORDERS))

invoke: ## one function of the running shop on one event (F=products E=events/http/list-products.json)
	$(SETUP) .cloud
	@$(LOCAL).invoke $(F) $(E)

lint: ## ruff and mypy
	$(SETUP) .venv
	$(DEV) ruff check
	$(DEV) ruff format --check --quiet
	$(DEV) mypy

check: lint ## the fast loop: lint, types, house and unit tests
	$(DEV) pytest -q -n 2 tests/house tests/kernel tests/table tests/domains tests/gateways tests/replay tests/demo

test: lint ## everything: also every function in process, the local cloud, SAM, and end to end
	$(SETUP) .cloud .sam
	$(DEV) pytest -q -n 2 --ignore tests/cloud --ignore tests/e2e
	$(DEV) pytest -q tests/cloud tests/e2e

docs: ## print the pages in docs/ that come from the code
	$(SETUP) .venv
	$(DEV) tests.house.print_docs

COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" .tools/bin/uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.11 $(if $(UPGRADE),--upgrade)
# Lambda's runtime has boto3 with botocore; python-dateutil and six are only botocore's.
IN_RUNTIME := --no-emit-package botocore --no-emit-package python-dateutil --no-emit-package six

lock: ## pin the packages of pyproject.toml (UPGRADE=1: to the newest)
	$(SETUP)
	$(COMPILE) pyproject.toml --group test -o tests/requirements.txt
	$(COMPILE) pyproject.toml $(IN_RUNTIME) -c tests/requirements.txt -o layers/vendor/requirements.txt
	$(COMPILE) --group tools -o infra/local/tools-requirements.txt
	$(COMPILE) --group cloud -o infra/local/requirements.txt
	$(COMPILE) --group sam -o infra/local/sam-requirements.txt

.DEFAULT_GOAL := help
.PHONY: help run stop reset demo replay invoke lint check test docs lock
