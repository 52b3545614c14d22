// The schema of CSV files: names from the header, types from all values.
#include <algorithm>
#include <map>

#include "storage/formats/csv_parser.h"
#include "storage/formats/csv_reader.h"
#include "storage/formats/text_blocks.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

bool IsInteger(std::string_view text, int64_t low, int64_t high) {
  const size_t begin = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::string_view digits = text.substr(begin);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return false;
  int64_t value;
  return ParseInteger(text, low, high, false, &value);
}

bool EqualsWord(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

// A number without digits behind its point, and at most 38 before it.
TypePtr TryDecimal(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return nullptr;
  const size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
  const size_t digits = text.size() - first;
  return digits > kMaxDecimalDigits ? nullptr : types::Decimal(static_cast<int>(digits), 0);
}

bool IsIsoDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (text.find_first_not_of("0123456789-") != std::string_view::npos) return false;
  int32_t days;
  return ParseDate(text, &days);
}

class Inferrer {
 public:
  explicit Inferrer(const CsvOptions& options) : options_(options) {}

  // The type of a column whose values so far are of type `so_far` (null: none seen) with `text` added.
  TypePtr Add(const TypePtr& so_far, std::string_view text) const {
    if (so_far != nullptr && so_far->is(TypeId::kString)) return so_far;
    TypePtr type = TypeOf(so_far, text);
    if (so_far == nullptr || type == so_far) return type;
    return Merge(so_far, type);
  }

  static TypePtr Merge(const TypePtr& a, const TypePtr& b) {
    if (a == nullptr) return b;
    if (b == nullptr || SameType(*a, *b)) return a;
    const auto is = [&](TypeId x, TypeId y) { return (a->is(x) && b->is(y)) || (a->is(y) && b->is(x)); };
    if (is(TypeId::kInt, TypeId::kLong)) return types::Long();
    if (is(TypeId::kDate, TypeId::kTimestamp)) return types::Timestamp();
    const auto number = [](const TypePtr& type) { return type->is_numeric(); };
    if (number(a) && number(b)) {
      if (a->is(TypeId::kDouble) || b->is(TypeId::kDouble)) return types::Double();
      return types::Decimal(std::max(Digits(*a), Digits(*b)), 0);
    }
    return types::String();
  }

 private:
  static int Digits(const DataType& type) {
    return type.is(TypeId::kInt) ? 10 : type.is(TypeId::kLong) ? 20 : type.precision();
  }

  // Which rung of the ladder to begin at: types before that of the values so far are out.
  static int Rung(const TypePtr& so_far) {
    if (so_far == nullptr) return 0;
    switch (so_far->id()) {
      case TypeId::kInt: return 0;
      case TypeId::kLong: return 1;
      case TypeId::kDecimal: return 2;
      case TypeId::kDouble: return 3;
      case TypeId::kDate: return 4;
      case TypeId::kTimestamp: return 5;
      default: return 6;
    }
  }

  TypePtr TypeOf(const TypePtr& so_far, std::string_view text) const {
    const int rung = Rung(so_far);
    if (rung <= 0 && IsInteger(text, INT32_MIN, INT32_MAX)) return types::Int();
    if (rung <= 1 && IsInteger(text, INT64_MIN, INT64_MAX)) return types::Long();
    if (rung <= 2) {
      if (TypePtr decimal = TryDecimal(text)) return decimal;
    }
    if (rung <= 3 && IsDouble(text)) return types::Double();
    if (rung <= 4 && options_.prefer_date && IsIsoDate(text)) return types::Date();
    int64_t micros;
    if (rung <= 5 && ParseTimestamp(text, options_.zone, options_.now_micros, &micros)) return types::Timestamp();
    if (EqualsWord(text, "true") || EqualsWord(text, "false")) return types::Boolean();
    return types::String();
  }

  bool IsDouble(std::string_view text) const {
    if (text == options_.nan_value || text == options_.positive_infinity || text == options_.negative_infinity) return true;
    double value;
    return ParseDouble(TrimSpaceAndControl(text), &value);
  }

  const CsvOptions& options_;
};

// Names that are given twice get their place behind them; empty ones are called _c and their place.
std::vector<std::string> SafeNames(const std::vector<std::string>& header, const std::vector<bool>& missing,
                                   const CsvOptions& options) {
  const auto key = [&](std::string name) {
    if (!options.case_sensitive) {
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    }
    return name;
  };
  std::map<std::string, int> counts;
  for (size_t i = 0; i < header.size(); ++i) {
    if (!missing[i]) ++counts[key(header[i])];
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < header.size(); ++i) {
    if (!options.header || missing[i]) {
      names.push_back("_c" + std::to_string(i));
    } else {
      names.push_back(counts[key(header[i])] > 1 ? header[i] + std::to_string(i) : header[i]);
    }
  }
  return names;
}

// Calls `use` with a parser for each block of a file until it answers false.
template <typename Use>
void ForEachBlock(const DataFile& file, const CsvOptions& options, Use use) {
  const bool whole = options.multi_line || IsCompressedName(file.path);
  FileSlice slice{0, 0, file.size};
  for (const FilePiece& piece : SplitText(slice, !whole)) {
    TextBlocks blocks(file, piece, options.line_separator, options.multi_line);
    while (const BufferPtr block = blocks.Next()) {
      StringHeap heap;
      CsvParser parser(std::string_view(block->as<char>(), static_cast<size_t>(block->size())), options, &heap);
      if (!use(parser)) return;
    }
  }
}

}  // namespace

TypePtr InferCsvSchema(const std::vector<DataFile>& files, const CsvOptions& options) {
  if (files.empty()) return nullptr;
  std::vector<std::string> header;
  std::vector<bool> missing;
  std::vector<CsvField> fields;
  bool found = false;
  for (size_t i = 0; i < files.size() && !found; ++i) {
    ForEachBlock(files[i], options, [&](CsvParser& parser) {
      found = parser.Next(&fields);
      for (const CsvField& field : fields) {
        missing.push_back(field.is_null || field.text.empty() || field.text == options.null_value);
        header.emplace_back(field.text);
      }
      return !found;
    });
  }
  const std::vector<std::string> names = SafeNames(header, missing, options);
  std::vector<TypePtr> column_types(names.size());
  if (options.infer_schema) {
    const Inferrer inferrer(options);
    for (const DataFile& file : files) {
      bool at_header = options.header;
      ForEachBlock(file, options, [&](CsvParser& parser) {
        if (at_header) parser.SkipRecord();
        at_header = false;
        while (parser.Next(&fields)) {
          for (size_t i = 0; i < std::min(fields.size(), names.size()); ++i) {
            const CsvField& field = fields[i];
            if (field.is_null || field.text.empty() || field.text == options.null_value) continue;
            column_types[i] = inferrer.Add(column_types[i], field.text);
          }
        }
        return true;
      });
    }
  }
  std::vector<StructField> schema;
  for (size_t i = 0; i < names.size(); ++i) {
    schema.push_back({names[i], column_types[i] != nullptr ? column_types[i] : types::String(), true, ""});
  }
  return types::Struct(std::move(schema));
}

}  // namespace centella
