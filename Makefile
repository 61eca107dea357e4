# `make run` and `make test` do all that is needed on a machine with Python 3.11+ and a C++
# compiler; the second time they start at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .venv-compat

# Only llama.cpp itself is built, and what reads images: not its tools, server and examples.
BUILD_LLAMA := SKBUILD_BUILD_TARGETS="llama;llama-common;mtmd" CMAKE_ARGS="$(CMAKE_ARGS) \
	-DMTMD_VIDEO=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF \
	-DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF"
INSTALL_LLAMA := $(BUILD_LLAMA) $(BIN)/pip install --disable-pip-version-check --no-deps \
	--progress-bar off $$(grep '^llama-cpp-python==' requirements.lock)

.PHONY: run test compat bench lint format messages lock browser
run: $(VENV)/installed
	@exec $(BIN)/python manage.py start

test: $(VENV)/installed-for-tests browser
	@$(BIN)/python -m pytest

# Others' libraries use the running platform. They have an environment of their own, as they need
# other versions of much, and bring plugins that would change the suite.
compat: $(VENV)/installed-for-tests $(CLIENTS)/installed
	@$(BIN)/python -m compat $(CLIENTS)/bin/python

# QUICK=1 measures once and for shorter; ONLY="streams crowd" measures some of it. It builds
# llama.cpp's own server, to compare with, and so needs CMake.
bench: $(VENV)/installed-for-tests browser
	@command -v cmake >/dev/null || test -x $(BIN)/cmake \
		|| $(BIN)/pip install --disable-pip-version-check --quiet cmake
	@PATH="$$PATH:$(CURDIR)/$(BIN)" $(BIN)/python -m bench $(if $(QUICK),--quick) \
		$(if $(ONLY),--only $(ONLY))

lint: $(VENV)/installed-for-tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy .
	@$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/installed-for-tests
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Takes the source's strings into the translations (locale/), and compiles these.
messages: $(VENV)/installed-for-tests
	@$(BIN)/python -m catalogs

# Needs `uv`; writes exact versions for the ranges in pyproject.toml.
lock:
	uv pip compile --quiet --no-header --no-annotate --python-version 3.11 \
		pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --no-header --no-annotate --python-version 3.11 --extra test \
		--constraint requirements.lock pyproject.toml --output-file requirements-test.lock
	uv pip compile --quiet --no-header --no-annotate --python-version 3.11 --group compat \
		--output-file requirements-compat.lock

$(VENV)/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Parley needs Python 3.11 or newer: make run PYTHON=python3.12"; exit 1; }
	@command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null \
		|| { echo "Parley needs a C++ compiler (on Debian: apt install g++)"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing the engine. The first time llama.cpp is compiled for this machine:"
	@echo "4 to 7 minutes on two cores. pip keeps the result, so it happens once."
	@$(INSTALL_LLAMA)
	@ls $(VENV)/lib/python3*/site-packages/llama_cpp/lib/libmtmd.* >/dev/null 2>&1 \
		|| { echo "What pip has kept can't read images; compiling it anew."; \
			$(BIN)/pip cache remove --quiet llama_cpp_python; $(INSTALL_LLAMA) --force-reinstall; }
	@echo "Installing everything else."
	@$(BIN)/pip install --disable-pip-version-check --quiet -r requirements.lock
	@touch $@

$(VENV)/installed-for-tests: requirements-test.lock | $(VENV)/installed
	@echo "Installing what the tests need."
	@$(BIN)/pip install --disable-pip-version-check --quiet -r requirements-test.lock
	@touch $@

$(CLIENTS)/installed: requirements-compat.lock
	@test -x $(CLIENTS)/bin/pip || $(PYTHON) -m venv $(CLIENTS)
	@echo "Installing others' clients."
	@$(CLIENTS)/bin/pip install --disable-pip-version-check --quiet -r requirements-compat.lock
	@touch $@

# The browser tests drive Chromium; without the parts that draw windows they take half the time.
browser:
	@command -v chromium-headless-shell >/dev/null \
		|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
			&& echo "Installing Chromium for the browser tests." && apt-get update -qq \
			&& apt-get install -y -qq chromium chromium-headless-shell >/dev/null; } \
		|| command -v chromium >/dev/null || command -v google-chrome >/dev/null \
		|| { echo "The browser tests need Chromium (on Debian: apt install chromium)"; exit 1; }
