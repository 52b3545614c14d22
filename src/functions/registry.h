// Every SQL function, declared once: names, signatures, nullability, determinism, doc with example, and kernel.
//
// A family's file registers its functions in one function listed in functions/families.def:
//   registry.Scalar("sqrt", "Square root of a number.").Example("SELECT sqrt(4)", "2.0")
//       .Overload("double -> double", SqrtKernel);
// Signature text: argument patterns, comma separated, then -> result pattern. Patterns are types as in DDL (decimal
// alone = any decimal; string; int; array<T>; map<K,V>), type variables (T, K, V, U: any type, the same type at each
// place after coercion), classes (numeric, integral, any, struct, interval), lambdas "(T, int) => U" (its argument type is
// that of the body), a trailing "..." repeats the last argument (zero or more). A lambda argument doesn't appear in
// KernelArgs::args but in KernelArgs::lambdas. "->" result may be "?" when ResultType computes it. The analyzer picks the first overload that matches without casts, else the
// first that matches with implicit casts (ANSI or legacy rules), and adds those casts.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/query_context.h"
#include "types/data_type.h"
#include "vector/vector.h"

namespace centella {

enum class FunctionKind : uint8_t {
  kScalar,
  kSpecial,  // evaluated by the evaluator itself: and, or, case, if, coalesce, in … (guards)
  kAggregate,
  kWindow,     // row_number, rank, lag … (aggregates can be windows too)
  kGenerator,  // explode …
};

enum class NullPolicy : uint8_t {
  kStrict,  // any null argument gives null; kernels never see null rows as live
  kCustom,  // the kernel looks at nulls itself
};

// A lambda argument that a kernel may call.
class LambdaCall {
 public:
  virtual ~LambdaCall() = default;
  // Evaluates the body for `rows` rows: parameter k has the values of `parameters[k]`; columns that the body uses
  // from outside are taken at row `outer_rows[i]` of the kernel's own rows.
  virtual VectorPtr Apply(std::span<const VectorPtr> parameters, const int32_t* outer_rows, int64_t rows) = 0;
};

// What a kernel gets. All arguments are flat or constant and hold `rows` rows; only live rows are passed, so a kernel
// may raise for any non-null row it sees (the evaluator re-runs a failing batch row by row to find the first error).
struct KernelArgs {
  const QueryContext& query;
  EvalMode mode;
  int64_t rows;
  std::span<const VectorPtr> args;
  const TypePtr& result_type;
  // kStrict: combined validity of the arguments (null = all valid). The evaluator puts it on the result; the kernel
  // uses it only to skip rows. kCustom: null.
  const uint8_t* validity = nullptr;
  const void* prepared = nullptr;             // what Prepare returned, or null
  std::span<LambdaCall* const> lambdas = {};  // for arguments that are lambdas, in order
  // For functions that depend on the place of a row.
  int32_t partition = 0;
  int64_t first_row = 0;       // of this batch within the partition (kPartitionOrder functions only)
  void* task_state = nullptr;  // from MakeTaskState, one a task and call

