// What operators' samples are made of: small runnable plans, for the tests and the fuzzer of plans as bytes.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "execution/physical_plan.h"
#include "plan/field_bytes.h"

namespace centella::samples {

template <typename Node>
std::shared_ptr<Node> NodeOver(std::vector<StructField> fields, std::vector<PhysicalPtr> children) {
  auto node = std::make_shared<Node>();
  node->schema = types::Struct(std::move(fields));
  node->children = std::move(children);
  return node;
}

// (id bigint, name string): two partitions of three rows.
PhysicalPtr Rows();
ExprPtr ColumnOf(const PhysicalPtr& plan, size_t ordinal);
// Descending.
ExprPtr OrderBy(ExprPtr expression);
ExprPtr SumOf(ExprPtr argument);
// A table (id bigint, name string) of no rows that is known by its name, and what finds such tables by their names.
TablePtr NamedTable(std::string name);
const TableResolver& Tables();

// The samples of all operators.
std::vector<PhysicalPtr> Plans();

}  // namespace centella::samples
