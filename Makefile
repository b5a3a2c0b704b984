# Each target sets up what it needs: a .venv, the packages, the job. A second run skips what is there.
# Another interpreter: make PYTHON=python3.12 book

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
INSTALLED := .venv/installed
HTML := book/_build/html
# A test on each core, each with one thread: two threads for one test gain less.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --dist worksteal

.PHONY: help install book exercises test test-slow gpu serve lint clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## all packages, in .venv; the others do this by themselves

book: $(INSTALLED) ## the book, in book/_build/html; only what has changed is made anew
	$(BIN)/jupyter-book build --warningiserror --keep-going book
	@echo "The book is in $(HTML)/index.html; 'make serve' shows it in a browser."

serve: book ## the book in a browser, at http://localhost:8000/
	@echo "The book is at http://localhost:8000/ (stop with Ctrl-C)."
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(HTML) 8000

exercises: $(INSTALLED) ## the students' notebooks, in exercises/, from solutions/
	$(BIN)/l2l exercises build

test: lint book ## style, imports, exercises, the quick tests
	$(BIN)/l2l exercises check
	$(PYTEST) --timeout 600
	@echo "All tests passed."

test-slow: $(INSTALLED) ## the tests that take minutes
	$(PYTEST) --timeout 3600 -m slow
	@echo "All slow tests passed."

gpu: ## on a machine with a GPU, without installing: tests, benchmark, trainings; OUT=folder
	$(PYTHON) -m l2l_ref.bench.gpu --out $(or $(OUT),build/gpu)

lint: $(INSTALLED) ## style, and which way imports run
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

clean: ## remove what was built, and leave the packages
	rm -rf book/_build build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	@echo "Removed what was built; the packages in .venv are still there."

# uv installs what constraints.txt pins, and keeps what it has downloaded: stopped, it goes on there.
# Compiled now: in the sandbox nothing can be written, and each kernel would compile torch again.
$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found; install one, or name it: make PYTHON=..."; exit 2; }
	@echo "Installing into .venv. The first time this downloads about 3 GB, most of it PyTorch's."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable '.[book,exercises,grading,cluster,bench,test]'
	touch $@
