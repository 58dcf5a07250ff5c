# make demo              the whole job on the bundled fictional municipality
# make test              everything that proves the rest
# make docs              the documentation as a site in build/docs; a warning is an error
# make lint              style, types and the direction of imports
# make test-minimum      the unit tests with exactly the oldest libraries that pyproject.toml promises
# make package           sdist and wheel in dist/, checked, and the sdist's own unit tests
# make plugin            the QGIS plugin as a zip, and the engine that goes with it
# make fuzz              changed OSM files against libosmium, then the properties with new examples, each for
#                        MINUTES; fuzz-osm, fuzz-properties: one of them; SEED or ONLY repeats
# make mutants           small faults put into the code: which do the tests find? docs/mutants.md; ONLY=FILE, SAMPLE=400
# make bench             speed, memory and error against the field
# Each makes what it needs: the environment in .venv, and system packages where it may.

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
EXE := .exe
else
BIN := .venv/bin
EXE :=
endif
OUT ?= demo-out
OLDEST := .venv-oldest
MINUTES ?= 10

.PHONY: demo docs test test-python test-qgis test-minimum lint package plugin fuzz fuzz-osm fuzz-properties mutants bench clean

demo: .venv/.ready
	$(BIN)/geowoonzorg demo --out $(OUT)

test: lint docs test-python test-qgis

test-python: .venv/.ready-test
	sh .ci/system.sh chromium
	$(BIN)/python -m pytest -n 2 --max-worker-restart 4

test-qgis: .venv/.ready
	sh .ci/system.sh qgis
	sh tests/qgis/run.sh

lint: .venv/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: .venv/.ready-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

test-minimum: $(BIN)/python$(EXE)
	$(PYTHON) -m venv --clear $(OLDEST)
	$(PYTHON) tests/minimum.py > $(OLDEST)/oldest.txt
	PIP_CONSTRAINT=$(OLDEST)/oldest.txt $(OLDEST)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check \
	    --editable '.[parquet,notebooks]' hypothesis networkx pymcdm pytest pytest-socket pytest-xdist
	$(OLDEST)/$(notdir $(BIN))/python -m pytest -n 2 tests/unit tests/property

package: .venv/.ready-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check build twine
	rm -rf dist/sdist
	$(BIN)/python -m build --outdir dist/sdist
	$(BIN)/python -m twine check --strict dist/sdist/*
	cd dist/sdist && tar xzf *.tar.gz && cd */ && ../../../$(BIN)/python -m pytest -n 2 tests/unit tests/e2e/test_notebooks.py

fuzz: fuzz-osm fuzz-properties

fuzz-osm: .venv/.ready-test
	cd tests && ../$(BIN)/python -m fuzz --minutes $(MINUTES) $(addprefix --seed ,$(SEED)) $(addprefix --only ,$(ONLY))

fuzz-properties: .venv/.ready-test
	cd tests && ../$(BIN)/python -m fuzz.properties --minutes $(MINUTES) $(addprefix --seed ,$(SEED))

mutants: .venv/.ready-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check mutmut
	$(BIN)/python tests/mutation.py $(addprefix --sample ,$(SAMPLE)) $(ONLY)

bench: .venv/.ready-bench
	$(BIN)/python -m tests.benchmarks

plugin: $(BIN)/python$(EXE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check bandit detect-secrets
	$(BIN)/python qgis_plugin/build.py --gate

$(BIN)/python$(EXE):
	sh .ci/system.sh venv
	$(PYTHON) -m venv .venv

.venv/.ready: $(BIN)/python$(EXE) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/.ready-test: .venv/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

.venv/.ready-docs: .venv/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

.venv/.ready-bench: .venv/.ready-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: pyvalhalla-weekly
	touch $@

clean:
	rm -rf .venv $(OUT) dist .mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis
