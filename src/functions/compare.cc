// Comparison kernels and the comparison operators' family.
#include "functions/compare.h"

#include <cstring>

#include "base/simd.h"
#include "functions/kernels.h"
#include "functions/registry.h"

namespace centella {
namespace {

template <typename T, CompareOp op>
inline bool Test(const T& a, const T& b) {
  constexpr bool floating = std::is_floating_point_v<T>;
  if constexpr (op == CompareOp::kEqual) {
    if constexpr (floating)
      return (a == b) | ((a != a) & (b != b));
    else
      return a == b;
  } else if constexpr (op == CompareOp::kNotEqual) {
    return !Test<T, CompareOp::kEqual>(a, b);
  } else if constexpr (op == CompareOp::kLess) {
    if constexpr (floating)
      return (a < b) | ((b != b) & (a == a));
    else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, int128_t>)
      return a < b;
    else
      return CompareValues(a, b) < 0;
  } else {
    static_assert(op == CompareOp::kLessEqual);
    return !Test<T, CompareOp::kLess>(b, a);
  }
}

template <typename T, CompareOp op>
CENTELLA_WIDE_LOOPS void CompareNumbers(const T* a, bool a_constant, const T* b, bool b_constant, int64_t rows,
                                        uint8_t* __restrict out) {
  if (!a_constant && !b_constant) {
    for (int64_t i = 0; i < rows; ++i) out[i] = Test<T, op>(a[i], b[i]);
  } else if (!a_constant) {
    const T y = b[0];
    for (int64_t i = 0; i < rows; ++i) out[i] = Test<T, op>(a[i], y);
  } else if (!b_constant) {
    const T x = a[0];
    for (int64_t i = 0; i < rows; ++i) out[i] = Test<T, op>(x, b[i]);
  } else {
    std::memset(out, Test<T, op>(a[0], b[0]), rows);
  }
}

template <typename T, CompareOp op>
void CompareLoop(const Vector& left, const Vector& right, int64_t rows, const uint8_t* validity, uint8_t* out) {
  const T* a = left.data<T>();
  const T* b = right.data<T>();
  const bool a_constant = left.is_constant(), b_constant = right.is_constant();
  if constexpr (std::is_same_v<T, StringView>) {
    // What lies in null rows may not be read.
    const int64_t a_step = a_constant ? 0 : 1, b_step = b_constant ? 0 : 1;
    for (int64_t i = 0; i < rows; ++i) {
      if (validity != nullptr && !BitIsSet(validity, i)) {
        out[i] = 0;
      } else {
        out[i] = Test<T, op>(a[i * a_step], b[i * b_step]);
      }
    }
  } else {
    CompareNumbers<T, op>(a, a_constant, b, b_constant, rows, out);
  }
}

template <CompareOp op>
void CompareNested(const Vector& a, const Vector& b, int64_t rows, const uint8_t* validity, uint8_t* out) {
  for (int64_t i = 0; i < rows; ++i) {
    out[i] = 0;
    if (validity != nullptr && !BitIsSet(validity, i)) continue;
    int c = CompareRows(a, i, b, i);
    switch (op) {
      case CompareOp::kEqual: out[i] = c == 0; break;
      case CompareOp::kNotEqual: out[i] = c != 0; break;
      case CompareOp::kLess: out[i] = c < 0; break;
      default: out[i] = c <= 0; break;
    }
  }
}

template <CompareOp op>
VectorPtr Dispatch(const Vector& a, const Vector& b, int64_t rows, const uint8_t* validity) {
  MutableVectorPtr out = Vector::MakeFlat(types::Boolean(), rows);
  auto* to = out->mutable_data<uint8_t>();
  switch (a.physical()) {
    case PhysicalType::kBool: CompareLoop<uint8_t, op>(a, b, rows, validity, to); break;
    case PhysicalType::kInt8: CompareLoop<int8_t, op>(a, b, rows, validity, to); break;
    case PhysicalType::kInt16: CompareLoop<int16_t, op>(a, b, rows, validity, to); break;
    case PhysicalType::kInt32: CompareLoop<int32_t, op>(a, b, rows, validity, to); break;
    case PhysicalType::kInt64: CompareLoop<int64_t, op>(a, b, rows, validity, to); break;
    case PhysicalType::kInt128: CompareLoop<int128_t, op>(a, b, rows, validity, to); break;
    case PhysicalType::kFloat: CompareLoop<float, op>(a, b, rows, validity, to); break;
    case PhysicalType::kDouble: CompareLoop<double, op>(a, b, rows, validity, to); break;
    case PhysicalType::kString: CompareLoop<StringView, op>(a, b, rows, validity, to); break;
    default: CompareNested<op>(a, b, rows, validity, to); break;
  }
  return out;
}

VectorPtr CompareLive(CompareOp op, const Vector& a, const Vector& b, int64_t rows, const uint8_t* validity) {
  if (a.physical() == PhysicalType::kNull || b.physical() == PhysicalType::kNull) {
    return Vector::MakeNull(types::Boolean(), rows);
  }
  switch (op) {
    case CompareOp::kEqual: return Dispatch<CompareOp::kEqual>(a, b, rows, validity);
    case CompareOp::kNotEqual: return Dispatch<CompareOp::kNotEqual>(a, b, rows, validity);
    case CompareOp::kLess: return Dispatch<CompareOp::kLess>(a, b, rows, validity);
    case CompareOp::kLessEqual: return Dispatch<CompareOp::kLessEqual>(a, b, rows, validity);
    case CompareOp::kGreater: return Dispatch<CompareOp::kLess>(b, a, rows, validity);
    case CompareOp::kGreaterEqual: return Dispatch<CompareOp::kLessEqual>(b, a, rows, validity);
  }
  return nullptr;
}

int CompareLists(const Vector& a, int64_t i, const Vector& b, int64_t j) {
  ListEntry x = a.data<ListEntry>()[i], y = b.data<ListEntry>()[j];
  int32_t common = std::min(x.length, y.length);
  for (int32_t k = 0; k < common; ++k) {
    int c = CompareRows(*a.child(0), x.offset + k, *b.child(0), y.offset + k);
    if (c != 0) return c;
  }
  return x.length < y.length ? -1 : static_cast<int>(y.length < x.length);
}

template <typename T>
int CompareAt(const Vector& a, int64_t i, const Vector& b, int64_t j) {
  return CompareValues(a.data<T>()[i], b.data<T>()[j]);
}

}  // namespace

