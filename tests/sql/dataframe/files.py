"""Reading and writing Parquet, CSV, JSON and text: options, inference, partitions, save modes, errors."""

import os

from golden import case
from pyspark.sql import functions as F


def sales(spark):
    rows = [(1, "x", 2020, 1.5), (2, "y", 2021, None), (3, None, 2020, 2.5), (4, "a b/c=d", 2021, 4.0)]
    return spark.createDataFrame(rows, "id INT, shop STRING, year INT, v DOUBLE")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(text)
    return path


def case_parquet_round_trip(spark, folder):
    sales(spark).write.parquet(folder + "/out")
    return spark.read.parquet(folder + "/out")


def case_parquet_all_types(spark, folder):
    text = """SELECT 1Y AS a, 1S AS b, 1 AS c, 1L AS d, 1F AS e, 1D AS f, 1.50 AS g, 'x' AS h, X'00' AS i, true AS j,
              date'1500-01-01' AS l, timestamp'2020-01-01 10:00:00.123456' AS m, timestamp_ntz'1900-01-01' AS n, array(1, NULL) AS o,
              map('k', array('v')) AS p, named_struct('q', 1, 'r', NULL::string) AS s, cast(1 AS decimal(38,10)) AS t,
              INTERVAL '1' DAY AS u UNION ALL
              SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"""
    spark.sql(text).write.parquet(folder + "/out")
    return spark.read.parquet(folder + "/out")


def case_partitioned_parquet(spark, folder):
    sales(spark).write.partitionBy("year", "shop").parquet(folder + "/out")
    return spark.read.parquet(folder + "/out")


def case_partition_folders(spark, folder):
    sales(spark).write.partitionBy("year", "shop").parquet(folder + "/out")
    return sorted(os.path.relpath(path, folder) for path, _, _ in os.walk(folder + "/out"))


def case_partition_filter(spark, folder):
    sales(spark).write.partitionBy("year").parquet(folder + "/out")
    return spark.read.parquet(folder + "/out").where("year = 2020 AND id > 1").select("id", "year")


def case_partition_folder_alone(spark, folder):
    sales(spark).write.partitionBy("year").parquet(folder + "/out")
    return spark.read.option("basePath", folder + "/out").parquet(folder + "/out/year=2021")


def case_partition_types(spark, folder):
    for name in ("k=1", "k=x", "k=__HIVE_DEFAULT_PARTITION__"):
        spark.range(1).write.parquet(f"{folder}/out/{name}")
    return spark.read.parquet(folder + "/out")


def case_partition_dates(spark, folder):
    for name in ("d=2024-01-01", "d=2024-02-01"):
        spark.range(1).write.parquet(f"{folder}/out/{name}")
    return spark.read.parquet(folder + "/out")


def case_partition_all_columns(spark, folder):
    sales(spark).select("year").write.partitionBy("year").parquet(folder + "/out")


def case_partition_unknown_column(spark, folder):
    sales(spark).write.partitionBy("nope").parquet(folder + "/out")


def case_merge_schema(spark, folder):
    spark.range(1).selectExpr("id", "1 AS a").write.parquet(folder + "/out/p1")
    spark.range(1).selectExpr("id", "'x' AS b").write.parquet(folder + "/out/p2")
    return spark.read.option("mergeSchema", "true").parquet(folder + "/out/p1", folder + "/out/p2")


def case_explicit_schema(spark, folder):
    spark.range(2).selectExpr("id", "'x' AS b").write.parquet(folder + "/out")
    return spark.read.schema("b STRING, missing INT, id BIGINT").parquet(folder + "/out")


def case_save_mode_error(spark, folder):
    sales(spark).write.parquet(folder + "/out")
    sales(spark).write.parquet(folder + "/out")


def case_save_mode_ignore(spark, folder):
    spark.range(2).write.parquet(folder + "/out")
    spark.range(5).write.mode("ignore").parquet(folder + "/out")
    return spark.read.parquet(folder + "/out")


