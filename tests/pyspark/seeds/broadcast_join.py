# Seed "Procesamiento batch: broadcast join, with the tables it assumes".
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("Seed").getOrCreate()

large_table = spark.createDataFrame([(i % 3, i * 10) for i in range(6)], ["customer_id", "amount"])
small_table = spark.createDataFrame([(0, "a"), (1, "b")], ["customer_id", "name"])

from pyspark.sql.functions import broadcast

# Tabla grande JOIN tabla pequeña
result = large_table.join(
    broadcast(small_table),  # Envía a todos los workers
    "customer_id"
)

result.show()
spark.stop()