  bool IsLive(int64_t row) const { return validity == nullptr || BitIsSet(validity, row); }
  template <typename T>
  const T* data(size_t arg) const {
    return args[arg]->data<T>();
  }
  // 0 for a constant argument, else row.
  int64_t index(size_t arg, int64_t row) const { return args[arg]->is_constant() ? 0 : row; }
};
// Gives a flat (or constant, or dictionary) vector of args.rows rows and result_type.
using ScalarKernel = std::function<VectorPtr(const KernelArgs&)>;

// Prepared once per plan from constant arguments (a compiled regular expression, a zone): immutable, shared by threads.
// `constants[i]` is null when argument i isn't constant.
using PrepareFunction =
    std::function<std::shared_ptr<const void>(std::span<const Value* const> constants, const QueryContext& query)>;

struct BindArgs {
  std::span<const TypePtr> types;  // after coercion
  std::span<const bool> nullable;
  std::span<const Value* const> constants;  // null where not constant
  EvalMode mode;
};
using ResultTypeFunction = std::function<TypePtr(const BindArgs&)>;
using NullableFunction = std::function<bool(const BindArgs&)>;

// ---- aggregates ---------------------------------------------------------------------------------------------------

struct AggregateArgs {
  const QueryContext& query;
  EvalMode mode;
  std::span<const TypePtr> arg_types;
  const TypePtr& result_type;
  bool ignore_nulls = false;  // first, last, any_value … IGNORE NULLS
};

// An aggregate bound to its argument types. States are `state_size` bytes, 8-byte aligned, in the hash table's rows;
// they may own heap memory (then `Destroy` frees it and `HeapBytes` tells of it). Merge order is the order of rows.
class AggregateFunction {
 public:
  virtual ~AggregateFunction() = default;
  virtual size_t state_size() const = 0;
  virtual void Init(std::byte* state) const = 0;
  // Row i of the flat or constant `args` goes to states[i]. Null rows are passed (check them).
  virtual void Update(std::span<const VectorPtr> args, int64_t rows, std::byte* const* states) const = 0;
  // All rows go to one state; default calls Update.
  virtual void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const;
  // into[i] += from[i]; `from` is left to be destroyed.
  virtual void Merge(std::byte* const* from, std::byte* const* into, int64_t rows) const = 0;
  // Result of each state; states stay alive.
  virtual VectorPtr Finish(std::byte* const* states, int64_t rows) const = 0;
  // States as a vector of `intermediate_type` and back (spill, exchange between processes).
  virtual TypePtr intermediate_type() const = 0;
  virtual VectorPtr Serialize(std::byte* const* states, int64_t rows) const = 0;
  virtual void DeserializeMerge(const VectorPtr& serialized, std::byte* const* into) const = 0;
  virtual bool needs_destroy() const { return false; }
  virtual void Destroy(std::byte*) const {}
  virtual int64_t HeapBytes(const std::byte*) const { return 0; }
  // Whether the result depends on the order of merging (floating sums, first, collect_list): such states are merged
  // strictly in partition order.
  virtual bool order_sensitive() const { return false; }
  // For windows: row i's state becomes that of the rows from the last one with `starts[row]` up to i; rows before the first
  // such go on from the state `before`. `states` are `rows` states side by side, not initialised; they need no Destroy.
  // False: not supported, nothing was done.
  virtual bool UpdateRunning(std::span<const VectorPtr>, int64_t /*rows*/, const uint8_t* /*starts*/,
                             const std::byte* /*before*/, std::byte* /*states*/) const {
    return false;
  }
};
using AggregateFactory = std::function<std::unique_ptr<AggregateFunction>(const AggregateArgs&)>;

// ---- windows ------------------------------------------------------------------------------------------------------

// Whole window partitions one after the other, each sorted. Spans hold row numbers, a begin and an end for each row.
struct WindowArgs {
  const QueryContext& query;
  int64_t rows;
  std::span<const VectorPtr> args;  // flat, `rows` rows
  std::span<const int32_t> partition_begin, partition_end;
  std::span<const int32_t> peers_begin, peers_end;  // rows equal in the ordering
  std::function<void(std::vector<int32_t>* begin, std::vector<int32_t>* end)> find_frames;
  const TypePtr& result_type;
  bool ignore_nulls;
};
using WindowKernel = std::function<VectorPtr(const WindowArgs&)>;

// ---- generators ---------------------------------------------------------------------------------------------------

// Rows that a generator gives for a batch: output columns, and for each output row its input row (ascending).
struct GeneratedRows {
  std::vector<VectorPtr> columns;
  std::vector<int32_t> input_rows;
};
using GeneratorKernel = std::function<GeneratedRows(const KernelArgs&)>;

// ---- declarations -------------------------------------------------------------------------------------------------

struct TypePattern {
  enum class Kind : uint8_t {
    kExact,
    kVariable,
    kNumeric,
    kIntegral,
    kDecimal,
    kAny,
    kStruct,
    kInterval,
    kArray,
    kMap,
    kLambda
  };
  Kind kind = Kind::kExact;
  TypePtr exact;
  char variable = 0;
  std::vector<TypePattern> parts;
};

struct Overload {
  std::string text;  // the signature as declared
  std::vector<TypePattern> args;
  bool variadic = false;  // the last pattern repeats, zero or more times
  TypePattern result;
  ResultTypeFunction result_type;  // when result is "?"
  ScalarKernel kernel;
  AggregateFactory aggregate;
  WindowKernel window;
  GeneratorKernel generator;
  bool can_fail_ansi = false;    // may raise in ANSI mode
  bool can_fail_always = false;  // may raise in every mode
  // Narrows the flags above: false for argument types that can never fail (a decimal sum that always fits).
  std::function<bool(std::span<const TypePtr>)> fails_for;
  // The same for constant arguments: a pattern that is known to be good cannot fail.
  std::function<bool(std::span<const Value* const>)> fails_for_constants;
};
// Whether a call of this overload with these argument types may raise in a mode. `constants`, when given, holds one
// for each argument: null where it isn't constant.
bool OverloadCanFail(const Overload& overload, std::span<const TypePtr> types, EvalMode mode,
                     std::span<const Value* const> constants = {});

struct FunctionDecl {
  std::string name;  // canonical, lower case
  std::vector<std::string> aliases;
  FunctionKind kind = FunctionKind::kScalar;
  std::string group;  // "math_funcs", "string_funcs" … (Spark's groups)
  std::string doc;
  std::string example;         // an SQL query
  std::string example_result;  // its single value as `show` prints it
  std::string since;
  std::vector<Overload> overloads;
  NullPolicy nulls = NullPolicy::kStrict;
  bool deterministic = true;
  bool needs_partition_order = false;  // monotonically_increasing_id, rand(seed): rows of a partition in one task
  bool operator_syntax = false;        // "+", "and": printed as operators
  bool ignores_order = true;           // aggregates: result doesn't depend on input order
  std::string window_requirement;      // "order": needs ORDER BY
  NullableFunction nullable;           // default: any argument nullable (strict), true (custom)
  PrepareFunction prepare;
  std::function<std::shared_ptr<void>(std::span<const Value* const> constants, int32_t partition)> make_task_state;
};

class FunctionBuilder {
 public:
  explicit FunctionBuilder(FunctionDecl* decl) : decl_(decl) {}
  FunctionBuilder& Alias(std::string name);
  FunctionBuilder& Group(std::string group);
  FunctionBuilder& Example(std::string sql, std::string result);
  FunctionBuilder& Overload(std::string_view signature, ScalarKernel kernel);
  FunctionBuilder& AggregateOverload(std::string_view signature, AggregateFactory factory);
  FunctionBuilder& WindowOverload(std::string_view signature, WindowKernel kernel);
  FunctionBuilder& GeneratorOverload(std::string_view signature, GeneratorKernel kernel);
  FunctionBuilder& SpecialOverload(std::string_view signature);
  // These act on the overload added last.
  FunctionBuilder& ResultType(ResultTypeFunction function);
  FunctionBuilder& CanFailAnsi();
  FunctionBuilder& CanFail();
  FunctionBuilder& FailsFor(std::function<bool(std::span<const TypePtr>)> test);
  FunctionBuilder& FailsForConstants(std::function<bool(std::span<const Value* const>)> test);
  // These act on the function.
  FunctionBuilder& CustomNulls();
  FunctionBuilder& Nullable(NullableFunction function);
  FunctionBuilder& NeverNull();
  FunctionBuilder& AlwaysNullable();
  FunctionBuilder& Nondeterministic();
  FunctionBuilder& NeedsPartitionOrder();
  FunctionBuilder& Prepare(PrepareFunction function);
  FunctionBuilder& TaskState(decltype(FunctionDecl::make_task_state) function);
  FunctionBuilder& NeedsOrder();
  FunctionBuilder& OperatorSyntax();
  FunctionBuilder& OrderSensitive();

