# The two commands of the README, and what they are made of. Set-up happens once, and again when its inputs change.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-floors lint messages catalogues agreement faults fuzz setup system-packages benchmarks clean

demo: setup  ## build the assignments, grade a small class, leave scores, feedback and exports in demo/
	sh demo/run.sh

test: setup system-packages  ## everything the tests need, and the tests; one process more than processors, as some wait for clocks and kernels
	$(BIN)/python -m pytest --numprocesses=$$(($$(nproc) + 1)) --dist=loadfile --no-loadscope-reorder

FLOORS ?= .venv-floors
PROCESSES ?= 2

test-floors: $(FLOORS)/installed system-packages  ## the tests with every dependency as old as pyproject.toml allows, in an environment of its own; an hour
	$(FLOORS)/bin/python -m pytest --numprocesses=$(PROCESSES) --dist=loadfile --no-loadscope-reorder

$(FLOORS)/installed: pyproject.toml tests/floors.py
	$(PYTHON) -m venv $(FLOORS)
	$(FLOORS)/bin/python -m pip install --quiet packaging
	$(FLOORS)/bin/python tests/floors.py > $(FLOORS)/floors.txt
	PIP_CONSTRAINT=$(abspath $(FLOORS)/floors.txt) PIP_BUILD_CONSTRAINT=$(abspath $(FLOORS)/floors.txt) $(FLOORS)/bin/python -m pip install --quiet --editable '.[dev]'
	touch $@

lint: setup  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

catalogues: setup  ## no verdict hangs on a lucky draw: all mistakes and alternatives under five secrets; an hour
	$(BIN)/grader check --secrets 5

agreement: setup  ## the sample class in grader, nbgrader and otter, and a table of what each question earns in each
	$(BIN)/python -m pytest -m agreement

faults: setup system-packages  ## kill parts of running graders at 200 random moments
	$(BIN)/python -m tests.faults.injection 200

fuzz: setup  ## messages from and to the sandbox, 30,000 for each of four tests
	$(BIN)/python -m pytest --hypothesis-profile=fuzz -p no:cacheprovider tests/sandbox/test_fuzz.py

system-packages:  ## a browser, a database server and openssl for the tests; installs them on Debian and Ubuntu
	@sh tests/system-packages.sh

LOCALES := autograder/locales
# Locations without line numbers, and no date: what has not changed stays as it is.
messages: setup  ## take the sentences of the code into the catalogue of translations, and compile it; docs/authoring.md
	$(BIN)/pybabel --quiet extract --mapping=pyproject.toml --add-location=file --sort-by-file --no-wrap --project=autograder --output=$(LOCALES)/autograder.pot autograder
	$(BIN)/pybabel --quiet update --domain=autograder --input-file=$(LOCALES)/autograder.pot --output-dir=$(LOCALES) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	rm $(LOCALES)/autograder.pot
	$(BIN)/pybabel --quiet compile --domain=autograder --directory=$(LOCALES)

benchmarks: setup  ## measure; see benchmarks/README.md
	for script in startup conv_forward_cpu memory references_vs_torch against_peers; do $(BIN)/python benchmarks/$$script.py; done

clean:
	rm -rf $(VENV) $(FLOORS) demo/out .mypy_cache .ruff_cache .pytest_cache .hypothesis
