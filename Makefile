# `make install` and `make test` do all the set-up. They need Python 3.11+, make, and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test check install format lock accuracy speed conformance faults labour clean

run: $(VENV)/.installed ## three synthetic organisations, the gateway and its pages, on loopback
	$(BIN)/gateway demo

install: $(VENV)/.installed ## the gateway in .venv

test: $(VENV)/.test-ready ## all tests; those that need a browser, PostgreSQL or records say loudly when they skip
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST)

check: $(VENV)/.test-ready ## format, lint, types, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

accuracy: $(VENV)/.bench-ready ## how well names, pairs, doses and transfers are understood, beside published methods; needs GATEWAY_RECORDS
	$(BIN)/python -m conformance.accuracy $(ACCURACY)

speed: $(VENV)/.test-ready $(VENV)/.bench-ready ## the speed table
	$(BIN)/python -m conformance.speed
	$(BIN)/python -m conformance.speed.fan_out
	$(BIN)/python -m conformance.speed.labour
	$(BIN)/python -m conformance.speed.audit_forms

conformance: $(VENV)/.test-ready ## others' servers and validators; needs node, npm and GATEWAY_PEERS, else says what was not run
	@$(BIN)/python -m conformance.sources $(CONFORMANCE); sources=$$?; \
	  $(BIN)/python -m conformance.fhir $(CONFORMANCE) && exit $$sources

faults: $(VENV)/.test-ready ## the fault catalogue before each of three organisations; kills and races on both databases
	$(BIN)/python -m conformance.safety

labour: $(VENV)/.bench-ready ## exports of an invented month, read back by pm4py (AGPL) in an environment and a process of its own
	test -x build/pm4py-venv/bin/python || $(PYTHON) -m venv build/pm4py-venv
	build/pm4py-venv/bin/python -m pip install -q pm4py==2.7.23.11
	$(BIN)/python -m conformance.labour build/pm4py-venv/bin/python

lock: ## pin all requirements with hashes, without index addresses
	$(PYTHON) -m venv build/lock-venv && build/lock-venv/bin/pip -q install uv
	build/lock-venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml -o requirements.txt
	$(PYTHON) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['postgresql'])" \
	  | build/lock-venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate -c requirements.txt --no-emit-package typing-extensions --no-emit-package tzdata - -o requirements-postgresql.txt
	build/lock-venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  -c requirements.txt -c requirements-postgresql.txt pyproject.toml --extra postgresql --group dev -o requirements-dev.txt
	build/lock-venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  -c requirements.txt -c requirements-dev.txt pyproject.toml --group bench -o requirements-bench.txt

$(VENV)/.installed: requirements.txt pyproject.toml hatch_build.py gateway/web/package-lock.json gateway/web/vendor_parts.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	touch $@

$(VENV)/.test-ready: $(VENV)/.installed requirements-dev.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.txt
	$(BIN)/python tests/web/fetch_browser.py
	touch $@

$(VENV)/.bench-ready: $(VENV)/.installed requirements-bench.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements-bench.txt
	touch $@

clean:
	rm -rf $(VENV) build dist gateway/web/static/vendor
