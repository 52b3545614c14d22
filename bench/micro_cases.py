"""The cases of `make bench-micro`: one question each, asked of every engine in its own words, with few rows as the answer.

SQL is shared; `duckdb` is given where its dialect differs. `polars` is a function of (polars, tables) that gives a LazyFrame.
"""
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Case:
    name: str
    tables: tuple
    sql: str
    polars: Callable
    duckdb: str = ""


def scans():
    return [
        Case("filter and sum", ("scan",), "SELECT sum(a) FROM scan WHERE x < 300",
             lambda pl, t: t["scan"].filter(pl.col("x") < 300).select(pl.col("a").sum())),
        Case("arithmetic chain", ("scan",), "SELECT sum(a * 3 + b - x * 7), max((a + b) * 2 - x), min(a * x - b) FROM scan",
             lambda pl, t: t["scan"].select((pl.col("a") * 3 + pl.col("b") - pl.col("x").cast(pl.Int64) * 7).sum(),
                                            ((pl.col("a") + pl.col("b")) * 2 - pl.col("x")).max().alias("m"),
                                            (pl.col("a") * pl.col("x") - pl.col("b")).min().alias("n"))),
        Case("LIKE", ("scan",), "SELECT count(*) FROM scan WHERE text LIKE '%special%requests%'",
             lambda pl, t: t["scan"].filter(pl.col("text").str.contains("special.*requests")).select(pl.len())),
        Case("substring", ("scan",), "SELECT count(*) FROM scan WHERE substring(text, 3, 4) = 'ecia'",
             lambda pl, t: t["scan"].filter(pl.col("text").str.slice(2, 4) == "ecia").select(pl.len())),
        Case("dates by month", ("scan",), "SELECT year(d), month(d), count(*), sum(a) FROM scan GROUP BY 1, 2",
             lambda pl, t: t["scan"].group_by(pl.col("d").dt.year().alias("y"), pl.col("d").dt.month().alias("m"))
             .agg(pl.len(), pl.col("a").sum())),
        Case("CASE", ("scan",), "SELECT sum(CASE WHEN x < 100 THEN a WHEN x < 500 THEN b ELSE 0 END), "
             "sum(CASE WHEN p > 0.5 THEN q ELSE -q END) FROM scan",
             lambda pl, t: t["scan"].select(
                 pl.when(pl.col("x") < 100).then(pl.col("a")).when(pl.col("x") < 500).then(pl.col("b")).otherwise(0).sum(),
                 pl.when(pl.col("p") > 0.5).then(pl.col("q")).otherwise(-pl.col("q")).sum().alias("r"))),
        Case("decimal sum", ("scan",), "SELECT sum(dec), min(dec), max(rate) FROM scan",
             lambda pl, t: t["scan"].select(pl.col("dec").sum(), pl.col("dec").min().alias("n"), pl.col("rate").max())),
        Case("decimal multiply", ("scan",), "SELECT sum(dec * (1 - rate)) FROM scan",
             # With room for the product's four digits, which Polars else rounds to two.
             lambda pl, t: t["scan"].select((pl.col("dec").cast(pl.Decimal(38, 4)) * (1 - pl.col("rate"))).sum())),
    ]


def groupings():
    cases = []
    for key, label in (("k10", "10 ints"), ("k10k", "10 k ints"), ("k10m", "10 M ints"), ("s1k", "1 k strings"),
                       ("s5m", "5 M strings")):
        cases.append(Case(
            f"group by {label}", ("grp",),
            "SELECT count(*), sum(s), sum(a), sum(c), min(l), max(h) FROM (SELECT sum(v) AS s, avg(w) AS a, "
            f"count(*) AS c, min(v) AS l, max(v) AS h FROM grp GROUP BY {key})",
            lambda pl, t, key=key: t["grp"].group_by(key).agg(
                pl.col("v").sum().alias("s"), pl.col("w").mean().alias("a"), pl.len().alias("c"),
                pl.col("v").min().alias("l"), pl.col("v").max().alias("h"))
            .select(pl.len(), pl.col("s").sum(), pl.col("a").sum(), pl.col("c").sum(), pl.col("l").min(),
                    pl.col("h").max())))
        cases.append(Case(
            f"count(distinct) by {label}", ("grp",),
            f"SELECT count(*), sum(n) FROM (SELECT count(DISTINCT u) AS n FROM grp GROUP BY {key})",
            lambda pl, t, key=key: t["grp"].group_by(key).agg(pl.col("u").n_unique().alias("n"))
            .select(pl.len(), pl.col("n").sum())))
    return cases


