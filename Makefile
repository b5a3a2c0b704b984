# Each target sets up what it needs: a .venv, the packages, the job. A second run skips what is there.
# Another interpreter: make PYTHON=python3.12 book

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
INSTALLED := .venv/installed
HTML := book/_build/html
# A test on each core, each with one thread: two threads for one test gain less.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --dist loadgroup
SOURCES := $(wildcard l2l_ref/*.py l2l_ref/artifacts/* l2l_ref/playground/*)
PAGES := $(shell find book -path book/_build -prune -o -type f -print)

.PHONY: book exercises test test-slow serve lint clean
.DELETE_ON_ERROR:

book: $(HTML)/index.html
	@echo "The book is in $(HTML)/index.html; 'make serve' shows it in a browser."

exercises: $(INSTALLED)
	$(BIN)/l2l exercises build

test: lint book
	$(BIN)/l2l exercises check
	$(PYTEST) --timeout 600
	@echo "All tests passed."

test-slow: $(INSTALLED)
	$(PYTEST) --timeout 3600 -m slow
	@echo "All slow tests passed."

serve: book
	@echo "The book is at http://localhost:8000/ (stop with Ctrl-C)."
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(HTML) 8000

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

clean:
	rm -rf book/_build build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	@echo "Removed what was built; the packages in .venv are still there."

# The notebooks' outputs are cached by their text. New code behind them makes the cache stale.
book/_build/code: $(INSTALLED) $(SOURCES)
	rm -rf book/_build
	mkdir -p book/_build
	touch $@

# Threads that wait while they spin make the training three times slower beside any other program.
$(HTML)/index.html: book/_build/code $(PAGES)
	OMP_WAIT_POLICY=PASSIVE $(BIN)/jupyter-book build --warningiserror --keep-going book
	touch $@

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found; install one, or name it: make PYTHON=..."; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[book,exercises,grading,cluster,test]'
	touch $@
