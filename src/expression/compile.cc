// From bound expressions to a Program: special forms, sharing of equal subtrees, folding of constants, lambdas.
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "expression/program.h"
#include "functions/cast.h"
#include "types/calendar.h"
#include "types/text.h"

namespace centella {
namespace {

constexpr int kCheckpointEvery = 256;  // levels of plain nesting that one recursion may take

// What one scope (the top, or a lambda body) has numbered so far.
struct Scope {
  int id = 0;
  Scope* outer = nullptr;
  LambdaProgram* lambda = nullptr;             // null at the top
  std::unordered_map<int64_t, int> columns;    // batch ordinal → slot
  std::unordered_map<ExprId, int> variables;   // lambda variable → slot
  std::unordered_map<ExprId, int> parameters;  // this lambda's own
  int slots = 0;
};

class Compiler {
 public:
  explicit Compiler(QueryContextPtr context) : program_(std::make_shared<Program>()) {
    program_->context = std::move(context);
  }

  std::shared_ptr<const Program> Finish(const std::vector<ExprPtr>& expressions) {
    for (const ExprPtr& expression : expressions) program_->roots.push_back(Add(expression, top_));
    Share();
    return program_;
  }

 private:
  int Add(const ExprPtr& expression, Scope& scope) {
    CENTELLA_CHECK(expression != nullptr, "an expression is missing");
    if (++depth_ > kMaxPlanDepth) RaiseUnsupported("an expression nested more than 20000 levels deep");
    int node = AddKind(expression, scope);
    --depth_;
    return node;
  }

  int AddKind(const ExprPtr& expression, Scope& scope) {
    switch (expression->kind()) {
      case ExprKind::kLiteral: return AddLiteral(To<Literal>(expression).value, expression->type, scope);
      case ExprKind::kAlias: return Add(To<Alias>(expression).child, scope);
      case ExprKind::kColumn:
        return AddSlot(ColumnSlot(To<Column>(expression).ordinal, scope), expression->type, scope);
      case ExprKind::kLambdaVariable:
        return AddSlot(VariableSlot(To<LambdaVariable>(expression).id, scope), expression->type, scope);
      case ExprKind::kCast: return AddCast(To<Cast>(expression), scope);
      case ExprKind::kCall: return AddCall(To<Call>(expression), scope);
      default:
        RaiseInternal(__FILE__, __LINE__,
                      "an expression of kind " + std::to_string(static_cast<int>(expression->kind())) +
                          " can't be evaluated by itself");
    }
  }

  // ---- leaves -------------------------------------------------------------------------------------------------------

  static std::string LiteralKey(const Value& value) {
    if (value.is_null()) return "n";
    switch (value.type()->physical()) {
      case PhysicalType::kFloat:
      case PhysicalType::kDouble: {
        double v = value.floating();
        return std::string(reinterpret_cast<const char*>(&v), 8);
      }
      case PhysicalType::kString: return "s" + value.string();
      case PhysicalType::kBool:
      case PhysicalType::kInt8:
      case PhysicalType::kInt16:
      case PhysicalType::kInt32: return std::to_string(value.integer());
      case PhysicalType::kInt64:
        if (!value.type()->is(TypeId::kDecimal)) return std::to_string(value.integer());
        [[fallthrough]];
      case PhysicalType::kInt128: {
        int128_t v = value.decimal();
        return std::string(reinterpret_cast<const char*>(&v), 16);
      }
      default: return "";  // not shared
    }
  }

  int AddLiteral(const Value& value, const TypePtr& type, Scope& scope) {
    Node node;
    node.kind = NodeKind::kConstant;
    node.type = type != nullptr ? type : value.type();
    node.constant = value.is_null() ? Vector::MakeNull(node.type, 1) : Vector::MakeConstant(value, 1);
    std::string key = LiteralKey(value);
    return Intern(std::move(node), key.empty() ? std::string() : "L" + value.type()->CatalogString() + "\x1f" + key,
                  scope);
  }

  int AddSlot(int slot, const TypePtr& type, Scope& scope) {
    Node node;
    node.kind = NodeKind::kSlot;
    node.type = type;
    node.slot = slot;
    node.slots = {slot};
    return Intern(std::move(node), "S" + std::to_string(slot), scope);
  }

