# Seed "Procesamiento batch: partitioning, with the session and data it assumes; prints added".
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("Seed").getOrCreate()

from pyspark.sql.functions import col

df = spark.range(0, 1000, 1, 6).withColumn("year", col("id") % 2 + 2024).withColumn("month", col("id") % 3 + 1)

# Ver número de particiones
print(df.rdd.getNumPartitions())

# Repartition (shuffle completo)
df_repartitioned = df.repartition(100)
print(df_repartitioned.rdd.getNumPartitions())

# Coalesce (reduce sin shuffle)
df_coalesced = df.coalesce(4)
print(df_coalesced.rdd.getNumPartitions())

# Partition por columna (para writes)
df.write.partitionBy("year", "month").parquet("s3://output/")
print(spark.read.parquet("s3://output/").groupBy("year", "month").count().orderBy("year", "month").collect())
spark.stop()
