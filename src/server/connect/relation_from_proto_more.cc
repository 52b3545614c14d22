// Connect's relations to unresolved plans: na functions, statistics, SQL text, and what is run at once (show, catalog).
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/repeated_ptr_field.h>

#include "plan/transform.h"
#include "server/connect/convert.h"
#include "server/connect/parse.h"
#include "spark/connect/catalog.pb.h"
#include "spark/connect/commands.pb.h"
#include "spark/connect/common.pb.h"
#include "spark/connect/expressions.pb.h"
#include "spark/connect/relations.pb.h"
#include "spark/connect/types.pb.h"
#include "sql/parser.h"

// Clients of older versions send the fields that the protocol now calls deprecated.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace centella::connect {
namespace {

using proto::Relation;

ExprPtr LiteralOf(const proto::Expression_Literal& literal) { return MakeLiteral(LiteralFromProto(literal)); }
ExprPtr DoubleLiteral(double value) { return MakeLiteral(Value::Double(value)); }

// A parameter without a name is called by its place in the text.
[[noreturn]] void RaiseUnbound(const ExprPtr& parameter, std::string name) {
  const OriginPtr& origin = parameter->origin;
  if (name.empty()) name = "_" + std::to_string(origin == nullptr ? 0 : origin->start_index);
  std::vector<ErrorContext> contexts;
  if (origin != nullptr) contexts.push_back(*origin);
  Raise(Condition::UNBOUND_SQL_PARAMETER, {{"name", name}}, contexts);
}

// Replaces :name and ? by what sql() was given.
PlanPtr BindParameters(const PlanPtr& plan, const std::map<std::string, ExprPtr>& named,
                       const std::vector<ExprPtr>& positional) {
  const ExprFunction bind = [&](const ExprPtr& expression) -> ExprPtr {
    const auto* parameter = As<Parameter>(expression);
    if (parameter == nullptr) return expression;
    if (parameter->name.empty()) {
      const auto position = static_cast<size_t>(parameter->position);
      if (position < positional.size()) return positional[position];
      RaiseUnbound(expression, "");
    }
    const auto found = named.find(parameter->name);
    if (found != named.end()) return found->second;
    RaiseUnbound(expression, parameter->name);
  };
  return TransformExpressionsUp(plan, bind, /*into_subqueries=*/true);
}

std::shared_ptr<centella::Command> MakeCommand(std::string name, PlanPtr child = nullptr) {
  auto command = std::make_shared<centella::Command>();
  command->name = std::move(name);
  command->child = std::move(child);
  return command;
}

// A set field of a catalog operation as text.
std::string FieldText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field) {
  using Field = google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING: return reflection.GetString(message, &field);
    case Field::CPPTYPE_BOOL: return reflection.GetBool(message, &field) ? "true" : "false";
    case Field::CPPTYPE_MESSAGE: {
      const auto& inner = reflection.GetMessage(message, &field);
      if (const auto* type = dynamic_cast<const proto::DataType*>(&inner)) return TypeFromProto(*type)->ToJson();
      if (const auto* level = dynamic_cast<const proto::StorageLevel*>(&inner)) return level->ShortDebugString();
      return "";
    }
    default: return "";
  }
}

}  // namespace

PlanPtr PlanConverter::ConvertNa(const Relation& relation) {
  auto na = std::make_shared<NaFunction>();
  if (relation.has_fill_na()) {
    const proto::NAFill& message = relation.fill_na();
    if (message.values_size() == 0) RaiseBad("fillna needs a value");
    if (message.values_size() > 1 && message.values_size() != message.cols_size()) {
      RaiseBad("fillna needs as many values as columns");
    }
    na->function = NaFunctionKind::kFill;
    na->columns = StringsOf(message.cols());
    for (const auto& value : message.values()) na->values.push_back(LiteralOf(value));
    na->child = Convert(message.input());
    return na;
  }
  if (relation.has_drop_na()) {
    const proto::NADrop& message = relation.drop_na();
    na->function = NaFunctionKind::kDrop;
    na->columns = StringsOf(message.cols());
    if (message.has_min_non_nulls()) na->min_non_nulls = message.min_non_nulls();
    na->child = Convert(message.input());
    return na;
  }
  if (!relation.has_replace()) return nullptr;
  const proto::NAReplace& message = relation.replace();
  na->function = NaFunctionKind::kReplace;
  na->columns = StringsOf(message.cols());
  for (const auto& replacement : message.replacements()) {
    na->values.push_back(LiteralOf(replacement.old_value()));
    na->values.push_back(LiteralOf(replacement.new_value()));
  }
  na->child = Convert(message.input());
  return na;
}

