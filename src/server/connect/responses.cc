// What an ExecutePlan answers: the schema, Arrow batches (in chunks when asked), observed metrics; or a command's result.
#include <google/protobuf/repeated_ptr_field.h>

#include <algorithm>

#include "plan/transform.h"
#include "server/connect/convert.h"
#include "server/connect/service.h"
#include "session/commands.h"
#include "session/local_rows.h"
#include "spark/connect/base.pb.h"
#include "spark/connect/commands.pb.h"
#include "spark/connect/ml.pb.h"
#include "spark/connect/relations.pb.h"
#include "spark/connect/types.pb.h"
#include "vector/arrow_bridge.h"

namespace centella::connect {
namespace {

// Larger Arrow batches are sent in several messages; clients take messages of up to 128 MB.
constexpr int64_t kBatchBytes = int64_t{4} << 20;
constexpr int64_t kDefaultChunkBytes = int64_t{16} << 20;
constexpr int64_t kMinChunkBytes = 1024;

struct Chunking {
  bool allowed = false;
  int64_t bytes = kDefaultChunkBytes;
};

Chunking ChunkingOf(const proto::ExecutePlanRequest& request) {
  Chunking chunking;
  for (const auto& option : request.request_options()) {
    if (!option.has_result_chunking_options()) continue;
    chunking.allowed = option.result_chunking_options().allow_arrow_batch_chunking();
    if (option.result_chunking_options().has_preferred_arrow_chunk_size()) {
      chunking.bytes =
          std::clamp(option.result_chunking_options().preferred_arrow_chunk_size(), kMinChunkBytes, kDefaultChunkBytes);
    }
  }
  return chunking;
}

// All rows of all, as one batch; also when there are none, because a client wants to see the columns.
Batch ConcatBatches(const std::vector<Batch>& batches, const ::centella::DataType& schema) {
  if (batches.size() == 1) return batches[0];
  if (batches.empty()) {
    Batch none;
    for (const StructField& field : schema.fields()) none.columns.push_back(Vector::MakeFlat(field.type, 0));
    return none;
  }
  Batch all;
  for (const Batch& batch : batches) all.rows += batch.rows;
  for (size_t column = 0; column < batches[0].columns.size(); ++column) {
    std::vector<VectorPtr> parts;
    for (const Batch& batch : batches) parts.push_back(batch.columns[column]);
    all.columns.push_back(Concat(parts));
  }
  return all;
}

// The rows of a query. At least one Arrow batch is sent, so that an empty result has its columns.
void AddObserved(const std::vector<ObservedMetrics>& all, proto::ExecutePlanResponse* response) {
  for (const ObservedMetrics& metrics : all) {
    auto* added = response->add_observed_metrics();
    added->set_name(metrics.name);
    if (metrics.plan_id >= 0) added->set_plan_id(metrics.plan_id);
    for (const std::string& key : metrics.keys) added->add_keys(key);
    for (const Value& value : metrics.values) LiteralToProto(value, added->add_values());
  }
}

class QuerySource final : public ResponseSource {
 public:
  QuerySource(const PlanPtr& resolved, Session& session, const QueryContextPtr& context, Chunking chunking)
      : plan_(resolved), session_(session), context_(context), schema_(SchemaOf(resolved)), chunking_(chunking) {
    options_.time_zone = context->zone.id();
    options_.large_strings = context->config.Get("spark.sql.execution.arrow.useLargeVarTypes") == "true";
    const int64_t rows = context->config.GetInt("spark.sql.execution.arrow.maxRecordsPerBatch");
    max_rows_ = rows <= 0 ? std::numeric_limits<int64_t>::max() : rows;
    stream_ = session.Start(resolved, context);
  }

  bool Next(proto::ExecutePlanResponse* response) override {
    if (!schema_sent_) {
      schema_sent_ = true;
      TypeToProto(*schema_, response->mutable_schema());
      return true;
    }
    if (chunk_ == chunks_ && !FetchBatch()) return AddMetrics(response);
    auto* arrow = response->mutable_arrow_batch();
    arrow->set_row_count(batch_rows_);
    arrow->set_start_offset(rows_sent_);
    if (chunks_ == 1) {
      arrow->set_data(std::move(bytes_));
    } else {
      arrow->set_data(
          bytes_.substr(static_cast<size_t>(chunk_ * chunking_.bytes), static_cast<size_t>(chunking_.bytes)));
    }
    if (chunking_.allowed) {
      arrow->set_chunk_index(chunk_);
      arrow->set_num_chunks_in_batch(chunks_);
    }
    if (++chunk_ == chunks_) rows_sent_ += batch_rows_;
    return true;
  }

 private:
  // What df.observe() asked for, after the last row; false when there is nothing (more).
  bool AddMetrics(proto::ExecutePlanResponse* response) {
    if (std::exchange(metrics_sent_, true)) return false;
    AddObserved(session_.ObservedMetricsOf(plan_, context_), response);
    return response->observed_metrics_size() > 0;
  }

