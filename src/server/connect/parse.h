// Reading messages from a client's bytes, with bounds on their nesting and size.
#pragma once

#include <string>
#include <string_view>

namespace google::protobuf {
class MessageLite;
}  // namespace google::protobuf

namespace centella::connect {

// Messages nest two levels for a DataFrame operation or an operator between columns: protobuf's own limit of 100 would end
// after fifty of them, this one allows ten thousand. Parsing takes a deep stack; conversion has a DepthGuard of its own.
inline constexpr int kMaxNesting = 24000;
// The largest plan, and the largest that a compressed one may unfold to.
inline constexpr int64_t kMaxPlanBytes = int64_t{512} << 20;

// False when the bytes are no such message, or nest deeper than kMaxNesting.
bool ParseBounded(std::string_view bytes, google::protobuf::MessageLite* message);
// The content of a zstd frame of at most `limit` bytes when unfolded. Raises CONNECT_INVALID_PLAN.CANNOT_PARSE.
std::string DecompressZstd(std::string_view bytes, int64_t limit);

}  // namespace centella::connect
