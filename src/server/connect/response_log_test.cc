// The log between query and stream: order, parking, reattaching, releasing.
#include "server/connect/response_log.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/grpc_library.h>
#include <grpcpp/support/slice.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "server/connect/names.h"

namespace centella::connect {
namespace {

grpc::ByteBuffer BytesOf(size_t size) {
  static grpc::internal::GrpcLibraryInitializer started;  // slices need the library to be initialised
  started.summon();
  const grpc::Slice slice(std::string(size, 'x'));
  return grpc::ByteBuffer(&slice, 1);
}

TEST(ResponseLog, ParksTheQueryUntilTheStreamReads) {
  ResponseLog log(/*reattachable=*/false);
  const int64_t listener = log.Listen([] {});
  for (int i = 0; i < 17; ++i) log.Append(BytesOf(1 << 20));
  int woken = 0;
  EXPECT_TRUE(log.ParkWhenFull([&] { ++woken; }));
  grpc::ByteBuffer bytes;
  grpc::Status status;
  for (int i = 0; i < 16; ++i) EXPECT_EQ(log.Get(listener, i, &bytes, &status), ResponseLog::Poll::kResponse);
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(log.ParkWhenFull([] {}));
}

TEST(ResponseLog, ClosingWakesTheQuery) {
  ResponseLog log(/*reattachable=*/true);
  for (int i = 0; i < 17; ++i) log.Append(BytesOf(1 << 20));
  int woken = 0;
  EXPECT_TRUE(log.ParkWhenFull([&] { ++woken; }));
  log.Close(grpc::Status::CANCELLED);
  EXPECT_EQ(woken, 1);
}

TEST(ResponseLog, AnotherStreamGoesOnAfterTheLastResponse) {
  ResponseLog log(/*reattachable=*/true);
  int called = 0;
  const int64_t first = log.Listen([&] { ++called; });
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(log.NextId());
    log.Append(BytesOf(10));
  }
  EXPECT_EQ(called, 3);
  grpc::ByteBuffer bytes;
  grpc::Status status;
  EXPECT_EQ(log.Get(first, 0, &bytes, &status), ResponseLog::Poll::kResponse);
  const int64_t second = log.Listen([] {});
  EXPECT_EQ(called, 4);  // the first learns that it was replaced
  EXPECT_EQ(log.Get(first, 1, &bytes, &status), ResponseLog::Poll::kReplaced);
  EXPECT_EQ(log.IndexAfter(ids[0]), 1);
  EXPECT_EQ(log.Get(second, 0, &bytes, &status), ResponseLog::Poll::kResponse);  // still kept
  log.ReleaseUntil(ids[1]);
  EXPECT_EQ(log.Get(second, 1, &bytes, &status), ResponseLog::Poll::kGone);
  EXPECT_EQ(log.Get(second, 2, &bytes, &status), ResponseLog::Poll::kResponse);
  EXPECT_EQ(log.Get(second, 3, &bytes, &status), ResponseLog::Poll::kWait);
  log.Close(grpc::Status::OK);
  EXPECT_EQ(log.Get(second, 3, &bytes, &status), ResponseLog::Poll::kEnd);
}

TEST(ResponseLog, RefusesUnknownPositions) {
  ResponseLog log(/*reattachable=*/true);
  const std::string first = log.NextId();
  log.Append(BytesOf(1));
  log.NextId();
  log.Append(BytesOf(1));
  const auto condition = [](const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.info().name;
    }
    return std::string_view("nothing");
  };
  EXPECT_EQ(condition([&] { log.IndexAfter("00112233-4455-6677-8899-aabbccddeeff"); }),
            "INVALID_CURSOR.POSITION_NOT_FOUND");
  const std::string last = first.substr(0, first.size() - 1) + "1";
  log.ReleaseUntil(last);
  EXPECT_EQ(log.IndexAfter(last), 2);
  EXPECT_EQ(condition([&] { log.IndexAfter(first); }), "INVALID_CURSOR.POSITION_NOT_AVAILABLE");
}

TEST(Names, SplitsAttributeNames) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(SplitAttributeName("a"), Parts({"a"}));
  EXPECT_EQ(SplitAttributeName("a.b"), Parts({"a", "b"}));
  EXPECT_EQ(SplitAttributeName("`a.b`.c"), Parts({"a.b", "c"}));
  EXPECT_EQ(SplitAttributeName("`a``b`"), Parts({"a`b"}));
  EXPECT_EQ(SplitAttributeName("count(1)"), Parts({"count(1)"}));
  for (const char* bad : {"a..b", ".a", "a.", "`a", "a`b`", "`a`b"})
    EXPECT_THROW(SplitAttributeName(bad), Error) << bad;
}

}  // namespace
}  // namespace centella::connect
