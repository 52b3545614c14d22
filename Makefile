# The front door: `make help` lists the targets. Each calls one script in scripts/, which says what it does and, when it
# cannot, what to do about it.

.PHONY: help run test build setup bench bench-micro lint format docs clean fuzz kill soak test-sanitize test-clients test-servers
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## install the system packages and the Python environment (.venv)
	@scripts/setup

build: setup ## build bin/centella
	@scripts/build centella

run: build ## set up, build, and run the main job: an ETL over a year of real flights
	@scripts/run-main-job

test: ## set up, build, and run every test
	@scripts/setup requirements-test.txt
	@scripts/build all
	@scripts/test

test-sanitize: setup ## the unit tests under address, undefined-behaviour and thread sanitizers
	@scripts/test-sanitize

test-clients: build ## smoke tests with full pyspark 3.5, 4.0, 4.1, 4.2 and 4.3 (3 GB of them the first time)
	@scripts/setup requirements-test.txt
	@scripts/test-clients

test-servers: build ## the tests that need real servers beside us (databases, object stores, brokers)
	@scripts/run-if-there tests/servers/run

bench: build ## TPC-H from Parquet: Centella, Sail and DuckDB in one run
	@scripts/setup requirements-test.txt requirements-dev.txt
	@scripts/run-if-there bench/run

bench-micro: build ## tables in memory against DuckDB and Polars, and the microbenchmarks beside the code
	@scripts/setup requirements-dev.txt
	@scripts/bench-micro

fuzz: build ## throw broken input at every parser
	@scripts/run-if-there tests/fuzz/run

kill: build ## kill the process at every failpoint and look at what it left
	@scripts/run-if-there tests/fault/run

soak: build ## hours of load, watching memory and answers
	@scripts/run-if-there tests/soak/run

lint: ## clang-format, clang-tidy and the tidy test
	@scripts/setup requirements-dev.txt
	@scripts/lint

format: ## rewrite the sources as .clang-format says
	@scripts/setup requirements-dev.txt
	@scripts/lint --fix-format

docs: setup ## check the links in all documentation
	@scripts/docs

clean: ## remove what was built and written (build, bin, out); keeps .venv and .cache
	@echo "clean: removing build, bin, out and spark-warehouse (.venv and .cache stay; remove them by hand)"
	@rm -rf build bin out spark-warehouse
