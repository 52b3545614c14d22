// The registry of physical node kinds, and what every kind gets from it: bytes, comparing, the full print.
#include "execution/physical_nodes.h"

#include <map>

#include "plan/depth_guard.h"
#include "plan/serialize.h"

namespace centella {
namespace {

struct Entry {
  std::string_view name;
  std::shared_ptr<PhysicalPlan> (*make)();
};

template <typename T>
std::shared_ptr<PhysicalPlan> Make() {
  return std::make_shared<T>();
}

#define CENTELLA_PHYSICAL(T) {Physical##T::kKind, Entry{#T, &Make<Physical##T>}},

const std::map<PhysicalKind, Entry>& Entries() {
  static const std::map<PhysicalKind, Entry> entries = {
      CENTELLA_PHYSICAL(Values) CENTELLA_PHYSICAL(Range) CENTELLA_PHYSICAL(Scan) CENTELLA_PHYSICAL(Filter)
          CENTELLA_PHYSICAL(Project) CENTELLA_PHYSICAL(Expand) CENTELLA_PHYSICAL(Generate) CENTELLA_PHYSICAL(Aggregate)
              CENTELLA_PHYSICAL(Join) CENTELLA_PHYSICAL(Sort) CENTELLA_PHYSICAL(Limit) CENTELLA_PHYSICAL(Window)
                  CENTELLA_PHYSICAL(Union) CENTELLA_PHYSICAL(Exchange) CENTELLA_PHYSICAL(Coalesce)
                      CENTELLA_PHYSICAL(Spool) CENTELLA_PHYSICAL(SpoolRead) CENTELLA_PHYSICAL(Input)};
  return entries;
}

#undef CENTELLA_PHYSICAL

// Listing only reads when the visitor does.
void VisitNode(const PhysicalPlan& plan, FieldVisitor& visitor) { const_cast<PhysicalPlan&>(plan).VisitAll(visitor); }

// A node: its kind + 1, its fields, its children.
void WriteNode(const PhysicalPlan& plan, FieldWriter* out) {
  DepthGuard guard;
  out->bytes().Unsigned(static_cast<uint64_t>(plan.kind()) + 1);
  VisitNode(plan, *out);
  out->bytes().Unsigned(plan.children.size());
  for (const PhysicalPtr& child : plan.children) WriteNode(*child, out);
}

PhysicalPtr ReadNode(FieldReader* in) {
  DepthGuard guard;
  const uint64_t tag = in->bytes().Unsigned();
  auto node = tag >= 1 && tag <= 256 ? NewPhysicalPlan(static_cast<int64_t>(tag) - 1) : nullptr;
  if (node == nullptr) ByteReader::Corrupt("an unknown kind of physical node");
  node->VisitAll(*in);
  for (size_t count = in->bytes().Count(); count > 0; --count) node->children.push_back(ReadNode(in));
  return node;
}

void PrintNode(const PhysicalPlan& plan, int level, std::string* out) {
  DepthGuard guard;
  out->append(static_cast<size_t>(2 * level), ' ');
  *out += NameOf(plan.kind());
  *out += ' ' + FieldsString([&](FieldVisitor& visitor) { VisitNode(plan, visitor); }) + '\n';
  for (const PhysicalPtr& child : plan.children) PrintNode(*child, level + 1, out);
}

}  // namespace

std::shared_ptr<PhysicalPlan> NewPhysicalPlan(int64_t kind) {
  if (kind < 0 || kind > 255) return nullptr;
  const auto found = Entries().find(static_cast<PhysicalKind>(kind));
  return found == Entries().end() ? nullptr : found->second.make();
}

std::string_view NameOf(PhysicalKind kind) {
  const auto found = Entries().find(kind);
  return found == Entries().end() ? "?" : found->second.name;
}

std::vector<PhysicalKind> RegisteredPhysicalPlans() {
  std::vector<PhysicalKind> kinds;
  for (const auto& [kind, entry] : Entries()) kinds.push_back(kind);
  return kinds;
}

std::string SerializePhysicalPlan(const PhysicalPtr& plan) {
  FieldWriter writer;
  WriteNode(*plan, &writer);
  return writer.Take();
}

PhysicalPtr DeserializePhysicalPlan(std::string_view bytes, const TableResolver& tables) {
  FieldReader reader(bytes, &tables);
  PhysicalPtr plan = ReadNode(&reader);
  reader.Finish();
  CheckPhysicalPlan(plan);
  return plan;
}

bool SamePhysicalPlan(const PhysicalPtr& a, const PhysicalPtr& b) {
  if (a == b) return true;
  if (a->kind() != b->kind() || a->children.size() != b->children.size()) return false;
  DepthGuard guard;
  if (!SameFields([&](FieldVisitor& v) { VisitNode(*a, v); }, [&](FieldVisitor& v) { VisitNode(*b, v); })) return false;
  for (size_t i = 0; i < a->children.size(); ++i) {
    if (!SamePhysicalPlan(a->children[i], b->children[i])) return false;
  }
  return true;
}

std::string PhysicalDebugString(const PhysicalPtr& plan) {
  std::string text;
  PrintNode(*plan, 0, &text);
  return text;
}

}  // namespace centella
