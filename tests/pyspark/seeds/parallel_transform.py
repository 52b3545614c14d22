# Seed "Patrones ETL: parallel transformation, the PySpark half".
# Otro ejemplo con PySpark (Spark ya es distribuido por defecto)
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

spark = SparkSession.builder.appName("ParallelTransformation").getOrCreate()

# Cargar un dataset grande (ejemplo: CSV de 100 millones de registros)
# spark.read.csv("s3://your-bucket/large_dataset.csv", header=True, inferSchema=True).repartition(100)
# Para este ejemplo, crearemos un DataFrame grande en memoria
data = [(i,) for i in range(10_000_000)]
df = spark.createDataFrame(data, ["value"])

# La transformación se aplica automáticamente en paralelo por Spark
transformed_df = df.withColumn("squared_value", col("value") * col("value"))

# Mostrar algunos resultados (esto activa la computación distribuida)
transformed_df.show(5)

# Escribir el resultado a un destino distribuido (ej. Parquet)
# transformed_df.write.mode("overwrite").parquet("s3://your-bucket/output/squared_values.parquet")

spark.stop()
