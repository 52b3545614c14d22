// AnalyzePlan in all its kinds.
#include <google/protobuf/repeated_ptr_field.h>

#include <algorithm>
#include <set>

#include "plan/transform.h"
#include "server/connect/convert.h"
#include "server/connect/service.h"
#include "spark/connect/base.pb.h"
#include "spark/connect/relations.pb.h"
#include "spark/connect/types.pb.h"

namespace centella::connect {
namespace {

using proto::AnalyzePlanRequest;
using proto::AnalyzePlanResponse;

// The version of Spark whose answers these are.
constexpr char kSparkVersion[] = "4.2.1";

PlanPtr PlanOf(const proto::Plan& plan, Session& session) {
  const PlanContent content = ContentOf(plan);
  if (content.relation == nullptr) {
    Raise(Condition::CONNECT_INVALID_PLAN__ASSERTION_FAILURE, {{"message", "a command cannot be analysed"}});
  }
  return PlanConverter(session).FromRelation(*content.relation);
}

ExplainMode ModeOf(AnalyzePlanRequest::Explain::ExplainMode mode) {
  switch (mode) {
    case AnalyzePlanRequest::Explain::EXPLAIN_MODE_SIMPLE: return ExplainMode::kSimple;
    case AnalyzePlanRequest::Explain::EXPLAIN_MODE_EXTENDED: return ExplainMode::kExtended;
    case AnalyzePlanRequest::Explain::EXPLAIN_MODE_CODEGEN: return ExplainMode::kCodegen;
    case AnalyzePlanRequest::Explain::EXPLAIN_MODE_COST: return ExplainMode::kCost;
    case AnalyzePlanRequest::Explain::EXPLAIN_MODE_FORMATTED: return ExplainMode::kFormatted;
    default: break;
  }
  RaiseInvalidEnum("spark.connect.AnalyzePlanRequest.Explain.ExplainMode",
                   AnalyzePlanRequest::Explain::ExplainMode_Name(mode), mode);
}

std::set<std::string> InputFilesOf(const PlanPtr& resolved) {
  std::set<std::string> files;
  Walk(resolved, [&](const PlanPtr& plan) {
    if (const auto* scan = As<ScanPlan>(plan)) {
      for (const std::string& file : scan->table->input_files()) files.insert(file);
    }
    return true;
  });
  return files;
}

// Rows that need no job: local data and what only renames it.
bool IsLocal(const PlanPtr& resolved) { return resolved->kind() == PlanKind::kLocalRelation; }

int32_t HashOf(const PlanPtr& resolved) {
  const std::string key = PlanKey(resolved);
  return static_cast<int32_t>(std::hash<std::string>{}(key));
}

StorageLevel LevelFromProto(const proto::StorageLevel& level) {
  return {level.use_disk(), level.use_memory(), level.use_off_heap(), level.deserialized(), level.replication()};
}

void LevelToProto(const StorageLevel& level, proto::StorageLevel* out) {
  out->set_use_disk(level.disk);
  out->set_use_memory(level.memory);
  out->set_use_off_heap(level.off_heap);
  out->set_deserialized(level.deserialized);
  out->set_replication(level.replication);
}

void AnalyzeCache(const AnalyzePlanRequest& request, Session& session, const QueryContextPtr& context,
                  AnalyzePlanResponse* response) {
  const auto resolve = [&](const proto::Relation& relation) {
    return session.Resolve(PlanConverter(session).FromRelation(relation), context);
  };
  if (request.has_persist()) {
    StorageLevel level;
    if (request.persist().has_storage_level()) level = LevelFromProto(request.persist().storage_level());
    session.CachePlan(resolve(request.persist().relation()), context, level);
    response->mutable_persist();
  } else if (request.has_unpersist()) {
    session.cache().Remove(resolve(request.unpersist().relation()));
    response->mutable_unpersist();
  } else {
    const auto level = session.cache().Find(resolve(request.get_storage_level().relation()));
    const StorageLevel none{false, false, false, false, 1};
    LevelToProto(level.value_or(none), response->mutable_get_storage_level()->mutable_storage_level());
  }
}

// The field list of a schema as DDL, as StructType.toDDL writes it.
std::string SchemaToDdl(const ::centella::DataType& schema) {
  std::string ddl;
  for (const StructField& field : schema.fields()) {
    const bool plain =
        !field.name.empty() && !std::isdigit(static_cast<unsigned char>(field.name[0])) &&
        std::all_of(field.name.begin(), field.name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    std::string name = field.name;
    if (!plain) {
      name = "`";
      for (char c : field.name) name += c == '`' ? std::string("``") : std::string(1, c);
      name += '`';
    }
    ddl += (ddl.empty() ? "" : ",") + name + " " + field.type->ToSql() + (field.nullable ? "" : " NOT NULL");
  }
  return ddl;
}

}  // namespace

void HandleAnalyze(Service& service, const AnalyzePlanRequest& request, AnalyzePlanResponse* response) {
  const auto session_pointer = service.sessions.GetOrCreate(request.user_context().user_id(), request.session_id(),
                                                            request.client_observed_server_side_session_id());
  Session& session = *session_pointer;
  response->set_session_id(session.session_id());
  response->set_server_side_session_id(session.server_side_id());
  const auto context = session.NewContext();
  const auto resolve = [&](const proto::Plan& plan) { return session.Resolve(PlanOf(plan, session), context); };
  switch (request.analyze_case()) {
    case AnalyzePlanRequest::kSchema:
      TypeToProto(*SchemaOf(resolve(request.schema().plan())), response->mutable_schema()->mutable_schema());
      return;
    case AnalyzePlanRequest::kExplain:
      response->mutable_explain()->set_explain_string(session.Explain(
          PlanOf(request.explain().plan(), session), ModeOf(request.explain().explain_mode()), context));
      return;
    case AnalyzePlanRequest::kTreeString:
      response->mutable_tree_string()->set_tree_string(
          TreeString(*SchemaOf(resolve(request.tree_string().plan())), request.tree_string().level()));
      return;
    case AnalyzePlanRequest::kIsLocal:
      response->mutable_is_local()->set_is_local(IsLocal(resolve(request.is_local().plan())));
      return;
    case AnalyzePlanRequest::kIsStreaming:
      resolve(request.is_streaming().plan());
      response->mutable_is_streaming()->set_is_streaming(false);
      return;
    case AnalyzePlanRequest::kInputFiles:
      response->mutable_input_files();
      for (const std::string& file : InputFilesOf(resolve(request.input_files().plan()))) {
        response->mutable_input_files()->add_files(file);
      }
      return;
    case AnalyzePlanRequest::kSparkVersion: response->mutable_spark_version()->set_version(kSparkVersion); return;
    case AnalyzePlanRequest::kDdlParse:
      TypeToProto(*ParseSchemaDdl(request.ddl_parse().ddl_string()), response->mutable_ddl_parse()->mutable_parsed());
      return;
    case AnalyzePlanRequest::kSameSemantics:
      response->mutable_same_semantics()->set_result(PlanKey(resolve(request.same_semantics().target_plan())) ==
                                                     PlanKey(resolve(request.same_semantics().other_plan())));
      return;
    case AnalyzePlanRequest::kSemanticHash:
      response->mutable_semantic_hash()->set_result(HashOf(resolve(request.semantic_hash().plan())));
      return;
    case AnalyzePlanRequest::kPersist:
    case AnalyzePlanRequest::kUnpersist:
    case AnalyzePlanRequest::kGetStorageLevel: AnalyzeCache(request, session, context, response); return;
    case AnalyzePlanRequest::kJsonToDdl: {
      const TypePtr type = ParseTypeJson(request.json_to_ddl().json_string());
      response->mutable_json_to_ddl()->set_ddl_string(type->is(TypeId::kStruct) ? SchemaToDdl(*type) : type->ToSql());
      return;
    }
    case AnalyzePlanRequest::ANALYZE_NOT_SET: break;
  }
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
        {{"fullName", "spark.connect.AnalyzePlanRequest"}, {"name", "analyze"}});
}

}  // namespace centella::connect
