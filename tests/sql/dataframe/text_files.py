"""JSON, CSV and text files in detail: what a reader makes of malformed records, inference, options, what is written."""

import bz2
import gzip
import os


def sales(spark):
    rows = [(1, "x", 2020, 1.5), (2, "y", 2021, None), (3, None, 2020, 2.5), (4, "a b/c=d", 2021, 4.0)]
    return spark.createDataFrame(rows, "id INT, shop STRING, year INT, v DOUBLE")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(text)
    return path


def json_file(spark, folder, text, schema=None, **options):
    reader = spark.read.options(**options)
    if schema is not None:
        reader = reader.schema(schema)
    return reader.json(write(folder, "a.json", text))


CORRUPT = ", _corrupt_record STRING"


def case_json_malformed_values(spark, folder):
    text = '{"a": bad, "b": 1}\n{"b": 1, "n": {"x": bad}, "a": 1}\n{"b": 1, "n": {"m": {"x": bad}, "x": 1}, "a": 1}\n{"b": 2\n'
    return json_file(spark, folder, text, "a INT, b INT, n STRUCT<x: INT, m: STRUCT<x: INT>>" + CORRUPT)


def case_json_wrong_elements(spark, folder):
    text = '{"a": [1, "x", {"b": 7}], "b": 5}\n{"a": [1, bad, 2], "b": 3}\n{"a": [1}\n{"a": [1, null], "b": "y"}\n'
    return json_file(spark, folder, text, "a ARRAY<INT>, b INT" + CORRUPT)


def case_json_wrong_nested(spark, folder):
    text = '{"a": [{"x": 1}, {"x": "q"}, 5], "m": {"k": {"x": "q"}, "l": {"x": 3}}, "b": 5}\n{"a": [{"x": 1}, {"x": "q"}], "m": {"k": 1}}\n'
    return json_file(spark, folder, text, "a ARRAY<STRUCT<x: INT>>, m MAP<STRING, STRUCT<x: INT>>, b INT" + CORRUPT)


def case_json_wrong_map(spark, folder):
    text = '{"m": {"k": "bad", "b": 3}, "b": 5}\n{"m": {"k": 1, "k": 2}, "b": 5}\n{"m": {"k": bad}, "b": 5}\n'
    return json_file(spark, folder, text, "m MAP<STRING, INT>, b INT" + CORRUPT)


def case_json_records_that_are_no_objects(spark, folder):
    text = '[{"a":1},{"a":"x"},{"a":3}]\n{"a":2}TRAILER\n5\nnull\n"x"\n[1]\n[]\n{}\n[null]\n[{"a":1},{"a":bad}]\n\n  \n'
    return json_file(spark, folder, text, "a INT" + CORRUPT)


def case_json_doubles(spark, folder):
    text = "".join('{"a":%s}\n' % value for value in (
        "NaN", "Infinity", "-INF", "+INF", "INF", '"INF"', '"NaN"', '"+INF"', "1e400", "01", "-Infinity", '"1.5"', '""', "1E-3", "-0.0"))
    return json_file(spark, folder, text, "a DOUBLE" + CORRUPT)


def case_json_numbers_out_of_range(spark, folder):
    text = '{"a":200,"b":40000,"c":3000000000,"d":1}\n{"a":-128,"b":1,"c":1,"d":99999999999999999999}\n{"a":256,"b":1.0,"c":1e2,"d":1}\n'
    return json_file(spark, folder, text, "a BYTE, b SHORT, c INT, d LONG" + CORRUPT)


def case_json_values_as_strings(spark, folder):
    text = "".join('{"a":%s}\n' % value for value in (
        "NaN", "1e5", "1.50", "[1, 2 ]", "true", r'"x\ty\u00e9\ud83d\ude00\ud800z"', '"x\ty"', r'"\'"', r'"\q"', '{"b":  1.50}'))
    return json_file(spark, folder, text, "a STRING" + CORRUPT)


def case_json_values_as_strings_with_encoding(spark, folder):
    text = "".join('{"a":%s}\n' % value for value in ("NaN", "1e5", "1.50", "[1, 2 ]", r'{"b":  1.50, "c":"\u00e9/"}', "-0"))
    return json_file(spark, folder, text, "a STRING" + CORRUPT, encoding="UTF-8")


