"""Reserved memory beside taken memory over TPC-H, a fresh process for each query.

`reserved` is the most that all reservations claimed at one time, `taken` how far the process's resident memory grew at most
beyond what it was when the query began (`centella sql --statistics` prints both). The difference is a share of what was
taken; small queries are listed but don't count, because there the allocator and the code that is paged in weigh more.
"""
import argparse
import pathlib
import re
import subprocess
import sys

from tpch import ROOT, TABLES, data_folder, queries

LINE = re.compile(r"statistics: ([\d.]+) s, (\d+) rows read, ([\d.]+) MB spilled, ([\d.]+) MB reserved at most, "
                  r"(-?[\d.]+) MB taken at most")
SMALL_MB = 64


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="1")
    parser.add_argument("--queries", default="")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--data", help="folder with the tables' Parquet files")
    parser.add_argument("--most", type=float, default=15, help="percent of difference that is allowed")
    arguments = parser.parse_args()
    folder = pathlib.Path(arguments.data) if arguments.data else data_folder(arguments.scale)
    wanted = {int(n) for n in arguments.queries.split(",") if n}
    views = "".join(f"CREATE TEMPORARY VIEW {t} AS SELECT * FROM parquet.`{folder}/{t}.parquet`;\n" for t in TABLES)
    print(f"{'query':<6} {'seconds':>8} {'reserved MB':>12} {'taken MB':>10} {'difference':>11}")
    reserved_sum = taken_sum = worst = 0
    for number, sql in queries(arguments.scale).items():
        if wanted and number not in wanted:
            continue
        done = subprocess.run([str(ROOT / "bin/centella"), "sql", "--statistics", "--threads", arguments.threads],
                              input=views + sql, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"Q{number}: {done.stderr}")
        seconds, _, _, reserved, taken = map(float, LINE.findall(done.stderr)[-1])
        difference = 100 * (taken - reserved) / max(taken, 1)
        small = taken < SMALL_MB
        print(f"Q{number:<5} {seconds:>8.2f} {reserved:>12.1f} {taken:>10.1f} {difference:>9.1f} %"
              f"{'  (small)' if small else ''}", flush=True)
        reserved_sum += reserved
        taken_sum += taken
        worst = worst if small else max(worst, abs(difference))
    together = 100 * (taken_sum - reserved_sum) / taken_sum
    print(f"all    {'':>8} {reserved_sum:>12.1f} {taken_sum:>10.1f} {together:>9.1f} %   worst {worst:.1f} %")
    return 0 if abs(together) <= arguments.most else 1


if __name__ == "__main__":
    sys.exit(main())
