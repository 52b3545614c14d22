"""Parquet as other writers lay it out: versions of pages, encodings, compressions, small pages, nulls anywhere. What pyarrow
reads from a file is what we have to read."""

from __future__ import annotations

import datetime
import decimal
import itertools
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 20_000


@pytest.fixture(scope="module")
def spark(connect):
    return connect()


def column(kind, nulls, seed):
    """ROWS values of a kind; `nulls` is the part of them that is missing, and comes in runs too."""
    rng = random.Random(seed)
    makers = {
        "few": lambda i: rng.randrange(7),
        "run": lambda i: i // 3000,
        "many": lambda i: rng.randrange(-(2**62), 2**62),
        "int": lambda i: rng.randrange(-(2**31), 2**31),
        "double": lambda i: rng.random() * 10 ** rng.randrange(-5, 5),
        "date": lambda i: datetime.date(1970, 1, 1) + datetime.timedelta(rng.randrange(20000)),
        "decimal": lambda i: decimal.Decimal(rng.randrange(-(10**9), 10**9)).scaleb(-2),
        "word": lambda i: rng.choice(["", "a", "twelve bytes", "thirteen bytes", "á" * 40, "x" * 300]),
        "text": lambda i: f"{rng.random()} is like no other " * rng.randrange(3),
        "boolean": lambda i: rng.random() < 0.5,
    }
    types = {
        "few": pa.int64(), "run": pa.int64(), "many": pa.int64(), "int": pa.int32(), "double": pa.float64(),
        "date": pa.date32(), "decimal": pa.decimal128(12, 2), "word": pa.string(), "text": pa.string(),
        "boolean": pa.bool_(),
    }  # fmt: skip
    values = [makers[kind](i) for i in range(ROWS)]
    if nulls:
        missing = [rng.random() < nulls or 5000 <= i < 9000 for i in range(ROWS)]
        values = [None if gone else value for gone, value in zip(missing, values)]
    return pa.array(values, types[kind])


KINDS = ["few", "run", "many", "int", "double", "date", "decimal", "word", "text", "boolean"]


def table(nulls):
    columns = {kind: column(kind, nulls, seed) for seed, kind in enumerate(KINDS)}
    columns["row"] = pa.array(range(ROWS), pa.int64())
    columns["required"] = columns["row"]
    fields = [pa.field(name, values.type, name != "required") for name, values in columns.items()]
    return pa.table(list(columns.values()), pa.schema(fields))


LAYOUTS = list(itertools.product(["1.0", "2.0"], [True, False], ["none", "snappy", "zstd"]))


@pytest.mark.parametrize("version, dictionary, compression", LAYOUTS)
@pytest.mark.parametrize("nulls", [0, 0.3])
def test_pages_of_any_layout(spark, tmp_path, version, dictionary, compression, nulls):
    path, wanted = str(tmp_path / "t.parquet"), table(nulls)
    pq.write_table(wanted, path, data_page_version=version, use_dictionary=dictionary, compression=compression,
                   data_page_size=3000, row_group_size=7000, write_statistics=nulls == 0)  # fmt: skip
    df = spark.read.parquet(path)
    assert df.orderBy("row").toArrow().to_pydict() == wanted.to_pydict()
    # Rows and pages that are passed over: what is left lies at other places of its page.
    some = [row for row in wanted.to_pylist() if row["row"] % 6000 in (17, 4100, 5999)]
    assert df.filter("row % 6000 IN (17, 4100, 5999)").orderBy("row").toArrow().to_pylist() == some
    assert df.filter("row > 12345").count() == ROWS - 12346


def test_a_dictionary_that_grows_too_large(spark, tmp_path):
    """The writer begins with codes and goes on with plain values in the middle of a chunk."""
    path, wanted = str(tmp_path / "t.parquet"), table(0.1)
    pq.write_table(wanted, path, dictionary_pagesize_limit=5000, data_page_size=2000)
    assert spark.read.parquet(path).orderBy("row").toArrow().to_pydict() == wanted.to_pydict()


def test_encodings_that_are_left_to_the_library(spark, tmp_path):
    path, wanted = str(tmp_path / "t.parquet"), table(0.2)
    encodings = {"many": "DELTA_BINARY_PACKED", "int": "DELTA_BINARY_PACKED", "double": "BYTE_STREAM_SPLIT",
                 "word": "DELTA_BYTE_ARRAY", "text": "DELTA_LENGTH_BYTE_ARRAY"}  # fmt: skip
    pq.write_table(wanted, path, use_dictionary=False, column_encoding=encodings)
    assert spark.read.parquet(path).orderBy("row").toArrow().to_pydict() == wanted.to_pydict()


def test_broken_pages_are_errors_and_the_server_lives(spark, tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(table(0.2), path, data_page_size=3000, compression="none")
    whole, rng = path.read_bytes(), random.Random(5)
    failed = 0
    for number in range(60):
        broken = bytearray(whole)
        for _ in range(20):
            broken[rng.randrange(4, len(whole) - 20_000)] = rng.randrange(256)
        other = tmp_path / f"broken{number}.parquet"
        other.write_bytes(broken)
        try:
            spark.read.schema("few long, word string, text string, many long").parquet(str(other)).toArrow()
        except Exception as error:
            failed += 1
            assert "UNAVAILABLE" not in str(error), error
    assert failed > 0
    assert spark.range(3).count() == 3