def case_json_decimals(spark, folder):
    text = "".join('{"a":%s}\n' % value for value in ("1.255", '"1,234.5"', "123456789", "1e2", '" 1"', "NaN", '"x"', '"1e1"'))
    return json_file(spark, folder, text, "a DECIMAL(6,2)" + CORRUPT)


def case_json_dates(spark, folder):
    values = ("2020-01-02", "2020-01-02T10:00:00", "123", "", "2020-1-2", "x", "2020", " 2020-01-02 ")
    text = "".join('{"a":"%s"}\n' % value for value in values) + '{"a":18000}\n'
    return json_file(spark, folder, text, "a DATE" + CORRUPT)


def case_json_timestamps(spark, folder):
    values = ('"2020-01-02"', '"2020-01-02T10:00:00.123456"', "123", "1.5", '"2020-01-02 10:00:00+02:00"', '"x"')
    text = "".join('{"a":%s,"b":%s}\n' % (value, value) for value in values)
    return json_file(spark, folder, text, "a TIMESTAMP, b TIMESTAMP_NTZ" + CORRUPT)


def case_json_formats(spark, folder):
    text = '{"a":"02/01/2020 10:00","d":"02.01.2020"}\n{"a":"2020-01-02 10:00:00","d":"2020-01-02"}\n{"a":5,"d":"x"}\n'
    options = {"timestampFormat": "dd/MM/yyyy HH:mm", "dateFormat": "dd.MM.yyyy"}
    return json_file(spark, folder, text, "a TIMESTAMP, d DATE" + CORRUPT, **options)


def case_json_binary(spark, folder):
    text = "".join('{"a":%s}\n' % value for value in ('"Andy"', '"QUI="', '"QUI"', '"!!"', '""', "1", '"QU I="'))
    return json_file(spark, folder, text, "a BINARY" + CORRUPT)


def case_json_same_name_twice(spark, folder):
    return json_file(spark, folder, '{"a":1,"a":2}\n{"a":1,"a":"x"}\n', "a INT" + CORRUPT)


def case_json_infer_same_name_twice(spark, folder):
    return json_file(spark, folder, '{"a":1,"a":2}\n')


def case_json_infer_names_by_case(spark, folder):
    return json_file(spark, folder, '{"a":1,"A":2}\n')


def case_json_struct_of_other_values(spark, folder):
    text = '{"a":5,"b":1}\n{"a":[1],"b":2}\n{"a":"","b":2}\n{"a":{"x":"1","y":2},"b":3}\n'
    return json_file(spark, folder, text, "a STRUCT<x: INT, y: INT>, b INT" + CORRUPT)


def case_json_infer_numbers(spark, folder):
    text = '{"a":12345678901234567890,"b":1.5,"i":1e400,"j":123456789012345678901234567890123456789012}\n{"a":1.5,"b":1}\n'
    return json_file(spark, folder, text)


def case_json_infer_decimals(spark, folder):
    return json_file(spark, folder, '{"a":12345678901234567890,"b":"1.50","c":0.001}\n{"a":1}\n{"a":1.5}\n', prefersDecimal=True)


def case_json_infer_timestamps(spark, folder):
    return json_file(spark, folder, '{"c":"2020-01-01T00:00:00","d":"2020-01-01","e":"x"}\n', inferTimestamp=True)


def case_json_infer_nothing_but_null(spark, folder):
    text = '{"c":null,"d":[],"e":[null],"f":{},"g":{"x":null},"h":"","i":1}\n'
    return json_file(spark, folder, text, dropFieldIfAllNull=True)


def case_json_infer_conflicts_in_nested(spark, folder):
    text = '{"a":{"x":1},"b":[{"x":1}],"c":[1,"x",true]}\n{"a":[1],"b":[{"y":1.5}],"c":[]}\n{"a":null,"b":{}}\n'
    return json_file(spark, folder, text)


def case_json_infer_other_records(spark, folder):
    return json_file(spark, folder, '[{"a":1},{"a":"x"}]\n5\nnull\n[]\n{"a":2}\n')


def case_json_infer_drop_malformed(spark, folder):
    return json_file(spark, folder, '{bad\n{"a":1}\n', mode="DROPMALFORMED")


def case_json_infer_fail_fast(spark, folder):
    return json_file(spark, folder, '{bad\n{"a":1}\n', mode="FAILFAST")


def case_json_infer_fail_fast_number(spark, folder):
    return json_file(spark, folder, '{"a":1}\n5\n', mode="FAILFAST")


