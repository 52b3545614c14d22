#!/usr/bin/env python3
"""Replays the golden cases against a running Spark Connect server and compares with what real Spark answered.

Needs the pinned client only, no Java. The last line is `N passed, N failed`; the exit code is 0 when none failed.
"""

import argparse
import contextlib
import json
import queue
import sys
import threading
import time

import golden
import servers


class Replay:
    """Case files shared out to threads, a session each; failures are kept in the order of the files."""

    def __init__(self, files, url, config, seconds, died):
        """`seconds` bounds one case; `died` says how the server ended, or gives None while it lives."""
        self.files = files
        self.url = url
        self.config = config
        self.seconds = seconds
        self.died = died
        self.results = {}
        self.lock = threading.Lock()
        self.work = queue.Queue()
        self.current = {}

    def run(self, threads):
        for file in self.files:
            self.work.put(file)
        workers = []
        for number in range(threads):
            workers.append(self._start(number))
        while any(worker.is_alive() for worker in workers):
            time.sleep(0.05)
            for number, worker in enumerate(workers):
                started = self.current.get(number)
                if worker.is_alive() and started and time.monotonic() - started[2] > self.seconds:
                    # A thread that waits for the server cannot be stopped: it is left behind, and another takes over.
                    self._abandon(*started[:2])
                    workers[number] = self._start(number)

    def _start(self, number):
        self.current.pop(number, None)
        worker = threading.Thread(target=self._work, args=(number,), daemon=True)
        worker.start()
        return worker

    def _abandon(self, file, case):
        self._note(file, case, f"no answer within {self.seconds} s")
        for other in file.cases:
            if (file.label, other.name) not in self.results:
                self._note(file, other, "not run: an earlier case of the file got no answer")

    def _note(self, file, case, failure):
        with self.lock:
            self.results.setdefault((file.label, case.name), failure)

    def _work(self, number):
        me = threading.current_thread()
        while True:
            try:
                file = self.work.get_nowait()
            except queue.Empty:
                self.current.pop(number, None)
                return
            self._run_file(number, file, me)

    def _run_file(self, number, file, me):
        answers = golden.load_answers(file)
        self.current[number] = (file, file.cases[0], time.monotonic())
        try:
            with golden.FileRun(file, self.url, self.config) as run:
                for case in file.cases:
                    if (file.label, case.name) in self.results:
                        return  # This thread was given up.
                    self.current[number] = (file, case, time.monotonic())
                    self._note(file, case, self._check(run, case, answers.get(case.name)))
        except Exception as error:
            for case in file.cases:
                self._note(file, case, f"set-up: {type(error).__name__}: {golden.short(str(error))}")

    def _check(self, run, case, expected):
        if expected is None:
            return "no recorded answer: run record.py --missing"
        if expected["source"] != case.source():
            return "the case changed since its answer was recorded: run record.py --missing"
        gone = self.died()
        if gone:
            return gone
        return golden.difference(case, expected, run.answer(case))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--server", help="sc://host:port of a running server")
    where.add_argument("--spawn", metavar="BINARY", help="start this centella (by default bin/centella), replay, stop it")
    where.add_argument("--spark", action="store_true", help="start real Spark instead: proves the harness (needs Java)")
    parser.add_argument("--spark-home", help="the pyspark folder for --spark")
    parser.add_argument("--config", default="default", help="a name of configurations.json, or `all`")
    parser.add_argument("--filter", action="append", default=[], help="only cases whose file:name contains this")
    parser.add_argument("--threads", type=int, default=4, help="sessions at once")
    parser.add_argument("--seconds", type=float, default=60, help="the longest that one case may take")
    parser.add_argument("--list", action="store_true", help="print the cases and end")
    parser.add_argument("--update-report", metavar="FILE", help="write pass or fail of each case as JSON")
    parser.add_argument("--quiet", action="store_true", help="only the totals")
    parser.add_argument("--strict", action="store_true", help="cases of pending.txt count as failures, too")
    parser.add_argument("--update-pending", action="store_true",
                        help="write pending.txt anew: the cases that fail now, under any configuration that is run")
    return parser, parser.parse_args()


