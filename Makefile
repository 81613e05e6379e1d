# Everything below works from a fresh clone with Python 3.11, git and make. See README.md.
PYTHON ?= python3.11
BIN := .venv/bin
STAMPS := .venv/.stamps
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE # tests start thousands of processes: a quarter of a start would be compiling the same
.PHONY: help setup serve test test-postgres check schema image bench browser clean

help:
	@echo "make serve   install what is missing, build, and serve on http://127.0.0.1:8000 (PORT=… for another)"
	@echo "make test    install what is missing and run every check and test"
	@echo "make test-postgres  the same tests on a PostgreSQL of their own"
	@echo "make setup   only install and build"
	@echo "make check   formats, types, imports, templates and the question bank"
	@echo "make bench   the benchmarks, as ratios against peers in the same run"

serve: setup
	@exec $(BIN)/whetstone serve

test: setup browser check
	$(BIN)/python -m pytest -n 3 --dist loadfile
	$(BIN)/python -m pytest -n 3 --dist loadfile --engine postgresql -m postgresql

setup: $(STAMPS)/python $(STAMPS)/torch static/dist/manifest.json

$(STAMPS)/python: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Whetstone needs $(PYTHON); install it, or name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --constraint constraints.txt --editable '.[dev]'
	@mkdir -p $(STAMPS) && touch $@

FRONT := $(wildcard static/src/*/*) $(wildcard static/src/*) static/build.mjs
node_modules/.package-lock.json: package.json package-lock.json | $(STAMPS)/python
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent
	@touch $@

static/dist/manifest.json: node_modules/.package-lock.json $(FRONT)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm run --silent build

# torch is optional: installed when the package index offers a build without gigabytes of CUDA, else only named.
$(STAMPS)/torch: $(STAMPS)/python
	@if $(BIN)/python -c 'import torch' 2>/dev/null; then :; \
	elif ! $(BIN)/python -m pip install --quiet --dry-run --report - --editable '.[dev,torch]' >$@.json 2>/dev/null || grep -q '"name": "nvidia-' $@.json; \
	then echo "Without PyTorch: its questions say that they are unavailable. README, \"PyTorch\", tells how to get a CPU build."; \
	else $(PIP) --constraint constraints.txt --editable '.[dev,torch]' || echo "PyTorch could not be installed; see README, \"PyTorch\"."; fi
	@touch $@

# What a container takes over (see Dockerfile): the front end, and in .run the packages without those of development.
image: static/dist/manifest.json
	@test -x .run/bin/python || $(PYTHON) -m venv .run
	.run/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	.run/bin/python -m compileall -q app

browser: setup
	@$(BIN)/python tests/install_browser.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/whetstone check

test-postgres: setup browser
	$(BIN)/python -m pytest -n 3 --dist loadfile --engine postgresql

schema: setup
	$(BIN)/whetstone schema > questions/schema.json

bench: setup browser
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .run node_modules static/dist