def case_json_infer_sample(spark, folder):
    text = "".join('{"a":%d,"%s":1}\n' % (i, "x" * (i % 7 + 1)) for i in range(20))
    return json_file(spark, folder, text, samplingRatio=0.2)


def case_json_infer_only_malformed(spark, folder):
    return json_file(spark, folder, "{bad\n")


def case_json_name_of_corrupt_column(spark, folder):
    return json_file(spark, folder, '{bad\n{"a":1}\n', columnNameOfCorruptRecord="oops")


def case_json_corrupt_column_alone(spark, folder):
    return json_file(spark, folder, "{bad\n", "a INT" + CORRUPT).select("_corrupt_record")


def case_json_corrupt_column_type(spark, folder):
    return json_file(spark, folder, "{bad\n", "a INT, _corrupt_record INT")


def case_json_drop_malformed(spark, folder):
    return json_file(spark, folder, '{"a":1}\n{"a":"x"}\n{bad\n', "a INT", mode="DROPMALFORMED")


def case_json_count(spark, folder):
    return json_file(spark, folder, '{"a":1}\n{"a":"x"}\n{bad\n\n', "a INT").groupBy().count()


def case_json_count_drop_malformed(spark, folder):
    return json_file(spark, folder, '{"a":1}\n{"a":"x"}\n{bad\n', "a INT", mode="DROPMALFORMED").groupBy().count()


def case_json_line_separator(spark, folder):
    return json_file(spark, folder, '{"a":1};{"a":2};', lineSep=";")


def case_json_multi_line_objects(spark, folder):
    return json_file(spark, folder, ' {"a":\n1, "s": {"k" : [1,\n 2]}}\n{"a":2}', "a INT, s STRING", multiLine=True)


def case_json_multi_line_malformed(spark, folder):
    return json_file(spark, folder, '{"a":bad}\nrest\n', "a INT" + CORRUPT, multiLine=True)


def case_json_liberties(spark, folder):
    text = '{a:1}\n{/*x*/"a":2}\n{"a":03}\n{"a":"\\q"}\n{"a":"\t"}\n{"a":NaN}\n{\'a\':1}\n'
    options = {"allowUnquotedFieldNames": True, "allowComments": True, "allowNumericLeadingZeros": True,
               "allowBackslashEscapingAnyCharacter": True, "allowUnquotedControlChars": True, "allowNonNumericNumbers": False,
               "allowSingleQuotes": False}
    return json_file(spark, folder, text, "a STRING" + CORRUPT, **options)


def case_json_latin(spark, folder):
    path = os.path.join(folder, "a.json")
    with open(path, "wb") as out:
        out.write('{"a":"é"}\n'.encode("latin-1"))
    return spark.read.option("encoding", "ISO-8859-1").option("lineSep", "\n").json(path)


def case_json_not_utf8(spark, folder):
    path = os.path.join(folder, "a.json")
    with open(path, "wb") as out:
        out.write(b'{"a":"x\xffy","b":1}\n{"a":"ok","b":2}\n')
    return spark.read.json(path).selectExpr("a", "b", "_corrupt_record IS NULL AS good")


def case_json_empty_file(spark, folder):
    return json_file(spark, folder, "")


def case_json_char_schema(spark, folder):
    return json_file(spark, folder, "{}", "a CHAR(3)")


def case_json_interval_schema(spark, folder):
    return json_file(spark, folder, "{}", "a INTERVAL")


def case_json_unknown_encoding(spark, folder):
    return json_file(spark, folder, "{}", "a INT", encoding="windows-1252")


def case_json_partitioned(spark, folder):
    sales(spark).write.partitionBy("year").json(folder + "/out")
    return spark.read.json(folder + "/out")


def case_json_write_types(spark, folder):
    df = spark.sql(r"""SELECT 1Y a, 1.5F b, 1e10D c, double('NaN') d, double('-Infinity') e, cast(1e-7 AS decimal(10,8)) f, X'0102ff' g,
                   true h, date'-0001-01-02' i, timestamp'2020-01-01 10:00:00.123456' j, timestamp_ntz'2020-01-01 10:00:00.123456' k,
                   INTERVAL '1-2' YEAR TO MONTH l, INTERVAL '1 02:03:04.5' DAY TO SECOND m, 'é"\\/\n\t' n, array() q,
                   map(date'2020-01-01', 1) r, map(1.50, 'x') s, map(timestamp'2020-01-01 10:00:00', NULL) t, float(1e-5) v, '' w,
                   map(true, 1) z""")
    df.write.json(folder + "/out")
    return spark.read.text(folder + "/out")


