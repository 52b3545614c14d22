"""Raises PySpark's own "not implemented" error, in the spelling of whichever client is installed."""

from __future__ import annotations

from typing import NoReturn


def raise_not_supported(feature: str) -> NoReturn:
    """Raises PySparkNotImplementedError with condition NOT_IMPLEMENTED naming `feature`."""
    from pyspark.errors import PySparkNotImplementedError

    parameters = {"feature": feature}
    try:
        error = PySparkNotImplementedError(
            errorClass="NOT_IMPLEMENTED", messageParameters=parameters
        )
    except TypeError:  # 3.5 still has the older keyword names
        error = PySparkNotImplementedError(
            error_class="NOT_IMPLEMENTED", message_parameters=parameters
        )
    raise error


def raise_no_rdds(name: str) -> NoReturn:
    """Refuses an RDD operation by name."""
    raise_not_supported(f"{name} (RDDs do not run on Centella yet; use DataFrames)")