  int ColumnSlot(int64_t ordinal, Scope& scope) {
    auto [it, fresh] = scope.columns.try_emplace(ordinal, scope.slots);
    if (!fresh) return it->second;
    int slot = scope.slots++;
    if (scope.lambda != nullptr) {
      scope.lambda->slots.push_back({false, ColumnSlot(ordinal, *scope.outer)});
    } else {
      program_->ordinals.push_back(ordinal);
    }
    return slot;
  }

  int VariableSlot(ExprId id, Scope& scope) {
    CENTELLA_CHECK(scope.lambda != nullptr, "a lambda variable outside of its lambda");
    auto [it, fresh] = scope.variables.try_emplace(id, scope.slots);
    if (!fresh) return it->second;
    int slot = scope.slots++;
    auto own = scope.parameters.find(id);
    if (own != scope.parameters.end()) {
      scope.lambda->slots.push_back({true, own->second});
    } else {
      scope.lambda->slots.push_back({false, VariableSlot(id, *scope.outer)});
    }
    return slot;
  }

  // ---- casts and calls ----------------------------------------------------------------------------------------------

  int AddCast(const Cast& cast, Scope& scope) {
    int child = Add(cast.child, scope);
    const TypePtr from = program_->nodes[child].type;
    if (SameTypeIgnoringNullability(*from, *cast.target)) return child;
    if (const std::optional<Value> special = SpecialMoment(program_->nodes[child], *cast.target)) {
      return AddLiteral(*special, cast.target, scope);
    }
    Node node;
    node.kind = NodeKind::kKernel;
    node.type = cast.target;
    node.children = {child};
    node.kernel = FindCast(from, cast.target, cast.mode);
    node.mode = cast.mode;
    node.can_fail = CastCanFail(from, cast.target, cast.mode);
    node.origin = cast.origin;
    return Intern(
        std::move(node),
        "C" + std::to_string(static_cast<int>(cast.mode)) + cast.target->CatalogString() + ":" + std::to_string(child),
        scope);
  }

  // Constant texts that name a moment: 'epoch', 'today', 'now' …
  std::optional<Value> SpecialMoment(const Node& child, const DataType& target) const {
    const bool local = target.is(TypeId::kTimestampNtz) || target.is(TypeId::kDate);
    if (child.kind != NodeKind::kConstant || !child.type->is_string() || child.constant->IsNull(0)) return std::nullopt;
    if (!local && !target.is(TypeId::kTimestamp)) return std::nullopt;
    std::string text(TrimSpaceAndControl(child.constant->GetValue(0).string()));
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const QueryContext& query = *program_->context;
    const int64_t now = query.zone.ToLocalMicros(query.start_micros);
    int64_t day = FloorDiv(now, kMicrosPerDay);
    int64_t moment = 0;
    if (text == "now") {
      moment = now;
    } else if (text == "epoch") {
      if (target.is(TypeId::kTimestamp)) return Value::Integer(types::Timestamp(), 0);
    } else if (text == "today" || text == "yesterday" || text == "tomorrow") {
      day += text == "yesterday" ? -1 : text == "tomorrow" ? 1 : 0;
      moment = day * kMicrosPerDay;
    } else {
      return std::nullopt;
    }
    if (target.is(TypeId::kDate)) return Value::Integer(types::Date(), FloorDiv(moment, kMicrosPerDay));
    if (target.is(TypeId::kTimestampNtz)) return Value::Integer(types::TimestampNtz(), moment);
    return Value::Integer(types::Timestamp(), query.zone.ToUtcMicros(moment));
  }

