// The registry's declaration language: builders, the signature parser, and matching of argument types to overloads.
#include "functions/registry.h"

#include <algorithm>
#include <cctype>

#include "functions/lists.h"

namespace centella {

void RegisterAllFamilies(FunctionRegistry& registry);  // families.cc
namespace {

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// Recursive descent over a signature such as "array<T>, (T, int) => U -> array<U>".
class SignatureParser {
 public:
  explicit SignatureParser(std::string_view text) : text_(text) {}

  centella::Overload Parse() {
    centella::Overload out;
    out.text = std::string(text_);
    Skip();
    while (!Eat("->")) {
      if (!out.args.empty()) Expect(",");
      out.args.push_back(Pattern());
      if (Eat("...")) {
        out.variadic = true;
        Expect("->");
        break;
      }
    }
    if (!Eat("?")) out.result = Pattern();
    Skip();
    CENTELLA_CHECK(at_ == text_.size(), "trailing text in signature " + std::string(text_));
    return out;
  }

 private:
  void Skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Eat(std::string_view token) {
    Skip();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void Expect(std::string_view token) {
    CENTELLA_CHECK(Eat(token), "'" + std::string(token) + "' expected in signature " + std::string(text_));
  }
  // Text up to the end of one pattern's type, angle brackets and parentheses balanced.
  std::string_view Word() {
    Skip();
    size_t begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (depth == 0 &&
          (c == ',' || c == '>' || c == ')' || text_.substr(at_, 2) == "->" || text_.substr(at_, 3) == "...")) {
        break;
      }
      if (c == '<' || c == '(') ++depth;
      if (c == '>' || c == ')') --depth;
      ++at_;
    }
    std::string_view word = text_.substr(begin, at_ - begin);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    CENTELLA_CHECK(!word.empty(), "a type expected in signature " + std::string(text_));
    return word;
  }

  TypePattern Pattern() {
    Skip();
    TypePattern out;
    if (Eat("(")) {
      out.kind = TypePattern::Kind::kLambda;
      while (!Eat(")")) {
        if (!out.parts.empty()) Expect(",");
        out.parts.push_back(Pattern());
      }
      Expect("=>");
      out.parts.push_back(Pattern());
      return out;
    }
    if (Eat("array<")) return Nested(TypePattern::Kind::kArray, 1);
    if (Eat("map<")) return Nested(TypePattern::Kind::kMap, 2);
    return Simple(Word());
  }

  TypePattern Nested(TypePattern::Kind kind, int parts) {
    TypePattern out;
    out.kind = kind;
    for (int i = 0; i < parts; ++i) {
      if (i > 0) Expect(",");
      out.parts.push_back(Pattern());
    }
    Expect(">");
    return out;
  }

  static TypePattern Simple(std::string_view word) {
    using Kind = TypePattern::Kind;
    TypePattern out;
    if (word.size() == 1 && std::isupper(static_cast<unsigned char>(word[0]))) {
      out.kind = Kind::kVariable;
      out.variable = word[0];
      return out;
    }
    static const std::map<std::string_view, Kind> kClasses = {
        {"numeric", Kind::kNumeric}, {"integral", Kind::kIntegral}, {"decimal", Kind::kDecimal},
        {"any", Kind::kAny},         {"struct", Kind::kStruct},     {"interval", Kind::kInterval}};
    if (auto it = kClasses.find(word); it != kClasses.end()) {
      out.kind = it->second;
      return out;
    }
    out.exact = ExactType(word);
    return out;
  }

