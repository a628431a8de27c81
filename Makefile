# Every command of the project; `make help` lists them. The work is done in ops/ (Python).

.DEFAULT_GOAL := help
SHELL := /bin/sh
export PYTHONDONTWRITEBYTECODE := 1

# The first Python ≥ 3.11 that starts: a name on PATH alone may be a version manager's empty shim.
AT_LEAST_311 := import sys; print(sys.executable) if sys.version_info >= (3, 11) else None
PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell $(name) -c '$(AT_LEAST_311)' 2>/dev/null)))
OPS = $(or $(PYTHON),$(error Python 3.11 or newer is needed (Debian: apt-get install python3))) -m ops

.PHONY: help up down

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## install what is missing, build, start PostgreSQL and Redis under .local/
	@$(OPS) up

down: ## end every process of this checkout
	@$(OPS) down