def case_save_mode_append(spark, folder):
    spark.range(2).write.parquet(folder + "/out")
    spark.range(2, 4).write.mode("append").parquet(folder + "/out")
    return spark.read.parquet(folder + "/out")


def case_save_mode_overwrite(spark, folder):
    spark.range(2).write.parquet(folder + "/out")
    spark.range(7, 9).write.mode("overwrite").parquet(folder + "/out")
    return spark.read.parquet(folder + "/out")


def case_save_mode_unknown(spark, folder):
    spark.range(2).write.mode("sometimes").parquet(folder + "/out")


@case(config={"spark.sql.sources.partitionOverwriteMode": "dynamic"})
def case_dynamic_overwrite(spark, folder):
    sales(spark).write.partitionBy("year").parquet(folder + "/out")
    sales(spark).where("id = 1").withColumn("id", F.lit(100)).write.mode("overwrite").partitionBy("year").parquet(folder + "/out")
    return spark.read.parquet(folder + "/out")


def case_number_of_files(spark, folder):
    spark.range(0, 10, 1, 3).write.parquet(folder + "/out")
    names = os.listdir(folder + "/out")
    parts = sorted(n for n in names if n.startswith("part-"))
    return [len(parts), [n[:10] for n in parts], "_SUCCESS" in names, {n.split(".", 1)[1] for n in parts} == {"snappy.parquet"}]


def case_input_file_name(spark, folder):
    spark.range(1).coalesce(1).write.parquet(folder + "/out")
    name = spark.read.parquet(folder + "/out").select(F.input_file_name()).first()[0]
    return [name.startswith("file:///"), name.endswith(".snappy.parquet")]


def case_metadata_column(spark, folder):
    write(folder, "a.csv", "1\n2\n")
    return spark.read.csv(folder + "/a.csv").select("_c0", "_metadata.file_name", "_metadata.file_size")


def case_missing_path(spark, folder):
    return spark.read.parquet(folder + "/nothing")


def case_no_files_to_infer(spark, folder):
    os.makedirs(folder + "/empty")
    return spark.read.parquet(folder + "/empty")


def case_not_a_parquet_file(spark, folder):
    write(folder, "x.parquet", "this is not parquet")
    return spark.read.parquet(folder + "/x.parquet")


def case_unknown_format(spark, folder):
    return spark.read.format("nosuch").load(folder)


def case_hidden_files(spark, folder):
    write(folder, "a.csv", "1\n")
    write(folder, "_hidden.csv", "2\n")
    write(folder, ".dot.csv", "3\n")
    return spark.read.csv(folder)


def case_glob(spark, folder):
    write(folder, "a1.csv", "1\n")
    write(folder, "a2.csv", "2\n")
    write(folder, "b1.csv", "3\n")
    return spark.read.csv(folder + "/a*.csv")


def case_recursive_and_filter(spark, folder):
    os.makedirs(folder + "/x/y")
    write(folder, "x/1.csv", "1\n")
    write(folder, "x/y/2.csv", "2\n")
    write(folder, "x/y/3.txt", "3\n")
    return spark.read.option("recursiveFileLookup", "true").option("pathGlobFilter", "*.csv").csv(folder)


def case_csv_plain(spark, folder):
    return spark.read.csv(write(folder, "a.csv", "a,b\n1,x\n2,\n\n3,\"q,\"\"r\"\"\"\n"))


def case_csv_header_and_inference(spark, folder):
    text = "i,l,d,b,s,day,t,mixed,none\n1,9999999999,1.5,true,x,2024-01-01,2024-01-01 10:00:00,1,\n2,5,2,FALSE,,2024-12-31,2024-01-01T00:00:00,x,\n"
    return spark.read.csv(write(folder, "a.csv", text), header=True, inferSchema=True)


def case_csv_infer_numbers(spark, folder):
    text = "a,b,c,d,e\n1,1.0,1e3,12345678901234567890,007\n2,3,-4,1,8\n"
    return spark.read.csv(write(folder, "a.csv", text), header=True, inferSchema=True)