  // Encodes the next rows; false at the end.
  bool FetchBatch() {
    std::vector<Batch> batches;
    batch_rows_ = 0;
    int64_t bytes = 0;
    const auto add = [&](Batch batch) {
      batch_rows_ += batch.rows;
      bytes += batch.MemoryBytes();
      batches.push_back(std::move(batch));
    };
    // A batch that didn't fit into the last message comes first.
    if (held_.rows > 0) add(TakeRows(max_rows_));
    while (!ended_ && held_.rows == 0 && batch_rows_ < max_rows_ && bytes < kBatchBytes) {
      Batch batch;
      if (!stream_->Next(&batch)) {
        ended_ = true;
        break;
      }
      held_ = Compact(std::move(batch));
      if (held_.rows > 0) add(TakeRows(max_rows_ - batch_rows_));
    }
    if (batches.empty() && batch_sent_) return false;
    batch_sent_ = true;
    bytes_ = WriteIpcStream({ConcatBatches(batches, *schema_)}, *schema_, options_);
    chunk_ = 0;
    const auto size = static_cast<int64_t>(bytes_.size());
    chunks_ = chunking_.allowed ? std::max<int64_t>(1, (size + chunking_.bytes - 1) / chunking_.bytes) : 1;
    return true;
  }

  // Up to `rows` rows of what is held.
  Batch TakeRows(int64_t rows) {
    if (held_.rows <= rows) return std::exchange(held_, Batch());
    Batch rest = SliceBatch(held_, rows, held_.rows - rows);
    return SliceBatch(std::exchange(held_, std::move(rest)), 0, rows);
  }

  const PlanPtr plan_;
  Session& session_;  // the operation holds it
  const QueryContextPtr context_;
  const TypePtr schema_;
  const Chunking chunking_;
  ArrowOptions options_;
  int64_t max_rows_;
  std::unique_ptr<ResultStream> stream_;
  bool schema_sent_ = false;
  bool batch_sent_ = false;
  bool metrics_sent_ = false;
  bool ended_ = false;
  Batch held_;
  std::string bytes_;  // the encoded batch
  int64_t batch_rows_ = 0;
  int64_t chunk_ = 0, chunks_ = 0;
  int64_t rows_sent_ = 0;
};

// Responses made beforehand.
class FixedSource final : public ResponseSource {
 public:
  explicit FixedSource(std::vector<proto::ExecutePlanResponse> responses) : responses_(std::move(responses)) {}
  bool Next(proto::ExecutePlanResponse* response) override {
    if (next_ == responses_.size()) return false;
    *response = std::move(responses_[next_++]);
    return true;
  }

