"""Error conditions that only the DataFrame API, or files, bring about: one case at least for each."""

from pathlib import Path

from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.window import Window


def people(spark):
    return spark.createDataFrame([(1, "ann"), (2, "bob")], "id INT, name STRING")


def case_no_such_catalog(spark):
    return spark.catalog.setCurrentCatalog("nowhere")


def case_empty_statement(spark):
    return spark.sql("")


def case_comment_alone(spark):
    return spark.sql("-- nothing")


def case_attribute_name(spark):
    return people(spark).select(F.col("na`me"))


def case_attribute_name_dots(spark):
    return people(spark).select(F.col("a..b"))


def case_drop_all_fields(spark):
    return people(spark).select(F.struct("id").alias("s")).select(F.col("s").dropFields("id"))


def case_pivot_by_map(spark):
    frame = people(spark).select("id", F.create_map("id", "name").alias("m"))
    return frame.groupBy("id").pivot("m", [1]).count()


def case_to_schema(spark):
    return people(spark).to(T.StructType([T.StructField("name", T.ArrayType(T.IntegerType()))]))


def case_hint_without_partitions(spark):
    return people(spark).hint("repartition", 0)


def case_hint_coalesce_zero(spark):
    return people(spark).hint("coalesce", 0)


def case_unpivot_nothing(spark):
    return people(spark).unpivot(["id", "name"], [], "what", "value")


def case_unpivot_all(spark):
    return people(spark).select("id").unpivot(["id"], None, "what", "value")


def case_observe_distinct(spark):
    return people(spark).observe("m", F.count_distinct("id").alias("n"))


def case_observe_filter(spark):
    return people(spark).observe("m", F.expr("sum(id) FILTER (WHERE id > 1)").alias("n"))


def case_observe_window(spark):
    return people(spark).observe("m", F.sum("id").over(Window.orderBy("id")).alias("n"))


def case_view_name_of_parts(spark):
    return people(spark).createTempView("a.b")


def case_schema_text(spark):
    return spark.createDataFrame([(1,)], "a DECIMAL(2, 5)")


def case_partition_by_array(spark, folder):
    return people(spark).select("id", F.array("id").alias("xs")).write.partitionBy("xs").parquet(str(Path(folder) / "out"))


def case_read_other_type(spark, folder):
    people(spark).coalesce(1).write.parquet(str(Path(folder) / "people"))
    [file] = Path(folder, "people").glob("*.parquet")
    file.rename(Path(folder) / "people.parquet")
    return spark.read.schema("name INT").parquet(str(Path(folder) / "people.parquet"))


def case_merge_schemas(spark, folder):
    people(spark).select("id").write.parquet(str(Path(folder) / "t" / "k=1"))
    people(spark).select(F.array("id").alias("id")).write.parquet(str(Path(folder) / "t" / "k=2"))
    return spark.read.option("mergeSchema", "true").parquet(str(Path(folder) / "t"))


def text_files(folder, *names):
    for name in names:
        path = Path(folder) / "t" / name
        path.mkdir(parents=True)
        (path / "data.txt").write_text("a\n")
    return str(Path(folder) / "t")


def case_partition_bases(spark, folder):
    return spark.read.text(text_files(folder, "a/k=1", "b/k=2"))


def case_partition_names(spark, folder):
    return spark.read.text(text_files(folder, "k=1", "j=2"))


def case_partition_without_name(spark, folder):
    return spark.read.text(text_files(folder, "=1"))


def case_partition_without_value(spark, folder):
    return spark.read.text(text_files(folder, "k="))


def read_csv(spark, folder, **options):
    path = Path(folder) / "t.csv"
    path.write_text("1,2\n3,4\n")
    return spark.read.schema("a INT, b INT").options(**options).csv(str(path))


def case_csv_empty_separator(spark, folder):
    return read_csv(spark, folder, sep="")


def case_csv_backslash_separator(spark, folder):
    return read_csv(spark, folder, sep="\\")


def case_csv_unknown_escape(spark, folder):
    return read_csv(spark, folder, sep="\\x")


def case_csv_long_quote(spark, folder):
    return read_csv(spark, folder, quote="ab")


def case_csv_most_columns(spark, folder):
    return read_csv(spark, folder, maxColumns="many")


def case_csv_bad_flag(spark, folder):
    return read_csv(spark, folder, header="perhaps")


def case_csv_too_many_columns(spark, folder):
    return read_csv(spark, folder, maxColumns="1")


def case_csv_too_many_characters(spark, folder):
    path = Path(folder) / "long.csv"
    path.write_text("x" * 50 + "\n")
    return spark.read.schema("a STRING").option("maxCharsPerColumn", 10).csv(str(path))


def case_json_negative_scale(spark, folder):
    path = Path(folder) / "t.json"
    path.write_text('{"a": 1e10}\n')
    return spark.read.option("prefersDecimal", "true").json(str(path))


def case_write_below_a_file(spark, folder):
    (Path(folder) / "file").write_text("a")
    return people(spark).write.parquet(str(Path(folder) / "file" / "below"))
