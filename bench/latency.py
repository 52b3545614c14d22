"""The latency of a small query, alone and beside large ones: median, 95th and 99th percentile, worst.

The large queries (sorts, joins, aggregations, windows, explosions, each for itself far from done in a second) run one after
the other in sessions of their own for as long as it's measured. The small query groups a thousand rows; its time is the
client's, from sending to having the rows. Other load on the machine is part of what is measured: it is printed too.
"""
import argparse
import itertools
import os
import statistics
import subprocess
import sys
import time

from measuring import ConnectServer, centella_command

LARGE = {
    "sort": "SELECT count(r) FROM (SELECT row_number() OVER (ORDER BY hash(id)) r FROM range(6000000))",
    "strings": "SELECT max(t) FROM (SELECT concat('a long beginning ', hash(id)) t FROM range(6000000) ORDER BY t LIMIT 3000000)",
    "groups": "SELECT count(*) FROM (SELECT id, max(id) FROM range(20000000) GROUP BY id)",
    "join": "SELECT count(*) FROM range(10000000) a JOIN range(10000000) b ON a.id = b.id",
    "fan-out": "SELECT sum(v + w) FROM (SELECT id % 2 k, id v FROM range(60000)) a "
               "JOIN (SELECT id % 2 k, id w FROM range(60000)) b ON a.k = b.k",
    "window": "SELECT max(r) FROM (SELECT sum(id) OVER (PARTITION BY id % 100000 ORDER BY id) r FROM range(10000000))",
    "explode": "SELECT max(e) FROM (SELECT explode(sequence(1, 3000000 + id)) e FROM range(100))",
    "filter": "SELECT count(*) FROM range(3000000000) WHERE id % 1000 = -1",
}
SMALL = "SELECT id % 10 AS k, count(*) AS n, sum(id) AS s FROM range(1000) GROUP BY 1 ORDER BY 1"


def large_client(url, sql):
    """Runs a query again and again in a process of its own, so that the measuring one isn't slowed."""
    program = ("import sys\nfrom pyspark.sql import SparkSession\n"
               "spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()\n"
               "print('ready', flush=True)\n"
               "while True:\n    spark.sql(sys.argv[2]).collect()\n")
    client = subprocess.Popen([sys.executable, "-", url, sql], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    client.stdin.write(program)
    client.stdin.close()
    client.stdout.readline()
    return client


def measure(spark, seconds):
    times = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        begin = time.perf_counter()
        assert len(spark.sql(SMALL).collect()) == 10
        times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.02)
    return sorted(times)


def show(name, times):
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))]
    print(f"{name:<24} {len(times):>6} {statistics.median(times):>8.1f} {at(0.95):>8.1f} {at(0.99):>8.1f} {times[-1]:>8.1f}"
          f"   {os.getloadavg()[0]:.1f}", flush=True)
    return at(0.95)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=8, help="how many large queries")
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--each", action="store_true", help="each kind of large query by itself, too")
    arguments = parser.parse_args()
    server = ConnectServer(centella_command(arguments.threads))
    clients = []

    def stop_clients():
        for client in clients:
            client.kill()
            client.wait()
        clients.clear()

    try:
        spark = server.session()
        measure(spark, 1)
        print(f"{'beside':<24} {'runs':>6} {'median':>8} {'95 %':>8} {'99 %':>8} {'worst':>8}   load   (milliseconds)")
        show("nothing", measure(spark, arguments.seconds / 2))
        kinds = [[name] * arguments.large for name in LARGE] if arguments.each else []
        kinds.append(list(itertools.islice(itertools.cycle(LARGE), arguments.large)))
        for kind in kinds:
            clients += [large_client(server.url, LARGE[name]) for name in kind]
            time.sleep(2)
            name = kind[0] if len(set(kind)) == 1 else "mixed"
            show(f"{len(kind)} large: {name}", measure(spark, arguments.seconds))
            stop_clients()
            time.sleep(1)
    finally:
        stop_clients()
        server.close()


if __name__ == "__main__":
    main()