// Arguments by function: summary: the statistics' names. corr: the method. approx_quantile: the relative error, then
// the probabilities. freq_items: the support. sample_by: the column, the seed, then stratum and fraction in turn.
PlanPtr PlanConverter::ConvertStatistics(const Relation& relation) {
  auto stat = std::make_shared<StatFunction>();
  switch (relation.rel_type_case()) {
    case Relation::kSummary:
      stat->function = "summary";
      for (const std::string& statistic : relation.summary().statistics()) {
        stat->arguments.push_back(MakeLiteral(Value::String(statistic)));
      }
      stat->child = Convert(relation.summary().input());
      return stat;
    case Relation::kDescribe:
      stat->function = "describe";
      stat->columns = StringsOf(relation.describe().cols());
      stat->child = Convert(relation.describe().input());
      return stat;
    case Relation::kCrosstab:
      stat->function = "crosstab";
      stat->columns = {relation.crosstab().col1(), relation.crosstab().col2()};
      stat->child = Convert(relation.crosstab().input());
      return stat;
    case Relation::kCov:
      stat->function = "cov";
      stat->columns = {relation.cov().col1(), relation.cov().col2()};
      stat->child = Convert(relation.cov().input());
      return stat;
    case Relation::kCorr:
      stat->function = "corr";
      stat->columns = {relation.corr().col1(), relation.corr().col2()};
      stat->arguments = {
          MakeLiteral(Value::String(relation.corr().has_method() ? relation.corr().method() : "pearson"))};
      stat->child = Convert(relation.corr().input());
      return stat;
    case Relation::kApproxQuantile:
      stat->function = "approx_quantile";
      stat->columns = StringsOf(relation.approx_quantile().cols());
      stat->arguments = {DoubleLiteral(relation.approx_quantile().relative_error())};
      for (double p : relation.approx_quantile().probabilities()) stat->arguments.push_back(DoubleLiteral(p));
      stat->child = Convert(relation.approx_quantile().input());
      return stat;
    case Relation::kFreqItems:
      stat->function = "freq_items";
      stat->columns = StringsOf(relation.freq_items().cols());
      stat->arguments = {DoubleLiteral(relation.freq_items().has_support() ? relation.freq_items().support() : 0.01)};
      stat->child = Convert(relation.freq_items().input());
      return stat;
    case Relation::kSampleBy:
      stat->function = "sample_by";
      stat->arguments = {ConvertExpression(relation.sample_by().col()),
                         MakeLiteral(Value::Long(relation.sample_by().seed()))};
      for (const auto& fraction : relation.sample_by().fractions()) {
        stat->arguments.push_back(LiteralOf(fraction.stratum()));
        stat->arguments.push_back(DoubleLiteral(fraction.fraction()));
      }
      stat->child = Convert(relation.sample_by().input());
      return stat;
    default: return nullptr;
  }
}

PlanPtr PlanConverter::ConvertEager(const Relation& relation) {
  switch (relation.rel_type_case()) {
    case Relation::kShowString: {
      auto command = MakeCommand("show_string", Convert(relation.show_string().input()));
      command->arguments = {{"num_rows", std::to_string(relation.show_string().num_rows())},
                            {"truncate", std::to_string(relation.show_string().truncate())},
                            {"vertical", relation.show_string().vertical() ? "true" : "false"}};
      return command;
    }
    case Relation::kHtmlString: {
      auto command = MakeCommand("html_string", Convert(relation.html_string().input()));
      command->arguments = {{"num_rows", std::to_string(relation.html_string().num_rows())},
                            {"truncate", std::to_string(relation.html_string().truncate())}};
      return command;
    }
    case Relation::kSql: return ConvertSql(relation);
    case Relation::kCatalog: return ConvertCatalog(relation.catalog());
    case Relation::kExtension: return ConvertExtension(relation);
    case Relation::kLocalRelation: return ConvertLocalRelation(relation);
    case Relation::kCachedLocalRelation: return ConvertCachedLocalRelation(relation.cached_local_relation().hash());
    case Relation::kChunkedCachedLocalRelation: return ConvertChunkedLocalRelation(relation);
    case Relation::kCachedRemoteRelation: {
      const std::string& id = relation.cached_remote_relation().relation_id();
      PlanPtr plan = session_.FindRemote(id);
      if (plan == nullptr) {
        Raise(Condition::CONNECT_INVALID_PLAN__DATAFRAME_NOT_FOUND,
              {{"dfId", id}, {"sessionId", session_.session_id()}});
      }
      return plan;
    }
    default: return nullptr;
  }
}

