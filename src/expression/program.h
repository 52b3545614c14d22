// Inside the evaluator: what expressions compile to, and the frames they run in.
//
// A Program is a DAG of nodes (equal deterministic subtrees are one node). Columns are reached through *slots*: a
// scope (the top level, or one lambda body) numbers the columns and lambda parameters that it uses. A Frame is a set
// of rows under evaluation: the batch's live rows, the rows that reach a CASE branch, the distinct entries of a
// dictionary, the elements that a lambda runs over. Slots are gathered into a frame when first used.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "expression/evaluator.h"
#include "functions/kernels.h"

namespace centella {

enum class NodeKind : uint8_t {
  kConstant,
  kSlot,
  kKernel,  // a registered scalar function, or a cast
  // special forms
  kAnd,
  kOr,
  kCase,  // cond, value, …, [else]
  kCoalesce,
  kIn,  // value, items…
  kNullIf,
};

struct Node {
  NodeKind kind = NodeKind::kConstant;
  TypePtr type;
  std::vector<int> children;  // lambda arguments are left out
  std::vector<int> slots;     // slots of the scope that the subtree reads, ascending
  int scope = 0;
  int slot = -1;   // kSlot
  int cache = -1;  // place in Frame::results when used more than once
  int uses = 0;
  int depth = 0;           // of nested evaluation below this node
  std::vector<int> first;  // deep trees: descendants to evaluate (and cache) before this node, deepest first
  bool deterministic = true;
  bool can_fail = false;  // anywhere in the subtree
  bool has_else = false;  // kCase
  OriginPtr origin;

  VectorPtr constant;                  // kConstant: a constant vector of one row
  const FunctionDecl* decl = nullptr;  // kKernel, but for casts
  ScalarKernel kernel;
  EvalMode mode = EvalMode::kAnsi;
  NullPolicy nulls = NullPolicy::kStrict;
  std::vector<int> lambdas;  // indices into Program::lambdas
  std::shared_ptr<const void> prepared;
  std::exception_ptr prepare_error;    // raised at the first live row
  std::shared_ptr<const void> in_set;  // kIn with constant items: an InSet
};

// Where a lambda body's slot comes from: parameter k, or a slot of the enclosing scope.
struct LambdaSlot {
  bool is_parameter = false;
  int index = 0;
};
struct LambdaProgram {
  int scope = 0;
  int body = -1;
  std::vector<LambdaSlot> slots;
};

struct Program final : CompiledExpressions {
  QueryContextPtr context;
  std::vector<Node> nodes;
  std::vector<int> roots;
  std::vector<int64_t> ordinals;  // top scope: the batch column of each slot
  std::vector<LambdaProgram> lambdas;
  int cached = 0;  // size of Frame::results

  size_t size() const override { return roots.size(); }
  const TypePtr& type(size_t i) const override { return nodes[roots[i]].type; }
};

// Rows under evaluation. A frame outlives the frames picked from it.
class Frame {
 public:
  // A root: slots come from `fill(slot)` when first asked for.
  using Fill = VectorPtr (*)(void* source, int slot);
  Frame(int64_t rows, int slots, int results, Fill fill, void* source);
  // Rows `picks` of `parent`.
  Frame(Frame& parent, const int32_t* picks, int64_t rows);
  Frame(const Frame&) = delete;

  int64_t rows() const { return rows_; }
  const VectorPtr& Slot(int slot);
  // The slot's encoding, without gathering it.
  Encoding SlotEncoding(int slot);
  // A cached result of this frame (gathered from an enclosing one when it is there), or null.
  VectorPtr CachedResult(int cache);
  void Remember(int cache, VectorPtr result) { results_[cache] = std::move(result); }

  // The frame of a dictionary slot's referenced entries, and each row's entry; made once per slot.
  struct Peel {
    std::unique_ptr<Frame> frame;
    BufferPtr codes;
    VectorPtr base;  // what the inner frame's slot is
    int slot = 0;
  };
  Peel* FindPeel(int slot);
  Peel* AddPeel(std::unique_ptr<Peel> peel);
  int slots() const { return static_cast<int>(slots_.size()); }
  int results() const { return static_cast<int>(results_.size()); }
  // For a root made by hand (peels): the slot's vector.
  void SetSlot(int slot, VectorPtr vector) { slots_[slot] = std::move(vector); }

