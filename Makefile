# Python that the environments are made from, for example `make demo PYTHON=python3.12`.
PYTHON ?= python3
GRID ?= fgk_mgb
RECIPE ?= demo
DATA ?= data
TESTS ?= tests/slow
VENV := .venv
SYNTHESIS := .venv-synthesis

SNAKEFILES := Snakefile workflow/rules
COMPILE := $(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow lint lock bench grid survey

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## set up the environment in .venv from requirements.lock

demo: setup ## train on the embedded grid, label stars the networks have never seen, write the report
	@if [ -t 2 ]; then rich="--logger rich"; fi; \
	$(VENV)/bin/snakemake --cores all $$rich --config recipes=demo
	@echo "The report: $(CURDIR)/results/demo/report.html"

test: setup ## run the tests that every change must pass
	@OPENBLAS_NUM_THREADS=1 $(VENV)/bin/python -m pytest

test-slow: setup ## run those that take hours: environments, SLURM, large sets, faults, the mocks (TESTS=tests/slow/test_faults.py: some)
	@OPENBLAS_NUM_THREADS=1 $(VENV)/bin/python -m pytest -v $(TESTS)

lint: setup ## check style, formatting and rules
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/snakefmt --check $(SNAKEFILES)
	@$(VENV)/bin/snakemake --lint

bench: setup ## time the steps beside the libraries one would otherwise take, and write BENCHMARKS.md
	@$(VENV)/bin/python benchmarks/tools/write_page.py BENCHMARKS.md

grid: $(SYNTHESIS)/.installed ## compute a synthetic grid: make grid GRID=fgk_mgb
	@if [ -t 2 ]; then rich="--logger rich"; fi; \
	$(SYNTHESIS)/bin/snakemake --cores all $$rich results/grids/$(GRID).fits

survey: setup ## fetch the spectra that a recipe downloads: make survey RECIPE=my_recipe DATA=/path/to/my/files
	@$(VENV)/bin/snakemake fetch --cores 1 --forcerun download_survey --config recipes=$(RECIPE) data=$(DATA)

lock: setup ## choose the newest versions that requirements*.in allow, and lock them by hash
	@$(COMPILE) requirements.in --output-file requirements.lock
	@$(COMPILE) requirements-synthesis.in --output-file requirements-synthesis.lock
	@$(COMPILE) requirements-uv.in --output-file requirements-uv.lock
	@echo "Now give envs/*.yaml the new versions: tests/unit/test_structure.py names those that differ."

$(VENV)/.installed: requirements.lock requirements-uv.lock
	$(call install,$(VENV),requirements.lock)

$(SYNTHESIS)/.installed: requirements-synthesis.lock requirements-uv.lock
	$(call install,$(SYNTHESIS),requirements-synthesis.lock)

# $(1): folder of the environment, $(2): its lock file. uv is several times faster than pip and reads the same file.
define install
@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	echo "Python 3.11, 3.12 or 3.13 is needed, and '$(PYTHON)' is none of them: name one, as in 'make PYTHON=python3.12 $(MAKECMDGOALS)'." >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y python3-venv; } || { \
	echo "'$(PYTHON) -m venv' is missing: install it ('sudo apt install python3-venv' on Debian and Ubuntu), then run make again." >&2; exit 1; }
@[ -x $(1)/bin/pip ] || $(PYTHON) -m venv $(1)
@echo "Setting up $(1) from $(2)"
@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock \
	&& $(1)/bin/uv pip install --quiet --compile-bytecode --python $(1)/bin/python --require-hashes -r $(2) \
	|| { echo "uv could not install the packages: pip does, which takes some minutes."; \
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(2); }
@touch $@
endef
