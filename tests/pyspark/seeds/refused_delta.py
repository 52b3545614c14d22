# Seed "Patrones ETL: upsert with Delta".
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

spark = SparkSession.builder.appName("UpsertPattern").config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension").getOrCreate()

# Ruta para la tabla Delta
delta_table_path = "/tmp/delta/customer_profiles"

# Crear una tabla Delta inicial (si no existe)
try:
    spark.read.format("delta").load(delta_table_path).show()
except Exception:
    initial_data = [
        (1, "Alice", "alice@example.com"),
        (2, "Bob", "bob@example.com")
    ]
    initial_df = spark.createDataFrame(initial_data, ["id", "name", "email"])
    initial_df.write.format("delta").mode("overwrite").save(delta_table_path)
    print("Initial Delta table created.")

# Cargar la tabla Delta existente
customer_profiles_df = spark.read.format("delta").load(delta_table_path)
print("Current customer profiles:")
customer_profiles_df.show()

# Nuevos datos a upsert: un nuevo registro (id 3) y una actualización (id 1)
new_data = [
    (1, "Alice Smith", "alice.smith@example.com"), # Update
    (3, "Charlie", "charlie@example.com")         # New
]
updates_df = spark.createDataFrame(new_data, ["id", "name", "email"])
print("Updates to apply:")
updates_df.show()

# Realizar la operación MERGE INTO (Upsert)
from delta.tables import DeltaTable

deltaTable = DeltaTable.forPath(spark, delta_table_path)

deltaTable.alias("target") \
  .merge(
    updates_df.alias("source"),
    "target.id = source.id"
  ) \
  .whenMatchedUpdate(set = { "name" : col("source.name"), "email" : col("source.email") }) \
  .whenNotMatchedInsert(values = { "id" : col("source.id"), "name" : col("source.name"), "email" : col("source.email") }) \
  .execute()

print("Customer profiles after upsert:")
spark.read.format("delta").load(delta_table_path).show()

spark.stop()
