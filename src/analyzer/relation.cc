// Indices over a relation's columns.
#include "analyzer/relation.h"

#include <algorithm>
#include <cctype>

namespace centella {

std::string LowerCase(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

const std::vector<int>* Output::Find(std::string_view name) const {
  if (!names_built_) {
    for (size_t i = 0; i < columns_.size(); ++i) names_[LowerCase(at(i).name)].push_back(static_cast<int>(i));
    names_built_ = true;
  }
  auto found = names_.find(LowerCase(name));
  return found == names_.end() ? nullptr : &found->second;
}

int Output::IndexOf(ExprId id) const {
  if (!ids_built_) {
    for (size_t i = 0; i < columns_.size(); ++i) ids_.emplace(at(i).id, static_cast<int>(i));
    ids_built_ = true;
  }
  auto found = ids_.find(id);
  return found == ids_.end() ? -1 : found->second;
}

}  // namespace centella