  int AddCall(const Call& call, Scope& scope) {
    if (call.function == "and" || call.function == "or") return AddLogical(call, scope);
    if (call.function == "case" || call.function == "if") return AddCase(call, scope);
    if (call.function == "nvl2") {
      ExprPtr test = MakeCallNode("isnotnull", {call.args[0]}, types::Boolean());
      return AddGuard(NodeKind::kCase, {test, call.args[1], call.args[2]}, call, scope);
    }
    if (call.function == "decode_case") {
      std::vector<ExprPtr> parts;
      for (size_t i = 1; i + 1 < call.args.size(); i += 2) {
        parts.push_back(MakeCallNode("<=>", {call.args[0], call.args[i]}, types::Boolean()));
        parts.push_back(call.args[i + 1]);
      }
      if (call.args.size() % 2 == 0) parts.push_back(call.args.back());
      return AddGuard(NodeKind::kCase, parts, call, scope);
    }
    if (call.function == "nullif") {
      ExprPtr test = MakeCallNode("=", {call.args[0], call.args[1]}, types::Boolean());
      auto null = std::make_shared<Literal>();
      null->type = call.type;
      null->value = Value::Null(call.type);
      return AddGuard(NodeKind::kCase, {test, null, call.args[0]}, call, scope);
    }
    if (call.function == "coalesce" || call.function == "nvl" || call.function == "ifnull") {
      return AddGuard(NodeKind::kCoalesce, call.args, call, scope);
    }
    if (call.function == "in") return AddGuard(NodeKind::kIn, call.args, call, scope);
    return AddKernel(call, scope);
  }

  static ExprPtr MakeCallNode(const char* function, std::vector<ExprPtr> args, TypePtr type) {
    auto call = std::make_shared<Call>();
    call->function = function;
    call->args = std::move(args);
    call->type = std::move(type);
    return call;
  }

  // Nested ANDs (ORs) become one node, however deep they nest.
  int AddLogical(const Call& call, Scope& scope) {
    std::vector<ExprPtr> terms;
    std::vector<const Call*> open = {&call};
    std::vector<ExprPtr> stack(call.args.rbegin(), call.args.rend());
    while (!stack.empty()) {
      ExprPtr term = std::move(stack.back());
      stack.pop_back();
      const Call* inner = As<Call>(term);
      if (inner != nullptr && inner->function == call.function) {
        for (auto it = inner->args.rbegin(); it != inner->args.rend(); ++it) stack.push_back(*it);
      } else {
        terms.push_back(std::move(term));
      }
    }
    return AddGuard(call.function == "and" ? NodeKind::kAnd : NodeKind::kOr, terms, call, scope);
  }

  // A CASE in the ELSE of a CASE continues it.
  int AddCase(const Call& call, Scope& scope) {
    std::vector<ExprPtr> parts = call.args;
    while (parts.size() % 2 == 1) {
      const Call* inner = As<Call>(parts.back());
      if (inner == nullptr || (inner->function != "case" && inner->function != "if")) break;
      std::vector<ExprPtr> rest = inner->args;
      parts.pop_back();
      parts.insert(parts.end(), rest.begin(), rest.end());
    }
    return AddGuard(NodeKind::kCase, parts, call, scope);
  }

  int AddGuard(NodeKind kind, const std::vector<ExprPtr>& args, const Call& call, Scope& scope) {
    Node node;
    node.kind = kind;
    node.type = call.type;
    node.origin = call.origin;
    node.has_else = kind == NodeKind::kCase && args.size() % 2 == 1;
    std::string key = "G" + std::to_string(static_cast<int>(kind)) + call.type->CatalogString();
    for (const ExprPtr& arg : args) {
      node.children.push_back(Add(arg, scope));
      key += ":" + std::to_string(node.children.back());
    }
    if (kind == NodeKind::kIn) PrepareIn(node);
    return Intern(std::move(node), key, scope);
  }

  void PrepareIn(Node& node) {
    std::vector<VectorPtr> items;
    for (size_t i = 1; i < node.children.size(); ++i) {
      const Node& item = program_->nodes[node.children[i]];
      if (item.kind != NodeKind::kConstant) return;
      items.push_back(item.constant);
    }
    node.in_set = MakeInSet(program_->nodes[node.children[0]].type, items);
  }

