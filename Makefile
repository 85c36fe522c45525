# What people type. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup dev run test check bench lock

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## Make .venv with all that OpenInfusion needs to run
	@scripts/setup.sh base

dev: ## The same, with what tests and checks need
	@scripts/setup.sh dev

lock: setup ## Write the locks from pyproject.toml and requirements/*.in (UPGRADE=1 or UPGRADE=name for newer versions)
	@scripts/lock.sh
