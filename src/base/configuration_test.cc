// Tests of the table of configuration keys and of setting them.
#include "base/configuration.h"

#include <gtest/gtest.h>

#include "base/raised_condition.h"

namespace centella {
namespace {

TEST(ConfigurationTable, DefaultsAreValidValues) {
  for (const ConfigKey& key : ConfigKeys()) {
    EXPECT_FALSE(key.doc.empty()) << key.name;
    if (!key.has_default) continue;
    EXPECT_NO_THROW(Configuration().With(key.name, key.default_value, /*at_start=*/true)) << key.name;
    EXPECT_EQ(Configuration().Get(key.name), key.default_value);
  }
}

TEST(Configuration, RefusesWhatWouldChangeAnswersInSilence) {
  const Configuration config;
  EXPECT_EQ(config.With("spark.sql.orderByOrdinal", "TRUE").Get("spark.sql.orderByOrdinal"), "TRUE");
  EXPECT_EQ(RaisedCondition([&] { config.With("spark.sql.orderByOrdinal", "false"); }),
            Condition::UNSUPPORTED_FEATURE__CENTELLA);
  EXPECT_EQ(RaisedCondition([&] { config.With("spark.sql.legacy.setopsPrecedence.enabled", "true"); }),
            Condition::UNSUPPORTED_FEATURE__CENTELLA);
}

TEST(Configuration, FixedKeysChangeAtTheStartOnly) {
  const Configuration config;
  EXPECT_EQ(config.With("spark.executor.memory", "4g", /*at_start=*/true).Get("spark.executor.memory"), "4g");
  EXPECT_EQ(RaisedCondition([&] { config.With("spark.executor.memory", "4g"); }), Condition::CANNOT_MODIFY_CONFIG);
  EXPECT_EQ(RaisedCondition([&] { config.Without("spark.sql.warehouse.dir"); }),
            Condition::CANNOT_MODIFY_STATIC_CONFIG);
}

TEST(Configuration, KeepsUnknownKeysAndChecksKnownOnes) {
  const Configuration config;
  EXPECT_EQ(config.With("spark.hadoop.fs.s3a.endpoint", "x").Get("spark.hadoop.fs.s3a.endpoint"), "x");
  EXPECT_EQ(config.Get("spark.nobody.knows"), std::nullopt);
  EXPECT_EQ(RaisedCondition([&] { config.With("spark.sql.ansi.enabled", "perhaps"); }),
            Condition::INVALID_CONF_VALUE__TYPE_MISMATCH);
  EXPECT_EQ(config.With("spark.sql.files.maxPartitionBytes", "64 MB").GetInt("spark.sql.files.maxPartitionBytes"),
            64 << 20);
}

}  // namespace
}  // namespace centella
