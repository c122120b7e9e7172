# Everything here works from a clean clone with only Python (3.11 or later) and make.
#   make demo | make test | make help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
BENCH_STAMP := $(VENV)/.bench-done
LOWEST := build/lowest
# Two workers: a file's tests stay together, so that each kernel is compiled by one of them.
WORKERS ?= 2
# What `make test` leaves to targets of its own.
FAST := not slow and not long and not checked and not browser
SLOW := (slow or worlds) and not long and not checked and not browser
# Python keeps what it made of the sources, whatever the environment says: else each of the many
# processes that tests start reads them all anew, which is half of its start.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -p tests.cpu
# More options: for pytest, such as ARGS="-k identity"; for bench-gate ARGS="--markdown table.md".
ARGS ?=
# What bench-gate compares this tree with.
BASE ?=
PIP = $(BIN)/python -m pip --disable-pip-version-check -qq
# A compiler is never needed: where one of these has no wheel, say so at once.
WHEELS := --only-binary numba,llvmlite,numpy,scipy,pandas,pyarrow,pydantic-core

# The first Python that numba has wheels for and that can make an environment with pip in it.
define FIND_PYTHON
for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python; do \
  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1; then \
    found=$$candidate; break; fi; done; \
if [ -z "$${found:-}" ]; then \
  echo "setup: no Python from 3.11 to 3.14 with venv and ensurepip was found; install one (on Debian python3 and python3-venv) or name it: make setup PYTHON=/path/to/python3" >&2; \
  exit 1; fi
endef

# Kernels compile once a version; two workers at once would do it twice. The two engines have kernels
# of their own, so each compiles on a core. A scenario with lines, since SimPy's are one of them.
define COMPILE_KERNELS
scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
for engine in simpy compiled; do \
  $(BIN)/omnilab compare order-ahead-v1 --strategy omnichannel --customers 40 --replications 1 --quiet \
    --engine $$engine --out "$$scratch/$$engine" --json - >/dev/null & \
done; wait
endef

# The engine alone that a comparison runs on.
define COMPILE_DEMO
scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
$(BIN)/omnilab compare retailer-v1 --customers 100 --replications 1 --quiet --out "$$scratch/warm-up" --json - >/dev/null
endef

.PHONY: help setup demo test test-slow tools test-tools test-page test-long test-bounds mutants test-lowest coverage lint format bench bench-gate docs pin found credits patterns evidence rates assumptions leaderboard calibration clean distclean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv with the command .venv/bin/omnilab

$(STAMP): pyproject.toml constraints.txt
	@if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	  found=; $(FIND_PYTHON); \
	  echo "setup: making $(VENV) with $$("$$found" --version)"; \
	  "$$found" -m venv --clear $(VENV); \
	fi
	@echo "setup: installing omnilab and its dependencies into $(VENV) (a minute or two, once)"
	@{ $(PIP) install -c constraints.txt hatchling editables && \
	   $(PIP) install $(WHEELS) -c constraints.txt --no-build-isolation -e '.[dev]'; } || \
	  { echo "setup: installing failed, see above; it needs pip's package index, or its files in pip's cache" >&2; exit 1; }
	@touch $@
	@echo "setup: done, the command is $(BIN)/omnilab"

demo: setup ## compare six strategies on the reference retailer's customers
	@echo "demo: compiling the simulation's kernels (once; two to three minutes)"
	@$(COMPILE_DEMO)
	@echo "demo: comparing the strategies"
	@$(BIN)/omnilab compare retailer-v1

test: setup ## run the tests (meant to take under ten minutes on two quiet cores)
	@echo "test: compiling the simulation's kernels (once; two to three minutes)"
	@$(COMPILE_KERNELS)
	@$(PYTEST) -n $(WORKERS) --dist loadfile -m "$(FAST)" $(ARGS)

test-slow: setup ## run the tests that take longer, with many more random worlds (CI runs them too)
	@$(COMPILE_KERNELS)
	@HYPOTHESIS_PROFILE=slow $(PYTEST) -n $(WORKERS) --dist worksteal -m "$(SLOW)" $(ARGS)

tools: setup ## install the tools that exports are loaded in by their tests (a minute)
	@$(PIP) install $(WHEELS) -c constraints.txt --no-build-isolation -e '.[dev,interop]'

test-tools: tools ## load every export in the tool that it is for
	@$(PYTEST) tests/interop/test_tools.py tests/interop/test_media_mix.py -m "not long" $(ARGS)

test-page: setup ## try the report's page in Chromium, if it is installed (about a minute)
	@$(BIN)/python -m pytest -q -m browser tests/report/test_browser.py $(ARGS)

test-long: setup ## run all tests with many more examples (an hour or more)
	@HYPOTHESIS_PROFILE=long $(PYTEST) -n $(WORKERS) --dist loadfile $(ARGS)

