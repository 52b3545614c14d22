"""What is left of RDDs for now: the number of a DataFrame's partitions, and clear refusals."""

from __future__ import annotations

from typing import Any

from centella.errors import raise_no_rdds

NUM_PARTITIONS_TYPE_URL = "type.googleapis.com/centella.NumPartitions"


class RDD:
    """`df.rdd`: answers getNumPartitions() and refuses everything else by name."""

    def __init__(self, dataframe: Any) -> None:
        self._dataframe = dataframe

    def getNumPartitions(self) -> int:
        """Asks the server how many partitions this DataFrame's physical plan ends in."""
        return _count_partitions(self._dataframe)

    def toDF(self, schema: Any = None, sampleRatio: Any = None) -> Any:
        """The DataFrame this view came from; with a schema it would need RDDs."""
        if schema is not None:
            raise_no_rdds("RDD.toDF with a schema")
        return self._dataframe

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise_no_rdds(f"RDD.{name}")


class TextRDD(RDD):
    """`df.toJSON()`: a column of texts, which classic PySpark gives as an RDD of str."""

    def collect(self) -> list[str]:
        return [row[0] for row in self._dataframe.collect()]

    def take(self, num: int) -> list[str]:
        return [row[0] for row in self._dataframe.take(num)]

    def first(self) -> str:
        taken = self.take(1)
        if not taken:
            raise ValueError("RDD is empty")
        return taken[0]

    def count(self) -> int:
        return self._dataframe.count()

    def isEmpty(self) -> bool:
        return not self.take(1)

    def toLocalIterator(self, prefetchPartitions: bool = False) -> Any:
        return (row[0] for row in self._dataframe.toLocalIterator())


def to_json(dataframe: Any, use_unicode: bool = True) -> TextRDD:
    """DataFrame.toJSON: each row as a JSON object."""
    from pyspark.sql import functions as F

    return TextRDD(dataframe.select(F.to_json(F.struct(F.col("*"))).alias("value")))


class Broadcast:
    """Named so that programs can import it; nothing makes one yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise_no_rdds("Broadcast")


def _count_partitions(dataframe: Any) -> int:
    """Runs the relation centella.NumPartitions over the DataFrame's own relation."""
    from pyspark.sql.connect import proto
    from pyspark.sql.connect.plan import LogicalPlan

    class NumPartitions(LogicalPlan):
        """Relation.extension: an Any whose value is the serialized child relation."""

        def plan(self, session: Any) -> Any:
            relation = self._create_proto_relation()
            child = self._child.plan(session)
            relation.extension.type_url = NUM_PARTITIONS_TYPE_URL
            relation.extension.value = child.SerializeToString()
            return relation

    session = dataframe.sparkSession
    request = proto.Plan()
    request.root.CopyFrom(NumPartitions(dataframe._plan).plan(session.client))
    observations: dict[str, Any] = {}
    try:
        result = session.client.to_table(request, observations)
    except TypeError:  # 3.5 takes the plan alone
        result = session.client.to_table(request)
    return int(result[0].column(0)[0].as_py())