PENDING = golden.HERE / "pending.txt"
PENDING_HEAD = """\
# Golden cases that Centella doesn't answer as Spark yet, one a line: [configuration] file:case. They are run, their failures
# are counted as skipped, and one that passes is named so that its line can go. `replay.py --update-pending` writes this
# list, `replay.py --strict` shows what is behind it. No case is added here to hide something that once passed.
"""


def read_pending():
    """{(configuration, file:case)}; a line without a configuration means all of them."""
    if not PENDING.exists():
        return set()
    lines = [line.strip() for line in PENDING.read_text().splitlines()]
    return {line for line in lines if line and not line.startswith("#")}


def is_pending(pending, name, label):
    return label in pending or f"[{name}] {label}" in pending


def write_pending(report):
    """Cases that fail by default, then those that fail under some other configuration only."""
    everywhere = sorted(case for case, failure in report.get("default", {}).items() if failure != "pass")
    lines = list(everywhere)
    for name, cases in report.items():
        lines += [f"[{name}] {case}" for case, failure in sorted(cases.items())
                  if failure != "pass" and case not in everywhere]
    PENDING.write_text(PENDING_HEAD + "\n".join(lines) + "\n")


def replay_under(name, configuration, files, arguments, pending):
    """One configuration; gives its {case: failure or None}."""
    with contextlib.ExitStack() as stack:
        died = lambda: None  # noqa: E731
        if arguments.spawn:
            server = stack.enter_context(servers.CentellaServer(arguments.spawn, configuration.get("server", [])))
            url, died = server.url, server.died
        elif arguments.spark:
            url = stack.enter_context(servers.spark_server(arguments.spark_home))
        else:
            url = arguments.server
        started = time.monotonic()
        replay = Replay(files, url, configuration.get("conf", {}), arguments.seconds, died)
        replay.run(arguments.threads)
        seconds = time.monotonic() - started
    if not arguments.quiet:
        for file in files:
            for case in file.cases:
                failure = replay.results.get((file.label, case.name), "not run")
                label = f"{file.label}:{case.name}"
                if is_pending(pending, name, label):
                    if not failure and label in pending and name == "default":
                        print(f"passes now, take it out of pending.txt: {label}")
                    continue
                if failure:
                    print(f"FAIL {file.label}:{case.name}\n  {golden.short(case.sql, 400)}\n  {failure}")
    passed, failed, skipped = count(replay.results, name, pending)
    print(f"[{name}] {passed} passed, {failed} failed, {skipped} skipped (pending) in {seconds:.1f} s", flush=True)
    return replay.results


def count(results, name, pending):
    passed = failed = skipped = 0
    for (file, case), failure in results.items():
        if not failure:
            passed += 1
        elif is_pending(pending, name, f"{file}:{case}"):
            skipped += 1
        else:
            failed += 1
    return passed, failed, skipped


def main():
    parser, arguments = parse_arguments()
    files = golden.read_all(arguments.filter)
    if arguments.list:
        for file in files:
            for case in file.cases:
                print(f"{file.label}:{case.name}")
        print(f"{sum(len(file.cases) for file in files)} cases")
        return 0
    if not files:
        parser.error("no case matches the filter")
    if not (arguments.server or arguments.spawn or arguments.spark):
        arguments.spawn = golden.HERE.parents[1] / "bin" / "centella"
        if not arguments.spawn.exists():
            parser.error(f"{arguments.spawn} is not built yet: `make build`, or name a server with --server or --spawn")
    configurations = json.loads((golden.HERE / "configurations.json").read_text())
    names = list(configurations) if arguments.config == "all" else [arguments.config]
    if not set(names) <= set(configurations):
        parser.error(f"configurations are: {', '.join(configurations)}, all")
    totals = [0, 0, 0]
    report = {}
    pending = set() if arguments.strict or arguments.update_pending else read_pending()
    for name in names:
        results = replay_under(name, configurations[name], files, arguments, pending)
        totals = [sum(pair) for pair in zip(totals, count(results, name, pending))]
        report[name] = {f"{file}:{case}": failure or "pass" for (file, case), failure in sorted(results.items())}
    if arguments.update_report:
        with open(arguments.update_report, "w") as out:
            json.dump(report, out, indent=1, sort_keys=True)
    if arguments.update_pending:
        write_pending(report)
    passed, failed, skipped = totals
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
