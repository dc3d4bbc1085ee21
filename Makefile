# make demo          an environment in .venv, the bundled patients, JupyterLab
# make demo OPEN=0   the same without JupyterLab; prints what the store holds
# make test          the test extras into the same environment, then every check
# make bench DATA=D  the tables of the benchmarks of training sets; D: folder of the public data
# make clean         removes the environment and the caches (no store)
#
# Another Python: make demo PYTHON=python3.12

# The first Python here that is new enough; a name alone is no proof, so each is asked.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.12 python3.13 python3.11 python; do \
	if $$python -c '$(NEW_ENOUGH)' 2>/dev/null; then echo $$python; break; fi; done)
VENV ?= .venv
OPEN ?= 1
# processes that run the tests, a file at a time each
WORKERS ?= auto

# of pip: a slow index is waited for; what is set already stays
export PIP_DEFAULT_TIMEOUT ?= 120
export PIP_RETRIES ?= 10
export PIP_RESUME_RETRIES ?= 10

REPO := $(CURDIR)
BIN := $(abspath $(VENV))/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# what has come stays in pip's cache: a transfer that broke goes on at the second try
GET = $(INSTALL) $(1) || { sleep 10; $(INSTALL) $(1); }

.PHONY: demo test lint bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/.core
	$(BIN)/oncograph demo $(if $(filter 0,$(OPEN)),--no-open)

# pytest runs outside of the repository: a module that lies about cannot stand in for a missing one.
test: lint
	@outside="$$(mktemp -d)"; trap 'rm -rf "$$outside"' EXIT; cd "$$outside"; \
	ONCOGRAPH_FETCH_BROWSER=1 $(BIN)/pytest -c "$(REPO)/pyproject.toml" --rootdir "$(REPO)" \
		$(PYTEST_ARGS) -n $(WORKERS) --maxprocesses 4 --dist loadfile "$(REPO)/tests"

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test
	@test -n "$(DATA)" || { echo "Say where the data is: make bench DATA=FOLDER (benchmarks/README.md)" >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@missed=0; for one in stream cohort_questions; do \
		$(BIN)/python benchmarks/$$one.py "$(DATA)" || missed=1; done; \
		$(BIN)/python benchmarks/public_index.py || missed=1; exit $$missed

clean:
	rm -rf "$(VENV)" build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made again only where what is to be installed has changed.
$(VENV)/.core: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Name one: make demo PYTHON=/path/to/python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { echo "$(PYTHON) is older than Python 3.11." >&2; exit 2; }
	@echo "Installing into $(VENV); the first time takes a few minutes."
	@"$(PYTHON)" -m venv "$(VENV)" || { echo "No environment could be made; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	$(call GET,-e .)
	@touch "$@"

$(VENV)/.test: $(VENV)/.core
	$(call GET,-e '.[test]')
	@touch "$@"
