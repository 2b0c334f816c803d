# The two commands of the README. Each does its whole set-up: virtual environment, locked packages, Debian packages.
VENV ?= .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.stationlift

.PHONY: demo test check docs bench clean

demo: $(STAMP)
	$(VENV)/bin/stationlift demo

test: export PYTHONDONTWRITEBYTECODE :=  # tests start hundreds of processes: what is compiled is kept
test: $(STAMP)
	sh tools/test_packages.sh
	$(PY) -m pytest -n auto --dist loadfile

check: $(STAMP)  ## everything that CI checks besides the tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/codespell
	$(PY) docs/generate.py --check
	for site in field-configs/*.toml; do $(VENV)/bin/stationlift check --no-files $$site || exit 1; done

docs: $(STAMP)  ## write the generated pages anew
	$(PY) docs/generate.py

bench: $(STAMP)
	$(PY) -m benchmarks.bridge

$(STAMP): pyproject.toml requirements.lock tools/setup.sh
	sh tools/setup.sh $(VENV)
	touch $(STAMP)

clean:
	rm -rf $(VENV) dist
