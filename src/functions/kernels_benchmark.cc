// Cycles per value of every kernel, from the registry alone: scalar functions and aggregates over a batch of simple arguments.
// `--benchmark_filter=math_funcs` takes one family. Functions whose arguments need a meaning that random values don't have
// (a zone, a format) measure how fast they raise, and are left out: the benchmark says which.
#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <optional>

#include "functions/registry.h"

namespace centella {
namespace {

constexpr int64_t kRows = 4096;

// A type that fits a pattern; nothing where that takes more than a simple type.
TypePtr SimpleType(const TypePattern& pattern) {
  switch (pattern.kind) {
    case TypePattern::Kind::kExact: return pattern.exact;
    case TypePattern::Kind::kVariable:
    case TypePattern::Kind::kNumeric:
    case TypePattern::Kind::kIntegral:
    case TypePattern::Kind::kAny: return types::Long();
    case TypePattern::Kind::kDecimal: return types::Decimal(12, 2);
    default: return nullptr;
  }
}

// Small and different values that most functions accept.
VectorPtr Values(const TypePtr& type) {
  std::vector<Value> values;
  for (int64_t i = 0; i < kRows; ++i) {
    const int64_t number = 1 + (i * 7919) % 97;
    if (type->id() == TypeId::kDecimal) {
      values.push_back(Value::Of(type, int128_t{number}));
      continue;
    }
    switch (type->physical()) {
      case PhysicalType::kBool: values.push_back(Value::Boolean(number % 2 == 0)); break;
      case PhysicalType::kInt8: values.push_back(Value::Integer(type, number % 5 + 1)); break;
      case PhysicalType::kInt16:
      case PhysicalType::kInt64: values.push_back(Value::Integer(type, number)); break;
      case PhysicalType::kInt32: values.push_back(Value::Integer(type, number % 12 + 1)); break;
      case PhysicalType::kFloat:
      case PhysicalType::kDouble: values.push_back(Value::Of(type, static_cast<double>(number) / 97)); break;
      case PhysicalType::kInt128: values.push_back(Value::Of(type, int128_t{number})); break;
      case PhysicalType::kString: values.push_back(Value::Of(type, "words of row " + std::to_string(number))); break;
      default: return nullptr;
    }
  }
  return MakeVector(type, values);
}

struct Prepared {
  std::vector<TypePtr> types;
  std::vector<VectorPtr> args;
  TypePtr result;
};

std::optional<Prepared> Prepare(const Overload& overload) {
  Prepared prepared;
  for (const TypePattern& pattern : overload.args) {
    const TypePtr type = SimpleType(pattern);
    const VectorPtr values = type == nullptr ? nullptr : Values(type);
    if (values == nullptr) return std::nullopt;
    prepared.types.push_back(type);
    prepared.args.push_back(values);
  }
  const std::vector<const Value*> constants(prepared.types.size(), nullptr);
  const bool nullable[16] = {};
  if (prepared.types.size() > 16) return std::nullopt;
  try {
    prepared.result =
        ResultTypeOf(overload, {prepared.types, {nullable, prepared.types.size()}, constants, EvalMode::kAnsi});
  } catch (const Error&) {
    return std::nullopt;
  }
  return prepared;
}

void RunScalar(benchmark::State& state, const FunctionDecl& decl, const Overload& overload, const Prepared& prepared) {
  const QueryContext context;
  const std::vector<const Value*> constants(prepared.args.size(), nullptr);
  try {
    const std::shared_ptr<const void> made = decl.prepare ? decl.prepare(constants, context) : nullptr;
    const KernelArgs call{context, EvalMode::kAnsi, kRows, prepared.args, prepared.result, nullptr, made.get()};
    uint64_t cycles = 0;
    for (auto _ : state) {
      const uint64_t begin = __rdtsc();
      benchmark::DoNotOptimize(overload.kernel(call));
      cycles += __rdtsc() - begin;
    }
    state.SetItemsProcessed(state.iterations() * kRows);
    state.counters["cycles/value"] = static_cast<double>(cycles) / static_cast<double>(state.iterations() * kRows);
  } catch (const Error&) {
    state.SkipWithError("needs other values");
  }
}

void RunAggregate(benchmark::State& state, const Overload& overload, const Prepared& prepared) {
  const QueryContext context;
  try {
    const auto function = overload.aggregate(AggregateArgs{context, EvalMode::kAnsi, prepared.types, prepared.result});
    std::vector<uint64_t> room(function->state_size() / 8 + 2);
    auto* bytes = reinterpret_cast<std::byte*>(room.data());
    uint64_t cycles = 0;
    for (auto _ : state) {
      function->Init(bytes);
      const uint64_t begin = __rdtsc();
      function->UpdateOne(prepared.args, kRows, bytes);
      cycles += __rdtsc() - begin;
      function->Destroy(bytes);
    }
    state.SetItemsProcessed(state.iterations() * kRows);
    state.counters["cycles/value"] = static_cast<double>(cycles) / static_cast<double>(state.iterations() * kRows);
  } catch (const Error&) {
    state.SkipWithError("needs other values");
  }
}

void RegisterAll() {
  for (const FunctionDecl* decl : FunctionRegistry::Builtin().All()) {
    for (const Overload& overload : decl->overloads) {
      if (overload.kernel == nullptr && overload.aggregate == nullptr) continue;
      if (decl->needs_partition_order || decl->make_task_state) continue;
      const std::optional<Prepared> prepared = Prepare(overload);
      if (!prepared.has_value()) continue;
      const std::string name = decl->group + "/" + decl->name + "(" + overload.text + ")";
      benchmark::RegisterBenchmark(name.c_str(), [decl, &overload, prepared](benchmark::State& state) {
        overload.kernel != nullptr ? RunScalar(state, *decl, overload, *prepared)
                                   : RunAggregate(state, overload, *prepared);
      });
    }
  }
}

const bool registered = (RegisterAll(), true);

}  // namespace
}  // namespace centella
