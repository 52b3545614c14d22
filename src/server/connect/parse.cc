// See parse.h.
#include "server/connect/parse.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>
#include <zstd.h>

#include <limits>
#include <memory>

#include "base/error.h"

namespace centella::connect {

bool ParseBounded(std::string_view bytes, google::protobuf::MessageLite* message) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return false;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  input.SetRecursionLimit(kMaxNesting);
  return message->ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

std::string DecompressZstd(std::string_view bytes, int64_t limit) {
  const auto fail = [](const std::string& message) {
    Raise(Condition::CONNECT_INVALID_PLAN__CANNOT_PARSE, {{"errorMsg", message}});
  };
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  std::string result;
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  size_t left = 1;
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  while (input.pos < input.size || left != 0) {
    ZSTD_outBuffer output{chunk.data(), chunk.size(), 0};
    left = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(left)) fail(std::string("zstd: ") + ZSTD_getErrorName(left));
    result.append(chunk.data(), output.pos);
    if (static_cast<int64_t>(result.size()) > limit)
      fail("the plan is larger than " + std::to_string(limit) + " bytes");
    if (output.pos == 0 && input.pos == input.size && left != 0) fail("zstd: the data is cut off");
  }
  return result;
}

}  // namespace centella::connect
