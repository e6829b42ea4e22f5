PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --group build --extra reader

.PHONY: help demo run test bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

demo: .venv/run-ready ## See the bot at work on a Discord of its own: no token, no key, no network
	@$(BIN)/vidi demo

run: .venv/run-ready ## Run the bot with the token and keys in .env
	@$(BIN)/vidi run

test: .venv/dev-ready ## Check style and types, then run every test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal

bench: .venv/dev-ready ## Measure the bot beside a minimal one
	@$(BIN)/python -m tests.benchmarks

lock: $(BIN)/uv ## Pin the dependencies again (ARGS=--upgrade for newer releases)
	$(LOCK) $(ARGS) --output-file requirements/run.txt >/dev/null
	$(LOCK) $(ARGS) --extra dev --constraint requirements/run.txt \
		--output-file requirements/dev.txt >/dev/null

clean: ## Delete the environment and what tools left; .env and data/ stay
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run-ready: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Vidi needs into .venv (170 MB to download, 560 MB on disk; a minute or two, once)"
	@$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev-ready: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Vidi and its tests need into .venv (260 MB to download, 900 MB on disk; a minute or three, once)"
	@$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch .venv/run-ready $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Vidi needs Python 3.11 or newer, and there is no $(PYTHON): install it, or name another with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Vidi needs Python 3.11 or newer, and $(PYTHON) is older: install one, or name another with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) can't make environments: install its venv module (Debian and Ubuntu: apt install python3-venv) and try again"; exit 1; }
	@echo "Making an environment in .venv"
	@$(PYTHON) -m venv --clear .venv

$(BIN)/uv: | $(BIN)/python
	$(BIN)/pip install --disable-pip-version-check uv
