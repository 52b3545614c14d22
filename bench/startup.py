"""How soon Centella is there: the server listening after its process starts, and a script's first answer after it asks for its
session (`centella run`, python's own start left out).

The least and the median of some starts, in milliseconds; the goals are 50 and 300.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

from measuring import BINARY, ConnectServer, centella_command

SCRIPT = """import time
from pyspark.sql import SparkSession
began = time.perf_counter()
spark = SparkSession.builder.getOrCreate()
spark.range(1000).selectExpr("sum(id)").collect()
print((time.perf_counter() - began) * 1000)
"""


def listening():
    server = ConnectServer(centella_command(2))
    server.close()
    return server.listening_ms


def first_answer(script):
    done = subprocess.run([BINARY, "run", str(script)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "first.py"
        script.write_text(SCRIPT)
        for name, goal, measure in (("listening", 50, listening), ("first answer", 300, lambda: first_answer(script))):
            times = sorted(measure() for _ in range(arguments.runs))
            print(f"{name:<14} least {times[0]:6.1f} ms, median {statistics.median(times):6.1f}, worst {times[-1]:6.1f}"
                  f"   (goal {goal})", flush=True)
            missed = missed or statistics.median(times) > goal
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
