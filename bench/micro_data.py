"""Tables for the microbenchmarks: one seeded generator, written once as Parquet, loaded into every engine's own memory."""
import pathlib

import numpy
import pyarrow
import pyarrow.parquet
from pyarrow import compute

SEED = 20261121
CHUNK = 1_000_000  # rows generated at a time
WORDS = ("furiously special requests sleep carefully final deposits across the ironic packages boost quickly regular "
         "accounts nag blithely pending theodolites haggle even instructions among slyly express foxes").split()


def texts(random, rows):
    """Sentences of five words, as comments are."""
    words = pyarrow.array(WORDS)
    columns = [words.take(pyarrow.array(random.integers(0, len(WORDS), rows))) for _ in range(5)]
    return compute.binary_join_element_wise(*columns, " ")


def keyed(prefix, numbers):
    """Keys as text: 'customer-0000042'."""
    digits = compute.utf8_lpad(pyarrow.array(numbers).cast(pyarrow.string()), 7, "0")
    return compute.binary_join_element_wise(prefix, digits, "")


def money(random, rows, low, high):
    """decimal(12, 2) from random cents."""
    cents = random.integers(low, high, rows)
    words = numpy.zeros((rows, 2), dtype=numpy.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    return pyarrow.Array.from_buffers(pyarrow.decimal128(12, 2), rows, [None, pyarrow.py_buffer(words.tobytes())])


def values(random, first, rows):
    days = random.integers(8035, 10561, rows).astype("int32")
    return {
        "x": random.integers(0, 1000, rows).astype("int32"),
        "a": random.integers(-10**9, 10**9, rows),
        "b": random.integers(-10**9, 10**9, rows),
        "p": random.random(rows),
        "q": random.random(rows) * 1000,
        "text": texts(random, rows),
        "d": pyarrow.array(days, pyarrow.date32()),
        "dec": money(random, rows, -10**7, 10**7),
        "rate": money(random, rows, 0, 100),
    }


def groups(random, first, rows):
    return {
        "k10": random.integers(0, 10, rows).astype("int32"),
        "k10k": random.integers(0, 10_000, rows).astype("int32"),
        "k10m": random.integers(0, 10_000_000, rows).astype("int32"),
        "s1k": keyed("region-", random.integers(0, 1000, rows)),
        "s5m": keyed("customer-", random.integers(0, 5_000_000, rows)),
        "v": random.integers(0, 10**6, rows),
        "w": random.random(rows),
        "u": random.integers(0, 1000, rows).astype("int32"),
    }


def facts(random, first, rows):
    # A fifth of the keys has no partner.
    j1k, j1m, j10m = (random.integers(0, n * 5 // 4, rows).astype("int32") for n in (1000, 10**6, 10**7))
    return {
        "j1k": j1k, "j1m": j1m, "j10m": j10m,
        "t1k": keyed("k", j1k), "t1m": keyed("k", j1m), "t10m": keyed("k", j10m),
        "m": random.integers(0, 1000, rows),
    }


def dimension(random, first, rows):
    ids = numpy.arange(first, first + rows, dtype="int32")
    return {"id": ids, "name": keyed("k", ids), "val": random.integers(0, 1000, rows)}


def events(random, first, rows):
    return {
        "g": random.integers(0, 10**6, rows).astype("int32"),
        "t": random.integers(0, 2**40, rows),
        "i": random.integers(-2**31, 2**31 - 1, rows).astype("int32"),
        "s": keyed("event-", random.integers(0, 10**7, rows)),
        "v": random.integers(0, 1000, rows),
    }


def lists(random, first, rows):
    lengths = random.integers(0, 11, rows)
    offsets = numpy.zeros(rows + 1, dtype="int32")
    numpy.cumsum(lengths, out=offsets[1:])
    elements = pyarrow.array(random.integers(0, 100, int(offsets[-1])).astype("int32"))
    return {"id": numpy.arange(first, first + rows), "items": pyarrow.ListArray.from_arrays(pyarrow.array(offsets), elements)}


# name: (columns of a chunk, rows at --scale 1)
TABLES = {
    "scan": (values, 20_000_000),
    "grp": (groups, 20_000_000),
    "fact": (facts, 30_000_000),
    "d1k": (dimension, 1000),
    "d1m": (dimension, 1_000_000),
    "d10m": (dimension, 10_000_000),
    "event": (events, 10_000_000),
    "list": (lists, 2_000_000),
}


def rows_of(table, scale):
    """Dimensions keep their size: their keys are what the facts join."""
    rows = TABLES[table][1]
    return rows if table.startswith("d1") else int(rows * scale)


def make(folder, table, scale):
    """Writes a table's file unless it is there; returns its path. Killed half-way, it leaves no file of that name."""
    path = pathlib.Path(folder) / f"{table}-{rows_of(table, scale)}.parquet"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    columns, total = TABLES[table][0], rows_of(table, scale)
    random = numpy.random.default_rng([SEED, list(TABLES).index(table)])
    unfinished = path.with_suffix(".unfinished")
    writer = None
    for first in range(0, total, CHUNK):
        chunk = pyarrow.table(columns(random, first, min(CHUNK, total - first)))
        writer = writer or pyarrow.parquet.ParquetWriter(unfinished, chunk.schema, compression="lz4")
        writer.write_table(chunk, row_group_size=CHUNK // 8)
    writer.close()
    unfinished.rename(path)
    return path
