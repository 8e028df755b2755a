# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check lock format clean bench-collect bench-assemble bench-archive bench-publish mailcheck screenshots node

demo: $(VENV)/.run
	$(BIN)/digest demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_docs.py tests/test_lock.py

# What runs: locked with hashes (build backend included), then digest itself, without asking an index again.
$(VENV)/.run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

lock: $(VENV)/.dev
	echo hatchling | $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header pyproject.toml - -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --group dev -c requirements.lock -o requirements-dev.lock

# Collecting, beside reader, rss2email and bare clients; docs/performance.md says how to give it these peers.
bench-collect: $(VENV)/.dev
	$(BIN)/python bench/collect.py

# Themes, groups and stories on labelled news; docs/performance.md says how to give it a public collection as well.
bench-assemble: $(VENV)/.dev
	$(BIN)/python bench/assemble.py

# 500 new posts beside archives of 10,000, 100,000 and a million; some minutes, and 3 GB of disk.
bench-archive: $(VENV)/.dev
	$(BIN)/python bench/archive.py

# An issue made into a mail, beside npm's mjml where `make node` was run.
bench-publish: $(VENV)/.dev
	$(BIN)/python bench/publish.py

# How much like spam the newsletter looks, to Debian's spamassassin and rspamd where they are installed.
mailcheck: $(VENV)/.dev
	$(BIN)/python bench/mailcheck.py

# What people see, as pictures in var/screenshots; needs Debian's chromium.
screenshots: $(VENV)/.dev
	$(BIN)/python bench/screenshots

# Tools of npm that tests and benchmarks use where they are there; nothing of them ships.
node:
	npm install --silent --no-audit --no-fund --prefix var/node mjml axe-core caniemail html-validate

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) var/demo feeds/demo dist build