int CompareRows(const Vector& a, int64_t i, const Vector& b, int64_t j) {
  bool a_null = a.IsNull(i), b_null = b.IsNull(j);
  if (a_null || b_null) return static_cast<int>(b_null) - static_cast<int>(a_null);
  // Down to flat vectors: constants and dictionaries hold their value in their base.
  const Vector* x = &a;
  const Vector* y = &b;
  if (!x->is_flat()) {
    i = x->is_constant() ? 0 : x->codes()[i];
    x = x->base().get();
  }
  if (!y->is_flat()) {
    j = y->is_constant() ? 0 : y->codes()[j];
    y = y->base().get();
  }
  switch (x->physical()) {
    case PhysicalType::kNull: return 0;
    case PhysicalType::kBool: return CompareAt<uint8_t>(*x, i, *y, j);
    case PhysicalType::kInt8: return CompareAt<int8_t>(*x, i, *y, j);
    case PhysicalType::kInt16: return CompareAt<int16_t>(*x, i, *y, j);
    case PhysicalType::kInt32: return CompareAt<int32_t>(*x, i, *y, j);
    case PhysicalType::kInt64: return CompareAt<int64_t>(*x, i, *y, j);
    case PhysicalType::kInt128: return CompareAt<int128_t>(*x, i, *y, j);
    case PhysicalType::kFloat: return CompareAt<float>(*x, i, *y, j);
    case PhysicalType::kDouble: return CompareAt<double>(*x, i, *y, j);
    case PhysicalType::kString: return CompareAt<StringView>(*x, i, *y, j);
    case PhysicalType::kInterval: return CompareAt<CalendarIntervalValue>(*x, i, *y, j);
    case PhysicalType::kArray:
    case PhysicalType::kMap: return CompareLists(*x, i, *y, j);
    case PhysicalType::kStruct:
      for (size_t f = 0; f < x->children().size(); ++f) {
        int c = CompareRows(*x->child(f), i, *y->child(f), j);
        if (c != 0) return c;
      }
      return 0;
  }
  return 0;
}

VectorPtr CompareVectors(CompareOp op, const VectorPtr& a, const VectorPtr& b) {
  int64_t rows = a->size();
  BufferPtr validity = AndValidity(ValidityOf(a), ValidityOf(b), rows);
  return WithValidity(CompareLive(op, *a, *b, rows, validity ? validity->data() : nullptr), validity);
}

VectorPtr EqualNullSafe(const VectorPtr& a, const VectorPtr& b) {
  int64_t rows = a->size();
  BufferPtr a_valid = ValidityOf(a), b_valid = ValidityOf(b);
  BufferPtr both = AndValidity(a_valid, b_valid, rows);
  VectorPtr equal;
  if (a->physical() == PhysicalType::kNull || b->physical() == PhysicalType::kNull) {
    equal = Vector::MakeFlat(types::Boolean(), rows);
  } else {
    equal = CompareLive(CompareOp::kEqual, *a, *b, rows, both ? both->data() : nullptr);
  }
  if (both == nullptr && a->physical() != PhysicalType::kNull) return equal;
  // Rows where not both are valid are equal when both are null.
  auto* out = std::const_pointer_cast<Vector>(equal)->mutable_data<uint8_t>();
  for (int64_t i = 0; i < rows; ++i) {
    bool x = a_valid == nullptr || BitIsSet(a_valid->data(), i);
    bool y = b_valid == nullptr || BitIsSet(b_valid->data(), i);
    if (!x || !y) out[i] = x == y;
  }
  return equal;
}

