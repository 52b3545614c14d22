// The kernels behind window(time, duration [, slide [, start]]): the bucket of an instant, or all that overlap at it.
#include <vector>

#include "functions/lists.h"
#include "functions/registry.h"
#include "types/calendar.h"

namespace centella {
namespace {

constexpr int64_t kMostWindows = 1 << 20;  // of one instant

// Start of the last window that begins at or before the instant.
int64_t LastStart(int64_t instant, int64_t slide, int64_t offset) {
  return instant - FloorMod(instant - offset, slide);
}

VectorPtr Structs(const TypePtr& type, const std::vector<int64_t>& starts, int64_t duration) {
  const auto rows = static_cast<int64_t>(starts.size());
  MutableVectorPtr start = Vector::MakeFlat(type->fields()[0].type, rows);
  MutableVectorPtr end = Vector::MakeFlat(type->fields()[1].type, rows);
  for (int64_t i = 0; i < rows; ++i) {
    start->mutable_data<int64_t>()[i] = starts[i];
    end->mutable_data<int64_t>()[i] =
        static_cast<int64_t>(static_cast<uint64_t>(starts[i]) + static_cast<uint64_t>(duration));
  }
  return Vector::WrapFlat(type, rows, nullptr, nullptr, {}, {std::move(start), std::move(end)});
}

// Durations are constants of the plan: duration, slide, start.
int64_t Constant(const KernelArgs& call, size_t arg) { return call.data<int64_t>(arg)[0]; }

VectorPtr OneWindow(const KernelArgs& call) {
  std::vector<int64_t> starts(static_cast<size_t>(call.rows), 0);
  ForLive(call, [&](int64_t i) {
    starts[i] = LastStart(call.data<int64_t>(0)[call.index(0, i)], Constant(call, 2), Constant(call, 3));
  });
  return Structs(call.result_type, starts, Constant(call, 1));
}

VectorPtr AllWindows(const KernelArgs& call) {
  const int64_t duration = Constant(call, 1), slide = Constant(call, 2);
  if (duration / slide > kMostWindows) RaiseUnsupported("window() with more than 1048576 windows for one instant");
  std::vector<ListEntry> entries(static_cast<size_t>(call.rows));
  std::vector<int64_t> starts;
  ForLive(call, [&](int64_t i) {
    const int64_t instant = call.data<int64_t>(0)[call.index(0, i)];
    const auto begin = static_cast<int32_t>(starts.size());
    for (int64_t at = LastStart(instant, slide, Constant(call, 3)); at > instant - duration; at -= slide)
      starts.push_back(at);
    entries[i] = {begin, static_cast<int32_t>(starts.size()) - begin};
  });
  return WrapList(call.result_type, entries, Structs(call.result_type->element(), starts, duration));
}

// The window's last microsecond.
VectorPtr WindowTime(const KernelArgs& call) {
  const VectorPtr ends = Flatten(FieldOf(call.args[0], 1));
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  for (int64_t i = 0; i < call.rows; ++i) {
    out->mutable_data<int64_t>()[i] = ends->data<int64_t>()[call.args[0]->is_constant() ? 0 : i] - 1;
    if (ends->IsNull(i)) out->SetNull(i);
  }
  return out;
}

TypePtr WindowType(const BindArgs& args) {
  return types::Struct({{"start", args.types[0], true, ""}, {"end", args.types[0], true, ""}});
}

}  // namespace

void RegisterTimeWindows(FunctionRegistry& registry) {
  FunctionBuilder one = registry.Scalar("time_window", "What window() becomes when its windows don't overlap.");
  one.Group("internal").NeverNull();  // rows without an instant are filtered out before
  FunctionBuilder all = registry.Scalar("time_windows", "What window() becomes when its windows overlap.");
  all.Group("internal");
  for (const char* type : {"timestamp", "timestamp_ntz"}) {
    const std::string signature = std::string(type) + ", bigint, bigint, bigint -> ?";
    one.Overload(signature, OneWindow).ResultType(WindowType);
    all.Overload(signature, AllWindows)
        .ResultType([](const BindArgs& args) { return types::Array(WindowType(args), true); })
        .CanFail();
  }
  registry.Scalar("window_time", "The last instant of a window.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Overload("struct -> ?", WindowTime)
      .ResultType([](const BindArgs& args) -> TypePtr {
        const std::vector<StructField>& fields = args.types[0]->fields();
        const bool window = fields.size() == 2 && fields[0].name == "start" && fields[1].name == "end" &&
                            fields[1].type->physical() == PhysicalType::kInt64 && fields[1].type->is_datetime();
        if (!window) RaiseUnsupported("window_time of what isn't a window");
        return fields[1].type;
      });
}

}  // namespace centella
