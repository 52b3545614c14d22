// What analysis knows of a relation besides its plan: its visible columns with an index by name, columns that can be
// had by name although they are not part of the output (the right side's keys of a USING join), and where each
// DataFrame of the program stands in it (for df["x"]).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plan/logical_plan.h"

namespace centella {

std::string LowerCase(std::string_view text);

// Immutable but for its lazily built indices; one thread.
class Output {
 public:
  explicit Output(std::vector<ExprPtr> columns) : columns_(std::move(columns)) {}
  const std::vector<ExprPtr>& columns() const { return columns_; }
  const Attribute& at(size_t i) const { return *static_cast<const Attribute*>(columns_[i].get()); }
  size_t size() const { return columns_.size(); }
  // Positions of the columns with this name without case, ascending; nullptr for none.
  const std::vector<int>* Find(std::string_view name) const;
  // Position of the column with this id, or -1.
  int IndexOf(ExprId id) const;

 private:
  std::vector<ExprPtr> columns_;
  mutable bool names_built_ = false;
  mutable bool ids_built_ = false;
  mutable std::unordered_map<std::string, std::vector<int>> names_;
  mutable std::unordered_map<ExprId, int> ids_;
};
using OutputPtr = std::shared_ptr<const Output>;

using IdMap = std::unordered_map<ExprId, ExprId>;

// The tree of relations that df["x"] is looked up in; mirrors the tree of the program's DataFrames.
struct RelationFrame;
using RelationFramePtr = std::shared_ptr<const RelationFrame>;
struct RelationFrame {
  int64_t plan_id = -1;
  OutputPtr output;
  std::vector<ExprPtr> hidden;
  std::vector<RelationFramePtr> children;
  // The ids of everything below stand in the plan as these (a self join's second instance).
  std::shared_ptr<const IdMap> renamed;
};

// The Aggregate of a select whose list is still being used by HAVING and ORDER BY above it.
struct AggregateInfo {
  std::shared_ptr<const Aggregate> node;
  // What stands for each grouping expression of the program: the expression over the Aggregate's input as its node
  // has it (with grouping sets: an attribute of the Expand).
  std::vector<std::pair<ExprPtr, ExprPtr>> written;
  ExprPtr grouping_id;                 // grouping sets: the attribute with the bits of left-out columns
  std::vector<ExprPtr> grouping_sets;  // the columns of those bits, highest first
};

// A resolved plan with what can be named in it.
struct Relation {
  PlanPtr plan;
  OutputPtr output;
  std::vector<ExprPtr> hidden;
  RelationFramePtr frame;
  // Of a select: the relation its list was computed from. ORDER BY and filters above may use its columns.
  std::shared_ptr<const Relation> below;
  std::shared_ptr<const AggregateInfo> aggregate;
};

}  // namespace centella
