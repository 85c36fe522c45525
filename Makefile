# What people type; `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup dev run test check bench lock

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## Make .venv with all that OpenInfusion needs to run (PYTHON=/path/to/python3 to choose one)
	@scripts/setup.sh base

dev: ## The same, with what tests and checks need
	@scripts/setup.sh dev

run: setup ## Start the demo centre on a loopback port
	@exec .venv/bin/openinfusion demo

test: dev ## Run every test on both databases and in a real browser (ARGS="-k word" for some of them)
	@scripts/tools.sh
	@PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -n 2 $(ARGS) # the tests start the program some two hundred times: compile it once

check: dev ## Format, lint, types, layers and tests: what CI runs
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy $(if $(wildcard demo),src tests demo/openinfusion_demo)
	.venv/bin/lint-imports --no-logo
	@$(MAKE) --no-print-directory test

bench: dev ## Measure every claim in benchmarks/; each prints one JSON object
	@scripts/peers.sh
	@status=0; for claim in benchmarks/[!_]*.py benchmarks/pk/[!_]*.py; do echo "==> $$claim" >&2; .venv/bin/python "$$claim" || status=1; done; exit $$status

lock: setup ## Write the locks from pyproject.toml and requirements/*.in (UPGRADE=1 or UPGRADE=name for newer versions)
	@scripts/lock.sh