namespace {

template <CompareOp op>
VectorPtr CompareKernel(const KernelArgs& call) {
  return CompareLive(op, *call.args[0], *call.args[1], call.rows, call.validity);
}

VectorPtr NullSafeKernel(const KernelArgs& call) { return EqualNullSafe(call.args[0], call.args[1]); }

// A null constant's value isn't looked at, but IsNull answers for it.
VectorPtr NullTest(const KernelArgs& call, bool null_gives) {
  MutableVectorPtr out = Vector::MakeFlat(types::Boolean(), call.rows);
  auto* to = out->mutable_data<uint8_t>();
  BufferPtr validity = ValidityOf(call.args[0]);
  const int64_t n = call.rows;
  if (validity == nullptr) {
    std::memset(to, null_gives ? 0 : 1, static_cast<size_t>(n));
    return out;
  }
  const uint8_t* bits = validity->data();
  for (int64_t i = 0; i < n; ++i) to[i] = BitIsSet(bits, i) != null_gives;
  return out;
}

// greatest (sign 1) and least (-1): nulls are skipped.
template <int sign>
VectorPtr Extreme(const KernelArgs& call) {
  std::vector<int32_t> best(call.rows, -1);
  for (size_t a = 0; a < call.args.size(); ++a) {
    const Vector& arg = *call.args[a];
    if (arg.physical() == PhysicalType::kNull) continue;
    for (int64_t i = 0; i < call.rows; ++i) {
      if (arg.IsNull(i)) continue;
      int32_t& at = best[i];
      if (at < 0 || CompareRows(arg, i, *call.args[at], i) * sign > 0) at = static_cast<int32_t>(a);
    }
  }
  // Row i of argument best[i] stands at best[i] * rows + i of the arguments one after another.
  std::vector<VectorPtr> parts;
  for (const VectorPtr& arg : call.args) parts.push_back(Flatten(arg));
  std::vector<int32_t> picks(call.rows);
  for (int64_t i = 0; i < call.rows; ++i) {
    picks[i] = best[i] < 0 ? -1 : static_cast<int32_t>(best[i] * call.rows + i);
  }
  return Gather(Concat(parts), picks.data(), call.rows);
}

bool AllNullable(const BindArgs& args) {
  for (bool nullable : args.nullable) {
    if (!nullable) return false;
  }
  return true;
}

}  // namespace

void RegisterComparisonFunctions(FunctionRegistry& registry) {
  struct Operator {
    const char* name;
    const char* doc;
    ScalarKernel kernel;
    const char* example;
    const char* result;
  };
  const Operator operators[] = {
      {"=", "Whether both are equal; NULL when one is NULL.", CompareKernel<CompareOp::kEqual>, "SELECT 2 = 2", "true"},
      {"<>", "Whether both differ.", CompareKernel<CompareOp::kNotEqual>, "SELECT 1 <> 2", "true"},
      {"<", "Whether the first is less.", CompareKernel<CompareOp::kLess>, "SELECT 1 < 2", "true"},
      {"<=", "Whether the first is less or equal.", CompareKernel<CompareOp::kLessEqual>, "SELECT 2 <= 2", "true"},
      {">", "Whether the first is greater.", CompareKernel<CompareOp::kGreater>, "SELECT 2 > 1", "true"},
      {">=", "Whether the first is greater or equal.", CompareKernel<CompareOp::kGreaterEqual>, "SELECT 2 >= 1",
       "true"}};
  for (const Operator& op : operators) {
    FunctionBuilder builder = registry.Scalar(op.name, op.doc);
    builder.Group("predicate_funcs").OperatorSyntax().Example(op.example, op.result);
    builder.Overload("T, T -> boolean", op.kernel);
    if (std::string_view(op.name) == "=") builder.Alias("==");
    if (std::string_view(op.name) == "<>") builder.Alias("!=");
  }
  registry.Scalar("<=>", "Equal, where two NULLs are equal and one NULL is not.")
      .Alias("equal_null")
      .Alias("eqnullsafe")
      .Group("predicate_funcs")
      .OperatorSyntax()
      .CustomNulls()
      .NeverNull()
      .Example("SELECT NULL <=> NULL", "true")
      .Overload("T, T -> boolean", NullSafeKernel);
  registry.Scalar("isnull", "Whether the value is NULL.")
      .Group("predicate_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT isnull(1)", "false")
      .Overload("any -> boolean", [](const KernelArgs& call) { return NullTest(call, true); });
  registry.Scalar("isnotnull", "Whether the value is not NULL.")
      .Group("predicate_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT isnotnull(1)", "true")
      .Overload("any -> boolean", [](const KernelArgs& call) { return NullTest(call, false); });
  registry.Scalar("greatest", "The greatest value, NULLs left out.")
      .Group("misc_funcs")
      .CustomNulls()
      .Nullable(AllNullable)
      .Example("SELECT greatest(10, 9, 2, 4, 3)", "10")
      .Overload("T, T, T... -> T", Extreme<1>);
  registry.Scalar("least", "The least value, NULLs left out.")
      .Group("misc_funcs")
      .CustomNulls()
      .Nullable(AllNullable)
      .Example("SELECT least(10, 9, 2, 4, 3)", "2")
      .Overload("T, T, T... -> T", Extreme<-1>);
}

}  // namespace centella
