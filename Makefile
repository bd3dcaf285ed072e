# On a machine with Python 3.11, pip and make: everything else is fetched into this folder.
#   make demo           the portal with its own servers and people, at http://127.0.0.1:8000
#   make demo FRESH=1   the same, from the beginning
#   make test           the whole suite     make check      before each commit
#   make messages       new sentences into the catalogues     make serve      production
#   make patterns       the markup of /patterns, once it was looked at, as the tests expect it
#   make fonts          the faces of the letters, from Vazirmatn's (needs npm)
#   make architecture   the picture in docs/architecture.md, from the imports
.PHONY: demo serve test check messages architecture patterns fonts
.DEFAULT_GOAL := demo

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(if $(shell command -v uv),uv,.venv-uv/bin/uv)
BIN := .venv/bin
# The certificates that the system trusts, a proxy's among them, where it has any: uv's own list knows no such (older ones
# read the second).
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
export UV_NATIVE_TLS ?= true
endif
SYNCED := .venv/.synced

demo: $(SYNCED)
	@exec $(BIN)/portal demo $(if $(FRESH),--fresh)

serve: $(SYNCED)
	@exec $(BIN)/portal serve

test: $(SYNCED)
	@programs="$$(tests/ensure_programs.sh)" || exit 1; \
	if [ -n "$$programs" ]; then export PATH="$$programs:$$PATH" PLAYWRIGHT_NODEJS_PATH="$$programs/node"; fi; \
	exec $(BIN)/pytest -n 2 --dist loadfile --durations=15

check: $(SYNCED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/house

patterns: $(SYNCED)
	PORTAL_PATTERNS=keep $(BIN)/pytest -q tests/house/test_patterns.py

architecture: $(SYNCED)
	$(BIN)/python tests/house/architecture.py --write

fonts: $(SYNCED)
	@folder="$$(mktemp -d)" && trap 'rm -rf "$$folder"' EXIT && cd "$$folder" && npm install --silent --no-fund vazirmatn@33.0.3 && \
	cd "$(CURDIR)" && $(BIN)/python portal/letters/fonts/derive.py "$$folder/node_modules/vazirmatn/fonts/ttf"

messages: $(SYNCED)
	$(BIN)/python tests/house/messages.py --write

$(SYNCED): pyproject.toml uv.lock | $(filter-out uv,$(UV))
	$(UV) sync --frozen
	@touch $@

# --target keeps clear of the system's own packages, which Debian's pip refuses to touch.
.venv-uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-pip" >&2; exit 1; }
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .venv-uv uv
	@echo '*' > .venv-uv/.gitignore
