// The cube root gives the bits that Java gives.
#include "functions/cube_root.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace centella {
namespace {

TEST(CubeRoot, CubesAreExact) {
  for (int64_t i = -2000; i <= 2000; ++i) EXPECT_EQ(CubeRoot(static_cast<double>(i * i * i)), static_cast<double>(i));
}

TEST(CubeRoot, GivesJavasBits) {
  EXPECT_EQ(CubeRoot(2.0), 1.2599210498948732);
  EXPECT_EQ(CubeRoot(1e300), 1e100);
  EXPECT_EQ(CubeRoot(1e-310), 4.641588833612774e-104);
}

TEST(CubeRoot, WhatHasNoOrdinaryRootStays) {
  EXPECT_TRUE(std::signbit(CubeRoot(-0.0)));
  EXPECT_TRUE(std::isnan(CubeRoot(std::nan(""))));
  EXPECT_EQ(CubeRoot(-std::numeric_limits<double>::infinity()), -std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace centella
