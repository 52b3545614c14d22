// See plan_cache.h.
#include "session/plan_cache.h"

#include <unordered_map>

#include "plan/transform.h"
#include "vector/serialize.h"

namespace centella {
namespace {

// Tables' aliases change names only.
const PlanPtr& WithoutAlias(const PlanPtr& plan) {
  const PlanPtr* at = &plan;
  while (const auto* alias = As<SubqueryAlias>(*at)) at = &alias->child;
  return *at;
}

// Writes a plan's fields as bytes; ids are numbered in the order in which they are met.
class KeyWriter final : public FieldVisitor {
 public:
  void Plan(const PlanPtr& given) {
    const PlanPtr& plan = WithoutAlias(given);
    Number(plan == nullptr ? -1 : static_cast<int64_t>(plan->kind()));
    if (plan == nullptr) return;
    // Reading visitors don't change what they see; the interface isn't const for the sake of those that do.
    const_cast<LogicalPlan&>(*plan).VisitFields(*this);
  }
  std::string Take() { return std::move(key_); }

  void Field(std::string_view, bool& value) override { Number(value); }
  void Field(std::string_view name, int64_t& value) override { Number(name == "id" ? Renumber(value) : value); }
  void Field(std::string_view, double& value) override { key_.append(reinterpret_cast<const char*>(&value), 8); }
  void Field(std::string_view name, std::string& value) override {
    if (name == "name" || name == "metadata" || name == "display") return;
    Text(value);
  }
  void Field(std::string_view, TypePtr& value) override { Text(value ? value->CatalogString() : ""); }
  void Field(std::string_view, Value& value) override {
    Text(value.type()->CatalogString());
    Text(value.is_null() ? "\x01null" : value.ToSql());
  }
  void Field(std::string_view, ExprPtr& value) override { Expr(value); }
  void Field(std::string_view, PlanPtr& value) override { Plan(value); }
  void Field(std::string_view, OriginPtr&) override {}
  void Field(std::string_view, TablePtr& value) override {
    // Two tables in memory are the same only when they are one object.
    Number(value == nullptr ? 0 : 1);
    if (value != nullptr) Text(value->Identity());
  }
  void Field(std::string_view, std::vector<Batch>& value, const TypePtr&) override {
    for (const Batch& batch : value) {
      std::string bytes;
      SerializeBatch(batch, &bytes);
      Text(bytes);
    }
  }
  void Field(std::string_view, StringMap& value) override {
    for (auto& [key, text] : value) {
      Text(key);
      Text(text);
    }
  }
  void Field(std::string_view name, std::vector<std::string>& value) override {
    if (name == "names" || name == "qualifier") return;
    Number(static_cast<int64_t>(value.size()));
    for (std::string& text : value) Text(text);
  }
  void Field(std::string_view name, std::vector<int64_t>& value) override {
    Number(static_cast<int64_t>(value.size()));
    for (int64_t number : value) Number(name == "ids" ? Renumber(number) : number);
  }
  void Field(std::string_view, std::vector<ExprPtr>& value) override {
    Number(static_cast<int64_t>(value.size()));
    for (const ExprPtr& expression : value) Expr(expression);
  }
  void Field(std::string_view, std::vector<PlanPtr>& value) override {
    Number(static_cast<int64_t>(value.size()));
    for (const PlanPtr& plan : value) Plan(plan);
  }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) override {
    Number(static_cast<int64_t>(value.size()));
    for (auto& part : value) Field(name, part);
  }
  void Field(std::string_view name, std::vector<std::vector<std::string>>& value) override {
    Number(static_cast<int64_t>(value.size()));
    for (auto& part : value) Field(name, part);
  }
  void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) override {
    Number(static_cast<int64_t>(value.size()));
    for (auto& part : value) Field(name, part);
  }

