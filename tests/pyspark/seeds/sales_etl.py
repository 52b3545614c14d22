# Seed "Procesamiento batch: the complete ETL".
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, sum, avg, max, min, count, when

# Inicializar Spark
spark = SparkSession.builder \
    .appName("Sales ETL") \
    .config("spark.sql.adaptive.enabled", "true") \
    .getOrCreate()

# Extract
orders = spark.read.parquet("s3://raw/orders/")
customers = spark.read.parquet("s3://raw/customers/")
products = spark.read.parquet("s3://raw/products/")

# Transform

# 1. Limpieza
orders_clean = orders \
    .filter(col("order_date").isNotNull()) \
    .filter(col("amount") > 0) \
    .dropDuplicates(["order_id"])

# 2. Enriquecimiento (joins)
enriched = orders_clean \
    .join(customers, "customer_id", "left") \
    .join(products, "product_id", "left")

# 3. Agregaciones
daily_summary = enriched \
    .groupBy("order_date", "product_category") \
    .agg(
        count("order_id").alias("num_orders"),
        sum("amount").alias("total_revenue"),
        avg("amount").alias("avg_order_value"),
        count("customer_id").alias("unique_customers")
    )

# 4. Business logic
result = daily_summary.withColumn(
    "revenue_tier",
    when(col("total_revenue") > 10000, "High")
    .when(col("total_revenue") > 5000, "Medium")
    .otherwise("Low")
)

# Load
result.write \
    .mode("overwrite") \
    .partitionBy("order_date") \
    .parquet("s3://processed/daily_sales/")

spark.stop()
