// The gRPC side of an RPC: reactors over raw bytes. Messages are parsed and handled on the service's threads, never on
// gRPC's; a stream whose client doesn't read holds no thread.
#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <string>

#include "server/connect/service.h"

namespace centella::connect {

// The reactor for a method ("/spark.connect.SparkConnectService/Config"); it deletes itself. Unknown methods end with
// UNIMPLEMENTED.
grpc::ServerGenericBidiReactor* NewCall(Service& service, const std::string& method);
// A call that ends at once.
grpc::ServerGenericBidiReactor* NewRefusal(grpc::Status status);

}  // namespace centella::connect
