// The debugging print of plans and expressions: every field that isn't at its empty value, plans as an indented tree.
#include "plan/depth_guard.h"
#include "plan/node_registry.h"
#include "plan/serialize.h"
#include "plan/table.h"

namespace centella {
namespace {

class Printer final : public FieldVisitor {
 public:
  void Field(std::string_view name, bool& value) override {
    if (value) Begin(name) += "true";
  }
  void Field(std::string_view name, int64_t& value) override {
    if (value != 0 && !(name == "plan_id" && value == -1)) Begin(name) += std::to_string(value);
  }
  void Field(std::string_view name, double& value) override {
    if (value != 0) Begin(name) += std::to_string(value);
  }
  void Field(std::string_view name, std::string& value) override {
    if (!value.empty()) Begin(name) += Quoted(value);
  }
  void Field(std::string_view name, TypePtr& value) override {
    if (value != nullptr) Begin(name) += value->CatalogString();
  }
  void Field(std::string_view name, Value& value) override { Begin(name) += value.ToSql(); }
  void Field(std::string_view name, ExprPtr& value) override {
    if (value == nullptr) return;
    Begin(name);
    Print(value);
  }
  void Field(std::string_view, PlanPtr& value) override {
    if (value != nullptr) children_.push_back(value);
  }
  void Field(std::string_view, OriginPtr&) override {}
  void Field(std::string_view name, TablePtr& value) override {
    if (value != nullptr) Begin(name) += value->format() + ":" + value->description();
  }
  void Field(std::string_view name, std::vector<Batch>& value, const TypePtr&) override {
    int64_t rows = 0;
    for (const Batch& batch : value) rows += batch.live_rows();
    Begin(name) += std::to_string(value.size()) + " of " + std::to_string(rows) + " rows";
  }
  void Field(std::string_view name, StringMap& value) override {
    if (value.empty()) return;
    Begin(name) += '{';
    std::string_view separator;
    for (const auto& [key, text] : value) {
      text_ += separator;
      text_ += Quoted(key) + ": " + Quoted(text);
      separator = ", ";
    }
    text_ += '}';
  }
  void Field(std::string_view name, std::vector<std::string>& value) override {
    if (!value.empty()) List(Begin(name), value, [this](const std::string& item) { text_ += Quoted(item); });
  }
  void Field(std::string_view name, std::vector<int64_t>& value) override {
    if (!value.empty()) List(Begin(name), value, [this](int64_t item) { text_ += std::to_string(item); });
  }
  void Field(std::string_view name, std::vector<ExprPtr>& value) override {
    if (!value.empty()) List(Begin(name), value, [this](const ExprPtr& item) { Print(item); });
  }
  void Field(std::string_view, std::vector<PlanPtr>& value) override {
    children_.insert(children_.end(), value.begin(), value.end());
  }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) override {
    const auto print = [this](const std::vector<ExprPtr>& group) {
      List(text_, group, [this](const ExprPtr& item) { Print(item); });
    };
    if (!value.empty()) List(Begin(name), value, print);
  }
  void Field(std::string_view name, std::vector<std::vector<std::string>>& value) override {
    const auto print = [this](const std::vector<std::string>& group) {
      List(text_, group, [this](const std::string& item) { text_ += Quoted(item); });
    };
    if (!value.empty()) List(Begin(name), value, print);
  }
  void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) override {
    const auto print = [this](const std::vector<int64_t>& group) {
      List(text_, group, [this](int64_t item) { text_ += std::to_string(item); });
    };
    if (!value.empty()) List(Begin(name), value, print);
  }

  void Print(const ExprPtr& expression) {
    if (expression == nullptr) {
      text_ += "null";
      return;
    }
    DepthGuard guard;
    text_ += NameOf(expression->kind());
    text_ += '(';
    first_ = true;
    const_cast<Expression&>(*expression).VisitAll(*this);  // only reads
    text_ += ')';
    first_ = false;
  }
  void Print(const PlanPtr& plan, int level) {
    DepthGuard guard;
    text_.append(static_cast<size_t>(2 * level), ' ');
    if (plan == nullptr) {
      text_ += "null\n";
      return;
    }
    text_ += NameOf(plan->kind());
    text_ += ' ';
    first_ = true;
    std::vector<PlanPtr> outer;
    outer.swap(children_);
    const_cast<LogicalPlan&>(*plan).VisitAll(*this);  // only reads
    text_ += '\n';
    outer.swap(children_);  // now `outer` holds this node's children, and plans of subqueries
    for (const PlanPtr& child : outer) Print(child, level + 1);
  }
  void PrintFields(const FieldList& fields) {
    first_ = true;
    fields(*this);
  }
  std::string Take() { return std::move(text_); }
  const std::vector<PlanPtr>& children() const { return children_; }

 private:
  std::string& Begin(std::string_view name) {
    if (!first_) text_ += ", ";
    first_ = false;
    text_ += name;
    return text_ += '=';
  }
  template <typename T, typename PrintItem>
  void List(std::string& out, const std::vector<T>& items, PrintItem print) {
    out += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ", ";
      print(items[i]);
    }
    out += ']';
  }
  static std::string Quoted(const std::string& text) { return "'" + text + "'"; }

  std::string text_;
  bool first_ = true;
  std::vector<PlanPtr> children_;
};

}  // namespace

std::string DebugString(const PlanPtr& plan) {
  Printer printer;
  printer.Print(plan, 0);
  return printer.Take();
}

std::string FieldsString(const FieldList& fields) {
  Printer printer;
  printer.PrintFields(fields);
  return printer.Take();
}

std::string DebugString(const ExprPtr& expression) {
  Printer printer;
  printer.Print(expression);
  const std::vector<PlanPtr> subqueries = printer.children();
  for (const PlanPtr& subquery : subqueries) {
    printer.Print(subquery, 1);
  }
  return printer.Take();
}

}  // namespace centella
