"""make bench-micro: questions over tables in memory, Centella against DuckDB and Polars in the same run.

Every engine runs in a process of its own with the same number of threads; runs are interleaved and every answer is compared.
Prints the best wall milliseconds, each ratio to Centella's peers, rows per second beside what the memory's bandwidth
allows, the geometric mean, and (with --profile) the CPU profile's top ten for each case that is slower than a peer.
"""
import argparse
import json
import math
import pathlib
import shutil
import subprocess
import sys
import time

import numpy

import micro_cases
import micro_data
from measuring import ROOT, geometric_mean

HERE = pathlib.Path(__file__).resolve().parent


class Engine:
    """The other end of micro_engine.py."""

    def __init__(self, name, threads, binary):
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "micro_engine.py"), name, "--threads", str(threads), "--binary", binary],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} doesn't start; is it installed?")
        self.pid = json.loads(line)["ready"]

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": "the process ended"}

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def bandwidth():
    """Bytes per second that one pass over a large array reads, of this machine, now."""
    array = numpy.ones(64_000_000, dtype=numpy.int64)
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        array.sum()
        best = min(best, time.perf_counter() - start)
    return array.nbytes / best


def same(left, right):
    """Equal as sets of rows; numbers within 1e-9 relative."""
    def key(row):
        return [(value is None, f"{value:.6e}" if isinstance(value, (int, float)) else str(value)) for value in row]

    left, right = sorted(left, key=key), sorted(right, key=key)
    if len(left) != len(right):
        return False
    for a, b in zip(left, right):
        for x, y in zip(a, b):
            if isinstance(x, (int, float)) and isinstance(y, (int, float)):
                if not math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9):
                    return False
            elif x != y:
                return False
    return True


def profile(engine, request, seconds=4):
    """The ten functions that take most of an engine's time while it answers a case again and again."""
    if shutil.which("perf") is None:
        return "    (perf isn't installed)"
    data = "/tmp/centella-micro.perf"
    record = subprocess.Popen(["perf", "record", "-q", "-F", "499", "-p", str(engine.pid), "-o", data],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        engine.ask(**request)
    record.terminate()
    record.wait()
    report = subprocess.run(["perf", "report", "-i", data, "--no-children", "--no-inline", "--stdio", "-s", "symbol"],
                            capture_output=True, text=True).stdout
    lines = [line for line in report.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join("    " + line.strip()[:140] for line in lines[:10])


def run_case(case, engines, runs, numbers):
    """{engine: (best ms, best CPU ms, rows or error)}, one run each in turn after a warm-up."""
    request = {"run": case.name, "numbers": numbers}
    found = {engine.name: [math.inf, math.inf, None] for engine in engines}
    for round_number in range(runs + 1):
        for engine in engines:
            entry = found[engine.name]
            if isinstance(entry[2], str):
                continue
            answer = engine.ask(**request)
            if "error" in answer:
                entry[2] = answer["error"]
                continue
            entry[2] = answer["rows"]
            if round_number > 0:
                entry[0], entry[1] = min(entry[0], answer["ms"]), min(entry[1], answer["cpu_ms"])
    return found


def verdict(found):
    """'' when all agree with Centella, else what is wrong."""
    mine = found["centella"][2]
    if isinstance(mine, str):
        return f"centella: {mine}"
    for name, (_, _, rows) in found.items():
        if isinstance(rows, str):
            return f"{name}: {rows}"
        if not same(mine, rows):
            return f"differs from {name}: {mine[:2]} {rows[:2]}"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each case (after one that isn't)")
    parser.add_argument("--scale", type=float, default=1, help="1: 10 to 30 M rows a table")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cases", default="", help="only cases whose name has one of these, comma separated")
    parser.add_argument("--peers", default="duckdb,polars")
    parser.add_argument("--binary", default=str(ROOT / "bin/centella"))
    parser.add_argument("--data", default=str(ROOT / ".cache/micro"), help="folder of the generated tables")
    parser.add_argument("--cpu", action="store_true", help="compare CPU time, which a busy machine disturbs less")
    parser.add_argument("--profile", action="store_true", help="profile the cases that are slower than DuckDB")
    parser.add_argument("--json", help="write the figures there, too")
    arguments = parser.parse_args()
    wanted = [text for text in arguments.cases.split(",") if text]
    cases = [case for case in micro_cases.all_cases() if not wanted or any(text in case.name for text in wanted)]
    engines = [Engine(name, arguments.threads, arguments.binary)
               for name in ["centella"] + [peer for peer in arguments.peers.split(",") if peer]]
    peers = [engine.name for engine in engines[1:]]
    numbers = {"event_rows_less_10": micro_data.rows_of("event", arguments.scale) - 10}
    which = 1 if arguments.cpu else 0
    peak = bandwidth()
    print(f"memory reads {peak / 1e9:.1f} GB/s with one thread; {'CPU' if arguments.cpu else 'wall'} ms, best of {arguments.runs}")
    print(f"{'case':32}" + "".join(f"{engine.name:>10}" for engine in engines) +
          "".join(f"{'/' + peer:>9}" for peer in peers) + f"{'M rows/s':>10}  of 8-byte reads")
    loaded, results, wrong = set(), {}, 0
    for case in cases:
        for table in loaded - set(case.tables):
            if not any(table in other.tables for other in cases[cases.index(case):]):
                for engine in engines:
                    engine.ask(drop=table)
                loaded.discard(table)
        for table in case.tables:
            if table not in loaded:
                path = micro_data.make(arguments.data, table, arguments.scale)
                for engine in engines:
                    answer = engine.ask(load=table, path=str(path))
                    if "error" in answer:
                        sys.exit(f"{engine.name} can't load {table}: {answer['error']}")
                loaded.add(table)
        found = run_case(case, engines, arguments.runs, numbers)
        problem = verdict(found)
        wrong += bool(problem)
        times = {name: entry[which] for name, entry in found.items()}
        ratios = {peer: times["centella"] / max(times[peer], 1e-3) for peer in peers}
        rate = micro_data.rows_of(case.tables[0], arguments.scale) / (found["centella"][0] / 1000)
        print(f"{case.name:32}" + "".join(f"{times[engine.name]:>10.0f}" for engine in engines) +
              "".join(f"{ratios[peer]:>9.2f}" for peer in peers) + f"{rate / 1e6:>10.1f}  {rate * 8 / peak:.0%}" +
              (f"  WRONG {problem}" if problem else ""), flush=True)
        results[case.name] = {"ms": times, "problem": problem}
        if arguments.profile and ratios.get("duckdb", 0) > 1:
            print(profile(engines[0], {"run": case.name, "numbers": numbers}), flush=True)
    for peer in peers:
        ratios = [r["ms"]["centella"] / r["ms"][peer] for r in results.values()
                  if math.isfinite(r["ms"]["centella"]) and math.isfinite(r["ms"][peer])]
        print(f"geometric mean of Centella's time over {peer}'s: {geometric_mean(ratios):.2f}; "
              f"slower in {sum(r > 1 for r in ratios)} of {len(ratios)}")
    for engine in engines:
        engine.close()
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1))
    sys.exit(1 if wrong else 0)


main()