def case_json_write_nulls(spark, folder):
    df = spark.sql("SELECT NULL a, named_struct('x', NULL, 'y', array(NULL, 1)) b, cast(NULL AS string) c")
    df.write.option("ignoreNullFields", False).json(folder + "/out")
    return spark.read.text(folder + "/out")


def case_json_write_formats(spark, folder):
    df = spark.sql("SELECT date'2020-01-02' a, timestamp'2020-01-02 03:04:05' b, timestamp_ntz'2020-01-02 03:04:05' c, 'é😀' d")
    options = {"dateFormat": "dd.MM.yyyy", "timestampFormat": "HH:mm", "timestampNTZFormat": "HH", "timeZone": "Asia/Tokyo",
               "writeNonAsciiCharacterAsCodePoint": True}
    df.write.options(**options).json(folder + "/out")
    return spark.read.text(folder + "/out")


def case_json_write_compressed(spark, folder):
    spark.range(3).coalesce(1).write.option("compression", "gzip").json(folder + "/out")
    names = [n for n in os.listdir(folder + "/out") if n.endswith("-c000.json.gz")]
    return [len(names), sorted(r.id for r in spark.read.json(folder + "/out").collect())]


def case_json_write_unknown_compression(spark, folder):
    spark.range(3).write.option("compression", "zstd").json(folder + "/out")


def case_json_write_no_columns(spark, folder):
    spark.range(1).select().write.json(folder + "/out")


def csv_file(spark, folder, text, schema=None, **options):
    reader = spark.read.options(**options)
    if schema is not None:
        reader = reader.schema(schema)
    return reader.csv(write(folder, "a.csv", text))


def case_csv_formats(spark, folder):
    text = "02.01.2020,2020-01-02 10:00,10\n2020-01-02,x,\n"
    options = {"dateFormat": "dd.MM.yyyy", "timestampFormat": "yyyy-MM-dd HH:mm", "timestampNTZFormat": "HH"}
    return csv_file(spark, folder, text, "a DATE, b TIMESTAMP, c TIMESTAMP_NTZ" + CORRUPT, **options)


def case_csv_infer_with_formats(spark, folder):
    text = "02.01.2020,2020-01-02 10:00,02.01.2020,2020-01-02\n03.01.2020,2020-01-02 10:01,2020-01-02,2020-01-02 10:00\n"
    return csv_file(spark, folder, text, inferSchema=True, dateFormat="dd.MM.yyyy", timestampFormat="yyyy-MM-dd HH:mm")


def case_csv_infer_dates_and_timestamps(spark, folder):
    return csv_file(spark, folder, "2020-01-02\n2020-01-02 10:00\n", inferSchema=True)


def case_csv_infer_sample(spark, folder):
    text = "".join(f"{i},{'x' if i % 5 == 3 else i}\n" for i in range(20))
    return csv_file(spark, folder, text, inferSchema=True, samplingRatio=0.2)


def case_csv_header_by_place(spark, folder):
    return csv_file(spark, folder, "a,b\n1,2\n", "a INT, y INT", header=True)


def case_csv_header_must_match(spark, folder):
    return csv_file(spark, folder, "a,b\n1,2\n", "x INT, y INT", header=True, enforceSchema=False)


def case_csv_header_matches(spark, folder):
    return csv_file(spark, folder, "A,b\n1,2\n", "a INT, b INT", header=True, enforceSchema=False)


def case_csv_too_many_columns(spark, folder):
    return csv_file(spark, folder, "1,2,3\n4,5,6\n", "a INT, b INT", maxColumns=2)


QUOTES = '1,"a"b,c\n2,"x""y,z\n3,"q,""r"""\n4,"open\n5,"e"f"g",h"i\n'


def case_csv_quotes_stop_at_delimiter(spark, folder):
    return csv_file(spark, folder, QUOTES, "a STRING, b STRING, c STRING" + CORRUPT)


def case_csv_quotes_stop_at_closing_quote(spark, folder):
    schema = "a STRING, b STRING, c STRING" + CORRUPT
    return csv_file(spark, folder, QUOTES, schema, unescapedQuoteHandling="STOP_AT_CLOSING_QUOTE")


