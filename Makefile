# make demo    the whole job on the bundled fictional municipality
# make test    everything that proves the rest
# make lint    style, types and the direction of imports
# make fuzz    changed OSM files against libosmium, for MINUTES; SEED or ONLY repeats
# make bench   speed, memory and error against the field
# make plugin  the QGIS plugin as a zip, and the engine that goes with it
# Each makes what it needs: the environment in .venv, and system packages where it may.

PYTHON ?= python3
BIN := .venv/bin
OUT ?= demo-out
MINUTES ?= 10

.PHONY: demo test test-python test-qgis lint fuzz bench plugin clean

demo: .venv/.ready
	$(BIN)/geowoonzorg demo --out $(OUT)

test: lint test-python test-qgis

test-python: .venv/.ready-test
	sh .ci/system.sh chromium
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-qgis: .venv/.ready
	sh .ci/system.sh qgis
	sh tests/qgis/run.sh

lint: .venv/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fuzz: .venv/.ready-test
	cd tests && ../$(BIN)/python -m fuzz --minutes $(MINUTES) $(addprefix --seed ,$(SEED)) $(addprefix --only ,$(ONLY))

bench: .venv/.ready-bench
	$(BIN)/python -m tests.benchmarks

plugin: .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check bandit detect-secrets
	$(BIN)/python qgis_plugin/build.py --gate

.venv/bin/python:
	sh .ci/system.sh venv
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/.ready-test: .venv/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

.venv/.ready-bench: .venv/.ready-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: pyvalhalla-weekly
	touch $@

clean:
	rm -rf .venv $(OUT) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