  static TypePtr ExactType(std::string_view word) {
    static const std::map<std::string_view, TypePtr> kTypes = {{"boolean", types::Boolean()},
                                                               {"tinyint", types::Byte()},
                                                               {"byte", types::Byte()},
                                                               {"smallint", types::Short()},
                                                               {"short", types::Short()},
                                                               {"int", types::Int()},
                                                               {"integer", types::Int()},
                                                               {"bigint", types::Long()},
                                                               {"long", types::Long()},
                                                               {"float", types::Float()},
                                                               {"double", types::Double()},
                                                               {"string", types::String()},
                                                               {"binary", types::Binary()},
                                                               {"date", types::Date()},
                                                               {"timestamp", types::Timestamp()},
                                                               {"timestamp_ntz", types::TimestampNtz()},
                                                               {"void", types::Null()},
                                                               {"variant", types::Variant()},
                                                               {"calendar_interval", types::CalendarInterval()},
                                                               {"interval year to month", types::YearMonthInterval()},
                                                               {"interval day to second", types::DayTimeInterval()},
                                                               {"time", types::Time()}};
    if (auto it = kTypes.find(word); it != kTypes.end()) return it->second;
    return ParseTypeDdl(word);
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Same type for a kernel's purposes: nullability, metadata and field names don't matter.
bool SameShape(const DataType& a, const DataType& b) {
  if (&a == &b) return true;
  if (a.is_string() && b.is_string()) return true;
  if (a.id() != b.id()) return false;
  switch (a.id()) {
    case TypeId::kDecimal: return a.precision() == b.precision() && a.scale() == b.scale();
    case TypeId::kArray: return SameShape(*a.element(), *b.element());
    case TypeId::kMap: return SameShape(*a.key(), *b.key()) && SameShape(*a.value(), *b.value());
    case TypeId::kStruct: {
      if (a.fields().size() != b.fields().size()) return false;
      for (size_t i = 0; i < a.fields().size(); ++i) {
        if (!SameShape(*a.fields()[i].type, *b.fields()[i].type)) return false;
      }
      return true;
    }
    default: return true;
  }
}

struct Bindings {
  TypePtr types[26];
  bool element_nullable[26] = {};  // of array<T> and map<_, T> arguments
  bool element_seen[26] = {};
};

bool Match(const TypePattern& pattern, const TypePtr& type, Bindings& bindings) {
  using Kind = TypePattern::Kind;
  if (type == nullptr) return false;
  switch (pattern.kind) {
    case Kind::kAny: return true;
    case Kind::kNumeric: return type->is_numeric();
    case Kind::kIntegral: return type->is_integral();
    case Kind::kDecimal: return type->is(TypeId::kDecimal);
    case Kind::kStruct: return type->is(TypeId::kStruct);
    case Kind::kInterval: return type->is_interval();
    case Kind::kVariable: {
      TypePtr& bound = bindings.types[pattern.variable - 'A'];
      if (bound == nullptr) {
        bound = type;
        return true;
      }
      if (!SameShape(*bound, *type)) return false;
      if (type->is_nested() && !SameType(*bound, *type)) bound = EitherType(bound, type);
      return true;
    }
    case Kind::kExact: return SameShape(*pattern.exact, *type);
    case Kind::kLambda: return Match(pattern.parts.back(), type, bindings);
    case Kind::kArray:
    case Kind::kMap: {
      bool array = pattern.kind == Kind::kArray;
      if (!type->is(array ? TypeId::kArray : TypeId::kMap)) return false;
      if (!array && !Match(pattern.parts[0], type->key(), bindings)) return false;
      const TypePattern& part = pattern.parts.back();
      if (part.kind == Kind::kVariable) {
        int v = part.variable - 'A';
        bindings.element_nullable[v] |= array ? type->contains_null() : type->value_contains_null();
        bindings.element_seen[v] = true;
      }
      return Match(part, array ? type->element() : type->value(), bindings);
    }
  }
  return false;
}

bool MatchAll(const centella::Overload& overload, std::span<const TypePtr> args, Bindings& bindings) {
  size_t fixed = overload.args.size() - (overload.variadic ? 1 : 0);
  if (args.size() < fixed || (!overload.variadic && args.size() > fixed)) return false;
  for (size_t i = 0; i < args.size(); ++i) {
    if (!Match(overload.args[std::min(i, overload.args.size() - 1)], args[i], bindings)) return false;
  }
  return true;
}

TypePtr Instantiate(const TypePattern& pattern, const Bindings& bindings, std::string_view signature) {
  using Kind = TypePattern::Kind;
  auto nullable = [&](const TypePattern& part) {
    if (part.kind != Kind::kVariable) return true;
    int v = part.variable - 'A';
    return !bindings.element_seen[v] || bindings.element_nullable[v];
  };
  switch (pattern.kind) {
    case Kind::kExact: return pattern.exact;
    case Kind::kVariable: {
      const TypePtr& bound = bindings.types[pattern.variable - 'A'];
      CENTELLA_CHECK(bound != nullptr, "unbound type variable in " + std::string(signature));
      return bound;
    }
    case Kind::kArray:
      return types::Array(Instantiate(pattern.parts[0], bindings, signature), nullable(pattern.parts[0]));
    case Kind::kMap:
      return types::Map(Instantiate(pattern.parts[0], bindings, signature),
                        Instantiate(pattern.parts[1], bindings, signature), nullable(pattern.parts[1]));
    default: RaiseInternal(__FILE__, __LINE__, "a class of types can't be a result: " + std::string(signature));
  }
}

}  // namespace

Overload ParseSignature(std::string_view signature) { return SignatureParser(signature).Parse(); }

const Overload* FindExactOverload(const FunctionDecl& decl, std::span<const TypePtr> args) {
  for (const centella::Overload& overload : decl.overloads) {
    Bindings bindings;
    if (MatchAll(overload, args, bindings)) return &overload;
  }
  return nullptr;
}

TypePtr ResultTypeOf(const Overload& overload, const BindArgs& args) {
  if (overload.result_type) return overload.result_type(args);
  Bindings bindings;
  CENTELLA_CHECK(MatchAll(overload, args.types, bindings), "arguments don't match " + overload.text);
  return Instantiate(overload.result, bindings, overload.text);
}

bool OverloadCanFail(const Overload& overload, std::span<const TypePtr> types, EvalMode mode,
                     std::span<const Value* const> constants) {
  bool may = overload.can_fail_always || (overload.can_fail_ansi && mode == EvalMode::kAnsi);
  if (!may || (overload.fails_for && !overload.fails_for(types))) return false;
  return constants.empty() || !overload.fails_for_constants || overload.fails_for_constants(constants);
}

// ---- builder ------------------------------------------------------------------------------------------------------

FunctionBuilder& FunctionBuilder::Alias(std::string name) {
  decl_->aliases.push_back(Lower(name));
  return *this;
}
FunctionBuilder& FunctionBuilder::Group(std::string group) {
  decl_->group = std::move(group);
  return *this;
}
FunctionBuilder& FunctionBuilder::Example(std::string sql, std::string result) {
  decl_->example = std::move(sql);
  decl_->example_result = std::move(result);
  return *this;
}
FunctionBuilder& FunctionBuilder::Overload(std::string_view signature, ScalarKernel kernel) {
  decl_->overloads.push_back(ParseSignature(signature));
  decl_->overloads.back().kernel = std::move(kernel);
  return *this;
}
FunctionBuilder& FunctionBuilder::AggregateOverload(std::string_view signature, AggregateFactory factory) {
  decl_->overloads.push_back(ParseSignature(signature));
  decl_->overloads.back().aggregate = std::move(factory);
  return *this;
}
FunctionBuilder& FunctionBuilder::WindowOverload(std::string_view signature, WindowKernel kernel) {
  decl_->overloads.push_back(ParseSignature(signature));
  decl_->overloads.back().window = std::move(kernel);
  return *this;
}
FunctionBuilder& FunctionBuilder::GeneratorOverload(std::string_view signature, GeneratorKernel kernel) {
  decl_->overloads.push_back(ParseSignature(signature));
  decl_->overloads.back().generator = std::move(kernel);
  return *this;
}
FunctionBuilder& FunctionBuilder::SpecialOverload(std::string_view signature) {
  decl_->overloads.push_back(ParseSignature(signature));
  return *this;
}
FunctionBuilder& FunctionBuilder::ResultType(ResultTypeFunction function) {
  decl_->overloads.back().result_type = std::move(function);
  return *this;
}
FunctionBuilder& FunctionBuilder::CanFailAnsi() {
  decl_->overloads.back().can_fail_ansi = true;
  return *this;
}
FunctionBuilder& FunctionBuilder::CanFail() {
  decl_->overloads.back().can_fail_always = true;
  return *this;
}
FunctionBuilder& FunctionBuilder::FailsFor(std::function<bool(std::span<const TypePtr>)> test) {
  decl_->overloads.back().fails_for = std::move(test);
  return *this;
}
FunctionBuilder& FunctionBuilder::FailsForConstants(std::function<bool(std::span<const Value* const>)> test) {
  decl_->overloads.back().fails_for_constants = std::move(test);
  return *this;
}
FunctionBuilder& FunctionBuilder::CustomNulls() {
  decl_->nulls = NullPolicy::kCustom;
  return *this;
}
FunctionBuilder& FunctionBuilder::Nullable(NullableFunction function) {
  decl_->nullable = std::move(function);
  return *this;
}
FunctionBuilder& FunctionBuilder::NeverNull() {
  decl_->nullable = [](const BindArgs&) { return false; };
  return *this;
}
FunctionBuilder& FunctionBuilder::AlwaysNullable() {
  decl_->nullable = [](const BindArgs&) { return true; };
  return *this;
}
FunctionBuilder& FunctionBuilder::Nondeterministic() {
  decl_->deterministic = false;
  return *this;
}
FunctionBuilder& FunctionBuilder::NeedsPartitionOrder() {
  decl_->needs_partition_order = true;
  return *this;
}
FunctionBuilder& FunctionBuilder::Prepare(PrepareFunction function) {
  decl_->prepare = std::move(function);
  return *this;
}
FunctionBuilder& FunctionBuilder::TaskState(decltype(FunctionDecl::make_task_state) function) {
  decl_->make_task_state = std::move(function);
  return *this;
}
FunctionBuilder& FunctionBuilder::NeedsOrder() {
  decl_->window_requirement = "order";
  return *this;
}
FunctionBuilder& FunctionBuilder::OperatorSyntax() {
  decl_->operator_syntax = true;
  return *this;
}
FunctionBuilder& FunctionBuilder::OrderSensitive() {
  decl_->ignores_order = false;
  return *this;
}

// ---- registry -----------------------------------------------------------------------------------------------------

const FunctionRegistry& FunctionRegistry::Builtin() {
  static const FunctionRegistry* const kRegistry = [] {
    auto* registry = new FunctionRegistry();
    RegisterAllFamilies(*registry);
    for (const auto& [name, decl] : registry->functions_) {
      for (const std::string& alias : decl->aliases) registry->aliases_.emplace(alias, name);
    }
    return registry;
  }();
  return *kRegistry;
}

FunctionBuilder FunctionRegistry::Add(FunctionKind kind, std::string name, std::string doc) {
  name = Lower(name);
  std::unique_ptr<FunctionDecl>& decl = functions_[name];
  if (decl == nullptr) {
    decl = std::make_unique<FunctionDecl>();
    decl->name = name;
    decl->kind = kind;
    decl->doc = std::move(doc);
    decl->group = "misc_funcs";  // unless the family says otherwise
  }
  // A second family may add overloads to a name (concat of strings and of arrays), of the same kind only.
  CENTELLA_CHECK(decl->kind == kind, "two kinds of function named " + name);
  return FunctionBuilder(decl.get());
}

FunctionBuilder FunctionRegistry::Scalar(std::string name, std::string doc) {
  return Add(FunctionKind::kScalar, std::move(name), std::move(doc));
}
FunctionBuilder FunctionRegistry::Special(std::string name, std::string doc) {
  return Add(FunctionKind::kSpecial, std::move(name), std::move(doc)).CustomNulls();
}
FunctionBuilder FunctionRegistry::Aggregate(std::string name, std::string doc) {
  return Add(FunctionKind::kAggregate, std::move(name), std::move(doc)).CustomNulls();
}
FunctionBuilder FunctionRegistry::Window(std::string name, std::string doc) {
  return Add(FunctionKind::kWindow, std::move(name), std::move(doc)).CustomNulls();
}
FunctionBuilder FunctionRegistry::Generator(std::string name, std::string doc) {
  return Add(FunctionKind::kGenerator, std::move(name), std::move(doc)).CustomNulls();
}

const FunctionDecl* FunctionRegistry::Find(std::string_view name) const {
  std::string lower = Lower(name);
  if (auto it = functions_.find(lower); it != functions_.end()) return it->second.get();
  if (auto it = aliases_.find(lower); it != aliases_.end()) return functions_.find(it->second)->second.get();
  return nullptr;
}

std::vector<const FunctionDecl*> FunctionRegistry::All() const {
  std::vector<const FunctionDecl*> out;
  out.reserve(functions_.size());
  for (const auto& [name, decl] : functions_) out.push_back(decl.get());
  return out;
}

}  // namespace centella
