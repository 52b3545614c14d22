# Seed "Patrones ETL: transformation pipeline; it forgets to import `when`".
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, upper, trim, count, when

spark = SparkSession.builder.appName("DataTransformationPipeline").getOrCreate()

# Paso 1: Cargar datos brutos (simulamos un DataFrame)
raw_data = [
    ("john doe", "john.doe@example.com ", "New York", 1),
    ("Jane Smith", "jane.smith@example.com", "Los Angeles ", 2),
    (" JOHN DOE ", "john.doe@example.com", "new york", 3), # Duplicado, nombre en mayúsculas
    ("Peter Jones", "peter.jones@example.com", "Chicago", 4)
]
raw_df = spark.createDataFrame(raw_data, ["name", "email", "city", "id"])

# Paso 2: Limpieza de datos
def clean_data(df):
    return df.withColumn("name", trim(upper(col("name")))) \
             .withColumn("city", trim(col("city"))) \
             .dropDuplicates(["email"])

cleaned_df = clean_data(raw_df)
cleaned_df.show()

# Paso 3: Enriquecimiento (simulamos la adición de una columna "region")
def enrich_data(df):
    # En un caso real, esto podría ser una búsqueda en una tabla de mapeo de ciudades a regiones
    return df.withColumn("region",
                         when(col("city") == "New York", "East")
                         .when(col("city") == "Los Angeles", "West")
                         .otherwise("Central"))

enriched_df = enrich_data(cleaned_df)
enriched_df.show()

# Paso 4: Agregación
def aggregate_data(df):
    return df.groupBy("region").agg(count("*").alias("customer_count"))

aggregated_df = aggregate_data(enriched_df)
aggregated_df.show()

spark.stop()
