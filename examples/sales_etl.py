"""Sales ETL: orders, customers and products become a daily summary with revenue tiers.

usage: sales_etl.py [FOLDER]        (default: out/sales)

Writes three small Parquet inputs first, dirty on purpose: an order without a date, refunds,
orders delivered twice, a product nobody knows.
"""

import os
import sys
from datetime import date, timedelta

from pyspark.sql import SparkSession
from pyspark.sql.functions import avg, col, count, count_distinct, sum, when

CATEGORIES = ("books", "garden", "toys", "tools")


def write_inputs(spark, folder):
    first_day = date(2026, 3, 1)
    orders = [
        (
            number,
            number * 7 % 40,
            number * 11 % 25,
            None if number % 97 == 0 else first_day + timedelta(days=number % 5),
            float(-20 if number % 50 == 0 else 15 + number * 37 % 400),
        )
        for number in range(1, 501)
    ]
    orders += orders[:20]
    customers = [(number, f"customer {number:02d}", "NS"[number % 2]) for number in range(40)]
    products = [(number, f"product {number:02d}", CATEGORIES[number % 4]) for number in range(24)]
    tables = {
        "orders": (orders, "order_id int, customer_id int, product_id int, order_date date, amount double"),
        "customers": (customers, "customer_id int, customer_name string, region string"),
        "products": (products, "product_id int, product_name string, product_category string"),
    }
    for name, (rows, schema) in tables.items():
        spark.createDataFrame(rows, schema).write.mode("overwrite").parquet(f"{folder}/{name}")


def summarize(orders, customers, products):
    clean = (
        orders.filter(col("order_date").isNotNull())
        .filter(col("amount") > 0)
        .dropDuplicates(["order_id"])
    )
    enriched = clean.join(customers, "customer_id", "left").join(products, "product_id", "left")
    daily = enriched.groupBy("order_date", "product_category").agg(
        count("order_id").alias("orders"),
        sum("amount").alias("revenue"),
        avg("amount").alias("average_order"),
        count_distinct("customer_id").alias("customers"),
    )
    tier = when(col("revenue") > 6000, "high").when(col("revenue") > 4000, "medium").otherwise("low")
    return daily.withColumn("revenue_tier", tier)


def main():
    folder = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "out/sales")
    spark = (
        SparkSession.builder.appName("Sales ETL")
        .config("spark.sql.adaptive.enabled", "true")
        .getOrCreate()
    )
    write_inputs(spark, folder)
    orders = spark.read.parquet(f"{folder}/orders")
    customers = spark.read.parquet(f"{folder}/customers")
    products = spark.read.parquet(f"{folder}/products")

    summary = summarize(orders, customers, products)
    target = f"{folder}/daily_sales"
    summary.write.mode("overwrite").partitionBy("order_date").parquet(target)

    written = spark.read.parquet(target)
    print("Folders:", *sorted(name for name in os.listdir(target) if "=" in name))
    written.orderBy("order_date", "product_category").show(30)
    written.groupBy("revenue_tier").count().orderBy("revenue_tier").show()
    spark.stop()


if __name__ == "__main__":
    main()
