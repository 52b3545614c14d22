# Seed "Procesamiento batch: cache and persist, with the session it assumes".
from pyspark.sql.functions import col
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("Seed").getOrCreate()

# Leer una vez
df = spark.read.parquet("s3://data/")

# Cachear si se usa múltiples veces
df.cache()  # O df.persist()

# Usar múltiples veces (sin re-leer)
print(df.filter(col("amount") > 100).count())
df.groupBy("category").sum().show()

# Liberar memoria
df.unpersist()
spark.stop()
