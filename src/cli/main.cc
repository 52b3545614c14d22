// The `centella` command's entry point. So far it answers --version, with the versions of what is linked.

#include <arrow/config.h>
#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>
#include <parquet/parquet_version.h>
#include <parquet/properties.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "cli/build_info.h"
#include "spark/connect/base.pb.h"

namespace {

// Touches each library, so that a link that lost one of them is seen at once.
void PrintVersion() {
  spark::connect::ExecutePlanRequest request;
  request.set_session_id("version");
  std::printf("centella %s\n", std::string(centella::BuildVersion()).c_str());
  std::printf("arrow %s, parquet %s, gRPC %s, protobuf %s, %s\n",
              arrow::GetBuildInfo().version_string.c_str(),
              parquet::default_writer_properties()->created_by().c_str(), grpc::Version().c_str(),
              google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION).c_str(),
              OpenSSL_version(OPENSSL_VERSION));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    PrintVersion();
    return 0;
  }
  std::fprintf(stderr, "usage: centella --version\n");
  return 2;
}
