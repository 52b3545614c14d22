// Conditionals and logic: the special forms' declarations, not, isnan, raise_error and their kin.
#include <cmath>

#include "functions/kernels.h"
#include "functions/registry.h"

namespace centella {
namespace {

bool AnyNullable(const BindArgs& args) {
  for (bool nullable : args.nullable) {
    if (nullable) return true;
  }
  return false;
}
bool AllNullable(const BindArgs& args) {
  for (bool nullable : args.nullable) {
    if (!nullable) return false;
  }
  return true;
}
// CASE: nullable without ELSE, or when a value is.
bool CaseNullable(const BindArgs& args) {
  size_t n = args.nullable.size();
  if (n % 2 == 0) return true;
  for (size_t i = 1; i < n; i += 2) {
    if (args.nullable[i]) return true;
  }
  return args.nullable[n - 1];
}

template <typename T>
VectorPtr IsNan(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(types::Boolean(), call.rows);
  auto* to = out->mutable_data<uint8_t>();
  ArgumentValues<T> a(*call.args[0]);
  for (int64_t i = 0; i < call.rows; ++i) to[i] = !call.args[0]->IsNull(i) && std::isnan(a[i]);
  return out;
}

// nanvl(a, b): b where a is NaN.
template <typename T>
VectorPtr NanVl(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  T* to = out->mutable_data<T>();
  ArgumentValues<T> a(*call.args[0]), b(*call.args[1]);
  for (int64_t i = 0; i < call.rows; ++i) {
    to[i] = T{};
    if (call.args[0]->IsNull(i)) {
      out->SetNull(i);
    } else if (!std::isnan(a[i])) {
      to[i] = a[i];
    } else if (call.args[1]->IsNull(i)) {
      out->SetNull(i);
    } else {
      to[i] = b[i];
    }
  }
  return out;
}

VectorPtr AssertTrue(const KernelArgs& call) {
  for (int64_t i = 0; i < call.rows; ++i) {
    const Vector& condition = *call.args[0];
    bool holds = !condition.IsNull(i) && condition.data<uint8_t>()[call.index(0, i)] != 0;
    if (holds) continue;
    std::string message;
    if (!call.args[1]->IsNull(i)) message = call.data<StringView>(1)[call.index(1, i)].view();
    Raise(Condition::USER_RAISED_EXCEPTION, {{"errorMessage", message}});
  }
  return Vector::MakeNull(call.result_type, call.rows);
}

VectorPtr RaiseErrorKernel(const KernelArgs& call) {
  if (call.rows == 0) return Vector::MakeNull(call.result_type, 0);
  std::string message = "null";
  if (!call.args[0]->IsNull(0)) message = call.data<StringView>(0)[call.index(0, 0)].view();
  Raise(Condition::USER_RAISED_EXCEPTION, {{"errorMessage", message}});
}

void RegisterGuards(FunctionRegistry& registry) {
  registry.Special("and", "True when both are true.")
      .Group("predicate_funcs")
      .OperatorSyntax()
      .Nullable(AnyNullable)
      .Example("SELECT true and false", "false")
      .SpecialOverload("boolean, boolean, boolean... -> boolean");
  registry.Special("or", "True when one is true.")
      .Group("predicate_funcs")
      .OperatorSyntax()
      .Nullable(AnyNullable)
      .Example("SELECT true or false", "true")
      .SpecialOverload("boolean, boolean, boolean... -> boolean");
  // The analyzer checks that conditions and values alternate and brings the values to one type.
  registry.Special("case", "The value of the first condition that is true, else the last one.")
      .Alias("when")
      .Group("conditional_funcs")
      .Nullable(CaseNullable)
      .Example("SELECT CASE WHEN 1 > 0 THEN 1 ELSE 2 END", "1")
      .SpecialOverload("any... -> ?")
      .ResultType([](const BindArgs& args) { return args.types[1]; });
  registry.Special("if", "The second argument where the first is true, else the third.")
      .Alias("iff")
      .Group("conditional_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[1] || args.nullable[2]; })
      .Example("SELECT if(1 < 2, 'a', 'b')", "a")
      .SpecialOverload("boolean, T, T -> T");
  registry.Special("coalesce", "The first value that is not NULL.")
      .Group("conditional_funcs")
      .Nullable(AllNullable)
      .Example("SELECT coalesce(NULL, 1, NULL)", "1")
      .SpecialOverload("T, T... -> T");
  registry.Special("nvl", "The first value, or the second where that is NULL.")
      .Alias("ifnull")
      .Group("conditional_funcs")
      .Nullable(AllNullable)
      .Example("SELECT nvl(NULL, 2)", "2")
      .SpecialOverload("T, T -> T");
  registry.Special("nvl2", "The second value where the first isn't NULL, else the third.")
      .Group("conditional_funcs")
      .Nullable([](const BindArgs& args) { return args.nullable[1] || args.nullable[2]; })
      .Example("SELECT nvl2(NULL, 2, 1)", "1")
      .SpecialOverload("any, T, T -> T");
  registry.Special("nullif", "NULL where both are equal, else the first.")
      .Group("conditional_funcs")
      .Nullable([](const BindArgs&) { return true; })
      .Example("SELECT nullif(2, 2)", "NULL")
      .SpecialOverload("T, T -> T");
  registry
      .Special("decode_case", "What decode(value, search, result, …) becomes: the result of the first equal search.")
      .Group("internal")
      .AlwaysNullable()
      .SpecialOverload("any, any, any, any... -> ?")
      .ResultType([](const BindArgs& args) { return args.types[2]; });
  registry.Special("in", "Whether the value is in the list.")
      .Group("predicate_funcs")
      .OperatorSyntax()
      .Nullable(AnyNullable)
      .Example("SELECT 1 in (1, 2, 3)", "true")
      .SpecialOverload("T, T... -> boolean");
}

}  // namespace

void RegisterConditionalFunctions(FunctionRegistry& registry) {
  RegisterGuards(registry);
  registry.Scalar("not", "Logical negation.")
      .Alias("!")
      .Group("predicate_funcs")
      .OperatorSyntax()
      .Example("SELECT not true", "false")
      .Overload("boolean -> boolean", Unary<uint8_t, uint8_t, [](uint8_t x) { return (x & 1) ^ 1; }>);
  registry.Scalar("isnan", "Whether the value is NaN; false for NULL.")
      .Group("predicate_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT isnan(cast('NaN' AS double))", "true")
      .Overload("float -> boolean", IsNan<float>)
      .Overload("double -> boolean", IsNan<double>);
  registry.Scalar("nanvl", "The first value, or the second where that is NaN.")
      .Group("conditional_funcs")
      .CustomNulls()
      .Nullable(AnyNullable)
      .Example("SELECT nanvl(cast('NaN' AS double), 123)", "123.0")
      .Overload("float, float -> float", NanVl<float>)
      .Overload("double, double -> double", NanVl<double>);
  registry.Scalar("assert_true", "Raises an error with the message unless the condition is true.")
      .Group("misc_funcs")
      .CustomNulls()
      .AlwaysNullable()
      .Example("SELECT assert_true(0 < 1)", "NULL")
      .Overload("boolean, string -> void", AssertTrue)
      .CanFail();
  registry.Scalar("raise_error", "Raises an error with the message.")
      .Group("misc_funcs")
      .CustomNulls()
      .AlwaysNullable()
      .Overload("string -> void", RaiseErrorKernel)
      .CanFail();
}

}  // namespace centella
