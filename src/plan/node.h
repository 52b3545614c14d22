// What logical plans, expressions and physical plans share: nodes that are plain data and describe their own fields.
//
// A node lists its fields once, in VisitFields. Printing, serialising, comparing, hashing and rewriting all come from
// that list (plan/serialize.h, plan/transform.h), so a new node is a struct and one registration line in its kind list.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "types/value.h"
#include "vector/vector.h"

namespace centella {

struct Expression;
struct LogicalPlan;
using ExprPtr = std::shared_ptr<const Expression>;
using PlanPtr = std::shared_ptr<const LogicalPlan>;
class Table;
using TablePtr = std::shared_ptr<const Table>;
using OriginPtr = std::shared_ptr<const ErrorContext>;
using StringMap = std::map<std::string, std::string>;

// Sees each field of a node by name. Reading visitors must not change what they are given; the deserialising one and
// the rewriting one assign. Enums travel as int64 through EnumField.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual void Field(std::string_view name, bool& value) = 0;
  virtual void Field(std::string_view name, int64_t& value) = 0;
  virtual void Field(std::string_view name, double& value) = 0;
  virtual void Field(std::string_view name, std::string& value) = 0;
  virtual void Field(std::string_view name, TypePtr& value) = 0;
  virtual void Field(std::string_view name, Value& value) = 0;
  virtual void Field(std::string_view name, ExprPtr& value) = 0;  // may be null
  virtual void Field(std::string_view name, PlanPtr& value) = 0;  // may be null
  virtual void Field(std::string_view name, OriginPtr& value) = 0;
  virtual void Field(std::string_view name, TablePtr& value) = 0;
  virtual void Field(std::string_view name, std::vector<Batch>& value, const TypePtr& schema) = 0;
  virtual void Field(std::string_view name, StringMap& value) = 0;
  virtual void Field(std::string_view name, std::vector<std::string>& value) = 0;
  virtual void Field(std::string_view name, std::vector<int64_t>& value) = 0;
  virtual void Field(std::string_view name, std::vector<ExprPtr>& value) = 0;
  virtual void Field(std::string_view name, std::vector<PlanPtr>& value) = 0;
  virtual void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) = 0;
  virtual void Field(std::string_view name, std::vector<std::vector<std::string>>& value) = 0;
  virtual void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) = 0;

  template <typename Enum>
  void EnumField(std::string_view name, Enum& value) {
    const int64_t before = static_cast<int64_t>(value);
    int64_t number = before;
    Field(name, number);
    if (number != before) value = static_cast<Enum>(number);  // reading visitors run on shared nodes
  }
  template <typename Int>
  void IntField(std::string_view name, Int& value) {
    const int64_t before = static_cast<int64_t>(value);
    int64_t number = before;
    Field(name, number);
    if (number != before) value = static_cast<Int>(number);
  }
};

// Gives Derived its kind and clone. Base has: virtual Kind kind() const; virtual std::shared_ptr<Base> Clone() const.
template <typename Derived, typename Base, auto kKindValue>
struct NodeOf : Base {
  static constexpr auto kKind = kKindValue;
  decltype(kKindValue) kind() const final { return kKindValue; }
  std::shared_ptr<Base> Clone() const final { return std::make_shared<Derived>(static_cast<const Derived&>(*this)); }
};

// The node as T when it is one, else nullptr.
template <typename T, typename Base>
const T* As(const std::shared_ptr<const Base>& node) {
  return node != nullptr && node->kind() == T::kKind ? static_cast<const T*>(node.get()) : nullptr;
}
template <typename T, typename Base>
const T& To(const std::shared_ptr<const Base>& node) {
  const T* typed = As<T>(node);
  CENTELLA_CHECK(typed != nullptr, "a node of another kind");
  return *typed;
}

// Never more than this many levels of plan or expression nodes; deeper input raises a named error. Analysis and planning run on a
// thread with a 64 MB stack (session room).
inline constexpr int kMaxPlanDepth = 20000;

}  // namespace centella
