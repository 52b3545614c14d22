# Seed "Patrones ETL: lookup and enrichment".
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

spark = SparkSession.builder.appName("LookupAndEnrichment").getOrCreate()

# Datos de transacciones (Hechos)
transactions_data = [
    (1, "prodA", 100, 50.0),
    (2, "prodB", 101, 75.0),
    (3, "prodA", 102, 50.0),
    (4, "prodC", 100, 120.0)
]
transactions_df = spark.createDataFrame(transactions_data, ["transaction_id", "product_id", "customer_id", "amount"])

# Datos de productos (Dimensión)
products_data = [
    ("prodA", "Laptop", "Electronics"),
    ("prodB", "Mouse", "Electronics"),
    ("prodC", "Keyboard", "Peripherals")
]
products_df = spark.createDataFrame(products_data, ["product_id", "product_name", "category"])

# Datos de clientes (Dimensión)
customers_data = [
    (100, "Alice", "USA"),
    (101, "Bob", "Canada"),
    (102, "Charlie", "Mexico")
]
customers_df = spark.createDataFrame(customers_data, ["customer_id", "customer_name", "country"])

# Enriquecimiento de transacciones con datos de productos
enriched_transactions_df = transactions_df.join(products_df, "product_id", "inner")
enriched_transactions_df.show()

# Enriquecimiento adicional con datos de clientes
final_enriched_df = enriched_transactions_df.join(customers_df, "customer_id", "inner")
final_enriched_df.show()

spark.stop()