def case_csv_quotes_skip_value(spark, folder):
    return csv_file(spark, folder, QUOTES, "a STRING, b STRING, c STRING" + CORRUPT, unescapedQuoteHandling="SKIP_VALUE")


def case_csv_latin(spark, folder):
    path = os.path.join(folder, "a.csv")
    with open(path, "wb") as out:
        out.write("é,b\n".encode("latin-1"))
    return spark.read.option("encoding", "ISO-8859-1").csv(path)


def case_csv_intervals(spark, folder):
    return csv_file(spark, folder, "1\nINTERVAL '5' DAY\n", "a INTERVAL DAY")


def case_csv_only_a_header(spark, folder):
    return csv_file(spark, folder, "a,b\n", header=True)


def case_csv_only_blank_lines(spark, folder):
    return csv_file(spark, folder, "\n\n", header=True)


def case_csv_write_void(spark, folder):
    spark.sql("SELECT NULL AS a").write.csv(folder + "/out")


def case_text_mark_and_bytes(spark, folder):
    write(folder, "a.txt", "\ufeffone\n")
    return spark.read.text(folder + "/a.txt")


def case_text_partitioned(spark, folder):
    sales(spark).select("shop", "year").write.partitionBy("year").text(folder + "/out")
    return spark.read.text(folder + "/out")


def case_text_write_numbers(spark, folder):
    spark.range(2).write.text(folder + "/out")


def case_text_write_nulls(spark, folder):
    spark.sql("SELECT cast(NULL AS string) AS s UNION ALL SELECT 'x'").coalesce(1).write.option("lineSep", "|").text(folder + "/out")
    return spark.read.text(folder + "/out")


def case_text_empty_file(spark, folder):
    return spark.read.text(write(folder, "a.txt", ""), wholetext=True)


def case_overwrite_partitions_with_fewer(spark, folder):
    sales(spark).write.partitionBy("year").parquet(folder + "/out")
    sales(spark).where("year = 2020").write.mode("overwrite").partitionBy("year").parquet(folder + "/out")
    return sorted(os.path.relpath(path, folder) for path, _, _ in os.walk(folder + "/out"))


def case_overwrite_a_file(spark, folder):
    write(folder, "out", "text")
    spark.range(2).write.mode("overwrite").json(folder + "/out")
    return spark.read.json(folder + "/out")


def case_json_deflate(spark, folder):
    spark.range(3).coalesce(1).write.option("compression", "deflate").json(folder + "/out")
    names = [n for n in os.listdir(folder + "/out") if n.endswith("-c000.json.deflate")]
    return [len(names), sorted(r.id for r in spark.read.json(folder + "/out").collect())]


def binary(folder, name, data):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)
    return os.path.join(folder, name)


LINES = b"".join(b'{"a":%d}\n' % i for i in range(1000))


def case_json_bzip2(spark, folder):
    return spark.read.json(binary(folder, "a.json.bz2", bz2.compress(LINES))).groupBy().sum("a")


def case_json_gzip_twice(spark, folder):
    return spark.read.json(binary(folder, "a.json.gz", gzip.compress(LINES) * 2)).groupBy().sum("a")


def case_json_gzip_cut_off(spark, folder):
    return spark.read.schema("a INT").json(binary(folder, "a.json.gz", gzip.compress(LINES)[:-4])).groupBy().sum("a")


def case_json_gzip_is_none(spark, folder):
    return spark.read.schema("a INT").json(binary(folder, "a.json.gz", LINES)).groupBy().sum("a")


def case_json_zero_bytes(spark, folder):
    return spark.read.json(binary(folder, "a.json", b'{"a":1}\0\n\0\n{"a":2}\n'))


def case_json_too_deep(spark, folder):
    reader = spark.read.schema("a STRING" + CORRUPT)
    return reader.json(binary(folder, "a.json", b'{"a":' + b"[" * 2000 + b"\n")).selectExpr("a", "length(_corrupt_record)")


def case_input_file_block(spark, folder):
    path = binary(folder, "a b.json", b'{"a":1}\n')
    row = spark.read.json(path).selectExpr("input_file_name()", "input_file_block_start()", "input_file_block_length()").first()
    return [row[0].endswith("/a%20b.json"), row[1], row[2]]
