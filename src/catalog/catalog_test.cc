// Tests of the catalog in memory: what it refuses, by name.
#include "catalog/catalog.h"

#include <gtest/gtest.h>

#include "base/raised_condition.h"

namespace centella {
namespace {

TEST(MemoryCatalog, RefusesWhatIsThereOrInUse) {
  const auto catalog = MakeMemoryCatalog("spark_catalog");
  catalog->CreateDatabase("shop", false);
  catalog->CreateDatabase("SHOP", true);
  EXPECT_EQ(RaisedCondition([&] { catalog->CreateDatabase("Shop", false); }), Condition::SCHEMA_ALREADY_EXISTS);
  TableEntry entry;
  entry.name = {"spark_catalog", "shop", "orders"};
  catalog->CreateTable("shop", "orders", entry, false);
  catalog->CreateTable("shop", "orders", entry, true);
  EXPECT_EQ(RaisedCondition([&] { catalog->CreateTable("shop", "ORDERS", entry, false); }),
            Condition::TABLE_OR_VIEW_ALREADY_EXISTS);
  EXPECT_EQ(RaisedCondition([&] { catalog->CreateTable("nowhere", "orders", entry, false); }),
            Condition::SCHEMA_NOT_FOUND);
  EXPECT_EQ(RaisedCondition([&] { catalog->DropDatabase("shop", false, false); }), Condition::SCHEMA_NOT_EMPTY);
  catalog->DropDatabase("shop", false, true);
  EXPECT_FALSE(catalog->DatabaseExists("shop"));
  EXPECT_EQ(RaisedCondition([&] { catalog->DropDatabase("shop", false, false); }), Condition::SCHEMA_NOT_FOUND);
}

}  // namespace
}  // namespace centella
