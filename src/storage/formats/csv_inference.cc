// The schema of CSV files: names from the header, types from all values.
#include <algorithm>
#include <map>

#include "storage/formats/csv_parser.h"
#include "storage/formats/csv_reader.h"
#include "storage/formats/sampling.h"
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

  TypePtr Merge(const TypePtr& a, const TypePtr& b) const {
    if (a == nullptr) return b;
    if (b == nullptr || SameType(*a, *b)) return a;
    const auto is = [&](TypeId x, TypeId y) { return (a->is(x) && b->is(y)) || (a->is(y) && b->is(x)); };
    if (is(TypeId::kInt, TypeId::kLong)) return types::Long();
    if (is(TypeId::kDate, TypeId::kTimestamp) && options_.patterns.dates_as_timestamps) return types::Timestamp();
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
    if (rung <= 4 && options_.prefer_date && IsDate(text)) return types::Date();
    if (rung <= 5 && IsTimestamp(text)) return types::Timestamp();
    if (EqualsWord(text, "true") || EqualsWord(text, "false")) return types::Boolean();
    return types::String();
  }

  bool IsDate(std::string_view text) const {
    DatetimePattern::Parsed parsed;
    return options_.patterns.date == nullptr ? IsIsoDate(text) : options_.patterns.date->Parse(text, &parsed);
  }

  bool IsTimestamp(std::string_view text) const {
    DatetimePattern::Parsed parsed;
    int64_t micros;
    if (options_.patterns.timestamp != nullptr) return options_.patterns.timestamp->Parse(text, &parsed);
    return ParseTimestamp(text, options_.patterns.zone, options_.now_micros, &micros);
  }

  bool IsDouble(std::string_view text) const {
    if (text == options_.nan_value || text == options_.positive_infinity || text == options_.negative_infinity)
      return true;
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

// Calls `use` with each block of a slice until it answers false.
template <typename Use>
void ForEachBlock(const DataFile& file, const FileSlice& slice, const CsvOptions& options, Use use) {
  const bool whole = options.multi_line || IsCompressedName(file.path);
  for (const FilePiece& piece : SplitText(slice, !whole)) {
    TextBlocks blocks(file, piece, options.line_separator, options.multi_line, options.encoding);
    while (const BufferPtr block = blocks.Next()) {
      if (!use(std::string_view(block->as<char>(), static_cast<size_t>(block->size())))) return;
    }
  }
}

struct Header {
  std::vector<std::string> names;
  std::vector<bool> missing;
  std::string record;
};

// The first record of all files.
Header FindHeader(const std::vector<DataFile>& files, const CsvOptions& options) {
  Header out;
  bool found = false;
  for (size_t i = 0; i < files.size() && !found; ++i) {
    ForEachBlock(files[i], {static_cast<int>(i), 0, files[i].size}, options, [&](std::string_view block) {
      StringHeap heap;
      CsvParser parser(block, options, &heap);
      std::vector<CsvField> fields;
      found = parser.Next(&fields);
      if (found) out.record = parser.record();
      for (const CsvField& field : fields) {
        out.missing.push_back(field.is_null || field.text.empty() || field.text == options.null_value);
        out.names.emplace_back(field.text);
      }
      return !found;
    });
  }
  return out;
}

// Types of columns, from records that come one by one.
class ColumnTypes {
 public:
  ColumnTypes(size_t columns, const CsvOptions& options) : options_(options), inferrer_(options), types_(columns) {}

  // All records of a block but the first, if that is a header.
  void AddBlock(std::string_view block, bool at_header) {
    StringHeap heap;
    CsvParser parser(block, options_, &heap);
    if (at_header) parser.SkipRecord();
    while (parser.Next(&fields_)) AddRecord();
  }
  // Those lines of a block that a sample takes; a line like the header is one.
  void AddSample(std::string_view block, const FileSlice& slice, const Header& header, RecordSample* sample) {
    StringHeap heap;
    LineCursor lines(block, options_.line_separator);
    std::string_view line;
    while (lines.Next(&line)) {
      if (!sample->Takes(slice) || (options_.header && line == header.record)) continue;
      CsvParser parser(line, options_, &heap);
      if (parser.Next(&fields_)) AddRecord();
    }
  }
  const std::vector<TypePtr>& types() const { return types_; }

 private:
  void AddRecord() {
    for (size_t i = 0; i < std::min(fields_.size(), types_.size()); ++i) {
      const CsvField& field = fields_[i];
      if (field.is_null || field.text.empty() || field.text == options_.null_value) continue;
      types_[i] = inferrer_.Add(types_[i], field.text);
    }
  }

  const CsvOptions& options_;
  Inferrer inferrer_;
  std::vector<TypePtr> types_;
  std::vector<CsvField> fields_;
};

}  // namespace

TypePtr InferCsvSchema(const std::vector<DataFile>& files, const CsvOptions& options, const QueryContext& context) {
  if (files.empty()) return nullptr;
  const Header header = FindHeader(files, options);
  const std::vector<std::string> names = SafeNames(header.names, header.missing, options);
  ColumnTypes found(names.size(), options);
  if (options.infer_schema) {
    RecordSample sample(files, options.sampling_ratio, !options.multi_line, context);
    for (const FileSlice& slice : sample.slices()) {
      bool at_header = options.header;
      ForEachBlock(files[static_cast<size_t>(slice.file)], slice, options, [&](std::string_view block) {
        context.cancellation->ThrowIfCancelled();
        if (options.sampling_ratio < 1) {
          found.AddSample(block, slice, header, &sample);
        } else {
          found.AddBlock(block, at_header);
        }
        at_header = false;
        return true;
      });
    }
  }
  std::vector<StructField> schema;
  for (size_t i = 0; i < names.size(); ++i) {
    const TypePtr& type = found.types()[i];
    schema.push_back({names[i], type != nullptr ? type : types::String(), true, ""});
  }
  return types::Struct(std::move(schema));
}

}  // namespace centella