 private:
  void Expr(const ExprPtr& expression) {
    Number(expression == nullptr ? -1 : static_cast<int64_t>(expression->kind()));
    if (expression == nullptr) return;
    Text(expression->type ? expression->type->CatalogString() : "");
    const_cast<Expression&>(*expression).VisitFields(*this);
  }
  void Number(int64_t value) { key_.append(reinterpret_cast<const char*>(&value), 8); }
  void Text(std::string_view text) {
    Number(static_cast<int64_t>(text.size()));
    key_ += text;
  }
  int64_t Renumber(int64_t id) { return ids_.try_emplace(id, static_cast<int64_t>(ids_.size())).first->second; }

  std::string key_;
  std::unordered_map<int64_t, int64_t> ids_;
};

size_t CountNodes(const PlanPtr& plan) {
  size_t count = plan->kind() == PlanKind::kSubqueryAlias ? 0 : 1;
  for (const PlanPtr& child : ChildrenOf(*plan)) count += CountNodes(child);
  return count;
}

}  // namespace

std::string PlanKey(const PlanPtr& analyzed) {
  KeyWriter writer;
  writer.Plan(analyzed);
  return writer.Take();
}

bool PlanCache::Add(const PlanPtr& analyzed, TablePtr table, StorageLevel level) {
  const PlanPtr& plan = WithoutAlias(analyzed);
  std::lock_guard lock(mutex_);
  if (FindEntry(plan) != nullptr) return false;
  entries_.push_back({PlanKey(plan), plan->kind(), CountNodes(plan), OutputOf(plan).size(), std::move(table), level});
  return true;
}

bool PlanCache::Remove(const PlanPtr& analyzed) {
  TablePtr dropped;  // released outside the lock
  std::lock_guard lock(mutex_);
  const Entry* entry = FindEntry(WithoutAlias(analyzed));
  if (entry == nullptr) return false;
  dropped = entry->table;
  entries_.erase(entries_.begin() + (entry - entries_.data()));
  return true;
}

void PlanCache::Clear() {
  std::vector<Entry> dropped;
  std::lock_guard lock(mutex_);
  dropped.swap(entries_);
}

std::optional<StorageLevel> PlanCache::Find(const PlanPtr& analyzed) const {
  std::lock_guard lock(mutex_);
  const Entry* entry = FindEntry(WithoutAlias(analyzed));
  if (entry == nullptr) return std::nullopt;
  return entry->level;
}

bool PlanCache::empty() const {
  std::lock_guard lock(mutex_);
  return entries_.empty();
}

const PlanCache::Entry* PlanCache::FindEntry(const PlanPtr& plan) const {
  bool candidate = false;
  for (const Entry& entry : entries_) candidate |= entry.kind == plan->kind();
  if (!candidate) return nullptr;
  const size_t nodes = CountNodes(plan);
  std::string key;
  for (const Entry& entry : entries_) {
    if (entry.kind != plan->kind() || entry.node_count != nodes) continue;
    if (key.empty()) key = PlanKey(plan);
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

PlanPtr PlanCache::Replace(const PlanPtr& analyzed) const {
  std::lock_guard lock(mutex_);
  if (entries_.empty()) return analyzed;
  const std::function<PlanPtr(const PlanPtr&)> replace = [&](const PlanPtr& plan) -> PlanPtr {
    if (plan->kind() != PlanKind::kSubqueryAlias) {
      if (const Entry* entry = FindEntry(plan)) {
        auto cached = std::make_shared<Cached>();
        cached->table = entry->table;
        cached->output = OutputOf(plan);
        return cached;
      }
    }
    return MapChildren(plan, replace);
  };
  const std::function<ExprPtr(const ExprPtr&)> in_subqueries = [&](const ExprPtr& expression) -> ExprPtr {
    const auto* subquery = As<Subquery>(expression);
    if (subquery == nullptr || subquery->plan == nullptr) return expression;
    PlanPtr replaced = replace(subquery->plan);
    if (replaced == subquery->plan) return expression;
    auto copy = std::make_shared<Subquery>(*subquery);
    copy->plan = std::move(replaced);
    return copy;
  };
  return TransformExpressionsUp(replace(analyzed), in_subqueries);
}

}  // namespace centella
