# Each target does all of its own set-up, on a fresh machine too.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PTBXL ?=

.PHONY: demo test lint format clean

# Hides most of TensorFlow's notes about the machine; the lines it still prints about
# oneDNN are harmless.
demo: export TF_CPP_MIN_LOG_LEVEL = 3
demo: $(VENV)/.installed-all
	$(BIN)/python examples/main_job.py --out demo-output $(if $(PTBXL),--ptbxl "$(PTBXL)")

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/numpydoc lint $$(find skecg -name '*.py')

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/.installed-%: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[$*]"
	touch $@

clean:
	rm -rf $(VENV) demo-output
