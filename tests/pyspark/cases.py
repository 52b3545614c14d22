"""The scripts that run end to end: which, with what input, and how their output is compared.

Shared by the tests and by record_expected.py, which asks real Spark for the expected output.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SEEDS = os.path.join(HERE, "seeds")
EXAMPLES = os.path.join(ROOT, "examples")
FLIGHTS = os.path.join(ROOT, ".cache", "flights")


@dataclass
class Case:
    """One or several scripts run one after the other in a folder of their own.

    ordered=False lets the rows of each printed table come in any order, as the script never asked
    for one.
    """

    name: str
    scripts: list[str]
    ordered: bool = True
    arguments: list[str] = field(default_factory=list)
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def expected_path(self) -> str:
        return os.path.join(HERE, "expected", self.name + ".txt")


def seed(name: str, *more: str, **options) -> Case:
    return Case("seed_" + name, [os.path.join(SEEDS, f"{n}.py") for n in (name, *more)], **options)


def example(name: str, **options) -> Case:
    return Case("example_" + name, [os.path.join(EXAMPLES, f"{name}.py")], **options)


SEED_CASES = [
    seed("sales_etl", "sales_etl_readback"),
    seed("csv_totals"),
    seed("partitions"),
    seed("broadcast_join", ordered=False),
    seed("cache", ordered=False),
    seed("configuration"),
    seed("transformation_pipeline", ordered=False),
    # Ten million tuples are a minute of the client's own Python; the number of rows is all that changes.
    seed("parallel_transform", changes={"10_000_000": "200_000"}),
    seed("lookup_enrichment", ordered=False),
    seed("partitioned_storage", ordered=False),
]

EXAMPLE_CASES = [
    example("sales_etl"),
    example("transformation_pipeline"),
    example("lookup_enrichment"),
    example("partitioned_storage"),
    example("parallel_transform"),
    example("incremental_extraction"),
]

FLIGHTS_CASE = Case(
    "example_flights",
    [os.path.join(EXAMPLES, "flights", "flights_etl.py")],
    arguments=[FLIGHTS],
)

# Scripts that need what is not built yet, and the word by which the refusal names it.
REFUSED_SEEDS = {
    "refused_rdd": "RDD",
    "refused_accumulator": "accumulator",
    "refused_glue": "awsglue",
    "refused_delta": "delta",
    "refused_kafka_stream": "kafka|stream",
    "refused_rate_stream": "stream",
    "refused_jdbc": "jdbc",
}


def prepare(case: Case, folder: str) -> list[str]:
    """Copies the scripts into `folder` with their buckets and /tmp below it; writes their input."""
    written = []
    for script in case.scripts:
        target = os.path.join(folder, os.path.basename(script))
        if script.startswith(SEEDS):
            with open(script, encoding="utf8") as source:
                text = source.read()
            text = re.sub('"(s3://|/(?=tmp/))', lambda place: f'"{folder}/', text)
            for old, new in case.changes.items():
                assert old in text
                text = text.replace(old, new)
            with open(target, "w", encoding="utf8") as copy:
                copy.write(text)
        else:
            shutil.copy(script, target)
        written.append(target)
    if case.scripts[0].startswith(SEEDS):
        _write_seed_input(folder)
    return written


def _write_seed_input(folder: str) -> None:
    import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 240
    first = datetime.date(2026, 1, 5)
    dates = [None if i % 41 == 0 else first + datetime.timedelta(days=i % 4) for i in range(count)]
    orders = {
        "order_id": [i - i % 60 // 59 for i in range(count)],  # each sixtieth order twice
        "customer_id": [i * 7 % 30 for i in range(count)],
        "product_id": [i * 5 % 12 for i in range(count)],
        "order_date": dates,
        "amount": [-5.0 if i % 37 == 0 else 100.0 + i * 13 % 900 for i in range(count)],
    }
    # The two rows of an order delivered twice are equal: which one is kept must not matter.
    for column in orders.values():
        for i in range(count):
            if i % 60 == 59:
                column[i] = column[i - 1]
    customers = {"customer_id": list(range(28)), "name": [f"c{i}" for i in range(28)]}
    products = {
        "product_id": list(range(10)),
        "product_category": [("food", "home", "toys")[i % 3] for i in range(10)],
    }
    for name, columns in (("orders", orders), ("customers", customers), ("products", products)):
        os.makedirs(f"{folder}/raw/{name}", exist_ok=True)
        pq.write_table(pa.table(columns), f"{folder}/raw/{name}/part-0.parquet")
    os.makedirs(f"{folder}/bucket", exist_ok=True)
    with open(f"{folder}/bucket/data.csv", "w") as file:
        file.write("customer_id,name,amount\n")
        for i in range(60):
            file.write(f"{i % 7},n{i % 7},{60 + i * 4.5}\n")
    os.makedirs(f"{folder}/data", exist_ok=True)
    table = {"category": [i % 3 for i in range(20)], "amount": [i * 12 for i in range(20)]}
    pq.write_table(pa.table(table), f"{folder}/data/part-0.parquet")


def normalize(text: str, folder: str, ordered: bool) -> str:
    """Output without what differs from run to run: times, the folder's name, free orders."""
    text = text.replace(folder, "<folder>")
    text = re.sub(r"\(\d+\.\d+ s\)", "(… s)", text)
    text = re.sub(r"Done in \d+\.\d+ s", "Done in … s", text)
    lines = [line.rstrip() for line in text.strip().split("\n")]
    return "\n".join(lines if ordered else _sort_tables(lines)) + "\n"


def _sort_tables(lines: list[str]) -> list[str]:
    """Sorts the rows between a table's second and third rule."""
    result: list[str] = []
    rows: list[str] = []
    rules = 0
    for line in lines:
        if line.startswith("+"):
            rules += 1
            if rules == 3:
                result += sorted(rows)
                rows, rules = [], 0
            result.append(line)
        elif rules == 2:
            rows.append(line)
        else:
            result.append(line)
    return result + rows
