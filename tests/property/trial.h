// Trials: what one is told, what it answers; and the rows of one.
#pragma once

#include <string>
#include <vector>

#include "property/binding.h"
#include "property/random.h"
#include "property/reference.h"
#include "property/values.h"

namespace centella::property {

struct TrialResult {
  int64_t values = 0;    // compared with the reference's
  bool refused = false;  // no call that analysis takes was found
  std::string problem;   // empty when all was the same
  void Fail(std::string text) {
    if (problem.empty()) problem = std::move(text);
  }
};

// A trial is a function of its subject and seed alone.
struct Subject {
  std::string part;    // "scalar", "cast", "tree", "aggregate", "generator"
  std::string family;  // the function's group
  std::string name;
  std::function<TrialResult(uint64_t seed)> run;
};

// All subjects, each part's from the registry.
std::vector<Subject> ScalarSubjects();
std::vector<Subject> CastSubjects();
std::vector<Subject> TreeSubjects();
std::vector<Subject> AggregateSubjects();
std::vector<Subject> GeneratorSubjects();

// Rows of values for an input's columns.
struct Rows {
  std::vector<std::vector<Value>> rows;   // rows[r][c]
  std::vector<std::vector<Value>> pools;  // pools[c]: values that column c may have
  std::vector<Value> Column(size_t column, const std::vector<int32_t>& which) const;
};
Rows RandomRows(const Input& input, Random& random, const Hints& hints, int64_t count);
// Mostly few rows, now and then more than a batch.
int64_t RandomRowCount(Random& random);
std::string RandomZone(Random& random);

// Evaluates the expression (with columns) over the rows in random encodings, selections and batch sizes, `variants`
// times, and compares with what the reference gave for each row.
void CompareWithOutcomes(const ExprPtr& expression, const QueryContextPtr& context, const Input& input,
                         const Rows& rows, const std::vector<Outcome>& outcomes, int variants, Random& random,
                         TrialResult* result);
// The same for the rows that a condition keeps.
void CompareFilter(const ExprPtr& condition, const QueryContextPtr& context, const Input& input, const Rows& rows,
                   Random& random, TrialResult* result);
// The outcomes, and what must hold of them: declared nullability, declared failures, no INTERNAL_ERROR.
std::vector<Outcome> ReferenceOutcomes(const ExprPtr& expression, const QueryContextPtr& context, const Rows& rows,
                                       TrialResult* result);

}  // namespace centella::property