def case_csv_schema_and_bad_values(spark, folder):
    path = write(folder, "a.csv", "1,x\nnope,y\n3\n4,z,extra\n")
    return spark.read.schema("id INT, s STRING").csv(path)


def case_csv_corrupt_column(spark, folder):
    path = write(folder, "a.csv", "1,x\nnope,y\n3\n")
    return spark.read.schema("id INT, s STRING, _corrupt_record STRING").csv(path)


def case_csv_drop_malformed(spark, folder):
    path = write(folder, "a.csv", "1,x\nnope,y\n3\n")
    return spark.read.schema("id INT, s STRING").option("mode", "DROPMALFORMED").csv(path)


def case_csv_fail_fast(spark, folder):
    path = write(folder, "a.csv", "1,x\nnope,y\n")
    return spark.read.schema("id INT, s STRING").option("mode", "FAILFAST").csv(path)


def case_csv_options(spark, folder):
    path = write(folder, "a.csv", "# comment\nid;name;when\n1; 'a;b' ;31/12/2024\n2;NA;01/01/2024\n")
    reader = spark.read.options(header=True, sep=";", quote="'", comment="#", nullValue="NA", dateFormat="dd/MM/yyyy")
    return reader.option("ignoreLeadingWhiteSpace", True).option("ignoreTrailingWhiteSpace", True).schema("id INT, name STRING, when DATE").csv(path)


def case_csv_multi_line(spark, folder):
    return spark.read.csv(write(folder, "a.csv", 'a,b\n1,"two\nlines"\n'), header=True, multiLine=True)


def case_csv_carriage_returns(spark, folder):
    return spark.read.csv(write(folder, "a.csv", "a,b\r\n1,x\r\n2,y\r\n"), header=True)


def case_csv_escapes(spark, folder):
    return spark.read.csv(write(folder, "a.csv", '"a\\"b",c\n"x""y",z\n'), escape="\\")


def case_csv_duplicate_header(spark, folder):
    return spark.read.csv(write(folder, "a.csv", "a,a,,A\n1,2,3,4\n"), header=True)


def case_csv_empty_file(spark, folder):
    return spark.read.csv(write(folder, "a.csv", ""), header=True)


def case_csv_write_text(spark, folder):
    rows = [(1, 'quote " and, comma', 1.0, None), (2, "", 1e10, True), (3, " padded ", float("nan"), False)]
    spark.createDataFrame(rows, "a INT, b STRING, c DOUBLE, d BOOLEAN").coalesce(1).write.csv(folder + "/out", header=True)
    return spark.read.text(folder + "/out")


def case_csv_write_options(spark, folder):
    df = spark.sql("SELECT 1 AS a, 'x|y' AS b, NULL::string AS c, date'2024-01-02' AS d, timestamp'2024-01-02 03:04:05' AS t")
    df.write.options(sep="|", nullValue="NULL", dateFormat="dd.MM.yyyy", quoteAll=True, header=True).csv(folder + "/out")
    return spark.read.text(folder + "/out")


def case_csv_write_nested(spark, folder):
    spark.sql("SELECT array(1) AS a").write.csv(folder + "/out")


def case_csv_compression(spark, folder):
    spark.range(3).coalesce(1).write.option("compression", "gzip").csv(folder + "/out")
    names = [n for n in os.listdir(folder + "/out") if n.endswith(".csv.gz")]
    return [len(names), sorted(r[0] for r in spark.read.csv(folder + "/out").collect())]


def case_json_inference(spark, folder):
    text = '{"a": 1, "b": "x", "c": [1, 2.5], "d": {"e": null, "f": true}}\n{"a": 2.5, "g": "2024-01-01"}\n{"a": null}\n'
    return spark.read.json(write(folder, "a.json", text))


def case_json_inference_conflicts(spark, folder):
    text = '{"a": 1, "b": [1], "c": {"x": 1}, "d": 1, "e": []}\n{"a": "s", "b": ["s"], "c": {"y": 2}, "d": {"z": 1}, "e": null}\n'
    return spark.read.json(write(folder, "a.json", text))


