// Rows that travel with a plan: in the message, or cached beforehand as artifacts of the session.
#include <google/protobuf/repeated_ptr_field.h>

#include "server/connect/convert.h"
#include "server/connect/parse.h"
#include "session/local_rows.h"
#include "spark/connect/relations.pb.h"
#include "vector/arrow_bridge.h"

namespace centella::connect {
namespace {

// What all chunks of one relation may hold together.
constexpr int64_t kMaxLocalRelationBytes = int64_t{3} << 30;

TypePtr SchemaFromText(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return nullptr;
  TypePtr type;
  if (text[first] == '{' || text[first] == '"') {
    type = ParseTypeJson(text);
  } else {
    type = ParseSchemaDdl(text);
  }
  if (type->is(TypeId::kStruct)) return type;
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_SCHEMA_NON_STRUCT_TYPE,
        {{"inputSchema", text}, {"dataType", type->CatalogString()}});
}

}  // namespace

// The data's own schema gives the rows; the schema asked for gives names and, where types differ, casts.
PlanPtr PlanConverter::LocalRelationOf(const std::string* data, const std::string& schema_text) {
  const TypePtr wanted = SchemaFromText(schema_text);
  if (data == nullptr) {
    if (wanted == nullptr) Raise(Condition::CONNECT_INVALID_PLAN__SCHEMA_REQUIRED_FOR_LOCAL_RELATION);
    return MakeLocalRelation(wanted, {});
  }
  TypePtr found;
  std::vector<Batch> batches = ReadIpcStream(*data, &found);
  if (found == nullptr) Raise(Condition::CONNECT_INVALID_PLAN__INPUT_DATA_NO_SCHEMA);
  for (size_t i = 0; i < batches.size(); ++i) batches[i].place.sequence = static_cast<int64_t>(i);
  if (wanted == nullptr) return MakeLocalRelation(found, std::move(batches));
  if (wanted->fields().size() != found->fields().size()) {
    Raise(Condition::CONNECT_INVALID_PLAN__ASSERTION_FAILURE,
          {{"message", "the data of a local relation has " + std::to_string(found->fields().size()) +
                           " columns, its schema " + std::to_string(wanted->fields().size())}});
  }
  std::vector<StructField> renamed = found->fields();
  for (size_t i = 0; i < renamed.size(); ++i) renamed[i].name = wanted->fields()[i].name;
  if (SameTypeIgnoringNullability(*types::Struct(renamed), *wanted)) {
    return MakeLocalRelation(wanted, std::move(batches));
  }
  auto cast = std::make_shared<ToSchema>();
  cast->child = MakeLocalRelation(types::Struct(std::move(renamed)), std::move(batches));
  cast->schema = wanted;
  return cast;
}

PlanPtr PlanConverter::ConvertLocalRelation(const proto::Relation& relation) {
  const proto::LocalRelation& message = relation.local_relation();
  return LocalRelationOf(message.has_data() ? &message.data() : nullptr, message.schema());
}

PlanPtr PlanConverter::ConvertCachedLocalRelation(const std::string& hash) {
  const auto blob = session_.artifacts().FindCached(hash);
  if (blob == nullptr) {
    Raise(Condition::CONNECT_INVALID_PLAN__NOT_FOUND_CACHED_LOCAL_RELATION,
          {{"hash", hash}, {"sessionUUID", session_.session_id()}});
  }
  proto::LocalRelation message;
  if (!ParseBounded(*blob, &message)) {
    Raise(Condition::CONNECT_INVALID_PLAN__CANNOT_PARSE, {{"errorMsg", "the cached local relation " + hash}});
  }
  return LocalRelationOf(message.has_data() ? &message.data() : nullptr, message.schema());
}

PlanPtr PlanConverter::ConvertChunkedLocalRelation(const proto::Relation& relation) {
  const proto::ChunkedCachedLocalRelation& message = relation.chunked_cached_local_relation();
  const auto find = [&](const std::string& hash) {
    auto blob = session_.artifacts().FindCached(hash);
    if (blob == nullptr) {
      Raise(Condition::CONNECT_INVALID_PLAN__NOT_FOUND_CHUNKED_CACHED_LOCAL_RELATION,
            {{"hash", hash}, {"sessionUUID", session_.session_id()}});
    }
    return blob;
  };
  const std::string schema = message.has_schemahash() ? *find(message.schemahash()) : std::string();
  if (message.datahashes_size() == 0) {
    Raise(Condition::CONNECT_INVALID_PLAN__ASSERTION_FAILURE, {{"message", "a chunked local relation without data"}});
  }
  // Each chunk is an IPC stream of its own with the same schema.
  std::vector<Batch> batches;
  TypePtr found;
  int64_t bytes = 0;
  for (const std::string& hash : message.datahashes()) {
    const auto blob = find(hash);
    bytes += static_cast<int64_t>(blob->size());
    if (bytes > kMaxLocalRelationBytes) {
      Raise(Condition::OUT_OF_MEMORY,
            {{"needed", std::to_string(bytes)}, {"budget", std::to_string(kMaxLocalRelationBytes)}});
    }
    if (message.datahashes_size() == 1) return LocalRelationOf(blob.get(), schema);
    TypePtr type;
    for (Batch& batch : ReadIpcStream(*blob, &type)) batches.push_back(std::move(batch));
    if (type == nullptr) Raise(Condition::CONNECT_INVALID_PLAN__INPUT_DATA_NO_SCHEMA);
    if (found != nullptr && !SameTypeIgnoringNullability(*found, *type)) {
      Raise(Condition::CONNECT_INVALID_PLAN__ASSERTION_FAILURE,
            {{"message", "the chunks of a local relation have different schemas"}});
    }
    found = type;
  }
  const TypePtr wanted = SchemaFromText(schema);
  for (size_t i = 0; i < batches.size(); ++i) batches[i].place.sequence = static_cast<int64_t>(i);
  if (wanted == nullptr || SameTypeIgnoringNullability(*found, *wanted)) {
    return MakeLocalRelation(wanted == nullptr ? found : wanted, std::move(batches));
  }
  auto cast = std::make_shared<ToSchema>();
  cast->child = MakeLocalRelation(found, std::move(batches));
  cast->schema = wanted;
  return cast;
}

}  // namespace centella::connect
