// Functions about the query and the place of a row.
#include "base/input_file.h"
#include "functions/kernels.h"
#include "functions/registry.h"

namespace centella {
namespace {

VectorPtr Text(const KernelArgs& call, std::string text) {
  return Vector::MakeConstant(Value::String(std::move(text)), call.rows);
}
VectorPtr Long(const KernelArgs& call, int64_t number) { return Vector::MakeConstant(Value::Long(number), call.rows); }

VectorPtr IncreasingId(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  int64_t first = (static_cast<int64_t>(call.partition) << 33) + call.first_row;
  for (int64_t i = 0; i < call.rows; ++i) out->mutable_data<int64_t>()[i] = first + i;
  return out;
}

// What a scalar subquery's value is guarded with: TRUE while it has one row at most.
VectorPtr AssertSingleRow(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  const auto* counts = call.data<int64_t>(0);
  ForLive(call, [&](int64_t i) {
    if (counts[call.index(0, i)] > 1) Raise(Condition::SCALAR_SUBQUERY_TOO_MANY_ROWS);
  });
  std::memset(out->mutable_data<uint8_t>(), 1, call.rows);
  return out;
}

}  // namespace

void RegisterMiscFunctions(FunctionRegistry& registry) {
  registry.Scalar("monotonically_increasing_id", "A number that grows from row to row and differs between partitions.")
      .Group("misc_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .CustomNulls()
      .NeverNull()
      .Overload("-> bigint", IncreasingId);
  registry.Scalar("spark_partition_id", "The number of the row's partition.")
      .Group("misc_funcs")
      .Nondeterministic()
      .NeedsPartitionOrder()
      .CustomNulls()
      .NeverNull()
      .Overload("-> int", [](const KernelArgs& c) { return Vector::MakeConstant(Value::Int(c.partition), c.rows); });
  registry.Scalar("input_file_name", "The file that the row was read from; empty when it was read from none.")
      .Group("misc_funcs")
      .Nondeterministic()
      .CustomNulls()
      .NeverNull()
      .Overload("-> string", [](const KernelArgs& c) { return Text(c, CurrentInputFile().url); });
  // What analysis knows (the current schema), under the name that it was asked by.
  for (const char* name : {"current_catalog", "current_schema", "current_path"}) {
    registry.Scalar(name, "A name that the session knows.")
        .Group("misc_funcs")
        .Overload("string -> string", [](const KernelArgs& call) { return call.args[0]; });
  }
  registry.Scalar("input_file_block_start", "Where the block that is read begins in its file; -1 when no file is read.")
      .Group("misc_funcs")
      .Nondeterministic()
      .CustomNulls()
      .NeverNull()
      .Overload("-> bigint", [](const KernelArgs& c) { return Long(c, CurrentInputFile().block_start); });
  registry.Scalar("input_file_block_length", "The size of the block that is read; -1 when no file is read.")
      .Group("misc_funcs")
      .Nondeterministic()
      .CustomNulls()
      .NeverNull()
      .Overload("-> bigint", [](const KernelArgs& c) { return Long(c, CurrentInputFile().block_length); });
  registry.Scalar("assert_single_row", "TRUE when a scalar subquery's number of rows is 0 or 1; else an error.")
      .Group("internal")
      .Overload("bigint -> boolean", AssertSingleRow)
      .CanFail();
  registry.Scalar("typeof", "The name of the value's type.")
      .Group("misc_funcs")
      .CustomNulls()
      .NeverNull()
      .Example("SELECT typeof(1)", "int")
      .Overload("any -> string", [](const KernelArgs& c) { return Text(c, c.args[0]->type()->CatalogString()); });
  registry.Scalar("version", "The version of Spark whose answers these are.")
      .Group("misc_funcs")
      .CustomNulls()
      .NeverNull()
      .Overload("-> string",
                [](const KernelArgs& c) { return Text(c, "4.2.1 617618396087429b5627a86ce933bb0f5d6645cb"); });
  registry.Scalar("current_user", "The user of the session.")
      .Alias("user")
      .Alias("session_user")
      .Group("misc_funcs")
      .CustomNulls()
      .NeverNull()
      .Overload("-> string", [](const KernelArgs& c) { return Text(c, c.query.user); });
}

}  // namespace centella
