# Seed "Patrones ETL: storage by partitions".
# PySpark y almacenamiento en Parquet particionado
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, year, month, dayofmonth

spark = SparkSession.builder.appName("EfficientStorageAndExecution").getOrCreate()

# Simular la creación de un DataFrame de logs
log_data = [
    ("user1", "login", "2023-01-01 10:00:00"),
    ("user2", "logout", "2023-01-01 10:05:00"),
    ("user1", "purchase", "2023-01-02 11:15:00"),
    ("user3", "login", "2023-01-02 12:00:00"),
    ("user4", "view_product", "2023-02-15 09:30:00")
]
logs_df = spark.createDataFrame(log_data, ["user_id", "event_type", "event_timestamp"])

# Convertir el timestamp a tipo de dato de fecha y extraer componentes para particionamiento
logs_df = logs_df.withColumn("event_date", col("event_timestamp").cast("date")) \
                 .withColumn("year", year(col("event_date"))) \
                 .withColumn("month", month(col("event_date"))) \
                 .withColumn("day", dayofmonth(col("event_date")))

# Escribir el DataFrame en formato Parquet, particionado por año, mes, y día
# Esto creará una estructura de carpetas como s3://your-bucket/logs/year=2023/month=1/day=1/
output_path = "/tmp/logs_partitioned_parquet" # En un entorno cloud, sería s3://your-bucket/logs/
logs_df.write.mode("overwrite").partitionBy("year", "month", "day").parquet(output_path)

print(f"Data written to {output_path} with partitioning.")

# Leer solo los datos de una partición específica para una consulta (eficiente)
# Por ejemplo, para obtener logs del 1 de enero de 2023
query_df = spark.read.parquet(f"{output_path}/year=2023/month=1/day=1")
print("\nLogs for 2023-01-01:")
query_df.show()

# Al consultar, Spark solo leerá los archivos dentro de esa partición específica,
# ahorrando I/O y cómputo.
spark.stop()
