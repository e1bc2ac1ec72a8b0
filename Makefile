# The two commands of the README are `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# Thousands of small databases are quicker in memory.
TESTROOT ?= $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})
# One more than two cores: many tests wait for the programs that they start.
JOBS ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The tests start hundreds of programs: what one has compiled serves the next.
test test-s3: export PYTHONDONTWRITEBYTECODE =

.PHONY: install demo check test test-s3 bench bench-peers bench-burst clean

install: $(VENV)/.installed

$(VENV)/.installed: setup.cfg pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -e .
	@touch $@

$(VENV)/.installed-test: setup.cfg pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -e .[test]
	@$(BIN)/pip install -q -e .[swift] || echo "No OpenStack Swift here: tests of buckets are skipped"
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	$(BIN)/gewu demo $(if $(ONCE),--once) $(if $(PHOTOS),--photos $(PHOTOS))

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy server fieldkit
	$(BIN)/lint-imports --no-logo

test: $(VENV)/.installed-test
	PYTEST_DEBUG_TEMPROOT=$(TESTROOT) $(BIN)/pytest -n $(JOBS)

# Photos in a bucket: the exam of the stores, then the uploads over HTTP, against OpenStack Swift.
test-s3: $(VENV)/.installed-test
	PYTEST_DEBUG_TEMPROOT=$(TESTROOT) $(BIN)/pytest -n $(JOBS) --photos s3 tests/media

bench: $(VENV)/.installed-test
	$(BIN)/python -m bench

bench-peers: $(VENV)/.installed-test
	$(BIN)/python -m bench.peers

bench-burst: $(VENV)/.installed-test
	$(BIN)/python -m bench.burst

clean:
	rm -rf $(VENV) build dist *.egg-info demo-data
