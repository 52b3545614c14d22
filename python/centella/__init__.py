"""Python side of Centella: what lets an unmodified PySpark script talk to the engine.

Nothing here touches data. The launcher, the import hook and the stand-ins for SparkContext and
SparkFiles only translate between what a script expects and what Spark Connect offers.
"""
