// --version: ours, and those of the libraries that are linked. Touches each, so that a link that lost one is seen at once.
#include <arrow/config.h>
#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>
#include <parquet/parquet_version.h>
#include <parquet/properties.h>

#include <cstdio>
#include <string>

#include "cli/build_info.h"
#include "spark/connect/base.pb.h"

namespace centella {

void PrintVersion() {
  spark::connect::ExecutePlanRequest request;
  request.set_session_id("version");
  std::printf("centella %s\n", std::string(BuildVersion()).c_str());
  std::printf("arrow %s, parquet %s, gRPC %s, protobuf %s, %s\n", arrow::GetBuildInfo().version_string.c_str(),
              parquet::default_writer_properties()->created_by().c_str(), grpc::Version().c_str(),
              google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION).c_str(),
              OpenSSL_version(OPENSSL_VERSION));
}

}  // namespace centella
