#include "property/trial.h"
namespace centella::property {
std::vector<Subject> TreeSubjects() { return {}; }
std::vector<Subject> AggregateSubjects() { return {}; }
std::vector<Subject> GeneratorSubjects() { return {}; }
}