test-bounds: setup ## run small runs of everything with every index checked (seven minutes)
	@$(PYTEST) -q tests/test_checked.py $(ARGS)

mutants: setup ## change the rules one at a time: does a test notice? (twenty minutes)
	@$(BIN)/python -m tests.mutate $(ARGS)

test-lowest: ## run `make test` with the lowest dependencies that pyproject.toml allows (Python 3.11)
	@python3.11 -m venv --clear $(LOWEST)
	@$(LOWEST)/bin/python -m pip --disable-pip-version-check -qq install $(WHEELS) -c constraints-lowest.txt -e '.[test]'
	@$(LOWEST)/bin/python -m pip check
	@$(LOWEST)/bin/python -m pytest -n $(WORKERS) --dist loadfile -m "$(FAST)" $(ARGS)

coverage: setup ## run the tests with kernels as plain Python and say which lines they reach (slow)
	@OMNILAB_PLAIN=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not long and not checked and not browser" --cov --cov-report=term $(ARGS)

lint: setup ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## put the code into ruff's form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

$(BENCH_STAMP): $(STAMP)
	@echo "setup: installing the benchmarks' peers"
	@$(PIP) install $(WHEELS) -c constraints.txt --no-build-isolation -e '.[dev,bench]'
	@touch $@

bench: $(BENCH_STAMP) ## run the speed benchmarks into bench/results/latest.json (ARGS="-k identity", "-m long")
	@mkdir -p bench/results
	@$(BIN)/python -m pytest bench --benchmark-only -m "not long" --benchmark-json=bench/results/latest.json $(ARGS)

bench-gate: setup ## fail if this tree is slower than a git reference: make bench-gate BASE=main
	@if [ -z "$(BASE)" ]; then echo "bench-gate: say against what: make bench-gate BASE=main" >&2; exit 2; fi
	@$(BIN)/python -m bench.gate "$(BASE)" $(ARGS)

docs: setup ## build the documentation's site into build/site (half a minute; no network)
	@$(BIN)/python -m sphinx -q -W --keep-going -c docs . build/site
	@echo "docs: open build/site/index.html"

pin: setup ## write what is made anew, after a change on purpose: pinned names, made docs, README's output
	@$(BIN)/python tests/public_names.py > tests/public_names.txt
	@$(BIN)/python docs/make_cli.py > docs/reference/cli.md
	@$(BIN)/python docs/make_words.py > docs/reference/words.md
	@$(BIN)/python docs/make_strategy_files.py > docs/reference/strategy-files.md
	@$(BIN)/python docs/make_measures.py > docs/reference/measures.md
	@$(BIN)/python docs/make_rows.py > docs/reference/log-rows.md
	@$(BIN)/python docs/make_errands.py
	@$(BIN)/python docs/make_api.py
	@$(BIN)/python docs/make_keys.py
	@$(BIN)/python docs/make_strategies.py
	@$(BIN)/python docs/make_scenarios.py
	@$(BIN)/python docs/make_stories.py
	@$(BIN)/python docs/make_vega.py
	@$(BIN)/python docs/make_readme.py
	@$(BIN)/python docs/make_picture.py

found: setup ## run the scenarios' ablations whose kept results are stale: make found ARGS="boots-v2"
	@$(BIN)/python docs/make_found.py $(ARGS)

credits: setup ## run the stories of credit whose kept results are stale, and write their tables: make credits ARGS="retailer-v1"
	@$(BIN)/python docs/make_credits.py $(ARGS)

patterns: setup ## write docs/explanation/validation.md anew: patterns, simulated and published
	@$(BIN)/omnilab patterns retailer-v1 --pins 128 --page docs/explanation/validation.md

evidence: setup ## write docs/explanation/evidence.md anew: published experiments, simulated
	@$(BIN)/omnilab evidence --threads 2 --before docs/evidence-before.json --page docs/explanation/evidence.md --replace

rates: setup ## write docs/explanation/rates.md anew: message rates, simulated and published
	@$(BIN)/omnilab verify --rates mapples-coffee-v1 --page docs/explanation/rates.md

assumptions: setup ## write docs/reference/assumptions.md anew: how far the answer moves with what is assumed
	@$(BIN)/python docs/make_assumptions.py

leaderboard: tools ## score public methods on bundles of five seeds of two worlds that docs/leaderboard.csv lacks, and write the page (half an hour)
	@$(BIN)/python docs/make_leaderboard.py

calibration: setup ## make sets of plausible worlds of 200 known truths: are they covered? (two hours)
	@$(BIN)/python -m pytest -q -s -m long tests/verification/test_plausible.py tests/verification/test_plausible_law.py $(ARGS)

clean: ## remove what building and testing left (not .venv, not runs/)
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .coverage .coverage.* htmlcov
	@find sim strategies tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv
	@rm -rf $(VENV)
