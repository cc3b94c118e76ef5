# make install, then what the README begins with; make demo trains a model; make test runs the whole suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH :=

SECONDS ?= 300
# Where pip finds PyTorch built for the processor; those of PyPI for Linux bring CUDA, gigabytes that no test here needs.
# Make it empty to have what PyPI has.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# A set of packages to the byte instead of the newest, such as requirements/ci.txt.
LOCK ?=

.PHONY: demo test smoke dist test-slow test-oldest test-newest options scoreboard bench docs fuzz fuzz-atheris mutants mutation check check-web web install lock licences clean

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("aevum needs Python 3.11 or newer; try: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

# One stamp a set of dependencies, so that a second call installs nothing.
$(VENV)/.torch: constraints.txt | $(BIN)/python
ifeq ($(LOCK),)
	$(BIN)/python -m pip install --quiet --retries 1 --no-deps --constraint constraints.txt \
	  $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) torch
endif
	@touch $@

$(VENV)/.core: pyproject.toml constraints.txt $(LOCK) | $(VENV)/.torch
ifeq ($(LOCK),)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
else
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
endif
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(LOCK) | $(VENV)/.core
ifeq ($(LOCK),)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,check]'
endif
	@touch $@

install: $(VENV)/.core

demo: $(VENV)/.core
	$(BIN)/aevum train digits --latent-dim 2 --epochs 60 --seed 0 --out runs/demo --force

# One worker more than two cores: those that wait for a browser leave theirs to others. A file stays with a worker, so
# that what its tests share is made once; modules are compiled once, also for the processes that tests start.
test: $(VENV)/.dev
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m 'not slow'

# The wheel in a fresh environment, which has what it asks for (of a LOCK the very versions) and nothing else.
smoke: $(VENV)/.core
	rm -rf build/wheel build/smoke && mkdir -p build
	$(PYTHON) -m venv build/smoke
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(if $(LOCK),sed -nE 's/^([a-zA-Z0-9._-]+==[^ ]+).*/\1/p' $(LOCK),cat constraints.txt) > build/versions.txt
	build/smoke/bin/python -m pip install --quiet --constraint build/versions.txt \
	  $(if $(LOCK),,$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))) build/wheel/*.whl
	cd build/smoke && OMP_NUM_THREADS=1 bin/python -I ../../tests/smoke.py
	rm -rf build/smoke

# What is given to PyPI. The address of the repository, of which links are made, has to be the real one.
dist: $(VENV)/.core
	@! grep -n '\.example' pyproject.toml || (echo 'pyproject.toml: [project.urls] has no real address'; exit 1)
	rm -rf dist
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build

test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -m slow

# The oldest and the newest packages that pyproject.toml allows, each in an environment of its own: gigabytes. What old
# packages warn each other of is not ours.
CORE_TESTS := $(addprefix tests/,conditionals data distributions encoding estimators evaluation exploration fitted \
  networks objectives priors recipes saved storage training)

test-oldest test-newest:
	$(PYTHON) -m venv .venv-$@
	.venv-$@/bin/python -m pip install --quiet $(if $(findstring oldest,$@),--constraint requirements/oldest.txt) --editable '.[test]'
	OMP_NUM_THREADS=1 .venv-$@/bin/python -m pytest -n 3 --dist loadfile -m 'not slow' \
	  -W ignore::DeprecationWarning -W 'ignore:torch.searchsorted' $(CORE_TESTS)

# What CI installs, from what is installed; needs uv. Then the licences of it, by pip-licenses.
lock: $(VENV)/.docs
	mkdir -p build
	$(BIN)/python -m pip freeze --exclude-editable > build/installed.txt
	printf 'hatchling\neditables\n' > build/more.in
	(sed '/^[^#]/,$$d' requirements/ci.txt; uv pip compile pyproject.toml build/more.in --extra test --extra check \
	  --extra docs \
	  --constraint build/installed.txt --python-version 3.11 --python-platform linux --generate-hashes --no-annotate \
	  --no-header --quiet $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX) --index-strategy unsafe-best-match)) \
	  > build/ci.txt
	mv build/ci.txt requirements/ci.txt

licences: $(VENV)/.docs
	mkdir -p build
	(sed '/^|/,$$d' requirements/LICENCES.md; \
	  pip-licenses --python=$(BIN)/python --from=mixed --format=markdown | sed 's/  */ /g; s/|--*/|---/g') > build/licences.md
	mv build/licences.md requirements/LICENCES.md

# What the recipes declare, as `aevum train --help` reads it; a test compares it with them.
options: $(VENV)/.dev
	$(BIN)/python -m aevum.recipes.declarations

$(VENV)/.docs: $(VENV)/.dev
ifeq ($(LOCK),)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
endif
	@touch $@

# The site in build/site: English and Chinese, each example executed, each warning an error; nothing is asked of the network.
docs: $(VENV)/.docs
	OMP_NUM_THREADS=1 $(BIN)/python docs/build.py

# docs/scoreboard.md, of the records of published protocols; a test compares it with them.
scoreboard: $(VENV)/.dev
	$(BIN)/python -m aevum.protocols > docs/scoreboard.md

# Both sides of every ratio of speed, pythae's in an environment of its own: three quarters of an hour.
bench: $(VENV)/.dev .venv-pythae/.stamp
	$(BIN)/python benchmarks/ratios.py --pythae .venv-pythae/bin/python $(BENCH)

.venv-pythae/.stamp:
	$(PYTHON) -m venv .venv-pythae
	.venv-pythae/bin/python -m pip install --quiet --constraint constraints.txt \
	  $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) torch pythae==0.1.2
	@touch $@

# Files and models with anything in them; make fuzz SECONDS=3600 for longer.
fuzz: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# The same, and the bytes of files, guided by the code that is reached; for Linux.
fuzz-atheris: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet atheris
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --atheris --seconds $(SECONDS)

# Small changes of the mathematics, chosen by hand: each must turn a test red.
mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants

# Those that mutmut makes of it, so many of thirteen thousand: goes on where it was cut off, minutes a hundred.
SAMPLE ?= 540
mutation: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --constraint constraints.txt 'mutmut>=3.8,<4' 'coverage>=7'
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutation --sample $(SAMPLE) --seed 0

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
	rm -rf $(VENV) .venv-test-oldest .venv-test-newest runs build dist web/node_modules
