# Seed "Procesamiento batch: RDD".
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("MyApp").getOrCreate()

# Crear RDD
rdd = spark.sparkContext.parallelize([1, 2, 3, 4, 5])

# Transformaciones (lazy)
rdd2 = rdd.map(lambda x: x * 2)  # [2, 4, 6, 8, 10]
rdd3 = rdd2.filter(lambda x: x > 5)  # [6, 8, 10]

# Acción (ejecuta las transformaciones)
result = rdd3.collect()  # [6, 8, 10]
print(result)
