"""Writes Spark Connect's protocol, as the installed client has it, as a FileDescriptorSet that protoc reads.

usage: descriptor.py OUTPUT
The client ships no .proto files, only generated Python; their descriptors hold the same definitions. google.rpc's
status messages come along: Spark sends its errors in them.
"""

import importlib
import pathlib
import sys

import google.rpc.error_details_pb2
import google.rpc.status_pb2
import pyspark.sql.connect.proto as proto
from google.protobuf import descriptor_pb2


def add(file, to, seen):
    """Adds a file after the files it imports: protoc wants them in that order."""
    if file.name not in seen:
        seen.add(file.name)
        for dependency in file.dependencies:
            add(dependency, to, seen)
        file.CopyToProto(to.file.add())


descriptors, seen = descriptor_pb2.FileDescriptorSet(), set()
for path in sorted(pathlib.Path(proto.__path__[0]).glob("*_pb2.py")):
    add(importlib.import_module(f"{proto.__name__}.{path.stem}").DESCRIPTOR, descriptors, seen)
for module in (google.rpc.error_details_pb2, google.rpc.status_pb2):
    add(module.DESCRIPTOR, descriptors, seen)
pathlib.Path(sys.argv[1]).write_bytes(descriptors.SerializeToString())
