// See local_rows.h.
#include "session/local_rows.h"

namespace centella {

LocalRows::LocalRows(std::vector<StructField> fields)
    : schema_(types::Struct(std::move(fields))), columns_(schema_->fields().size()) {}

void LocalRows::Add(std::vector<Value> row) {
  CENTELLA_CHECK(row.size() == columns_.size(), "a row with another number of fields");
  for (size_t i = 0; i < row.size(); ++i) columns_[i].push_back(std::move(row[i]));
}

PlanPtr LocalRows::ToPlan() const {
  const int64_t rows = columns_.empty() ? 0 : static_cast<int64_t>(columns_[0].size());
  std::vector<Batch> batches;
  for (int64_t begin = 0; begin < rows; begin += kVectorSize) {
    const int64_t end = std::min(rows, begin + kVectorSize);
    Batch batch;
    batch.rows = end - begin;
    batch.place.sequence = static_cast<int64_t>(batches.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::vector<Value> part(columns_[i].begin() + begin, columns_[i].begin() + end);
      batch.columns.push_back(MakeVector(schema_->fields()[i].type, part));
    }
    batches.push_back(std::move(batch));
  }
  return MakeLocalRelation(schema_, std::move(batches));
}

PlanPtr MakeLocalRelation(const TypePtr& schema, std::vector<Batch> batches) {
  auto relation = std::make_shared<LocalRelation>();
  for (const StructField& field : schema->fields()) {
    relation->output.push_back(MakeAttribute(field.name, field.type, field.nullable, NextExprId(), {}, field.metadata));
  }
  relation->schema = schema;
  relation->batches = std::move(batches);
  return relation;
}

StructField StringField(std::string name, bool nullable) { return {std::move(name), types::String(), nullable, ""}; }
StructField BooleanField(std::string name) { return {std::move(name), types::Boolean(), false, ""}; }
Value OptionalString(const std::string* text) {
  return text == nullptr ? Value::Null(types::String()) : Value::String(*text);
}

}  // namespace centella
