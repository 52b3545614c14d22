// Window functions proper: ranking, lag and lead, nth_value. Aggregates serve as windows through their states.
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
  return Number<int32_t>(args, [](int64_t i) { return i + 1; });
}
VectorPtr Rank(const WindowArgs& args) {
  return Number<int32_t>(args, [&](int64_t i) { return args.peers_begin[i] + 1; });
}
VectorPtr DenseRank(const WindowArgs& args) {
  int64_t rank = 0;
  return Number<int32_t>(args, [&](int64_t i) { return rank += args.peers_begin[i] == i ? 1 : 0; });
}
VectorPtr PercentRank(const WindowArgs& args) {
  return Number<double>(args, [&](int64_t i) {
    if (args.rows <= 1) return 0.0;
    return static_cast<double>(args.peers_begin[i]) / static_cast<double>(args.rows - 1);
  });
}
VectorPtr CumeDist(const WindowArgs& args) {
  return Number<double>(
      args, [&](int64_t i) { return static_cast<double>(args.peers_end[i]) / static_cast<double>(args.rows); });
}

// The first rows % n buckets hold one row more than the others.
VectorPtr NTile(const WindowArgs& args) {
  int64_t buckets = 1;
  if (!args.args.empty() && args.rows > 0) {
    buckets = args.args[0]->IsNull(0) ? 0 : args.args[0]->GetValue(0).integer();
  }
  if (buckets <= 0) {
    Raise(Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE, {{"exprName", "buckets"},
                                                            {"valueRange", "(0, 2147483647]"},
                                                            {"currentValue", std::to_string(buckets)},
                                                            {"sqlExpr", "ntile"}});
  }
  int64_t size = args.rows / buckets, larger = args.rows % buckets;
  int64_t edge = larger * (size + 1);
  return Number<int32_t>(args, [=](int64_t i) {
    return i < edge ? i / (size + 1) + 1 : larger + (i - edge) / std::max<int64_t>(size, 1) + 1;
  });
}

// Row that is `offset` rows away in `direction`, counting only non-null ones when nulls are ignored; -1 = none.
int64_t Target(const Vector& values, int64_t row, int64_t offset, int direction, bool ignore_nulls, int64_t rows) {
  if (offset < 0) {
    offset = -offset;
    direction = -direction;
  }
  if (!ignore_nulls || offset == 0) {
    int64_t at = row + direction * offset;
    return at < 0 || at >= rows ? -1 : at;
  }
  for (int64_t at = row + direction; at >= 0 && at < rows; at += direction) {
    if (!values.IsNull(at) && --offset == 0) return at;
  }
  return -1;
}

template <int direction>
VectorPtr Shift(const WindowArgs& args) {
  const Vector& values = *args.args[0];
  int64_t offset = 1;
  if (args.args.size() > 1 && args.rows > 0) offset = args.args[1]->GetValue(0).integer();
  bool with_default = args.args.size() > 2;
  std::vector<int32_t> picks(args.rows);
  for (int64_t i = 0; i < args.rows; ++i) {
    int64_t at = Target(values, i, offset, direction, args.ignore_nulls, args.rows);
    if (at < 0 && with_default) at = args.rows + i;
    picks[i] = static_cast<int32_t>(at);
  }
  VectorPtr from = args.args[0];
  if (with_default) from = Concat({Flatten(from), Flatten(args.args[2])});
  return Gather(from, picks.data(), args.rows);
}

VectorPtr NthValue(const WindowArgs& args) {
  const Vector& values = *args.args[0];
  int64_t n = args.rows > 0 && !args.args[1]->IsNull(0) ? args.args[1]->GetValue(0).integer() : 0;
  if (args.rows > 0 && n <= 0) {
    Raise(Condition::DATATYPE_MISMATCH__VALUE_OUT_OF_RANGE, {{"exprName", "offset"},
                                                            {"valueRange", "(0, 9223372036854775807]"},
                                                            {"currentValue", std::to_string(n)},
                                                            {"sqlExpr", "nth_value"}});
  }
  std::vector<int32_t> picks(args.rows, -1);
  for (int64_t i = 0; i < args.rows; ++i) {
    int64_t begin = args.frame_begin[i], end = args.frame_end[i];
    if (!args.ignore_nulls) {
      if (begin + n - 1 < end) picks[i] = static_cast<int32_t>(begin + n - 1);
      continue;
    }
    int64_t left = n;
    for (int64_t at = begin; at < end; ++at) {
      if (values.IsNull(at) || --left > 0) continue;
      picks[i] = static_cast<int32_t>(at);
      break;
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
  const Ranking rankings[] = {
      {"row_number", "The row's number in its partition, from 1.", "-> int", RowNumber},
      {"rank", "One more than the rows before the row's peers.", "-> int", Rank},
      {"dense_rank", "One more than the groups of peers before the row.", "-> int", DenseRank},
      {"percent_rank", "(rank - 1) / (rows - 1).", "-> double", PercentRank},
      {"cume_dist", "The share of rows up to the row's last peer.", "-> double", CumeDist}};
  for (const Ranking& ranking : rankings) {
    registry.Window(ranking.name, ranking.doc).Group("window_funcs").NeverNull().NeedsOrder()
        .WindowOverload(ranking.signature, ranking.kernel);
  }
  registry.Window("ntile", "The number of the row's bucket, of n buckets as equal as can be.").Group("window_funcs")
      .NeverNull().NeedsOrder().WindowOverload("-> int", NTile).WindowOverload("int -> int", NTile);
  for (bool lag : {true, false}) {
    WindowKernel kernel = lag ? Shift<-1> : Shift<1>;
    registry.Window(lag ? "lag" : "lead", lag ? "The value some rows before." : "The value some rows after.")
        .Group("window_funcs").NeedsOrder()
        .Nullable([](const BindArgs& args) { return args.nullable.size() < 3 || args.nullable[0] || args.nullable[2]; })
        .WindowOverload("T -> T", kernel).WindowOverload("T, int -> T", kernel)
        .WindowOverload("T, int, T -> T", kernel);
  }
  registry.Window("nth_value", "The value of the frame's n-th row.").Group("window_funcs").AlwaysNullable()
      .WindowOverload("T, int -> T", NthValue);
}

}  // namespace centella
