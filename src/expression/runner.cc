// The runner: evaluates nodes over frames — caching, peeling of dictionaries and constants, and kernel calls.
#include <algorithm>

#include "expression/program.h"

namespace centella {

// A lambda argument bound to the frame that its call runs in.
class BoundLambda final : public LambdaCall {
 public:
  BoundLambda(Runner& runner, Frame& outer, const LambdaProgram& lambda)
      : runner_(runner), outer_(outer), lambda_(lambda) {}

  VectorPtr Apply(std::span<const VectorPtr> parameters, const int32_t* outer_rows, int64_t rows) override {
    try {
      return Run(parameters, outer_rows, rows);
    } catch (const Error&) {
      if (rows <= 1) throw;
      // The error must be the one that the first failing element gives.
      for (int64_t i = 0; i < rows; ++i) {
        std::vector<VectorPtr> one;
        for (const VectorPtr& parameter : parameters) one.push_back(Slice(parameter, i, 1));
        Run(one, outer_rows + i, 1);
      }
      throw;
    }
  }

 private:
  struct Source {
    BoundLambda* self;
    std::span<const VectorPtr> parameters;
    const int32_t* outer_rows;
    int64_t rows;
  };
  static VectorPtr Fill(void* source, int slot) {
    auto* from = static_cast<Source*>(source);
    const LambdaSlot& place = from->self->lambda_.slots[slot];
    if (place.is_parameter) return from->parameters[place.index];
    return Gather(from->self->outer_.Slot(place.index), from->outer_rows, from->rows);
  }
  VectorPtr Run(std::span<const VectorPtr> parameters, const int32_t* outer_rows, int64_t rows) {
    Source source{this, parameters, outer_rows, rows};
    Frame frame(rows, static_cast<int>(lambda_.slots.size()), runner_.program().cached, &Fill, &source);
    return runner_.Evaluate(lambda_.body, frame);
  }

