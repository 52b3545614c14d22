// Exchanges: rows go to Spark's partitions by hash, in turn, or all to one. Also what spools shared subplans.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"

namespace centella {

enum class ExchangeKind : uint8_t {
  kHash,        // pmod(Spark's hash of the keys, n)
  kRoundRobin,  // in turn
  kRange,       // by sorted keys: the input must come sorted; cut into n equal parts
  kKeep,        // partitions stay: a spool that several readers share
};

class Exchange {
 public:
  // `keys` are columns of the input. For kKeep `partitions` is the input's number.
  Exchange(ExchangeKind kind, int32_t partitions, std::vector<int> keys, std::vector<TypePtr> types,
           QueryContextPtr context);
  std::shared_ptr<Sink> sink();
  // May be made several times: each reads everything.
  std::shared_ptr<Source> source();

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace centella
