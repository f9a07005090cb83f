# The commands of Steward. `make demo` and `make test` need nothing but Python 3.11 and a network.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
N ?=
CASES ?= tests/reference/cases
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo mail clean test check full bench reference messages secrets ready ready-tests ready-full
.NOTPARALLEL:

py = .venv/bin/python
export PORT
run = $(py) -m config.run

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1 - /p' $(MAKEFILE_LIST) | column -t -s- 2>/dev/null || true

ready:
	@$(PYTHON) -P config/bootstrap.py
	@$(py) -m config.fonts

ready-tests:
	@$(PYTHON) -P config/bootstrap.py --tests
	@$(py) -m config.fonts

ready-full:
	@$(PYTHON) -P config/bootstrap.py --full
	@$(py) -m config.fonts

demo: ready  ## the whole desk at http://localhost:8000 (PORT=...)
	@exec $(py) -m config.demo

mail:  ## mail the demo has sent (N=... shows one)
	@$(py) -m config.mailsink --folder var/mail --read $(N)

clean:  ## stop what a demo left and remove its data
	@if [ -x $(py) ]; then $(py) -m config.demo --clean; else rm -rf var; fi
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

secrets: ready  ## keys and passwords for docker-compose.yml
	@$(py) -m config.handover

messages: ready  ## collect and compile translations
	$(run) --empty $(py) manage.py messages

test: ready-tests  ## every test of one round
	$(run) --empty $(py) manage.py messages --compile
	$(py) -m pytest -n $(JOBS) --dist loadfile

check: ready-tests  ## style, types, contracts, migrations, templates, translations, deployment
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(run) $(py) -m config.checks

full: ready-full  ## every test, with every repetition at full size
	$(run) --empty $(py) manage.py messages --compile
	$(py) -m pytest -n $(JOBS) --dist loadfile -m ""

bench: ready-tests  ## measure (BENCH_CLIENTS=100000)
	$(py) -m tests.bench

reference: ready-tests  ## run a file of reference cases (CASES=...)
	$(run) $(py) -m tests.reference $(CASES)
