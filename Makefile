# The two commands of the README: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH :=

SECONDS ?= 300

.PHONY: demo test test-slow options fuzz mutants check check-web web install clean

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("aevum needs Python 3.11 or newer; try: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

# One stamp a set of dependencies, so that a second call installs nothing.
$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/.core
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,check]'
	@touch $@

install: $(VENV)/.core

demo: $(VENV)/.core
	$(BIN)/aevum train digits --latent-dim 2 --epochs 60 --seed 0 --out runs/demo --force

# One worker more than two cores: those that wait for a browser leave theirs to others. A file stays with a worker, so
# that what its tests share is made once; modules are compiled once, also for the processes that tests start.
test: $(VENV)/.dev
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m 'not slow'

test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -m slow

# What the recipes declare, as `aevum train --help` reads it; a test compares it with them.
options: $(VENV)/.dev
	$(BIN)/python -m aevum.recipes.declarations

# Files and models with anything in them; make fuzz SECONDS=3600 for longer.
fuzz: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# Small changes of the mathematics: each must turn a test red.
mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The page of aevum explore. Its build is committed, so that users need no node; these two are for those who change it.
web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund

web: web/node_modules/.package-lock.json
	cd web && npm run build

# Types, tests, and that a fresh build gives the committed files.
check-web: web/node_modules/.package-lock.json
	cd web && npm run check && npm test
	cd web && npm run build -- --outDir ../build/static --emptyOutDir
	diff -r build/static src/aevum/server/static

clean:
	rm -rf $(VENV) runs build dist web/node_modules
