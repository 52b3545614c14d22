// Sessions: isolation, closing, expiry, ids.
#include "session/session_manager.h"

#include <gtest/gtest.h>

#include "base/raised_condition.h"

namespace centella {
namespace {

const std::string kOne = "00112233-4455-6677-8899-aabbccddeeff";
const std::string kTwo = "00112233-4455-6677-8899-aabbccddee00";

std::shared_ptr<SharedState> Shared() {
  auto shared = std::make_shared<SharedState>();
  shared->engine = Engine::Make(1, 64 << 20);
  shared->catalog = MakeMemoryCatalog("spark_catalog");
  return shared;
}

TEST(SessionManager, IsolatesSessions) {
  SessionManager manager(Shared());
  manager.GetOrCreate("u", kOne)->SetConfig("spark.sql.shuffle.partitions", "7");
  EXPECT_EQ(manager.GetOrCreate("u", kOne)->config().GetInt("spark.sql.shuffle.partitions"), 7);
  EXPECT_EQ(manager.GetOrCreate("u", kTwo)->config().GetInt("spark.sql.shuffle.partitions"), 200);
  EXPECT_EQ(manager.GetOrCreate("other", kOne)->config().GetInt("spark.sql.shuffle.partitions"), 200);
}

TEST(SessionManager, RemembersClosedSessions) {
  SessionManager manager(Shared());
  manager.GetOrCreate("u", kOne);
  manager.Close("u", kOne, /*allow_reconnect=*/false);
  EXPECT_EQ(RaisedCondition([&] { manager.GetOrCreate("u", kOne); }), Condition::INVALID_HANDLE__SESSION_CLOSED);
  manager.GetOrCreate("u", kTwo);
  manager.Close("u", kTwo, /*allow_reconnect=*/true);
  EXPECT_EQ(RaisedCondition([&] { manager.Get("u", kTwo); }), Condition::INVALID_HANDLE__SESSION_NOT_FOUND);
  EXPECT_NE(manager.GetOrCreate("u", kTwo), nullptr);
}

TEST(SessionManager, ChecksIds) {
  SessionManager manager(Shared());
  EXPECT_EQ(RaisedCondition([&] { manager.GetOrCreate("u", "nonsense"); }), Condition::INVALID_HANDLE__FORMAT);
  EXPECT_EQ(RaisedCondition([&] { manager.GetOrCreate("u", kOne, kTwo); }), Condition::INVALID_HANDLE__SESSION_CHANGED);
  const auto session = manager.GetOrCreate("u", kOne);
  EXPECT_EQ(manager.GetOrCreate("u", kOne, session->server_side_id()), session);
}

TEST(SessionManager, ClosesIdleSessions) {
  SessionManager manager(Shared(), std::chrono::seconds(10));
  manager.GetOrCreate("u", kOne);
  manager.CloseIdle(std::chrono::steady_clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(manager.Sessions().size(), 1u);
  manager.CloseIdle(std::chrono::steady_clock::now() + std::chrono::seconds(20));
  EXPECT_TRUE(manager.Sessions().empty());
  EXPECT_EQ(RaisedCondition([&] { manager.GetOrCreate("u", kOne); }), Condition::INVALID_HANDLE__SESSION_CLOSED);
}

TEST(SessionManager, ClonesAreIndependent) {
  SessionManager manager(Shared());
  const auto session = manager.GetOrCreate("u", kOne);
  session->SetConfig("spark.sql.shuffle.partitions", "7");
  const auto clone = manager.Clone(session, kTwo);
  clone->SetConfig("spark.sql.shuffle.partitions", "9");
  EXPECT_EQ(session->config().GetInt("spark.sql.shuffle.partitions"), 7);
  EXPECT_EQ(RaisedCondition([&] { manager.Clone(session, kTwo); }),
            Condition::INVALID_CLONE_SESSION_REQUEST__TARGET_SESSION_ID_ALREADY_EXISTS);
  EXPECT_EQ(RaisedCondition([&] { manager.Clone(session, "x"); }),
            Condition::INVALID_CLONE_SESSION_REQUEST__TARGET_SESSION_ID_FORMAT);
  manager.Close("u", kTwo, false);
  EXPECT_EQ(RaisedCondition([&] { manager.Clone(session, kTwo); }),
            Condition::INVALID_CLONE_SESSION_REQUEST__TARGET_SESSION_ID_ALREADY_CLOSED);
}

TEST(Uuid, FreshOnesAreUuids) {
  EXPECT_TRUE(IsUuid(NewUuid()));
  EXPECT_NE(NewUuid(), NewUuid());
  EXPECT_FALSE(IsUuid("00112233-4455-6677-8899-aabbccddeef"));
  EXPECT_FALSE(IsUuid("00112233x4455-6677-8899-aabbccddeeff"));
}

TEST(Artifacts, KeepsNamesInsideItsFolder) {
  Artifacts artifacts("s");
  for (const char* name : {"../x", "/etc/x", "a/../../x", "", "."}) {
    EXPECT_EQ(RaisedCondition([&] { artifacts.Add(name, "bytes"); }), Condition::INVALID_ARTIFACT_PATH) << name;
  }
  artifacts.Add("pyfiles/a.py", "x = 1");
  artifacts.Add("pyfiles/a.py", "x = 1");
  EXPECT_EQ(RaisedCondition([&] { artifacts.Add("pyfiles/a.py", "x = 2"); }), Condition::ARTIFACT_ALREADY_EXISTS);
  EXPECT_EQ(artifacts.Files("pyfiles").size(), 1u);
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace centella
