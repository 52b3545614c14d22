# Seed "Integraciones: JDBC, with the session it assumes".
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("Seed").getOrCreate()

# Leer de Oracle
oracle_df = spark.read \
    .format('jdbc') \
    .option('url', 'jdbc:oracle:thin:@//host:1521/service') \
    .option('dbtable', 'customers') \
    .option('user', 'username') \
    .option('password', 'password') \
    .option('driver', 'oracle.jdbc.OracleDriver') \
    .option('fetchsize', '10000') \
    .option('numPartitions', '10') \
    .option('partitionColumn', 'customer_id') \
    .option('lowerBound', '1') \
    .option('upperBound', '1000000') \
    .load()