 private:
  const int32_t* RootPicks();
  Frame* Root();

  int64_t rows_;
  Frame* parent_ = nullptr;
  const int32_t* picks_ = nullptr;
  std::vector<int32_t> root_picks_;  // composed to the root, when parent isn't the root
  Fill fill_ = nullptr;
  void* source_ = nullptr;
  std::vector<VectorPtr> slots_;
  std::vector<VectorPtr> results_;
  std::vector<std::unique_ptr<Peel>> peels_;
};

// Runs a program's nodes over frames; one a task. Holds the task's state of nondeterministic functions.
class Runner {
 public:
  Runner(const Program& program, int32_t partition)
      : program_(program), context_(*program.context), partition_(partition) {}

  // The node's value for each row of the frame.
  VectorPtr Evaluate(int node, Frame& frame);
  // Adds to `out` the frame rows where a boolean node is true.
  void TrueRows(int node, Frame& frame, std::vector<int32_t>& out);
  // Whether a node wanted on `live` of `rows` rows is rather evaluated on all of them.
  bool WorthAllRows(int node, int64_t live, int64_t rows) const;
  const Program& program() const { return program_; }
  // Dictionaries aren't peeled while a failing batch is replayed row by row.
  void set_replaying(bool replaying) { replaying_ = replaying; }

 private:
  friend class BoundLambda;
  struct NodeState {
    std::shared_ptr<void> task_state;
    int64_t rows_seen = 0;
    int peel_pause = 0;  // batches to wait before a dictionary is peeled again
  };

  VectorPtr EvaluateNode(const Node& node, Frame& frame);
  VectorPtr EvaluatePeeled(int id, Frame& frame);
  VectorPtr EvaluateKernel(int id, const Node& node, Frame& frame);
  VectorPtr RunKernel(int id, const Node& node, Frame& frame, std::vector<VectorPtr> args);
  VectorPtr EvaluateAndOr(const Node& node, Frame& frame);
  VectorPtr EvaluateCase(const Node& node, Frame& frame);
  VectorPtr EvaluateCoalesce(const Node& node, Frame& frame);
  VectorPtr EvaluateIn(const Node& node, Frame& frame);
  VectorPtr EvaluateNullIf(const Node& node, Frame& frame);
  // A child's value on frame rows `rows`, in place of all when it may fail or few rows are asked for. `dense` says
  // which: true = the result has all the frame's rows.
  VectorPtr EvaluateOn(int node, Frame& frame, const std::vector<int32_t>& rows, bool* dense);
  NodeState& State(int id);

  const Program& program_;
  const QueryContext& context_;
  int32_t partition_;
  bool replaying_ = false;
  std::vector<NodeState> states_;
  std::vector<uint64_t> peel_table_;  // (epoch << 32 | entry) per dictionary code
  uint32_t peel_epoch_ = 0;
};

// Joins values of disjoint row sets into one vector. Rows that nobody put are null.
class Blend {
 public:
  Blend(TypePtr type, int64_t rows) : type_(std::move(type)), rows_(rows) {}
  // values[i] is row rows[i]'s.
  void Put(VectorPtr values, std::vector<int32_t> rows);
  // values[r] is row r's, for r in rows.
  void PutDense(VectorPtr values, std::vector<int32_t> rows);
  VectorPtr Finish();

 private:
  struct Piece {
    VectorPtr values;
    std::vector<int32_t> rows;
    bool dense;
  };
  VectorPtr FinishConstants();
  VectorPtr FinishNested();
  template <typename T>
  VectorPtr FinishFlat();

  TypePtr type_;
  int64_t rows_;
  std::vector<Piece> pieces_;
};

// Truth values coded so that AND is min and OR is max.
constexpr uint8_t kFalse = 0, kUnknown = 1, kTrue = 2;
// A boolean vector's rows as truth values.
void DecodeTruth(const Vector& values, std::vector<uint8_t>& truth);

// Constant items of IN, for quick membership tests.
std::shared_ptr<const void> MakeInSet(const TypePtr& type, std::span<const VectorPtr> items);
// Boolean vector of membership, NULL rules of SQL included.
VectorPtr TestInSet(const void* set, const VectorPtr& values);

}  // namespace centella
