// From Spark Connect's messages to plans: what relation, expression, literal and command conversion share.
//
// Messages come from outside: every enum, oneof and index is checked, what isn't built is refused by its name. Conversion
// recurses as deep as the message does (bounded by the parser's recursion limit); call it on a deep stack.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/logical_plan.h"
#include "session/session.h"

namespace spark::connect {
class Catalog;
class Command;
class DataType;
class Expression;
class Expression_Alias;
class Expression_Literal;
class Expression_SortOrder;
class Relation;
class WriteOperation;
class WriteOperationV2;
}  // namespace spark::connect

namespace google::protobuf {
template <typename T>
class RepeatedPtrField;
}  // namespace google::protobuf

namespace centella::connect {

// CONNECT_INVALID_PLAN.ASSERTION_FAILURE: a message that means nothing.
[[noreturn]] void RaiseBad(const std::string& message);
// CONNECT_INVALID_PLAN.INVALID_ENUM: value `name` (empty when it has none) of `number` isn't one that means something here.
[[noreturn]] void RaiseInvalidEnum(const std::string& full_name, const std::string& name, int number);

template <typename Strings>
std::vector<std::string> StringsOf(const Strings& strings) {
  return {strings.begin(), strings.end()};
}

namespace proto = ::spark::connect;

// Raises CONNECT_INVALID_PLAN.DATA_TYPE_UNSUPPORTED_PROTO_TO_CATALYST, UNSUPPORTED_FEATURE for types that aren't built.
TypePtr TypeFromProto(const proto::DataType& type);
void TypeToProto(const DataType& type, proto::DataType* out);

Value LiteralFromProto(const proto::Expression_Literal& literal);
// For observed metrics: the literal that PySpark reads back.
void LiteralToProto(const Value& value, proto::Expression_Literal* out);

// Converts one request's plan; not shared between threads.
class PlanConverter {
 public:
  // The session gives configuration, cached local relations and checkpoints.
  explicit PlanConverter(Session& session) : session_(session), config_(session.config()) {}

  PlanPtr FromRelation(const proto::Relation& relation);
  // The commands that are plans.
  PlanPtr FromWrite(const proto::WriteOperation& write);
  PlanPtr FromWriteV2(const proto::WriteOperationV2& write);
  ExprPtr FromExpression(const proto::Expression& expression);

 private:
  using Relations = std::map<int64_t, PlanPtr>;

  // relation_from_proto.cc
  PlanPtr Convert(const proto::Relation& relation);
  PlanPtr ConvertBasic(const proto::Relation& relation);
  PlanPtr ConvertSample(const proto::Relation& relation);
  PlanPtr ConvertColumns(const proto::Relation& relation);
  PlanPtr ConvertRead(const proto::Relation& relation);
  PlanPtr ConvertProject(const proto::Relation& relation);
  PlanPtr ConvertJoin(const proto::Relation& relation);
  PlanPtr ConvertLateralJoin(const proto::Relation& relation);
  PlanPtr ConvertSetOperation(const proto::Relation& relation);
  PlanPtr ConvertAggregate(const proto::Relation& relation);
  PlanPtr ConvertSort(const proto::Relation& relation);
  PlanPtr ConvertDeduplicate(const proto::Relation& relation);
  PlanPtr ConvertUnpivot(const proto::Relation& relation);
  PlanPtr ConvertWithRelations(const proto::Relation& relation);
  // relation_from_proto_more.cc
  PlanPtr ConvertStatistics(const proto::Relation& relation);
  PlanPtr ConvertNa(const proto::Relation& relation);
  PlanPtr ConvertEager(const proto::Relation& relation);
  PlanPtr ConvertSql(const proto::Relation& relation);
  PlanPtr ConvertCatalog(const proto::Catalog& catalog);
  PlanPtr ConvertExtension(const proto::Relation& relation);
  // local_relation_from_proto.cc
  PlanPtr ConvertLocalRelation(const proto::Relation& relation);
  PlanPtr LocalRelationOf(const std::string* data, const std::string& schema_text);
  PlanPtr ConvertCachedLocalRelation(const std::string& hash);
  PlanPtr ConvertChunkedLocalRelation(const proto::Relation& relation);

  // expression_from_proto.cc
  ExprPtr ConvertExpression(const proto::Expression& expression);
  ExprPtr ConvertFunction(const proto::Expression& expression);
  ExprPtr ConvertConnective(const proto::Expression& expression);
  ExprPtr ConvertCast(const proto::Expression& expression);
  ExprPtr ConvertAlias(const proto::Expression_Alias& alias, OriginPtr origin);
  ExprPtr ConvertSortOrder(const proto::Expression_SortOrder& order);
  ExprPtr ConvertWindow(const proto::Expression& expression);
  ExprPtr ConvertLambda(const proto::Expression& expression);
  ExprPtr ConvertSubquery(const proto::Expression& expression);
  ExprPtr ConvertStar(const proto::Expression& expression);
  std::vector<ExprPtr> ConvertAll(const google::protobuf::RepeatedPtrField<proto::Expression>& expressions);

  Session& session_;
  const Configuration config_;
  std::vector<Relations> references_;  // of the enclosing with_relations, innermost last
};

// Where a DataFrame call stands in the user's program; null when the client didn't say.
OriginPtr OriginFromProto(const proto::Expression& expression);

}  // namespace centella::connect
