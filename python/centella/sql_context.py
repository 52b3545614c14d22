"""SQLContext and HiveContext of older scripts: a session under its former names."""

from __future__ import annotations

from typing import Any


class SQLContext:
    """Everything it does, its SparkSession does."""

    def __init__(self, sparkContext: Any = None, sparkSession: Any = None, jsqlContext: Any = None):
        from centella import sessions

        self.sparkSession = sparkSession or sessions.get_or_create({})

    @classmethod
    def getOrCreate(cls, sc: Any = None) -> "SQLContext":
        return cls(sc)

    def newSession(self) -> "SQLContext":
        return type(self)(None, self.sparkSession.newSession())

    def setConf(self, key: str, value: Any) -> None:
        self.sparkSession.conf.set(key, value)

    def getConf(self, key: str, *default: Any) -> Any:
        return self.sparkSession.conf.get(key, *default)

    def registerDataFrameAsTable(self, df: Any, tableName: str) -> None:
        df.createOrReplaceTempView(tableName)

    def dropTempTable(self, tableName: str) -> None:
        self.sparkSession.catalog.dropTempView(tableName)

    def cacheTable(self, tableName: str) -> None:
        self.sparkSession.catalog.cacheTable(tableName)

    def uncacheTable(self, tableName: str) -> None:
        self.sparkSession.catalog.uncacheTable(tableName)

    def clearCache(self) -> None:
        self.sparkSession.catalog.clearCache()

    def tables(self, dbName: str | None = None) -> Any:
        where = "" if dbName is None else f" IN `{dbName}`"
        return self.sparkSession.sql("SHOW TABLES" + where)

    def tableNames(self, dbName: str | None = None) -> list[str]:
        return [row.tableName for row in self.tables(dbName).collect()]

    def __getattr__(self, name: str) -> Any:
        """sql, table, read, readStream, range, createDataFrame, udf, streams …"""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.sparkSession, name)


class HiveContext(SQLContext):
    """The same: there is one catalog."""

    def refreshTable(self, tableName: str) -> None:
        self.sparkSession.catalog.refreshTable(tableName)