PlanPtr PlanConverter::ConvertSql(const Relation& relation) {
  const proto::SQL& message = relation.sql();
  std::map<std::string, ExprPtr> named;
  std::vector<ExprPtr> positional;
  for (const auto& [name, argument] : message.named_arguments()) named[name] = ConvertExpression(argument);
  for (const auto& [name, argument] : message.args()) named[name] = LiteralOf(argument);
  for (const auto& argument : message.pos_arguments()) positional.push_back(ConvertExpression(argument));
  for (const auto& argument : message.pos_args()) positional.push_back(LiteralOf(argument));
  return BindParameters(ParseStatement(message.query(), config_), named, positional);
}

PlanPtr PlanConverter::ConvertCatalog(const proto::Catalog& catalog) {
  const auto* descriptor = catalog.GetDescriptor();
  const auto* reflection = catalog.GetReflection();
  const auto* kind = reflection->GetOneofFieldDescriptor(catalog, descriptor->FindOneofByName("cat_type"));
  if (kind == nullptr) {
    Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
          {{"fullName", "spark.connect.Catalog"}, {"name", "cat_type"}});
  }
  auto command = MakeCommand("catalog." + kind->name());
  const google::protobuf::Message& operation = reflection->GetMessage(catalog, kind);
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  operation.GetReflection()->ListFields(operation, &fields);
  for (const auto* field : fields) {
    if (!field->is_repeated()) command->arguments[field->name()] = FieldText(operation, *field);
  }
  if (catalog.has_create_table()) {
    for (const auto& [key, value] : catalog.create_table().options()) command->arguments["option." + key] = value;
  } else if (catalog.has_create_external_table()) {
    for (const auto& [key, value] : catalog.create_external_table().options()) {
      command->arguments["option." + key] = value;
    }
  }
  return command;
}

PlanPtr PlanConverter::ConvertExtension(const Relation& relation) {
  const std::string& url = relation.extension().type_url();
  if (!url.ends_with("centella.NumPartitions")) {
    Raise(Condition::CONNECT_INVALID_PLAN__NO_HANDLER_FOR_EXTENSION, {{"extensionTypeUrl", url}});
  }
  Relation inner;
  if (!ParseBounded(relation.extension().value(), &inner)) {
    Raise(Condition::CONNECT_INVALID_PLAN__CANNOT_PARSE, {{"errorMsg", "the relation of " + url}});
  }
  return MakeCommand("num_partitions", Convert(inner));
}

PlanPtr PlanConverter::FromWrite(const proto::WriteOperation& message) {
  auto write = std::make_shared<WriteFiles>();
  write->child = Convert(message.input());
  write->format = message.source();
  switch (message.mode()) {
    case proto::WriteOperation::SAVE_MODE_APPEND: write->mode = SaveMode::kAppend; break;
    case proto::WriteOperation::SAVE_MODE_OVERWRITE: write->mode = SaveMode::kOverwrite; break;
    case proto::WriteOperation::SAVE_MODE_IGNORE: write->mode = SaveMode::kIgnore; break;
    default: write->mode = SaveMode::kError;
  }
  write->options = StringMap(message.options().begin(), message.options().end());
  write->partition_by = StringsOf(message.partitioning_columns());
  write->sort_by = StringsOf(message.sort_column_names());
  write->bucket_by = StringsOf(message.bucket_by().bucket_column_names());
  write->buckets = message.bucket_by().num_buckets();
  if (message.clustering_columns_size() > 0) RaiseUnsupported("clusterBy when writing");
  if (message.has_table()) {
    write->table = ParseMultipartIdentifier(message.table().table_name());
    const bool insert =
        message.table().save_method() == proto::WriteOperation::SaveTable::TABLE_SAVE_METHOD_INSERT_INTO;
    write->table_method = insert ? "insert_into" : "save_as_table";
  } else if (message.has_path()) {
    write->path = message.path();
  } else if (auto path = write->options.find("path"); path != write->options.end()) {
    write->path = path->second;
  }
  return write;
}

PlanPtr PlanConverter::FromWriteV2(const proto::WriteOperationV2&) { RaiseUnsupported("writeTo"); }

}  // namespace centella::connect
