# make demo, make test: each makes the environment it needs, once.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# A sourced ROS 2 brings packages whose dependencies stand beside the system's Python.
READY := $(INSTALLED) $(if $(AMENT_PREFIX_PATH),$(VENV)/.with-system-packages)

.PHONY: help demo test lint audit clean

help:
	@echo 'make demo   boxes and labels on a drive: bag, video, contact sheet and report in demo/'
	@echo 'make test   every test; those for ROS 2 are skipped where it is not sourced'
	@echo 'make lint   style, docstrings and licence headers alone'
	@echo 'make audit  known weaknesses of what is installed; asks a public database'
	@echo 'make clean  remove the environment and what was built'

demo: $(READY)
	$(BIN)/triplenet demo --overwrite $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest $(ARGS)

lint: $(READY)
	$(BIN)/python -m pytest -q -m linter test/test_copyright.py test/test_flake8.py \
	  test/test_pep257.py $(ARGS)

audit: $(READY)
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/python -m pip_audit --local --skip-editable $(ARGS)

clean:
	rm -rf '$(VENV)' build dist *.egg-info .pytest_cache

$(INSTALLED): setup.py
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'error: $(PYTHON) cannot make virtual environments: install python3-venv, or give' \
	    'another with PYTHON=...' >&2; exit 1; }
	$(PYTHON) -m venv '$(VENV)'
	@touch '$(VENV)/COLCON_IGNORE'
	$(BIN)/python -m pip install --editable '.[train,test]'
	@touch '$@'

$(VENV)/.with-system-packages: $(INSTALLED)
	sed -i 's/^\(include-system-site-packages\).*/\1 = true/' '$(VENV)/pyvenv.cfg'
	@touch '$@'
