"""TPC-H on Centella and its peers: the same files, the same number of threads, interleaved runs, every answer compared.

Prints wall milliseconds per query (the best of the runs), totals, geometric means and the ratio to each peer; writes the
same as JSON with --json FILE. With --cpu it is the CPU milliseconds of the peer's process, which a busy machine disturbs less. Peers that aren't installed are named and left out.
"""
import argparse
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import time

from measuring import ROOT, ConnectServer, centella_command, geometric_mean

TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]


def data_folder(scale):
    answer = subprocess.run([str(ROOT / "scripts/tpch-data"), str(scale)], check=True, capture_output=True, text=True)
    return pathlib.Path(answer.stdout.strip().splitlines()[-1])


def queries(scale):
    folder = ROOT / "tests/tpch/queries"
    # Q11's fraction depends on the scale.
    return {int(p.stem.lstrip("q")): re.sub(r"\$\{?\w+\}?", repr(0.0001 / float(scale)), p.read_text())
            for p in sorted(folder.glob("q*.sql"))}


class ConnectPeer(ConnectServer):
    """A Spark Connect server and a session on it that sees the tables."""

    def __init__(self, name, command, folder):
        super().__init__(command)
        self.name = name
        self.spark = self.session()
        for table in TABLES:
            self.spark.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)

    def run(self, sql):
        start, cpu = time.perf_counter(), self.cpu_milliseconds()
        table = self.spark.sql(sql).toArrow()
        return (time.perf_counter() - start) * 1000, self.cpu_milliseconds() - cpu, table.to_pylist()


class DuckDbPeer:
    name = "duckdb"

    def __init__(self, folder, threads):
        import duckdb

        self.connection = duckdb.connect(config={"threads": threads})
        for table in TABLES:
            self.connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{folder / (table + '.parquet')}'")

    def run(self, sql):
        start, cpu = time.perf_counter(), time.process_time()
        table = self.connection.execute(sql).to_arrow_table()
        return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000, table.to_pylist()

    def peak_memory(self):
        return 0

    def close(self):
        self.connection.close()


def same_value(ours, theirs):
    """Numbers may differ by what an engine's decimal scale or its order of adding doubles leaves out."""
    try:
        return math.isclose(float(ours), float(theirs), rel_tol=1e-6, abs_tol=2e-6)
    except (TypeError, ValueError):
        return str(ours) == str(theirs)


def same_answers(ours, theirs):
    """Compares rows whatever their order."""
    def sorted_rows(rows):
        # By the other columns first, so that numbers that differ in their last digit don't change the order.
        return sorted((tuple(row.values()) for row in rows),
                      key=lambda row: ([str(v) for v in row if isinstance(v, str)], [f"{v:.3e}" if isinstance(v, float)
                                       else f"{float(v):.3e}" if hasattr(v, "as_tuple") else str(v) for v in row]))

    ours, theirs = sorted_rows(ours), sorted_rows(theirs)
    return len(ours) == len(theirs) and all(
        len(a) == len(b) and all(map(same_value, a, b)) for a, b in zip(ours, theirs))


def start_peers(arguments, folder):
    peers = []
    command = centella_command(arguments.threads)
    if arguments.memory:
        command += ["--memory", arguments.memory]
    peers.append(ConnectPeer("centella", command, folder))
    wanted = [p for p in arguments.peers.split(",") if p]
    if "sail" in wanted:
        beside = pathlib.Path(sys.executable).parent / "sail"
        sail = str(beside) if beside.exists() else shutil.which("sail")
        if sail:
            peers.append(ConnectPeer("sail", [sail, "spark", "server", "--ip", "127.0.0.1"], folder))
        else:
            print("sail isn't installed: left out (make setup DEV=1 installs it)")
    if "duckdb" in wanted:
        try:
            peers.append(DuckDbPeer(folder, arguments.threads))
        except ImportError:
            print("duckdb isn't installed: left out (make setup DEV=1 installs it)")
    return peers


def measure(peers, sql, runs, cpu):
    """Best time and answer of each peer; one untimed warm-up each, then turn about."""
    best, answers = {}, {}
    for round_number in range(runs + 1):
        for peer in peers:
            try:
                wall, used, rows = peer.run(sql)
            except Exception as error:  # a peer that can't run a query is shown so, and goes on with the next
                answers[peer.name] = f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"
                continue
            answers[peer.name] = rows
            if round_number > 0 or runs == 0:
                best[peer.name] = min(used if cpu else wall, best.get(peer.name, math.inf))
    return best, answers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="1")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--queries", default="")
    parser.add_argument("--memory", default="")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--peers", default="sail,duckdb")
    parser.add_argument("--data", default="")
    parser.add_argument("--json", default="")
    arguments = parser.parse_args()
    folder = pathlib.Path(arguments.data) if arguments.data else data_folder(arguments.scale)
    chosen = [int(q) for q in arguments.queries.split(",") if q]
    peers = start_peers(arguments, folder)
    names = [peer.name for peer in peers]
    results, wrong = {}, []
    print("query  " + "  ".join(f"{name:>10}" for name in names) + "   answers")
    try:
        for number, sql in queries(arguments.scale).items():
            if chosen and number not in chosen:
                continue
            best, answers = measure(peers, sql, arguments.runs, arguments.cpu)
            results[number] = best
            ours = answers["centella"]
            verdict = "ok"
            if isinstance(ours, str):
                verdict = ours
            else:
                for name in names[1:]:
                    theirs = answers[name]
                    if not isinstance(theirs, str) and not same_answers(ours, theirs):
                        verdict = f"differs from {name}"
            if verdict != "ok":
                wrong.append(number)
            cells = "  ".join(f"{best[name]:10.1f}" if name in best else "         -" for name in names)
            print(f"q{number:<5} {cells}   {verdict}", flush=True)
        common = [q for q, best in results.items() if all(name in best for name in names)]
        for label, function in (("total", sum), ("geomean", geometric_mean)):
            print(f"{label:<6} " + "  ".join(f"{function([results[q][n] for q in common]):10.1f}" for n in names))
        print("peak memory MB: " + ", ".join(f"{p.name} {p.peak_memory()}" for p in peers if p.peak_memory()))
        for name in names[1:]:
            ratio = geometric_mean([results[q]["centella"] / results[q][name] for q in common])
            print(f"centella / {name}: {ratio:.2f} (geometric mean of {len(common)} queries)")
    finally:
        for peer in peers:
            peer.close()
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1))
    print(f"{len(results) - len(wrong)} of {len(results)} right" + (f"; not: {wrong}" if wrong else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
