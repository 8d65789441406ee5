# Each target does all of its own set-up, on a fresh machine too.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PTBXL ?=

.PHONY: demo test lint format clean test-backends test-torch test-jax

# Hides most of TensorFlow's notes about the machine; the lines it still prints about
# oneDNN are harmless.
demo: export TF_CPP_MIN_LOG_LEVEL = 3
demo: $(VENV)/.installed-all
	$(BIN)/python examples/main_job.py --out demo-output $(if $(PTBXL),--ptbxl "$(PTBXL)")

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# The networks on Keras' other backends, each with an environment of its own. JAX comes
# for processors; for PyTorch without CUDA, set PIP_EXTRA_INDEX_URL as its site says.
# PyTorch does not take numpy's `copy`, hence the warning that is left out.
test-backends: test-torch test-jax

test-torch test-jax: test-%: $(VENV)-%/.installed-test
	KERAS_BACKEND=$* TF_CPP_MIN_LOG_LEVEL=3 OMP_NUM_THREADS=1 $(VENV)-$*/bin/python \
		-m pytest -m "not slow" -W "ignore:__array__ implementation:DeprecationWarning" \
		tests/classification/test_network_classifiers.py

$(VENV)-%/.installed-test: pyproject.toml
	$(PYTHON) -m venv $(VENV)-$*
	$(VENV)-$*/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-$*/bin/python -m pip install --quiet --editable ".[test]" $*
	touch $@

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
	rm -rf $(VENV) $(VENV)-torch $(VENV)-jax demo-output
