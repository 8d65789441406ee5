# Each target does all of its own set-up, on a fresh machine too.
PYTHON ?= python3
OLDEST_PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
PTBXL ?=

.PHONY: demo serve-demo test fuzz lint format clean test-backends test-torch test-jax
.PHONY: test-oldest test-newest newest test-serve dist smoke docs

# Hides most of TensorFlow's notes about the machine; the lines it still prints about
# oneDNN are harmless.
demo: export TF_CPP_MIN_LOG_LEVEL = 3
demo: $(VENV)/.installed-all
	$(BIN)/python examples/main_job.py --out demo-output $(if $(PTBXL),--ptbxl "$(PTBXL)")

# New examples of records, labels and arguments for every estimator and function, and
# damaged files of every format; for longer: make fuzz SECONDS=600 EXAMPLES=1000
SECONDS ?= 60
EXAMPLES ?= 100
fuzz: $(VENV)/.installed-dev
	SKECG_FUZZ=$(EXAMPLES) $(BIN)/python -m pytest tests/test_fuzz.py
	$(BIN)/python -m tests.io.fuzz --seconds $(SECONDS)

# The page on http://127.0.0.1:8000, with the shipped model.
serve-demo: $(VENV)/.installed-all
	$(BIN)/python -m skecg serve

# The tests of a file stay in one process, which makes what they share once. Files are
# taken in their order: the last ones, of doctests, are small.
IN_TWO = -n 2 --dist loadfile --no-loadscope-reorder

# The whole suite with branch coverage: 95 % of all, and 98 % of utils and signal.
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(IN_TWO) \
		--cov --cov-fail-under=95 --cov-report=term-missing:skip-covered
	$(BIN)/coverage report --include="skecg/utils/*,skecg/signal/*" --fail-under=98

# The site, in docs/_build/html. Warnings are errors; no network is needed. For links to
# other projects' pages, which need it: SKECG_DOCS_INTERSPHINX=1 make docs
docs: export TF_CPP_MIN_LOG_LEVEL = 3
docs: $(VENV)/.installed-docs
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet \
		-d docs/_build/doctrees docs docs/_build/html

# The networks on Keras' other backends, each with an environment of its own. JAX comes
# for processors; for PyTorch without CUDA, set PIP_EXTRA_INDEX_URL as its site says.
# PyTorch does not take numpy's `copy`, hence the warning that is left out. JAX keeps
# what it compiles, so that later runs take a third of the time.
test-backends: test-torch test-jax

test-torch test-jax: test-%: $(VENV)-%/.installed-test
	KERAS_BACKEND=$* TF_CPP_MIN_LOG_LEVEL=3 OMP_NUM_THREADS=1 \
		JAX_COMPILATION_CACHE_DIR=$(VENV)-$*/compiled \
		JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 $(VENV)-$*/bin/python \
		-m pytest -m "not slow" -W "ignore:__array__ implementation:DeprecationWarning" \
		tests/classification/test_network_classifiers.py

$(VENV)-%/.installed-test: pyproject.toml
	$(PYTHON) -m venv $(VENV)-$*
	$(VENV)-$*/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-$*/bin/python -m pip install --quiet --editable ".[test]" $*
	touch $@

# The oldest versions that pyproject.toml allows, on the oldest Python, and the newest.
test-oldest: $(VENV)-oldest/.installed-test
test-newest: newest
test-oldest test-newest: test-%:
	TF_CPP_MIN_LOG_LEVEL=3 $(VENV)-$*/bin/python -m pytest -m "not slow" $(IN_TWO)

$(VENV)-oldest/.installed-test: pyproject.toml tests/oldest-constraints.txt
	$(OLDEST_PYTHON) -m venv --clear $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-oldest/bin/python -m pip install --quiet --editable ".[test]" \
		--constraint tests/oldest-constraints.txt
	touch $@

newest:
	$(PYTHON) -m venv $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-newest/bin/python -m pip install --quiet --editable ".[test]" \
		--upgrade --upgrade-strategy eager

# Wheel and sdist of what is under version control.
dist:
	$(PYTHON) -m venv $(VENV)-dist
	$(VENV)-dist/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-dist/bin/python -m pip install --quiet --group dist
	rm -rf dist
	$(VENV)-dist/bin/python -m build
	$(VENV)-dist/bin/twine check --strict dist/*
	$(VENV)-dist/bin/python tests/check_dist.py dist

# The wheel, used in an environment of its own with no extras.
smoke: dist
	$(PYTHON) -m venv --clear $(VENV)-smoke
	$(VENV)-smoke/bin/python -m pip install --quiet dist/*.whl
	TF_CPP_MIN_LOG_LEVEL=3 $(VENV)-smoke/bin/python -P tests/smoke.py

# The environment of the container, without TensorFlow: its size, a prediction, a request.
test-serve:
	PYTHON=$(PYTHON) deploy/install.sh $(VENV)-serve
	$(VENV)-serve/bin/python deploy/check.py

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/numpydoc lint $$(find skecg -name '*.py')
	$(BIN)/hadolint Containerfile
	$(BIN)/kubernetes-validate --strict --quiet deploy/kubernetes.yaml
	git grep -Ilz "" | xargs -0 $(BIN)/end-of-file-fixer
	git grep -Ilz "" | xargs -0 $(BIN)/trailing-whitespace-fixer
	git ls-files -z ":!skecg/training/weights/*.npz" ":!skecg/pretrained/*.onnx" | xargs -0 $(BIN)/check-added-large-files --maxkb 2000 --enforce-all

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/.installed-%: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[$*]"
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-* dist demo-output docs/_build docs/api docs/gallery