  int AddKernel(const Call& call, Scope& scope) {
    const FunctionDecl* decl = FunctionRegistry::Builtin().Find(call.function);
    CENTELLA_CHECK(decl != nullptr, "no function " + call.function);
    Node node;
    node.kind = NodeKind::kKernel;
    node.type = call.type;
    node.decl = decl;
    node.mode = call.mode;
    node.nulls = decl->nulls;
    node.deterministic = decl->deterministic;
    node.origin = call.origin;
    std::vector<TypePtr> types;
    std::string key = "K" + decl->name + std::to_string(static_cast<int>(call.mode));
    std::vector<int> lambda_bodies;
    for (const ExprPtr& arg : call.args) {
      if (const Lambda* lambda = As<Lambda>(arg)) {
        node.lambdas.push_back(AddLambda(*lambda, scope));
        types.push_back(lambda->body->type);
        lambda_bodies.push_back(node.lambdas.back());
        continue;
      }
      int child = Add(arg, scope);
      node.children.push_back(child);
      types.push_back(program_->nodes[child].type);
      key += ":" + std::to_string(child);
    }
    const Overload* overload = FindExactOverload(*decl, types);
    CENTELLA_CHECK(overload != nullptr && overload->kernel, "no kernel of " + call.function + DescribeTypes(types));
    node.kernel = overload->kernel;
    node.can_fail = CanFailWithConstants(*overload, types, node);
    for (int lambda : lambda_bodies) AbsorbLambda(lambda, node);
    if (decl->prepare) RunPrepare(*decl, node);
    if (!node.lambdas.empty() || !node.deterministic) key.clear();
    return Intern(std::move(node), std::move(key), scope);
  }

  static std::string DescribeTypes(const std::vector<TypePtr>& types) {
    std::string out = "(";
    for (const TypePtr& type : types) out += (out.size() > 1 ? ", " : "") + type->CatalogString();
    return out + ")";
  }

  std::vector<std::optional<Value>> ConstantsOf(const Node& node) const {
    std::vector<std::optional<Value>> values;
    for (int child : node.children) {
      const Node& arg = program_->nodes[child];
      values.push_back(arg.kind == NodeKind::kConstant ? std::optional(arg.constant->GetValue(0)) : std::nullopt);
    }
    return values;
  }
  static std::vector<const Value*> PointersTo(const std::vector<std::optional<Value>>& values) {
    std::vector<const Value*> pointers;
    for (const auto& value : values) pointers.push_back(value ? &*value : nullptr);
    return pointers;
  }

  bool CanFailWithConstants(const Overload& overload, const std::vector<TypePtr>& types, const Node& node) const {
    if (!overload.fails_for_constants) return OverloadCanFail(overload, types, node.mode);
    const std::vector<std::optional<Value>> values = ConstantsOf(node);
    return OverloadCanFail(overload, types, node.mode, PointersTo(values));
  }

  void RunPrepare(const FunctionDecl& decl, Node& node) {
    const std::vector<std::optional<Value>> values = ConstantsOf(node);
    try {
      node.prepared = decl.prepare(PointersTo(values), *program_->context);
    } catch (const Error&) {
      node.prepare_error = std::current_exception();
      node.can_fail = true;
    }
  }

  // ---- lambdas ------------------------------------------------------------------------------------------------------

  int AddLambda(const Lambda& lambda, Scope& outer) {
    auto program = std::make_unique<LambdaProgram>();
    Scope scope;
    scope.id = ++scopes_;
    scope.outer = &outer;
    scope.lambda = program.get();
    for (size_t i = 0; i < lambda.parameters.size(); ++i) {
      scope.parameters[To<LambdaVariable>(lambda.parameters[i]).id] = static_cast<int>(i);
    }
    program->scope = scope.id;
    program->body = Add(lambda.body, scope);
    program_->lambdas.push_back(std::move(*program));
    return static_cast<int>(program_->lambdas.size()) - 1;
  }

  // The call reads what its lambda's body reads from outside, and may fail when the body may.
  void AbsorbLambda(int lambda, Node& node) {
    const LambdaProgram& program = program_->lambdas[lambda];
    for (const LambdaSlot& slot : program.slots) {
      if (!slot.is_parameter) node.slots.push_back(slot.index);
    }
    const Node& body = program_->nodes[program.body];
    node.can_fail |= body.can_fail;
    node.deterministic &= body.deterministic;
  }

  // ---- finishing a node ---------------------------------------------------------------------------------------------

