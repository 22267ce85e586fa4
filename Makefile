# The project's tasks by name. Make, because it is there on Linux and macOS; each task is also one or two commands that can
# be typed (on Windows: .venv\Scripts\ for .venv/bin/). The environment is made by `make setup`.

bin := .venv/bin
# The part of the tests to run: make test ROOM=tests/rules
ROOM := tests

.PHONY: setup test check fix docs build ci

setup:  ## an environment with the package and all that is needed to work on it
	python3 -m venv .venv
	$(bin)/pip install -q -e '.[dev]'

test:  ## all tests, or those of one room, on all cores
	$(bin)/python -m pytest -n auto $(ROOM)

check:  ## what is checked without running the tests
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python docs/build.py --check
	$(bin)/python workbook/build_template.py --check

fix:  ## what can be mended by itself
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

docs:  ## the generated pages docs/rules.md and docs/targets.md
	$(bin)/python docs/build.py

build:  ## template, add-in and example, then sdist and wheel in dist/
	$(bin)/python workbook/build_template.py
	$(bin)/python workbook/build_addin.py
	$(bin)/python workbook/build_example.py
	$(bin)/python -m build

ci:  ## everything a change must pass
	./.ci/run