def joins():
    cases = []
    for size in ("1k", "1m", "10m"):
        for prefix, kind, column in (("j", "int", "id"), ("t", "string", "name")):
            key, dim, label = f"{prefix}{size}", f"d{size}", f"{size.replace('k', ' k').replace('m', ' M')} by {kind}"
            on = f"{key} = {column}"

            def joined(pl, t, how, key=key, dim=dim, column=column):
                return t["fact"].join(t[dim], left_on=key, right_on=column, how=how)

            cases += [
                Case(f"inner join {label}", ("fact", dim), f"SELECT count(*), sum(m + val) FROM fact JOIN {dim} ON {on}",
                     lambda pl, t, j=joined: j(pl, t, "inner").select(pl.len(), (pl.col("m") + pl.col("val")).sum())),
                Case(f"left join {label}", ("fact", dim),
                     f"SELECT count(*), count(val), sum(m) FROM fact LEFT JOIN {dim} ON {on}",
                     lambda pl, t, j=joined: j(pl, t, "left").select(pl.len(), pl.col("val").count(), pl.col("m").sum())),
                Case(f"semi join {label}", ("fact", dim), f"SELECT count(*), sum(m) FROM fact LEFT SEMI JOIN {dim} ON {on}",
                     lambda pl, t, j=joined: j(pl, t, "semi").select(pl.len(), pl.col("m").sum()),
                     f"SELECT count(*), sum(m) FROM fact SEMI JOIN {dim} ON {on}"),
                Case(f"anti join {label}", ("fact", dim), f"SELECT count(*), sum(m) FROM fact LEFT ANTI JOIN {dim} ON {on}",
                     lambda pl, t, j=joined: j(pl, t, "anti").select(pl.len(), pl.col("m").sum()),
                     f"SELECT count(*), sum(m) FROM fact ANTI JOIN {dim} ON {on}"),
            ]
    return cases


def orders():
    def most(keys, columns):
        # Sums over all rows of the order but the last ten: every row is sorted and read, and no heap of a few rows will do.
        sums = ", ".join(f"sum({column})" for column in columns)
        return f"SELECT count(*), {sums} FROM (SELECT * FROM event ORDER BY {keys} LIMIT {{event_rows_less_10}})"

    def most_polars(pl, t, columns, sums, **order):
        rows = t["event"].select(columns).sort(columns, **order).with_row_index("row")
        return rows.filter(pl.col("row") < pl.len() - 10).select(pl.len(), *sums)

    window = "OVER (PARTITION BY g ORDER BY t)"
    return [
        Case("sort by int", ("event",), most("i, t", ["i", "t"]),
             lambda pl, t: most_polars(pl, t, ["i", "t"], [pl.col("i").cast(pl.Int64).sum(), pl.col("t").sum()])),
        Case("sort by string", ("event",), most("s, t", ["length(s)", "t"]),
             lambda pl, t: most_polars(pl, t, ["s", "t"], [pl.col("s").str.len_chars().sum(), pl.col("t").sum()])),
        Case("sort by three keys", ("event",), most("v, g DESC, t", ["v", "g", "t"]),
             lambda pl, t: most_polars(pl, t, ["v", "g", "t"],
                                       [pl.col("v").sum(), pl.col("g").cast(pl.Int64).sum(), pl.col("t").sum()],
                                       descending=[False, True, False])),
        Case("last rows of a sort", ("event",), "SELECT i, t FROM event ORDER BY i, t OFFSET {event_rows_less_10}",
             lambda pl, t: t["event"].select("i", "t").sort("i", "t").tail(10)),
        Case("top 100", ("event",), "SELECT i, t, s FROM event ORDER BY v DESC, t LIMIT 100",
             lambda pl, t: t["event"].sort("v", "t", descending=[True, False]).head(100).select("i", "t", "s")),
        Case("row_number", ("event",), f"SELECT count(*), sum(n) FROM (SELECT row_number() {window} AS n FROM event) WHERE n < 5",
             lambda pl, t: t["event"].sort("g", "t").select(pl.int_range(1, pl.len() + 1).over("g").alias("n"))
             .filter(pl.col("n") < 5).select(pl.len(), pl.col("n").sum())),
        Case("running sum", ("event",), f"SELECT sum(r), max(r) FROM (SELECT sum(v) {window} AS r FROM event)",
             lambda pl, t: t["event"].sort("g", "t").select(pl.col("v").cum_sum().over("g").alias("r"))
             .select(pl.col("r").sum(), pl.col("r").max().alias("h"))),
        Case("lag", ("event",), f"SELECT sum(t - b), count(b) FROM (SELECT t, lag(t) {window} AS b FROM event)",
             lambda pl, t: t["event"].sort("g", "t").select("t", pl.col("t").shift(1).over("g").alias("b"))
             .select((pl.col("t") - pl.col("b")).sum(), pl.col("b").count())),
    ]


def arrays():
    return [
        Case("explode", ("list",), "SELECT count(*), sum(e) FROM (SELECT explode(items) AS e FROM list)",
             lambda pl, t: t["list"].select(pl.col("items").explode(empty_as_null=False).alias("e"))
             .select(pl.len(), pl.col("e").sum()),
             "SELECT count(*), sum(e) FROM (SELECT unnest(items) AS e FROM list)"),
        Case("explode and regroup", ("list",),
             "SELECT count(*), sum(size(l)), max(size(l)) FROM "
             "(SELECT id, collect_list(e) AS l FROM (SELECT id, explode(items) AS e FROM list) GROUP BY id)",
             lambda pl, t: t["list"].explode("items", empty_as_null=False).group_by("id").agg(pl.col("items"))
             .select(pl.len(), pl.col("items").list.len().sum(), pl.col("items").list.len().max().alias("h")),
             "SELECT count(*), sum(len(l)), max(len(l)) FROM "
             "(SELECT id, list(e) AS l FROM (SELECT id, unnest(items) AS e FROM list) GROUP BY id)"),
    ]


def all_cases():
    return scans() + groupings() + joins() + orders() + arrays()