  int Intern(Node node, std::string key, Scope& scope) {
    node.scope = scope.id;
    bool constant_children = node.lambdas.empty() && node.kind != NodeKind::kSlot;
    for (int child : node.children) {
      const Node& c = program_->nodes[child];
      node.slots.insert(node.slots.end(), c.slots.begin(), c.slots.end());
      node.deterministic &= c.deterministic;
      node.can_fail |= c.can_fail;
      node.depth = std::max(node.depth, c.depth + 1);
      constant_children &= c.kind == NodeKind::kConstant;
    }
    std::sort(node.slots.begin(), node.slots.end());
    node.slots.erase(std::unique(node.slots.begin(), node.slots.end()), node.slots.end());
    bool shared = node.deterministic && !key.empty();
    if (shared) {
      key += "@" + std::to_string(scope.id);
      auto it = interned_.find(key);
      if (it != interned_.end()) return it->second;
    }
    int id = static_cast<int>(program_->nodes.size());
    program_->nodes.push_back(std::move(node));
    Node& added = program_->nodes.back();
    if (constant_children && added.deterministic && added.kind != NodeKind::kConstant) Fold(id);
    if (shared) interned_.emplace(std::move(key), id);
    return id;
  }

  // A failing constant stays a node: its error belongs to the first live row.
  void Fold(int id) {
    try {
      Runner runner(*program_, 0);
      Frame frame(1, 0, 0, nullptr, nullptr);
      VectorPtr value = runner.Evaluate(id, frame);
      Node& node = program_->nodes[id];
      node.constant = value->IsNull(0) ? Vector::MakeNull(node.type, 1) : Vector::MakeConstantFrom(*value, 0, 1);
      node.kind = NodeKind::kConstant;
      node.children.clear();
      node.can_fail = false;
      node.depth = 0;
    } catch (const Error&) {
    }
  }

  // Gives a cache place to nodes used more than once, and breaks deep nesting at checkpoints.
  void Share() {
    std::vector<Node>& nodes = program_->nodes;
    auto use = [&](int id) { ++nodes[id].uses; };
    for (size_t i = 0; i < nodes.size(); ++i) {
      for (int child : nodes[i].children) use(child);
    }
    for (int root : program_->roots) use(root);
    for (Node& node : nodes) {
      bool leaf = node.kind == NodeKind::kConstant || node.kind == NodeKind::kSlot;
      bool checkpoint = node.depth > 0 && node.depth % kCheckpointEvery == 0;
      if (!leaf && node.deterministic && (node.uses > 1 || checkpoint)) node.cache = program_->cached++;
    }
    for (int root : program_->roots) AddCheckpoints(root);
    for (const LambdaProgram& lambda : program_->lambdas) AddCheckpoints(lambda.body);
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].kind == NodeKind::kKernel) continue;
      for (size_t c = 1; c < nodes[i].children.size(); ++c) AddCheckpoints(nodes[i].children[c]);
    }
  }

  void AddCheckpoints(int entry) {
    std::vector<Node>& nodes = program_->nodes;
    if (nodes[entry].depth <= kCheckpointEvery || !nodes[entry].first.empty()) return;
    std::vector<int> found;
    std::vector<bool> seen(nodes.size());
    std::vector<int> stack = {entry};
    while (!stack.empty()) {
      int id = stack.back();
      stack.pop_back();
      const Node& node = nodes[id];
      if (id != entry && node.cache >= 0 && node.depth > 0 && node.depth % kCheckpointEvery == 0) found.push_back(id);
      size_t unguarded =
          node.kind == NodeKind::kKernel ? node.children.size() : std::min<size_t>(1, node.children.size());
      for (size_t c = 0; c < unguarded; ++c) {
        if (seen[node.children[c]]) continue;
        seen[node.children[c]] = true;
        stack.push_back(node.children[c]);
      }
    }
    std::sort(found.begin(), found.end(), [&](int a, int b) { return nodes[a].depth < nodes[b].depth; });
    nodes[entry].first = std::move(found);
  }

  std::shared_ptr<Program> program_;
  Scope top_;
  int scopes_ = 0;
  int depth_ = 0;
  std::unordered_map<std::string, int> interned_;
};

}  // namespace

std::shared_ptr<const CompiledExpressions> CompiledExpressions::Compile(const std::vector<ExprPtr>& expressions,
                                                                        QueryContextPtr context) {
  return Compiler(std::move(context)).Finish(expressions);
}

}  // namespace centella
