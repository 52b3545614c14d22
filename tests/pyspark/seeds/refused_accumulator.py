# Seed "Integraciones: metrics with an accumulator".
# Custom metrics
from pyspark import SparkContext
sc = SparkContext.getOrCreate()

# Contador de registros procesados
sc.accumulator(0, 'records_processed')
