# Cellcube's commands. `make` alone lists them. ARGS="..." is handed on, PYTHON=... picks the interpreter.
.DEFAULT_GOAL := help
.PHONY: help run test coverage lint format bench clean

export PYTHON

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## Install what is needed and open the window (ARGS="--preset experiment")
	@tools/system_packages.sh run
	@tools/setup.sh run
	@.venv/bin/python main.py $(ARGS)

test:  ## Run every test on a virtual display (ARGS="tests/lattice -k tiers" runs some)
	@tools/system_packages.sh test
	@tools/setup.sh test
	@tools/test.sh $(ARGS)

coverage:  ## Run the core's tests and count the lines of lattice/ that they reach: at least 90 %
	@tools/system_packages.sh test
	@tools/setup.sh test
	@tools/test.sh --coverage

lint:  ## Run every check of .pre-commit-config.yaml on every file
	@tools/system_packages.sh lint
	@tools/setup.sh lint
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/pre-commit run --all-files

format:  ## Format the code and apply the linter's safe fixes
	@tools/setup.sh lint
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

bench:  ## List the benchmarks (ARGS="tier-means" runs one)
	@tools/setup.sh bench
	@.venv/bin/python -m benchmarks $(ARGS)

clean:  ## Delete .venv and the tools' caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* htmlcov *.egg-info
