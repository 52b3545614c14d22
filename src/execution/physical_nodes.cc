// What every kind of physical node gets from its fields: bytes, comparing, the full print.
#include "execution/physical_nodes.h"

#include "execution/operator_registry.h"
#include "plan/depth_guard.h"
#include "plan/serialize.h"

namespace centella {
namespace {

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
  if (kind < 0 || kind >= static_cast<int64_t>(Operators().size())) return nullptr;
  return Operators()[static_cast<size_t>(kind)].make();
}

std::string_view NameOf(PhysicalKind kind) { return DeclarationOf(kind).name; }

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