 private:
  std::vector<proto::ExecutePlanResponse> responses_;
  size_t next_ = 0;
};

std::unique_ptr<ResponseSource> Nothing() {
  return std::make_unique<FixedSource>(std::vector<proto::ExecutePlanResponse>());
}

std::unique_ptr<ResponseSource> One(proto::ExecutePlanResponse response) {
  std::vector<proto::ExecutePlanResponse> responses;
  responses.push_back(std::move(response));
  return std::make_unique<FixedSource>(std::move(responses));
}

// Runs it to its end; what it returns isn't sent.
std::unique_ptr<ResponseSource> RunAndForget(const PlanPtr& command, Session& session, const QueryContextPtr& context) {
  RunCommand(command, session, context);
  return Nothing();
}

// spark.sql(): a command runs now and its rows go back as a local relation; a query goes back as it came, once it is
// known to be right.
std::unique_ptr<ResponseSource> RunSql(const proto::SqlCommand& message, Session& session,
                                       const QueryContextPtr& context) {
  proto::Relation input = message.input();
  if (!message.has_input()) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // older clients' fields
    input.mutable_sql()->set_query(message.sql());
    *input.mutable_sql()->mutable_args() = message.args();
    *input.mutable_sql()->mutable_pos_args() = message.pos_args();
    *input.mutable_sql()->mutable_named_arguments() = message.named_arguments();
    *input.mutable_sql()->mutable_pos_arguments() = message.pos_arguments();
#pragma GCC diagnostic pop
  }
  PlanConverter converter(session);
  const PlanPtr plan = converter.FromRelation(input);
  proto::ExecutePlanResponse response;
  auto* relation = response.mutable_sql_command_result()->mutable_relation();
  if (!IsCommand(*plan)) {
    session.Resolve(plan, context);
    relation->Swap(&input);
    return One(std::move(response));
  }
  const PlanPtr result = RunCommand(plan, session, context);
  const TypePtr schema = SchemaOf(result);
  std::vector<Batch> batches = session.Collect(result, context);
  for (Batch& batch : batches) batch = Compact(std::move(batch));
  ArrowOptions options;
  options.time_zone = context->zone.id();
  relation->mutable_local_relation()->set_data(WriteIpcStream({ConcatBatches(batches, *schema)}, *schema, options));
  relation->mutable_local_relation()->set_schema(schema->ToJson());
  return One(std::move(response));
}

// What df.observe() asked for is computed before the write, which may replace what it is computed from.
std::unique_ptr<ResponseSource> RunWriteOperation(const PlanPtr& plan, Session& session,
                                                  const QueryContextPtr& context) {
  auto write = std::make_shared<WriteFiles>(To<WriteFiles>(plan));
  write->child = session.Resolve(write->child, context);
  proto::ExecutePlanResponse response;
  AddObserved(session.ObservedMetricsOf(write->child, context), &response);
  RunCommand(write, session, context);
  if (response.observed_metrics_size() == 0) return Nothing();
  return One(std::move(response));
}

std::unique_ptr<ResponseSource> RunCreateView(const proto::CreateDataFrameViewCommand& message, Session& session,
                                              const QueryContextPtr& context) {
  auto view = std::make_shared<CreateView>();
  view->name = {message.name()};
  view->global = message.is_global();
  view->replace = message.replace();
  view->child = PlanConverter(session).FromRelation(message.input());
  return RunAndForget(view, session, context);
}

// checkpoint() and localCheckpoint(): the rows are kept in memory (or spilled), the client gets a handle.
std::unique_ptr<ResponseSource> RunCheckpoint(const proto::CheckpointCommand& message, Session& session,
                                              const QueryContextPtr& context) {
  const PlanPtr resolved = session.Resolve(PlanConverter(session).FromRelation(message.relation()), context);
  auto own = std::make_shared<QueryContext>(*context);
  own->cancellation = std::make_shared<Cancellation>();
  auto cached = std::make_shared<Cached>();
  cached->table = MakeCachedTable(session.Prepare(resolved, context), own, session.shared().engine);
  cached->output = OutputOf(resolved);
  if (message.eager()) {
    const auto stream = session.Start(cached, context);
    Batch batch;
    while (stream->Next(&batch)) context->cancellation->ThrowIfCancelled();
  }
  proto::ExecutePlanResponse response;
  response.mutable_checkpoint_command_result()->mutable_relation()->set_relation_id(session.KeepRemote(cached));
  return One(std::move(response));
}

std::unique_ptr<ResponseSource> StartCommand(const proto::Command& command, Session& session,
                                             const QueryContextPtr& context) {
  switch (command.command_type_case()) {
    case proto::Command::kSqlCommand: return RunSql(command.sql_command(), session, context);
    case proto::Command::kWriteOperation:
      return RunWriteOperation(PlanConverter(session).FromWrite(command.write_operation()), session, context);
    case proto::Command::kWriteOperationV2:
      return RunAndForget(PlanConverter(session).FromWriteV2(command.write_operation_v2()), session, context);
    case proto::Command::kCreateDataframeView: return RunCreateView(command.create_dataframe_view(), session, context);
    case proto::Command::kCheckpointCommand: return RunCheckpoint(command.checkpoint_command(), session, context);
    case proto::Command::kRemoveCachedRemoteRelationCommand:
      session.DropRemote(command.remove_cached_remote_relation_command().relation().relation_id());
      return Nothing();
    case proto::Command::kGetResourcesCommand: {
      proto::ExecutePlanResponse response;
      response.mutable_get_resources_command_result();
      return One(std::move(response));
    }
    case proto::Command::kRegisterFunction: RaiseUnsupported("registering Python and Java functions");
    case proto::Command::kRegisterTableFunction: RaiseUnsupported("registering Python table functions");
    case proto::Command::kRegisterDataSource: RaiseUnsupported("registering Python data sources");
    case proto::Command::kWriteStreamOperationStart: RaiseUnsupported("writeStream");
    case proto::Command::kStreamingQueryCommand:
    case proto::Command::kStreamingQueryManagerCommand:
    case proto::Command::kStreamingQueryListenerBusCommand: RaiseUnsupported("streaming queries");
    case proto::Command::kCreateResourceProfileCommand: RaiseUnsupported("resource profiles");
    case proto::Command::kMergeIntoTableCommand: RaiseUnsupported("MERGE INTO");
    case proto::Command::kMlCommand:
      // Clients send clean_cache, too, when their interpreter ends, and drop its answer. An answer whose stream is still
      // open then makes python's gRPC hang now and then; an error ends the stream at once.
      RaiseUnsupported("Spark ML");
    case proto::Command::kExecuteExternalCommand: RaiseUnsupported("external commands");
    case proto::Command::kPipelineCommand: RaiseUnsupported("declarative pipelines");
    case proto::Command::kExtension:
      Raise(Condition::CONNECT_INVALID_PLAN__NO_HANDLER_FOR_EXTENSION,
            {{"extensionTypeUrl", command.extension().type_url()}});
    case proto::Command::COMMAND_TYPE_NOT_SET: break;
  }
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
        {{"fullName", "spark.connect.Command"}, {"name", "command_type"}});
}

}  // namespace

std::unique_ptr<ResponseSource> StartPlan(const proto::ExecutePlanRequest& request, Session& session,
                                          const QueryContextPtr& context) {
  const PlanContent content = ContentOf(request.plan());
  if (content.command != nullptr) return StartCommand(*content.command, session, context);
  const PlanPtr resolved = session.Resolve(PlanConverter(session).FromRelation(*content.relation), context);
  return std::make_unique<QuerySource>(resolved, session, context, ChunkingOf(request));
}

}  // namespace centella::connect
