# Seed "Procesamiento batch: DataFrame, with the session it assumes".
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("Seed").getOrCreate()

# Leer CSV
df = spark.read.csv("s3://bucket/data.csv", header=True, inferSchema=True)

# Ver schema
df.printSchema()
# root
#  |-- customer_id: integer
#  |-- name: string
#  |-- amount: double

# Transformaciones
result = (df
    .filter(df.amount > 100)
    .groupBy("customer_id")
    .agg({"amount": "sum"})
    .orderBy("sum(amount)", ascending=False)
)

# Mostrar
result.show(10)

# Escribir
result.write.parquet("s3://bucket/output/")
spark.stop()
