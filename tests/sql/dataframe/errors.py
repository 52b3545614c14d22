"""Errors that DataFrame programs meet: class, condition, parameters, the fragment of the query context."""

from pyspark.sql import functions as F
from pyspark.sql import types as T


def people(spark):
    return spark.createDataFrame([(1, "ann", 30), (2, "bob", None)], "id INT, name STRING, age INT")


def case_missing_column(spark):
    return people(spark).select("nmae")


def case_missing_column_object(spark):
    return people(spark).select(F.col("agee") + 1)


def case_missing_attribute(spark):
    return people(spark).nope


def case_missing_item(spark):
    return people(spark).select(people(spark)["nope"])


def case_missing_in_filter(spark):
    return people(spark).filter("salary > 5")


def case_missing_in_sort(spark):
    return people(spark).orderBy("salary")


def case_missing_in_group(spark):
    return people(spark).groupBy("team").count()


def case_missing_in_agg(spark):
    return people(spark).groupBy("id").agg(F.sum("salary"))


def case_missing_struct_field(spark):
    return people(spark).select(F.struct("id").alias("s")).select("s.nope")


def case_missing_table(spark):
    return spark.table("nope")


def case_parse_error_in_expr(spark):
    return people(spark).selectExpr("id +")


def case_parse_error_in_filter(spark):
    return people(spark).filter("id = = 1")


def case_parse_error_in_schema(spark):
    return spark.createDataFrame([(1,)], "a NOTATYPE")


def case_divide_by_zero(spark):
    return people(spark).select(F.col("id") / (F.col("id") - 1))


def case_cast_invalid(spark):
    return people(spark).select(F.col("name").cast("int"))


def case_cast_mismatch(spark):
    return people(spark).select(F.col("name").cast(T.ArrayType(T.IntegerType())))


def case_add_boolean(spark):
    return people(spark).select(F.col("id") + F.lit(True))


def case_filter_not_boolean(spark):
    return people(spark).filter(F.col("id") + 1)


def case_overflow(spark):
    return people(spark).select(F.lit(2147483647) + F.col("id"))


def case_array_index(spark):
    return spark.sql("SELECT array(1, 2) AS xs").select(F.col("xs")[5])


def case_wrong_arguments(spark):
    return people(spark).select(F.expr("substring(name)"))


def case_unknown_function(spark):
    return people(spark).select(F.call_function("nosuch", "id"))


def case_aggregate_in_where(spark):
    return people(spark).filter(F.sum("id") > 1)


def case_not_grouped(spark):
    return people(spark).groupBy("id").agg(F.col("name"))


def case_window_in_where(spark):
    from pyspark.sql import Window

    return people(spark).filter(F.row_number().over(Window.orderBy("id")) == 1)


def case_two_generators(spark):
    return people(spark).select(F.explode(F.array(F.lit(1))), F.explode(F.array(F.lit(2))))


def case_column_of_other_frame(spark):
    return people(spark).select(spark.range(3).id)


def case_bool_of_column(spark):
    return bool(people(spark).id == 1)


def case_raise_error(spark):
    return people(spark).select(F.raise_error(F.lit("boom")))


def case_negative_limit(spark):
    return people(spark).limit(-1)


def case_bad_sample(spark):
    return people(spark).sample(-0.5)


def case_unknown_configuration_value(spark):
    spark.conf.set("spark.sql.shuffle.partitions", "many")


def case_static_configuration(spark):
    spark.conf.set("spark.sql.warehouse.dir", "x")


def case_configuration_without_value(spark):
    return spark.conf.get("spark.golden.no.such.key")


def case_rdd(spark):
    return people(spark).rdd


def case_session_lives_on(spark):
    try:
        people(spark).select("nope").collect()
    except Exception:
        pass
    return people(spark)


def case_with_column_of_aggregate(spark):
    return people(spark).withColumn("s", F.sum("id"))


def case_duplicate_with_columns(spark):
    return people(spark).withColumns({"a": F.lit(1), "A": F.lit(2)})


def case_pivot_too_many(spark):
    spark.conf.set("spark.sql.pivotMaxValues", "2")
    try:
        return spark.range(5).groupBy().pivot("id").count().collect()
    finally:
        spark.conf.unset("spark.sql.pivotMaxValues")


def case_join_condition_not_boolean(spark):
    a, b = people(spark), people(spark)
    return a.join(b, a.id + b.id)


def case_to_date_in_ansi(spark):
    return people(spark).select(F.to_date("name"))


def case_strict_schema_to(spark):
    return people(spark).to(T.StructType.fromDDL("id STRING NOT NULL, zzz INT NOT NULL"))