  Runner& runner_;
  Frame& outer_;
  const LambdaProgram& lambda_;
};

Runner::NodeState& Runner::State(int id) {
  if (states_.size() <= static_cast<size_t>(id)) states_.resize(program_.nodes.size());
  return states_[id];
}

VectorPtr Runner::Evaluate(int id, Frame& frame) {
  const Node& node = program_.nodes[id];
  if (node.kind == NodeKind::kSlot) return frame.Slot(node.slot);
  if (node.kind == NodeKind::kConstant) return Vector::MakeConstantFrom(*node.constant, 0, frame.rows());
  if (frame.rows() == 0) return Vector::MakeFlat(node.type, 0);
  if (node.cache >= 0) {
    if (VectorPtr known = frame.CachedResult(node.cache)) return known;
  }
  for (int early : node.first) Evaluate(early, frame);
  VectorPtr result;
  if (node.deterministic && node.slots.size() == 1 && !replaying_) result = EvaluatePeeled(id, frame);
  if (result == nullptr) {
    result = node.kind == NodeKind::kKernel ? EvaluateKernel(id, node, frame) : EvaluateNode(node, frame);
  }
  if (node.cache >= 0) frame.Remember(node.cache, result);
  return result;
}

VectorPtr Runner::EvaluateNode(const Node& node, Frame& frame) {
  switch (node.kind) {
    case NodeKind::kAnd:
    case NodeKind::kOr: return EvaluateAndOr(node, frame);
    case NodeKind::kCase: return EvaluateCase(node, frame);
    case NodeKind::kCoalesce: return EvaluateCoalesce(node, frame);
    case NodeKind::kIn: return EvaluateIn(node, frame);
    default: RaiseInternal(__FILE__, __LINE__, "a node that can't be evaluated here");
  }
}

// ---- peeling ------------------------------------------------------------------------------------------------------

namespace {
constexpr int64_t kLargestPeeledDictionary = 1 << 20;
constexpr int kPeelPause = 15;
}  // namespace

// A deterministic expression over one column: evaluated once when the column is constant, and once per referenced
// entry (in order of first occurrence) when it's a dictionary. Null when the column is neither.
VectorPtr Runner::EvaluatePeeled(int id, Frame& frame) {
  const Node& node = program_.nodes[id];
  int slot = node.slots[0];
  Encoding encoding = frame.SlotEncoding(slot);
  int64_t rows = frame.rows();
  if (encoding == Encoding::kFlat || rows == 1) return nullptr;
  if (encoding == Encoding::kConstant) {
    Frame one(1, frame.slots(), frame.results(), nullptr, nullptr);
    one.SetSlot(slot, Vector::MakeConstantFrom(*frame.Slot(slot), 0, 1));
    return Vector::MakeConstantFrom(*Evaluate(id, one), 0, rows);
  }
  Frame::Peel* peel = frame.FindPeel(slot);
  if (peel == nullptr) {
    NodeState& state = State(id);
    if (state.peel_pause > 0) {
      --state.peel_pause;
      return nullptr;
    }
    const VectorPtr& column = frame.Slot(slot);
    if (!column->is_dictionary() || column->base()->size() > kLargestPeeledDictionary) return nullptr;
    if (static_cast<int64_t>(peel_table_.size()) < column->base()->size()) {
      peel_table_.assign(column->base()->size(), 0);
      peel_epoch_ = 0;
    }
    if (++peel_epoch_ == 0) {
      std::fill(peel_table_.begin(), peel_table_.end(), 0);
      peel_epoch_ = 1;
    }
    const int32_t* codes = column->codes();
    const uint8_t* validity = column->validity();
    auto made = std::make_unique<Frame::Peel>();
    made->codes = Buffer::Allocate(rows * 4);
    auto* entries = made->codes->mutable_as<int32_t>();
    std::vector<int32_t> picks;
    int32_t null_entry = -1;
    for (int64_t i = 0; i < rows; ++i) {
      if (validity != nullptr && !BitIsSet(validity, i)) {
        if (null_entry < 0) {
          null_entry = static_cast<int32_t>(picks.size());
          picks.push_back(-1);
        }
        entries[i] = null_entry;
        continue;
      }
      uint64_t& known = peel_table_[codes[i]];
      if (static_cast<uint32_t>(known >> 32) != peel_epoch_) {
        known = (uint64_t{peel_epoch_} << 32) | picks.size();
        picks.push_back(codes[i]);
      }
      entries[i] = static_cast<int32_t>(known);
    }
    // A dictionary that hardly repeats (a join's output) isn't worth it; ask again some batches later.
    if (static_cast<int64_t>(picks.size()) * 2 > rows) state.peel_pause = kPeelPause;
    made->slot = slot;
    made->base = Gather(column->base(), picks.data(), static_cast<int64_t>(picks.size()));
    made->frame =
        std::make_unique<Frame>(static_cast<int64_t>(picks.size()), frame.slots(), frame.results(), nullptr, nullptr);
    made->frame->SetSlot(slot, made->base);
    peel = frame.AddPeel(std::move(made));
  }
  VectorPtr inner = Evaluate(id, *peel->frame);
  if (inner->is_constant()) return Vector::MakeConstantFrom(*inner, 0, rows);
  if (node.type->is(TypeId::kBoolean)) return Gather(Flatten(inner), peel->codes->as<int32_t>(), rows);
  return Vector::MakeDictionary(Flatten(inner), peel->codes, rows);
}

// ---- kernels ------------------------------------------------------------------------------------------------------

namespace {

bool NoneValid(const BufferPtr& validity, int64_t rows) {
  if (validity == nullptr) return false;
  const uint8_t* bits = validity->data();
  for (int64_t i = 0; i < rows / 8; ++i) {
    if (bits[i] != 0) return false;
  }
  for (int64_t i = rows / 8 * 8; i < rows; ++i) {
    if (BitIsSet(bits, i)) return false;
  }
  return true;
}

}  // namespace

VectorPtr Runner::EvaluateKernel(int id, const Node& node, Frame& frame) {
  int64_t rows = frame.rows();
  std::vector<VectorPtr> args(node.children.size());
  BufferPtr validity;
  bool strict = node.nulls == NullPolicy::kStrict;
  for (size_t i = 0; i < args.size(); ++i) {
    const Node& child = program_.nodes[node.children[i]];
    VectorPtr arg;
    if (validity != nullptr && child.can_fail) {
      // Where an earlier argument is null this one is never looked at, so it must not fail there.
      std::vector<int32_t> live;
      for (int64_t r = 0; r < rows; ++r) {
        if (BitIsSet(validity->data(), r)) live.push_back(static_cast<int32_t>(r));
      }
      Frame inner(frame, live.data(), static_cast<int64_t>(live.size()));
      Blend blend(child.type, rows);
      VectorPtr values = Evaluate(node.children[i], inner);
      blend.Put(std::move(values), std::move(live));
      arg = blend.Finish();
    } else {
      arg = Evaluate(node.children[i], frame);
    }
    if (strict) {
      if (arg->is_constant() && arg->IsNull(0)) return Vector::MakeNull(node.type, rows);
      validity = AndValidity(validity, ValidityOf(arg), rows);
      if (NoneValid(validity, rows)) return Vector::MakeNull(node.type, rows);
    }
    args[i] = arg->is_constant() ? std::move(arg) : Flatten(arg);
  }
  bool once = rows > 1 && node.deterministic && node.lambdas.empty() &&
              std::all_of(args.begin(), args.end(), [](const VectorPtr& arg) { return arg->is_constant(); });
  if (once) {
    for (VectorPtr& arg : args) arg = Vector::MakeConstantFrom(*arg, 0, 1);
    Frame one(1, 0, 0, nullptr, nullptr);
    return Vector::MakeConstantFrom(*RunKernel(id, node, one, std::move(args)), 0, rows);
  }
  VectorPtr result = RunKernel(id, node, frame, std::move(args));
  if (validity == nullptr) return result;
  return WithValidity(std::move(result), validity);
}

namespace {

// Spark gives these errors the place in the user's program; all others go without. Its unary operators forget theirs.
bool HasPlace(const Error& error, const Node& node) {
  switch (error.condition()) {
    case Condition::ARITHMETIC_OVERFLOW:
      return node.decl == nullptr || (node.decl->name != "negative" && node.decl->name != "abs" &&
                                      node.decl->name != "add_months" && node.decl->name != "make_interval");
    case Condition::INVALID_INDEX_OF_ZERO: return node.decl == nullptr || node.decl->name != "split_part";
    case Condition::CAST_INVALID_INPUT:
    case Condition::DIVIDE_BY_ZERO:
    case Condition::REMAINDER_BY_ZERO:
    case Condition::INTERVAL_DIVIDED_BY_ZERO:
    case Condition::INTERVAL_ARITHMETIC_OVERFLOW__WITHOUT_SUGGESTION:
    case Condition::INVALID_ARRAY_INDEX:
    case Condition::INVALID_PARAMETER_VALUE__ZERO_INDEX:
    case Condition::INVALID_ARRAY_INDEX_IN_ELEMENT_AT:
    case Condition::NUMERIC_VALUE_OUT_OF_RANGE__WITH_SUGGESTION:
    case Condition::SCALAR_SUBQUERY_TOO_MANY_ROWS:
    case Condition::UNSUPPORTED_FEATURE__CENTELLA:
    case Condition::INTERNAL_ERROR: return true;
    default: return false;
  }
}

}  // namespace

VectorPtr Runner::RunKernel(int id, const Node& node, Frame& frame, std::vector<VectorPtr> args) {
  int64_t rows = frame.rows();
  BufferPtr validity;
  if (node.nulls == NullPolicy::kStrict) {
    for (const VectorPtr& arg : args) validity = AndValidity(validity, ValidityOf(arg), rows);
  }
  std::vector<BoundLambda> lambdas;
  std::vector<LambdaCall*> lambda_calls;
  lambdas.reserve(node.lambdas.size());
  for (int lambda : node.lambdas) {
    lambdas.emplace_back(*this, frame, program_.lambdas[lambda]);
    lambda_calls.push_back(&lambdas.back());
  }
  KernelArgs call{
      context_,     node.mode,  rows, args,   node.type, validity ? validity->data() : nullptr, node.prepared.get(),
      lambda_calls, partition_, 0,    nullptr};
  if (!node.deterministic && node.decl != nullptr) {
    NodeState& state = State(id);
    call.first_row = state.rows_seen;
    state.rows_seen += rows;
    if (node.decl->make_task_state && state.task_state == nullptr) {
      std::vector<std::optional<Value>> values(args.size());
      std::vector<const Value*> constants(args.size());
      for (size_t i = 0; i < args.size(); ++i) {
        const Node& child = program_.nodes[node.children[i]];
        if (child.kind == NodeKind::kConstant) values[i] = child.constant->GetValue(0);
        constants[i] = values[i] ? &*values[i] : nullptr;
      }
      state.task_state = node.decl->make_task_state(constants, partition_);
    }
    call.task_state = state.task_state.get();
  }
  try {
    if (node.prepare_error != nullptr) std::rethrow_exception(node.prepare_error);
    VectorPtr result = node.kernel(call);
    CENTELLA_CHECK(result != nullptr && result->size() == rows, "a kernel gave a wrong number of rows");
    return result;
  } catch (const Error& error) {
    if (error.contexts().empty() && HasPlace(error, node)) {
      // A DataFrame function without a place of its own gives Spark's clients an empty one.
      // (A correlated subquery's has none at all.)
      if (node.origin == nullptr && error.condition() == Condition::SCALAR_SUBQUERY_TOO_MANY_ROWS) throw;
      throw error.WithContext(node.origin == nullptr ? ErrorContext() : *node.origin);
    }
    throw;
  }
}

}  // namespace centella
