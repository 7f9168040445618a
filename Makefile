# Souk's commands. Everything they install or write stays below this folder, in what .gitignore names.

PYTHON ?= python3
PORT ?= 8600
DATA ?= tests/data/bazaar
SETUP := @$(PYTHON) infra/local/environments.py
LOCAL := .cloud/bin/python -m infra.local
FILTERS = $(if $(REQUEST),--request $(REQUEST)) $(if $(F),--function $(F))
# What each function used while all tests ran, which is what it may do.
USAGE := .pytest_cache/usage
CORES = $(shell $(PYTHON) -c "import os; print(min(os.cpu_count(), 8))")
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

dev: ## the same shop, where a saved file answers at once, with the logs of all functions (REQUEST=id F=browse)
	$(SETUP) .cloud
	@$(LOCAL).dev --port $(PORT) $(FILTERS)

logs: ## what the functions of the running shop log (REQUEST=id F=browse)
	$(SETUP) .cloud
	@$(LOCAL).logs $(FILTERS)

demo: ## the story of one order, told in the terminal
	$(SETUP) .cloud
	@$(LOCAL).demo.story

replay: ## the shop run on real orders (DATA=folder ORDERS=100)
	$(SETUP) .cloud
	@$(LOCAL).replay $(DATA) $(if $(ORDERS),--orders $(ORDERS))

bench: ## what browse and checkout weigh beside a bare handler, on a shop of its own (LEVERS=1: and what each lever gains)
	$(SETUP) .cloud
	@$(LOCAL).bench $(if $(LEVERS),--levers)

nearest: ## how long the nearest of many stores take, beside reading them all (STORES=10000)
	$(SETUP) .venv
	@$(DEV) tests.bench.nearest $(if $(STORES),--stores $(STORES))

bills: ## a provider's bill of many lines held against the books: seconds, memory, calls and write units (LINES=100000)
	$(SETUP) .venv
	@$(DEV) tests.bench.bills $(if $(LINES),--lines $(LINES))

payments: ## how long buyers wait for their payment to begin, beside the provider alone (RATE=100 SECONDS=30)
	$(SETUP) .venv
	@$(DEV) tests.bench.payments $(if $(RATE),--rate $(RATE)) $(if $(SECONDS),--seconds $(SECONDS))

invoke: ## one function of the running shop on one event (F=products E=events/http/list-products.json)
	$(SETUP) .cloud
	@$(LOCAL).invoke $(F) $(E)

lint: ## ruff and mypy
	$(SETUP) .venv
	$(DEV) ruff check
	$(DEV) ruff format --check --quiet
	$(DEV) mypy

check: lint ## the fast loop: lint, types, house and unit tests
	$(DEV) pytest -q -n $(CORES) tests/house tests/kernel tests/table tests/domains tests/gateways tests/replay tests/demo

test: lint ## everything: also every function in process, the local cloud, SAM, and end to end
	$(SETUP) .cloud .sam .scan
	$(DEV) pytest -q -n $(CORES) --ignore tests/cloud --ignore tests/e2e --ignore tests/security --save-usage=$(USAGE)
	$(DEV) pytest -q -n 3 --dist loadscope --no-loadscope-reorder tests/e2e tests/cloud tests/security --usage=$(USAGE)

race: ## 200 buyers at once for 10 units, over HTTP, again and again (RUNS=20)
	$(SETUP) .cloud
	RUNS=$(or $(RUNS),20) $(DEV) pytest -q tests/e2e/test_race.py

load: ## visitors who browse, fill carts and order, for a while: how fast it answers, and whether the books are right (VISITORS=20 SECONDS=60 SEED=1)
	$(SETUP) .cloud .venv
	@$(DEV) tests.load $(if $(VISITORS),--visitors $(VISITORS)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

rush: ## a flash sale under 10,000 buyers: what each partition has to write, counted; then over HTTP (BUYERS=1000)
	$(SETUP) .cloud
	@$(DEV) tests.rush
	BUYERS=$(or $(BUYERS),1000) $(DEV) pytest -q -s -p no:cacheprovider tests/e2e/test_rush.py

fuzz: ## every route under requests made up from its OpenAPI document (CASES=20000 SEED=1)
	$(SETUP) .venv
	@$(DEV) tests.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

simulate: ## the whole shop under faults, thousands of times (HISTORIES=10000), once with all that happens (SEED=7), by twos (PAIRS=1), at every step (CRASHES=1)
	$(SETUP) .venv
	@$(if $(CRASHES),CRASHES=1 $(DEV) pytest -q -n $(CORES) tests/simulation/test_crashes.py tests/simulation/test_pairs.py tests/simulation/test_finishers.py,$(DEV) tests.simulation \
		$(if $(SEED),--seed $(SEED)) $(if $(HISTORIES),--histories $(HISTORIES)) $(if $(PAIRS),--pairs $(PAIRS)))

entries: ## a million generated entries of the books: each balances, and the balances are their replay (ENTRIES=1000000)
	$(SETUP) .venv
	ENTRIES=$(or $(ENTRIES),1000000) $(DEV) pytest -q -s -p no:cacheprovider tests/domains/test_many_entries.py

docs: ## print the pages in docs/ that come from the code
	$(SETUP) .venv
	$(DEV) tests.house.print_docs

COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" .tools/bin/uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.11 $(if $(UPGRADE),--upgrade)

lock: ## pin the packages of pyproject.toml (UPGRADE=1: to the newest)
	$(SETUP)
	$(COMPILE) pyproject.toml --group test -o tests/requirements.txt
	$(COMPILE) pyproject.toml -c tests/requirements.txt -o layers/vendor/requirements.txt
	$(COMPILE) --group tools -o infra/local/tools-requirements.txt
	$(COMPILE) --group cloud -o infra/local/requirements.txt
	$(COMPILE) --group sam -o infra/local/sam-requirements.txt
	$(COMPILE) --group scan -o infra/local/scan-requirements.txt

.DEFAULT_GOAL := help
.PHONY: help run stop reset dev logs demo replay bench nearest bills payments invoke lint check test race rush load fuzz simulate entries docs lock