 private:
  FunctionDecl* decl_;
};

class FunctionRegistry {
 public:
  FunctionRegistry() = default;
  // All built-in functions; made once (thread-safe).
  static const FunctionRegistry& Builtin();

  FunctionBuilder Scalar(std::string name, std::string doc);
  FunctionBuilder Special(std::string name, std::string doc);
  FunctionBuilder Aggregate(std::string name, std::string doc);
  FunctionBuilder Window(std::string name, std::string doc);
  FunctionBuilder Generator(std::string name, std::string doc);

  // By name or alias, without case; nullptr when unknown.
  const FunctionDecl* Find(std::string_view name) const;
  // All, sorted by name.
  std::vector<const FunctionDecl*> All() const;

 private:
  FunctionBuilder Add(FunctionKind kind, std::string name, std::string doc);
  friend class FunctionBuilder;
  std::map<std::string, std::unique_ptr<FunctionDecl>, std::less<>> functions_;
  mutable std::map<std::string, std::string, std::less<>> aliases_;
};

// Whether argument types fit an overload exactly (binding variables), and the result. Used by the evaluator to find
// the kernel of a resolved Call, and by the analyzer after coercion.
const Overload* FindExactOverload(const FunctionDecl& decl, std::span<const TypePtr> args);
// The result type of an overload for arguments that match it exactly.
TypePtr ResultTypeOf(const Overload& overload, const BindArgs& args);
// Parses a signature; raises INTERNAL_ERROR on a mistake (found by a unit test at start).
Overload ParseSignature(std::string_view signature);

}  // namespace centella
