# Spark Connect's protocol in C++: the installed client's descriptors -> protoc and the gRPC plugin -> centella_proto.
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

set(protocol_files
  spark/connect/base spark/connect/catalog spark/connect/commands spark/connect/common spark/connect/expressions
  spark/connect/ml spark/connect/ml_common spark/connect/pipelines spark/connect/relations spark/connect/types
  google/rpc/error_details google/rpc/status)
set(generated ${CMAKE_BINARY_DIR}/generated)
set(descriptor ${generated}/spark_connect.descriptor)
file(MAKE_DIRECTORY ${generated})

add_custom_command(
  OUTPUT ${descriptor}
  COMMAND ${CENTELLA_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/descriptor.py ${descriptor}
  DEPENDS ${CMAKE_SOURCE_DIR}/scripts/descriptor.py ${CMAKE_SOURCE_DIR}/requirements.txt
  COMMENT "Reading Spark Connect's protocol from the installed client")

set(proto_names ${protocol_files})
list(TRANSFORM proto_names APPEND .proto)
set(generated_sources ${protocol_files})
list(TRANSFORM generated_sources PREPEND ${generated}/)
list(TRANSFORM generated_sources APPEND .pb.cc)
list(APPEND generated_sources ${generated}/spark/connect/base.grpc.pb.cc)
set(generated_headers ${generated_sources})
list(TRANSFORM generated_headers REPLACE "\\.cc$" ".h")

add_custom_command(
  OUTPUT ${generated_sources} ${generated_headers}
  COMMAND ${PROTOC} --descriptor_set_in=${descriptor} --cpp_out=${generated} ${proto_names}
  COMMAND ${PROTOC} --descriptor_set_in=${descriptor} --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN}
          --grpc_out=${generated} spark/connect/base.proto
  DEPENDS ${descriptor}
  COMMENT "Generating Spark Connect's messages and service")

# -O1: these files are a tenth of the whole build otherwise, and no inner loop is in them.
add_library(centella_proto STATIC ${generated_sources} ${generated_headers})
target_include_directories(centella_proto SYSTEM PUBLIC ${generated})
target_compile_options(centella_proto PRIVATE -O1 -w)
target_link_libraries(centella_proto PUBLIC centella_dependencies)
