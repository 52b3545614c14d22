// LIMIT, OFFSET and tail: the first (or last) rows in Spark's order of partitions, stopping the input early.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"

namespace centella {

class LimitOperator {
 public:
  // `limit` < 0: none (only an offset). `tail`: the last `limit` rows.
  LimitOperator(int64_t limit, int64_t offset, bool tail, std::vector<TypePtr> types, QueryContextPtr context);
  std::shared_ptr<Sink> sink();
  std::shared_ptr<Source> source();

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace centella
