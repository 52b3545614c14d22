// Window functions proper: ranking, lag and lead, nth_value. Aggregates serve as windows through their states.
#include <algorithm>
#include <cstdlib>

#include "functions/registry.h"

namespace centella {
namespace {

template <typename T, typename Value>
VectorPtr Number(const WindowArgs& args, Value&& value) {
  MutableVectorPtr out = Vector::MakeFlat(args.result_type, args.rows);
  for (int64_t i = 0; i < args.rows; ++i) out->mutable_data<T>()[i] = static_cast<T>(value(i));
  return out;
}

VectorPtr RowNumber(const WindowArgs& args) {
  return Number<int32_t>(args, [&](int64_t i) { return i - args.partition_begin[i] + 1; });
}
VectorPtr Rank(const WindowArgs& args) {
  return Number<int32_t>(args, [&](int64_t i) { return args.peers_begin[i] - args.partition_begin[i] + 1; });
}
VectorPtr DenseRank(const WindowArgs& args) {
  int64_t rank = 0;
  return Number<int32_t>(args, [&](int64_t i) {
    if (args.partition_begin[i] == i) rank = 0;
    return rank += args.peers_begin[i] == i ? 1 : 0;
  });
}
VectorPtr PercentRank(const WindowArgs& args) {
  return Number<double>(args, [&](int64_t i) {
    const int64_t rows = args.partition_end[i] - args.partition_begin[i];
    if (rows <= 1) return 0.0;
    return static_cast<double>(args.peers_begin[i] - args.partition_begin[i]) / static_cast<double>(rows - 1);
  });
}
VectorPtr CumeDist(const WindowArgs& args) {
  return Number<double>(args, [&](int64_t i) {
    return static_cast<double>(args.peers_end[i] - args.partition_begin[i]) /
           static_cast<double>(args.partition_end[i] - args.partition_begin[i]);
  });
}

int64_t BucketCount(const WindowArgs& args, int64_t row) {
  if (args.args.empty()) return 1;
  const int64_t buckets = args.args[0]->IsNull(row) ? 0 : args.args[0]->GetValue(row).integer();
  if (buckets > 0) return buckets;
  Raise(Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE, {{"exprName", "buckets"},
                                                           {"valueRange", "(0, 2147483647]"},
                                                           {"currentValue", std::to_string(buckets)},
                                                           {"sqlExpr", "ntile"}});
}

// The first rows % n buckets hold one row more than the others.
VectorPtr NTile(const WindowArgs& args) {
  int64_t larger = 0, size = 0, edge = 0;
  return Number<int32_t>(args, [&](int64_t i) {
    const int64_t begin = args.partition_begin[i], row = i - begin;
    if (row == 0) {
      const int64_t rows = args.partition_end[i] - begin, buckets = BucketCount(args, i);
      size = rows / buckets;
      larger = rows % buckets;
      edge = larger * (size + 1);
    }
    return row < edge ? row / (size + 1) + 1 : larger + (row - edge) / std::max<int64_t>(size, 1) + 1;
  });
}

// The rows whose value isn't null, and for each row how many of them lie before it.
struct NonNullRows {
  explicit NonNullRows(const Vector& values) {
    before.reserve(values.size() + 1);
    for (int64_t i = 0; i < values.size(); ++i) {
      before.push_back(static_cast<int32_t>(rows.size()));
      if (!values.IsNull(i)) rows.push_back(static_cast<int32_t>(i));
    }
    before.push_back(static_cast<int32_t>(rows.size()));
  }
  // The n-th (from 1) at or after `row`, if before `end`; else -1.
  int32_t NthFrom(int64_t row, int64_t n, int64_t end) const {
    const int64_t at = before[row] + n - 1;
    return at < static_cast<int64_t>(rows.size()) && rows[at] < end ? rows[at] : -1;
  }
  // The n-th (from 1) before `row`, if not before `begin`; else -1.
  int32_t NthBefore(int64_t row, int64_t n, int64_t begin) const {
    const int64_t at = before[row] - n;
    return at >= 0 && rows[at] >= begin ? rows[at] : -1;
  }
  std::vector<int32_t> rows, before;
};

template <int direction>
VectorPtr Shift(const WindowArgs& args) {
  if (args.rows == 0) return Vector::MakeNull(args.result_type, 0);
  int64_t offset = args.args.size() > 1 ? args.args[1]->GetValue(0).integer() : 1;
  const bool back = (direction < 0) == (offset >= 0);
  offset = std::min<int64_t>(std::abs(offset), args.rows);
  std::vector<int32_t> picks(args.rows);
  if (!args.ignore_nulls || offset == 0) {
    for (int64_t i = 0; i < args.rows; ++i) {
      const int64_t at = back ? i - offset : i + offset;
      const bool there = at >= args.partition_begin[i] && at < args.partition_end[i];
      picks[i] = there ? static_cast<int32_t>(at) : -1;
    }
  } else {
    const NonNullRows known(*args.args[0]);
    for (int64_t i = 0; i < args.rows; ++i) {
      picks[i] = back ? known.NthBefore(i, offset, args.partition_begin[i])
                      : known.NthFrom(i + 1, offset, args.partition_end[i]);
    }
  }
  if (args.args.size() <= 2) return Gather(args.args[0], picks.data(), args.rows);
  for (int64_t i = 0; i < args.rows; ++i) {
    if (picks[i] < 0) picks[i] = static_cast<int32_t>(args.rows + i);
  }
  return Gather(Concat({Flatten(args.args[0]), Flatten(args.args[2])}), picks.data(), args.rows);
}

VectorPtr NthValue(const WindowArgs& args) {
  if (args.rows == 0) return Vector::MakeNull(args.result_type, 0);
  const int64_t n = args.args[1]->IsNull(0) ? 0 : args.args[1]->GetValue(0).integer();
  if (n <= 0) {
    Raise(Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE, {{"exprName", "offset"},
                                                             {"valueRange", "(0, 9223372036854775807]"},
                                                             {"currentValue", std::to_string(n)},
                                                             {"sqlExpr", "nth_value"}});
  }
  std::vector<int32_t> begin, end;
  args.find_frames(&begin, &end);
  std::vector<int32_t> picks(args.rows, -1);
  if (args.ignore_nulls) {
    const NonNullRows known(*args.args[0]);
    for (int64_t i = 0; i < args.rows; ++i) picks[i] = known.NthFrom(begin[i], n, end[i]);
  } else {
    for (int64_t i = 0; i < args.rows; ++i) {
      if (n <= end[i] - begin[i]) picks[i] = static_cast<int32_t>(begin[i] + n - 1);
    }
  }
  return Gather(args.args[0], picks.data(), args.rows);
}

}  // namespace

void RegisterWindowFunctions(FunctionRegistry& registry) {
  struct Ranking {
    const char* name;
    const char* doc;
    const char* signature;
    WindowKernel kernel;
  };
  const Ranking rankings[] = {{"row_number", "The row's number in its partition, from 1.", "-> int", RowNumber},
                              {"rank", "One more than the rows before the row's peers.", "-> int", Rank},
                              {"dense_rank", "One more than the groups of peers before the row.", "-> int", DenseRank},
                              {"percent_rank", "(rank - 1) / (rows - 1).", "-> double", PercentRank},
                              {"cume_dist", "The share of rows up to the row's last peer.", "-> double", CumeDist}};
  for (const Ranking& ranking : rankings) {
    registry.Window(ranking.name, ranking.doc)
        .Group("window_funcs")
        .NeverNull()
        .NeedsOrder()
        .WindowOverload(ranking.signature, ranking.kernel);
  }
  registry.Window("ntile", "The number of the row's bucket, of n buckets as equal as can be.")
      .Group("window_funcs")
      .NeverNull()
      .NeedsOrder()
      .WindowOverload("-> int", NTile)
      .WindowOverload("int -> int", NTile);
  for (bool lag : {true, false}) {
    WindowKernel kernel = lag ? Shift<-1> : Shift<1>;
    registry.Window(lag ? "lag" : "lead", lag ? "The value some rows before." : "The value some rows after.")
        .Group("window_funcs")
        .NeedsOrder()
        .Nullable([](const BindArgs& args) { return args.nullable.size() < 3 || args.nullable[0] || args.nullable[2]; })
        .WindowOverload("T -> T", kernel)
        .WindowOverload("T, int -> T", kernel)
        .WindowOverload("T, int, T -> T", kernel);
  }
  registry.Window("nth_value", "The value of the frame's n-th row.")
      .Group("window_funcs")
      .AlwaysNullable()
      .WindowOverload("T, int -> T", NthValue);
}

}  // namespace centella
