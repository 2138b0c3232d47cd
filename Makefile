# Two commands set up everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --disable-pip-version-check --progress-bar on -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test test-core test-oldest bench lint docs clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lrcore needs Python 3.11 or newer: make PYTHON=python3.11")'
	@echo "Making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --quiet --upgrade pip
	@touch $@

$(VENV)/demo: $(VENV)/made constraints.txt pyproject.toml
	@echo "Installing lrcore with PyTorch, TensorFlow, Keras, JAX and Optax: some minutes, the first time"
	@$(INSTALL) --editable . --group demo
	@touch $@

$(VENV)/test: $(VENV)/demo
	@echo "Installing what the tests use beside that"
	@$(INSTALL) --editable . --group demo --group test --group lint --group docs
	@touch $@

$(VENV)/docs: $(VENV)/made constraints.txt pyproject.toml
	@echo "Installing what the pages are made with; no framework"
	@$(INSTALL) --editable . --group docs
	@touch $@

demo: $(VENV)/demo  ## train one classifier in three frameworks with one schedule, side by side
	@$(RUN) examples/three_frameworks.py

test: $(VENV)/test  ## the whole test suite
	@$(RUN) -m pytest -n auto

.venv-core/core: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lrcore needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(PYTHON) -m venv .venv-core
	@.venv-core/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt --upgrade pip
	@.venv-core/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt --editable . --group core
	@touch $@

test-core: .venv-core/core  ## the tests of the core, in an environment without any framework: about a minute
	@.venv-core/bin/python -m pytest -n auto tests/core lrcore

.venv-oldest/core: pyproject.toml tests/oldest.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lrcore needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(PYTHON) -m venv .venv-oldest
	@.venv-oldest/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt --upgrade pip
	@.venv-oldest/bin/python -m pip install --disable-pip-version-check --quiet --group core --editable . $$($(PYTHON) tests/oldest.py)
	@touch $@

# Newer libraries beneath the old ones deprecate what those use
test-oldest: .venv-oldest/core  ## the tests of the core, with the lowest versions that pyproject.toml allows
	@.venv-oldest/bin/python -m pytest -n auto -W ignore::DeprecationWarning tests/core lrcore

bench: $(VENV)/test  ## measure against NumPy, PyTorch, Keras and Optax, some minutes: one table of ratios
	@$(RUN) benchmarks

lint: $(VENV)/test  ## style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/pyright

docs: $(VENV)/docs  ## the pages of docs/, in out/docs
	@$(RUN) -m sphinx -qEW docs out/docs
	@$(RUN) docs/studio/home.py out/docs/studio
	@echo "The pages begin at out/docs/index.html"

clean:  ## remove the environment and what was built
	rm -rf $(VENV) .venv-core .venv-oldest dist out
