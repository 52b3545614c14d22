#!/usr/bin/env python3
"""Records the answers of golden cases from real Spark, through Spark Connect, with the pinned Python client.

Needs Java 17. `record.py` re-records all cases; `--filter windows` those whose `file:name` contains the word;
`--missing` only files with a case that has no answer yet or whose text changed.
"""

import argparse
import contextlib
import sys

import golden
import servers


def record_file(file, url, only_missing, prune):
    """Runs the cases of one file and stores their answers; returns the [(name, answer)] that it recorded.

    A file is recorded as a whole, for a case may read what an earlier one of its session made.
    """
    known = golden.load_answers(file)
    stale = [case for case in file.cases if known.get(case.name, {}).get("source") != case.source()]
    if only_missing and not stale and not (prune and known.keys() - {case.name for case in file.cases}):
        return []
    recorded = {}
    with golden.FileRun(file, url, {}) as run:
        for case in file.cases:
            recorded[case.name] = {"source": case.source(), **run.answer(case)}
    merged = {**known, **recorded}
    if prune:
        merged = {case.name: merged[case.name] for case in file.cases}
    golden.store_answers(file, merged)
    return [(name, answer) for name, answer in recorded.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", help="sc://host:port of a running Spark; by default one is started")
    parser.add_argument("--spark-home", help="the pyspark folder of a pyspark wheel; by default $SPARK_HOME, or the cache")
    parser.add_argument("--filter", action="append", default=[], help="only cases whose file:name contains this")
    parser.add_argument("--missing", action="store_true", help="only files with unanswered or changed cases")
    parser.add_argument("--errors", action="store_true", help="print every recorded error, to see those not meant")
    arguments = parser.parse_args()
    files = golden.read_all(arguments.filter)
    total = 0
    with contextlib.ExitStack() as stack:
        url = arguments.server or stack.enter_context(servers.spark_server(arguments.spark_home))
        for file in files:
            recorded = record_file(file, url, arguments.missing, prune=not arguments.filter)
            total += len(recorded)
            if recorded:
                print(f"{file.label}: {len(recorded)} recorded", flush=True)
            for name, answer in recorded:
                error = answer.get("error")
                unexpected = error and not error.get("condition")
                if error and (unexpected or arguments.errors):
                    print(f"  {name}: {error.get('condition')} {error.get('message') or error.get('parameters')}")
    print(f"{total} recorded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
