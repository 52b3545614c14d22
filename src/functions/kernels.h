// Adaptors that turn an operation on single values into a kernel over vectors, with constants and nulls handled.
//
// The operation is a captureless lambda or function given as a template argument, so that it is inlined:
//   registry.Scalar("sqrt", "…").Overload("double -> double", Unary<double, double, [](double x) { return std::sqrt(x); }>);
// The evaluator gives flat or constant arguments; with only constants it asks for one row. `Unary` and `Binary` run
// over null rows too (whatever lies there), so their operations must be total and cheap; the `Live` forms run on
// live rows only and may raise; the `Maybe` forms answer false for NULL. Strings use the Live or Text forms.
#pragma once

#include <cstring>

#include "functions/registry.h"

namespace centella {

// `vector` with rows also null where `validity`'s bit is clear.
VectorPtr WithValidity(VectorPtr vector, const BufferPtr& validity);
// The AND of both bitmaps over `rows` rows; null means all valid.
BufferPtr AndValidity(const BufferPtr& a, const BufferPtr& b, int64_t rows);
// The validity of any vector as a bitmap, or null when no row is null.
BufferPtr ValidityOf(const VectorPtr& vector);

// An argument's values: value of row i is at[i * step].
template <typename T>
struct ArgumentValues {
  const T* at;
  int64_t step;
  explicit ArgumentValues(const Vector& v) : at(v.data<T>()), step(v.is_constant() ? 0 : 1) {}
  const T& operator[](int64_t row) const { return at[row * step]; }
};

template <typename In, typename Out, auto op>
VectorPtr Unary(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  Out* to = out->template mutable_data<Out>();
  const In* from = call.data<In>(0);
  const int64_t n = call.rows;  // by value: writing int64 results could change it, for all the compiler knows
  const int64_t rows = call.args[0]->is_constant() ? 1 : n;
  for (int64_t i = 0; i < rows; ++i) to[i] = static_cast<Out>(op(from[i]));
  for (int64_t i = rows; i < n; ++i) to[i] = to[0];
  return out;
}

template <typename A, typename B, typename Out, auto op>
VectorPtr Binary(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  Out* to = out->template mutable_data<Out>();
  const A* a = call.data<A>(0);
  const B* b = call.data<B>(1);
  const int64_t n = call.rows;
  bool a_constant = call.args[0]->is_constant(), b_constant = call.args[1]->is_constant();
  if (!a_constant && !b_constant) {
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<Out>(op(a[i], b[i]));
  } else if (!a_constant) {
    B y = b[0];
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<Out>(op(a[i], y));
  } else {
    A x = a[0];
    int64_t step = b_constant ? 0 : 1;
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<Out>(op(x, b[i * step]));
  }
  return out;
}

// Runs `body(row)` for each live row.
template <typename Body>
void ForLive(const KernelArgs& call, Body&& body) {
  const int64_t n = call.rows;
  const uint8_t* validity = call.validity;
  if (validity == nullptr) {
    for (int64_t i = 0; i < n; ++i) body(i);
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    if (BitIsSet(validity, i)) body(i);
  }
}

// Out op(const KernelArgs&, A [, B [, C]]) on live rows; may raise. Null rows hold zero.
template <typename A, typename Out, auto op>
VectorPtr UnaryLive(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  Out* to = out->template mutable_data<Out>();
  ArgumentValues<A> a(*call.args[0]);
  if (call.validity != nullptr) std::memset(static_cast<void*>(to), 0, sizeof(Out) * call.rows);
  ForLive(call, [&](int64_t i) { to[i] = op(call, a[i]); });
  return out;
}
template <typename A, typename B, typename Out, auto op>
VectorPtr BinaryLive(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  Out* to = out->template mutable_data<Out>();
  ArgumentValues<A> a(*call.args[0]);
  ArgumentValues<B> b(*call.args[1]);
  if (call.validity != nullptr) std::memset(static_cast<void*>(to), 0, sizeof(Out) * call.rows);
  ForLive(call, [&](int64_t i) { to[i] = op(call, a[i], b[i]); });
  return out;
}

// bool op(const KernelArgs&, A [, B], Out&) on live rows; false gives NULL, and it may raise.
template <typename A, typename Out, auto op>
VectorPtr UnaryMaybe(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  Out* to = out->template mutable_data<Out>();
  std::memset(static_cast<void*>(to), 0, sizeof(Out) * call.rows);
  ArgumentValues<A> a(*call.args[0]);
  ForLive(call, [&](int64_t i) {
    if (!op(call, a[i], to[i])) [[unlikely]]
      out->SetNull(i);
  });
  return out;
}
template <typename A, typename B, typename Out, auto op>
VectorPtr BinaryMaybe(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  Out* to = out->template mutable_data<Out>();
  std::memset(static_cast<void*>(to), 0, sizeof(Out) * call.rows);
  ArgumentValues<A> a(*call.args[0]);
  ArgumentValues<B> b(*call.args[1]);
  ForLive(call, [&](int64_t i) {
    if (!op(call, a[i], b[i], to[i])) [[unlikely]]
      out->SetNull(i);
  });
  return out;
}

// StringView op(const KernelArgs&, A, StringHeap&): the heap holds what is new.
template <typename A, auto op>
VectorPtr UnaryText(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<StringView>();
  if (call.validity != nullptr) std::memset(static_cast<void*>(to), 0, sizeof(StringView) * call.rows);
  ArgumentValues<A> a(*call.args[0]);
  StringHeap heap;
  ForLive(call, [&](int64_t i) { to[i] = op(call, a[i], heap); });
  heap.MoveTo(*out);
  return out;
}
template <typename A, typename B, auto op>
VectorPtr BinaryText(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<StringView>();
  if (call.validity != nullptr) std::memset(static_cast<void*>(to), 0, sizeof(StringView) * call.rows);
  ArgumentValues<A> a(*call.args[0]);
  ArgumentValues<B> b(*call.args[1]);
  StringHeap heap;
  ForLive(call, [&](int64_t i) { to[i] = op(call, a[i], b[i], heap); });
  heap.MoveTo(*out);
  return out;
}

}  // namespace centella
