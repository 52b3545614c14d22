# What the sales ETL wrote.
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
written = spark.read.parquet("s3://processed/daily_sales/")
written.printSchema()
written.orderBy("order_date", "product_category").show(50)
spark.stop()