def case_json_schema(spark, folder):
    text = '{"a": "5", "b": 1.9, "c": "x"}\n{"a": 7, "b": "bad", "c": {"k": 1}}\n'
    return spark.read.schema("a INT, b INT, c STRING").json(write(folder, "a.json", text))


def case_json_corrupt(spark, folder):
    return spark.read.json(write(folder, "a.json", '{"a": 1}\n{bad\n{"a": 2}\n'))


def case_json_fail_fast(spark, folder):
    return spark.read.option("mode", "FAILFAST").schema("a INT").json(write(folder, "a.json", '{"a": 1}\n{bad\n'))


def case_json_multi_line(spark, folder):
    return spark.read.json(write(folder, "a.json", '[\n {"a": 1},\n {"a": 2}\n]\n'), multiLine=True)


def case_json_single_quotes(spark, folder):
    return spark.read.json(write(folder, "a.json", "{'a': 1, \"b\": 'x'}\n"))


def case_json_primitives_as_strings(spark, folder):
    return spark.read.json(write(folder, "a.json", '{"a": 1, "b": 1.50, "c": true}\n'), primitivesAsString=True)


def case_json_of_strings(spark):
    return spark.createDataFrame([('{"a": 1}',), ('{"b": [true]}',)], ["v"]).select(F.from_json("v", "a INT, b ARRAY<BOOLEAN>"))


def case_json_write_text(spark, folder):
    df = spark.sql("""SELECT 1 AS a, NULL::int AS b, named_struct('x', 1.5D, 'y', array('q', NULL)) AS c, map('k', date'2024-01-01') AS d,
                   timestamp'2024-01-01 10:00:00.5' AS t, 1.50 AS m""")
    df.write.json(folder + "/out")
    return spark.read.text(folder + "/out")


def case_text(spark, folder):
    return spark.read.text(write(folder, "a.txt", "one\n\ntwo  \r\nthrée"))


def case_text_whole(spark, folder):
    return spark.read.text(write(folder, "a.txt", "one\ntwo\n"), wholetext=True)


def case_text_separator(spark, folder):
    return spark.read.text(write(folder, "a.txt", "one;two;"), lineSep=";")


def case_text_write(spark, folder):
    spark.createDataFrame([("a",), ("b",)], ["value"]).coalesce(1).write.text(folder + "/out")
    return spark.read.text(folder + "/out")


def case_text_write_two_columns(spark, folder):
    spark.createDataFrame([("a", "b")], ["x", "y"]).write.text(folder + "/out")


def case_binary_file(spark, folder):
    path = write(folder, "a.bin", "abc")
    return spark.read.format("binaryFile").load(path).select("length", "content")


def case_orc_round_trip(spark, folder):
    sales(spark).write.orc(folder + "/out")
    return spark.read.orc(folder + "/out")


def case_format_and_load(spark, folder):
    sales(spark).write.format("json").mode("overwrite").save(folder + "/out")
    return spark.read.format("json").schema("id INT, shop STRING").load(folder + "/out")


def case_default_format(spark, folder):
    spark.range(2).write.save(folder + "/out")
    return spark.read.load(folder + "/out")


def case_write_duplicate_columns(spark, folder):
    spark.sql("SELECT 1 AS a, 2 AS A").write.parquet(folder + "/out")


def case_write_void(spark, folder):
    spark.sql("SELECT NULL AS a").write.parquet(folder + "/out")


def case_max_records_per_file(spark, folder):
    spark.range(0, 10, 1, 1).write.option("maxRecordsPerFile", 4).parquet(folder + "/out")
    return len([n for n in os.listdir(folder + "/out") if n.startswith("part-")])


def case_sort_within_partitions(spark, folder):
    spark.range(0, 10, 1, 2).repartition(1).sortWithinPartitions(F.desc("id")).write.csv(folder + "/out")
    return [r.value for r in spark.read.text(folder + "/out").collect()]
