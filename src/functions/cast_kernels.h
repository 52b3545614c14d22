// What the casts' files share: a cast's types and mode, its errors, loops over rows. Internal to the casts.
#pragma once

#include <algorithm>
#include <cstring>

#include "base/simd.h"
#include "functions/cast.h"
#include "functions/kernels.h"
#include "types/decimal.h"

namespace centella::cast {

struct Spec {
  TypePtr from;
  TypePtr to;
  EvalMode mode;

  bool ansi() const { return mode == EvalMode::kAnsi; }
  bool legacy() const { return mode == EvalMode::kLegacy; }
};

// Each raises in ANSI mode and answers false otherwise. `value` is an SQL literal.
bool InvalidInput(const Spec& spec, const std::string& value);
bool Overflow(const Spec& spec, const std::string& value);
bool DecimalOverflow(const Spec& spec, const std::string& value);
// Raises in every mode but try (Spark's intervals do).
bool OverflowAlways(const Spec& spec, const std::string& value);

// 'text' with quotes and backslashes escaped.
std::string QuoteText(std::string_view text);
// A number's text without its exponent, as BigDecimal.toPlainString gives it.
std::string PlainNumber(std::string_view text);

// bool op(const KernelArgs&, const In&, Out*) on live rows; false gives NULL.
template <typename In, typename Out, typename Op>
ScalarKernel PerRow(Op op) {
  return [op](const KernelArgs& call) -> VectorPtr {
    MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
    Out* to = out->template mutable_data<Out>();
    if (call.validity != nullptr) std::memset(static_cast<void*>(to), 0, sizeof(Out) * static_cast<size_t>(call.rows));
    ArgumentValues<In> in(*call.args[0]);
    ForLive(call, [&](int64_t i) {
      if (!op(call, in[i], to + i)) [[unlikely]] {
        to[i] = Out{};
        out->SetNull(i);
      }
    });
    return out;
  };
}

template <typename In, typename Out, typename Op>
CENTELLA_WIDE_LOOPS void ApplyToAll(const In* in, int64_t n, Out* __restrict out, Op op) {
  for (int64_t i = 0; i < n; ++i) out[i] = op(in[i]);
}

// Out op(In) on every row, also null ones: total and cheap.
template <typename In, typename Out, typename Op>
ScalarKernel Total(Op op) {
  return [op](const KernelArgs& call) -> VectorPtr {
    MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
    Out* to = out->template mutable_data<Out>();
    const In* in = call.data<In>(0);
    const int64_t n = call.rows;
    if (!call.args[0]->is_constant()) {
      ApplyToAll(in, n, to, op);
    } else {
      std::fill_n(to, n, op(in[0]));
    }
    return out;
  };
}

// char* op(const KernelArgs&, const In&, char*) writes at most `room` bytes of text.
template <typename In, typename Op>
ScalarKernel ToText(int room, Op op) {
  return [room, op](const KernelArgs& call) -> VectorPtr {
    MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
    auto* to = out->mutable_data<StringView>();
    ArgumentValues<In> in(*call.args[0]);
    StringHeap heap;
    char buffer[64];
    CENTELLA_CHECK(room <= static_cast<int>(sizeof(buffer)), "text buffer of a cast");
    ForLive(call, [&](int64_t i) {
      char* end = op(call, in[i], buffer);
      to[i] = heap.Add({buffer, static_cast<size_t>(end - buffer)});
    });
    heap.MoveTo(*out);
    return out;
  };
}

// The families; each gives an empty kernel for pairs that aren't its own.
ScalarKernel NumericCast(const Spec& spec);     // numbers, booleans and decimals among themselves
ScalarKernel FromStringCast(const Spec& spec);  // string to any simple type
ScalarKernel ToStringCast(const Spec& spec);    // any type to string
ScalarKernel DateTimeCast(const Spec& spec);    // dates, timestamps, times among themselves and with numbers
ScalarKernel IntervalCast(const Spec& spec);    // intervals among themselves and with numbers
ScalarKernel NestedCast(const Spec& spec);      // arrays, maps, structs

// Casts a nested part: the rows where `valid` is set (null = all) are converted, the others are null.
VectorPtr CastPart(const KernelArgs& call, const ScalarKernel& kernel, const VectorPtr& part, const TypePtr& to,
                   const BufferPtr& valid);

// Reads an integer-like or decimal physical value as int128; used by rare casts that needn't be fast.
template <typename Visitor>
ScalarKernel VisitNumber(const DataType& type, Visitor visitor) {
  switch (type.physical()) {
    case PhysicalType::kInt8: return visitor(int8_t{});
    case PhysicalType::kInt16: return visitor(int16_t{});
    case PhysicalType::kInt32: return visitor(int32_t{});
    case PhysicalType::kInt64: return visitor(int64_t{});
    case PhysicalType::kInt128: return visitor(int128_t{});
    case PhysicalType::kFloat: return visitor(float{});
    case PhysicalType::kDouble: return visitor(double{});
    default: return nullptr;
  }
}

}  // namespace centella::cast
