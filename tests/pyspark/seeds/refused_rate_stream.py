# Seed "Patrones ETL: streaming checkpoint".
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, current_timestamp
import os

spark = SparkSession.builder.appName("SparkStreamingCheckpoint") \
    .config("spark.sql.streaming.checkpointLocation", "/tmp/spark_checkpoint") \
    .getOrCreate()

# Limpiar el directorio de checkpoint para una nueva ejecución
if os.path.exists("/tmp/spark_checkpoint"):
    import shutil
    shutil.rmtree("/tmp/spark_checkpoint")
    print("Cleaned existing checkpoint directory.")

# Simular un stream de datos desde una fuente de datos (ej. Kafka)
# Para este ejemplo, usaremos una fuente de datos en memoria para simplicidad
# En un caso real, esto sería: spark.readStream.format("kafka").option("kafka.bootstrap.servers", "localhost:9092").option("subscribe", "input_topic").load()
data = [("A", 1), ("B", 2), ("C", 3), ("D", 4)]
df_stream = spark.readStream.format("rate").option("rowsPerSecond", 1).load()

# Transformación de ejemplo
transformed_df = df_stream.withColumn("processed_time", current_timestamp()) \
                           .withColumn("value_squared", col("value") * col("value"))

# Escribir el stream a la consola con un checkpoint
query = transformed_df \
    .writeStream \
    .outputMode("append") \
    .format("console") \
    .option("truncate", False) \
    .trigger(processingTime="5 seconds") \
    .start()

# Para simular una falla, puedes detener el script manualmente después de unos segundos
# y luego reiniciarlo. Spark debería continuar desde donde se quedó.

query.awaitTermination()
