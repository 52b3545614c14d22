# Seed "Procesamiento batch: AWS Glue".
import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

# Inicializar
args = getResolvedOptions(sys.argv, ['JOB_NAME'])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

# Leer desde Catalog
datasource = glueContext.create_dynamic_frame.from_catalog(
    database = "my_database",
    table_name = "orders"
)

# Transformar
transformed = ApplyMapping.apply(
    frame = datasource,
    mappings = [
        ("order_id", "long", "order_id", "long"),
        ("customer_id", "long", "customer_id", "long"),
        ("amount", "double", "amount", "double")
    ]
)

# Escribir
glueContext.write_dynamic_frame.from_options(
    frame = transformed,
    connection_type = "s3",
    connection_options = {"path": "s3://bucket/output/"},
    format = "parquet"
)

job.commit()
