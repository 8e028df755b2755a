# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check lock format clean compiled bench-collect bench-assemble bench-archive bench-publish bench-deliver bench-desk xss-long chaos chaos-long chaos-machines bench-scale mailcheck screenshots node mailservers sbom audit docs api-check

demo: $(VENV)/.run
	$(BIN)/digest demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 3 --dist loadgroup -q  # much of it waits, so three fit two cores

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_docs.py tests/test_lock.py tests/test_supply.py

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

# A wheel whose rooms for feeds and posts are compiled, then their tests and benchmarks with it; a C compiler and ten minutes.
compiled: $(VENV)/.dev
	rm -rf var/compiled
	HATCH_BUILD_HOOK_ENABLE_CUSTOM=1 $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir var/compiled .
	$(BIN)/python -m pip install --quiet --no-deps --target var/compiled/site var/compiled/*.whl
	PYTHONPATH=var/compiled/site $(BIN)/python -m pytest -q -n 2 tests/test_text_*.py tests/test_extract_*.py tests/test_collect_*.py
	PYTHONPATH=var/compiled/site $(BIN)/python bench/parse.py
	PYTHONPATH=var/compiled/site $(BIN)/python bench/extract.py

# Themes, groups and stories on labelled news; docs/performance.md says how to give it a public collection as well.
bench-assemble: $(VENV)/.dev
	$(BIN)/python bench/assemble.py

# 500 new posts beside archives of 10,000, 100,000 and a million; some minutes, and 3 GB of disk.
bench-archive: $(VENV)/.dev
	$(BIN)/python bench/archive.py

# An issue made into a mail, beside npm's mjml where `make node` was run.
bench-publish: $(VENV)/.dev
	$(BIN)/python bench/publish.py

# Mail sent beside nodemailer, smtplib, aiosmtplib, dkimpy, and smtp-source where Debian's postfix is installed.
bench-deliver: $(VENV)/.dev node
	test -x var/peers/bin/python || $(PYTHON) -m venv var/peers
	var/peers/bin/python -m pip install --quiet aiosmtplib dkimpy
	$(BIN)/python bench/deliver.py

# Every page of the desk with 100,000 posts and a million deliveries, on both databases; some minutes.
bench-desk: $(VENV)/.dev
	$(BIN)/python bench/desk.py

# Every attempt to run a script on every page, fewer of them in one post.
xss-long: $(VENV)/.dev
	DIGEST_XSS=long $(BIN)/python -m pytest -q -n 0 tests/test_xss_pages.py

# Senders killed, frozen, starved and lied to, on both databases; the long form takes hours.
chaos: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -rP tests/test_chaos_*.py

chaos-long: $(VENV)/.dev
	DIGEST_CHAOS=long $(BIN)/python -m pytest -q -n 2 --dist loadgroup -rP tests/test_chaos_*.py

# The API as its description says, by thousands of requests made from it; some minutes.
api-check: $(VENV)/.dev
	DIGEST_API=long $(BIN)/python -m pytest -q tests/test_api_description.py

# Workers and schedulers on one PostgreSQL, killed a hundred times; some minutes.
chaos-machines: $(VENV)/.dev
	DIGEST_CHAOS=long $(BIN)/python -m pytest -q -n 0 -rP tests/test_machines_kills.py

# Polling and sending with one, two and four workers, and what that says of more; some minutes.
bench-scale: $(VENV)/.dev
	$(BIN)/python bench/scale.py

# How much like spam the newsletter looks, to Debian's spamassassin and rspamd where they are installed.
mailcheck: $(VENV)/.dev
	$(BIN)/python bench/mailcheck.py

# The documentation as pages in var/docs, without a warning.
docs: $(VENV)/.dev
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d var/doctrees docs var/docs

# What people see, as pictures in var/screenshots; needs Debian's chromium. Then `python bench/screenshots docs`.
screenshots: $(VENV)/.dev
	$(BIN)/python bench/screenshots

# What digest is made of, as CycloneDX.
sbom: $(VENV)/.run
	mkdir -p var
	$(BIN)/python packaging/bill.py > var/sbom.cdx.json
	@echo var/sbom.cdx.json

# The locks held against published advisories; says so where none can be reached, and ends with 3 then.
audit:
	test -x var/audit/bin/pip-audit || ($(PYTHON) -m venv var/audit && var/audit/bin/python -m pip install --quiet pip-audit)
	var/audit/bin/python packaging/audit.py var/audit/bin/pip-audit

# Tools of npm that tests and benchmarks use where they are there; nothing of them ships.
node: var/node/package.json

# A copy that is kept as it is: npm would write into it, and no lock file names where packages come from.
var/node/package.json: .ci/package.json
	mkdir -p var/node
	cp .ci/package.json var/node/package.json
	npm install --silent --no-audit --no-fund --no-package-lock --no-save --prefix var/node || (rm var/node/package.json; exit 1)

# Debian's mail servers, with which tests send for real; where they are missing, these tests are skipped.
mailservers:
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postfix dovecot-imapd dovecot-lmtpd libmail-dkim-perl

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) var/demo feeds/demo dist build
