# Every command of the project; `make help` lists them. The work is done in ops/ (Python).

.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first Python ≥ 3.11 that starts: a name on PATH alone may be a version manager's empty shim.
AT_LEAST_311 := import sys; print(sys.executable) if sys.version_info >= (3, 11) else None
PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell $(name) -c '$(AT_LEAST_311)' 2>/dev/null)))
OPS = $(or $(PYTHON),$(error Python 3.11 or newer is needed (Debian: apt-get install python3))) -m ops
LOCK = uv pip compile -q pyproject.toml --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: help up down demo test test-qgis lint bench manage lock image image-check

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## install what is missing, build, start PostgreSQL and Redis under .local/
	@$(OPS) up

down: ## end every process of this checkout
	@$(OPS) down

demo: ## run one alert end to end and stay up; ONCE=1 ends after the main job
	@$(OPS) $(if $(ONCE),--once) demo

test: ## every check: lint, types, front end, pytest with Chromium; ARGS="-k name" for pytest
	@$(OPS) test $(ARGS)

test-qgis: ## the test that opens the layers in QGIS; installs Debian's python3-qgis
	@$(OPS) test-qgis

lint: ## the checks without pytest
	@$(OPS) lint

bench: ## benchmarks into bench/results.json; ONLY=name,name for some
	@$(OPS) bench $(if $(ONLY),--only $(ONLY))

manage: ## a Django command with the settings of .local/env: make manage DO="audit_verify"
	@$(OPS) manage $(DO)

image: ## build the container image with docker, or with buildah where no docker engine answers
	@$(OPS) image

image-check: ## start the built image's web process and ask /healthz
	@$(OPS) image-check

lock: ## rewrite the lock files from pyproject.toml and frontend/package.json
	.venv/bin/$(LOCK) -o requirements.lock
	.venv/bin/$(LOCK) --extra dev -o requirements-dev.lock
	cd frontend && npm install --package-lock-only --ignore-scripts
