// Names in error messages: quoting, ordinals and "did you mean".
#include <algorithm>
#include <numeric>

#include "analyzer/analysis.h"
#include "analyzer/error_sql.h"

namespace centella {

void RaiseAt(const OriginPtr& origin, Condition condition, ErrorParameters parameters) {
  std::vector<ErrorContext> contexts;
  if (origin != nullptr) contexts.push_back(*origin);
  Raise(condition, std::move(parameters), std::move(contexts));
}

std::string QuoteName(const std::string& part) {
  std::string out = "`";
  for (char c : part) {
    out += c;
    if (c == '`') out += c;
  }
  return out + "`";
}

std::string QuoteName(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += ".";
    out += QuoteName(part);
  }
  return out;
}

std::string QuoteSql(const ExprPtr& expression) { return "\"" + ExpressionSql(expression) + "\""; }
std::string QuoteType(const TypePtr& type) { return "\"" + type->ToSql() + "\""; }

std::string QualifiedSql(const ExprPtr& expression) {
  return ExpressionSql(TransformUp(expression, [](const ExprPtr& e) -> ExprPtr {
    const auto* attribute = As<Attribute>(e);
    if (attribute == nullptr || attribute->qualifier.empty()) return e;
    auto copy = std::make_shared<Attribute>(*attribute);
    std::string name;
    for (const std::string& part : attribute->qualifier) name += part + ".";
    copy->name = name + attribute->name;
    return copy;
  }));
}

std::string SqlWithIds(const ExprPtr& expression) {
  return ExpressionSql(TransformUp(expression, [](const ExprPtr& e) -> ExprPtr {
    const auto* attribute = As<Attribute>(e);
    if (attribute == nullptr) return e;
    auto copy = std::make_shared<Attribute>(*attribute);
    copy->name += "#" + std::to_string(attribute->id);
    return copy;
  }));
}

std::string OrdinalWord(size_t zero_based) {
  static constexpr const char* kWords[] = {"first", "second",  "third",  "fourth", "fifth",
                                           "sixth", "seventh", "eighth", "ninth",  "tenth"};
  if (zero_based < 10) return kWords[zero_based];
  return std::to_string(zero_based + 1) + "th";
}

namespace {

int EditDistance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      int up = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = up;
    }
  }
  return row.back();
}

// Back-ticks only around the parts that need them.
std::string DottedIfNeeded(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    bool plain = !part.empty() &&
                 std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    out += (out.empty() ? "" : ".") + (plain ? part : QuoteName(part));
  }
  return out;
}

// Whether all have the same parts before their last `count`.
bool SameBut(const std::vector<std::vector<std::string>>& names, size_t count) {
  return std::all_of(names.begin(), names.end(), [&](const std::vector<std::string>& parts) {
    size_t own = parts.size() - std::min(count, parts.size());
    size_t first = names[0].size() - std::min(count, names[0].size());
    return own == first &&
           std::equal(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(own), names[0].begin());
  });
}

}  // namespace

std::string SuggestNames(const std::vector<std::string>& wanted, const std::vector<ExprPtr>& columns, size_t limit,
                         bool by_name) {
  std::vector<const Attribute*> sorted;
  for (const ExprPtr& column : columns) sorted.push_back(&To<Attribute>(column));
  // Spark lists candidates by name, then by age; those most like the wanted name come first.
  if (by_name) {
    std::stable_sort(sorted.begin(), sorted.end(), [](const Attribute* a, const Attribute* b) {
      return a->name != b->name ? a->name < b->name : a->id < b->id;
    });
  }
  std::vector<std::vector<std::string>> names;
  for (const Attribute* attribute : sorted) {
    names.push_back(attribute->qualifier);
    names.back().push_back(attribute->name);
  }
  // Qualifiers that all have are left out; the table's name stays when the wanted name has one, too.
  if (wanted.size() <= 1 && SameBut(names, 1)) {
    for (auto& parts : names) parts.erase(parts.begin(), parts.end() - 1);
  } else if (wanted.size() <= 2 && SameBut(names, 2)) {
    for (auto& parts : names) parts.erase(parts.begin(), parts.end() - std::min<std::ptrdiff_t>(2, std::ssize(parts)));
  }
  std::vector<std::pair<int, size_t>> order;
  std::string base = DottedIfNeeded(wanted);
  // Long words cost quadratic time: hostile names are compared by their beginning.
  if (base.size() > 256) base.resize(256);
  for (size_t i = 0; i < names.size(); ++i) {
    // As Spark compares: the candidates with their back-ticks, what was written without.
    std::string name = QuoteName(names[i]).substr(0, 256);
    order.emplace_back(limit == 0 || wanted.empty() ? 0 : EditDistance(base, name), i);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out;
  for (size_t i = 0; i < order.size() && (limit == 0 || i < limit); ++i) {
    if (i > 0) out += ", ";
    out += QuoteName(names[order[i].second]);
  }
  return out;
}

}  // namespace centella
