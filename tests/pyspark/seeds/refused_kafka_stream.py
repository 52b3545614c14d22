# Seed "Procesamiento batch y streaming: Kafka stream".
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, window, avg

spark = SparkSession.builder.appName("StreamApp").getOrCreate()

# Leer stream desde Kafka
orders_stream = spark \
    .readStream \
    .format("kafka") \
    .option("kafka.bootstrap.servers", "localhost:9092") \
    .option("subscribe", "orders") \
    .load()

# Parsear JSON
from pyspark.sql.functions import from_json
from pyspark.sql.types import StructType, StructField, IntegerType, DoubleType

schema = StructType([
    StructField("order_id", IntegerType()),
    StructField("customer_id", IntegerType()),
    StructField("amount", DoubleType())
])

parsed = orders_stream.select(
    from_json(col("value").cast("string"), schema).alias("data")
).select("data.*")

# Agregación por ventana de tiempo
windowed = parsed \
    .withWatermark("timestamp", "10 minutes") \
    .groupBy(
        window(col("timestamp"), "5 minutes"),
        col("customer_id")
    ) \
    .agg(avg("amount").alias("avg_amount"))

# Escribir stream
query = windowed \
    .writeStream \
    .outputMode("update") \
    .format("console") \
    .start()

query.awaitTermination()
