// Partition columns from folder names.
#include "storage/partition_discovery.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "storage/filesystems/local.h"
#include "types/decimal.h"
#include "types/text.h"

namespace centella {
namespace {

struct FolderValues {
  std::string base;                                         // the folder where they begin
  std::vector<std::pair<std::string, std::string>> values;  // name and text, unescaped, outermost first
};

// What a folder's path says between its base and itself.
FolderValues ParseFolder(std::string_view folder, const std::set<std::string>& bases) {
  FolderValues out;
  while (true) {
    out.base = std::string(folder);
    if (bases.contains(out.base)) break;
    const std::string_view name = BaseName(folder);
    const size_t equals = name.find('=');
    const bool is_value = equals != std::string_view::npos;
    if (is_value) {
      if (equals == 0) Raise(Condition::EMPTY_PARTITION_COLUMN_NAME, {{"columnSpec", std::string(name)}});
      if (equals + 1 == name.size()) {
        Raise(Condition::EMPTY_PARTITION_COLUMN_VALUE, {{"columnSpec", std::string(name)}});
      }
      out.values.emplace_back(UnescapePathName(name.substr(0, equals)), UnescapePathName(name.substr(equals + 1)));
    } else if (!out.values.empty()) {
      break;
    }
    if (folder.size() <= 1) break;
    folder = ParentPath(folder);
  }
  std::reverse(out.values.begin(), out.values.end());
  return out;
}

// A decimal without digits behind the point, exponents counted in: "1e5" is 100000 ("1.0" isn't: it has one).
TypePtr WholeDecimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  int digits = 0, behind_point = 0, exponent = 0;
  bool point = false;
  size_t i = 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.' && !point) {
      point = true;
    } else if (text[i] >= '0' && text[i] <= '9') {
      if (digits > 0 || text[i] != '0') ++digits;
      if (point) ++behind_point;
    } else {
      return nullptr;
    }
  }
  if (i == 0 || (point && i == 1)) return nullptr;
  if (i < text.size()) {
    int64_t value;
    if (!ParseInteger(text.substr(i + 1), -1000, 1000, false, &value)) return nullptr;
    exponent = static_cast<int>(value);
  }
  if (behind_point > exponent) return nullptr;
  digits = std::max(1, digits + exponent - behind_point);
  return digits > kMaxDecimalDigits ? nullptr : types::Decimal(digits, 0);
}

bool LooksLikeDate(std::string_view text) {
  // yyyy-MM-dd exactly: ParseDate also takes shorter forms, which are no dates here.
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (text.find_first_not_of("0123456789-") != std::string_view::npos) return false;
  int32_t days;
  return ParseDate(text, &days);
}

TypePtr InferType(const std::string& text, bool infer, const QueryContext& context) {
  if (text == kNullPartition) return types::Null();
  if (!infer) return types::String();
  int64_t integer;
  const bool plain = text.find_first_not_of("+-0123456789") == std::string::npos;
  if (plain && ParseInteger(text, INT32_MIN, INT32_MAX, false, &integer)) return types::Int();
  if (plain && ParseInteger(text, INT64_MIN, INT64_MAX, false, &integer)) return types::Long();
  if (TypePtr decimal = WholeDecimal(text)) return decimal;
  double number;
  if (ParseDouble(text, &number)) return types::Double();
  if (LooksLikeDate(text)) return types::Date();
  TimestampText timestamp;
  const bool shaped = text.size() > 10 && text[10] == ' ' && LooksLikeDate(text.substr(0, 10));
  if (shaped && ParseTimestampText(text, &timestamp)) {
    int64_t micros;
    if (ParseTimestamp(text, context.zone, context.start_micros, &micros)) return types::Timestamp();
  }
  return types::String();
}

// A type that holds the values of both.
TypePtr Wider(const TypePtr& a, const TypePtr& b) {
  if (a->is(TypeId::kNull)) return b;
  if (b->is(TypeId::kNull) || SameType(*a, *b)) return a;
  const auto is = [&](TypeId x, TypeId y) { return (a->is(x) && b->is(y)) || (a->is(y) && b->is(x)); };
  if (is(TypeId::kInt, TypeId::kLong)) return types::Long();
  if (is(TypeId::kInt, TypeId::kDouble)) return types::Double();
  if (is(TypeId::kDate, TypeId::kTimestamp)) return types::Timestamp();
  // Decimals here have more digits than a bigint, as a rule; "1e5" has less.
  const auto digits = [](const TypePtr& type) {
    return type->is(TypeId::kInt)       ? 10
           : type->is(TypeId::kLong)    ? 20
           : type->is(TypeId::kDecimal) ? type->precision()
                                        : 0;
  };
  if (digits(a) > 0 && digits(b) > 0) return types::Decimal(std::max(digits(a), digits(b)), 0);
  return types::String();
}

std::string Bracketed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

using FolderMap = std::map<std::string, FolderValues>;

// All folders must name the same columns and begin at the same base.
void CheckFolders(const FolderMap& folders) {
  std::set<std::string> bases;
  std::set<std::vector<std::string>> columns;
  for (const auto& [path, folder] : folders) {
    bases.insert(folder.base);
    std::vector<std::string> names;
    for (const auto& [name, text] : folder.values) names.push_back(name);
    if (!names.empty()) columns.insert(std::move(names));
  }
  if (columns.empty()) return;
  if (bases.size() > 1) {
    std::string list;
    for (const std::string& base : bases) list += "\n\t" + LocalFileSystem().Display(base);
    Raise(Condition::CONFLICTING_DIRECTORY_STRUCTURES, {{"discoveredBasePaths", list + "\n"}});
  }
  if (columns.size() > 1) {
    std::string lists, paths;
    int number = 0;
    for (const auto& names : columns) {
      lists += "\n\tPartition column name list #" + std::to_string(number++) + ": " + Bracketed(names);
    }
    for (const auto& [path, folder] : folders) paths += "\n\t" + LocalFileSystem().Display(path);
    Raise(Condition::CONFLICTING_PARTITION_COLUMN_NAMES,
          {{"distinctPartColLists", lists + "\n"}, {"suspiciousPaths", paths}});
  }
}

std::set<std::string> BasesOf(const FileListing& listing, const SourceOptions& options) {
  std::set<std::string> bases;
  if (const auto given = options.Get("basePath")) {
    std::string path;
    FileSystemOf(*given, &path);
    bases.insert(std::move(path));
    return bases;
  }
  for (size_t i = 0; i < listing.roots.size(); ++i) {
    bases.insert(listing.root_is_file[i] ? std::string(ParentPath(listing.roots[i])) : listing.roots[i]);
  }
  return bases;
}

}  // namespace

PartitionedFiles DiscoverPartitions(const FileListing& listing, const SourceOptions& options,
                                    const DataType* user_schema, const QueryContext& context) {
  PartitionedFiles out;
  FolderMap folders;
  if (!options.GetBool("recursiveFileLookup", false)) {
    const std::set<std::string> bases = BasesOf(listing, options);
    for (const FileInfo& file : listing.files) {
      const std::string folder(ParentPath(file.path));
      if (!folders.contains(folder)) folders.emplace(folder, ParseFolder(folder, bases));
    }
    CheckFolders(folders);
  }
  const auto infer = context.config.Get("spark.sql.sources.partitionColumnTypeInference.enabled");
  std::vector<StructField> fields;
  for (const auto& [path, folder] : folders) {
    for (size_t i = 0; i < folder.values.size(); ++i) {
      if (i >= fields.size()) fields.push_back({folder.values[i].first, types::Null(), true, ""});
      const TypePtr type = InferType(folder.values[i].second, infer.value_or("true") != "false", context);
      fields[i].type = Wider(fields[i].type, type);
    }
  }
  for (StructField& field : fields) {
    const int given = user_schema != nullptr ? user_schema->FieldIndex(field.name, context.case_sensitive) : -1;
    if (given >= 0) field.type = user_schema->fields()[given].type;
  }
  for (const FileInfo& file : listing.files) {
    if (file.size == 0) continue;
    DataFile data{file.path, file.size, file.modified_micros, {}};
    if (!fields.empty()) {
      const FolderValues& folder = folders.at(std::string(ParentPath(file.path)));
      if (folder.values.empty()) continue;  // beside the partitions' folders: not part of the table
      for (size_t i = 0; i < fields.size(); ++i) {
        data.partition_values.push_back(PartitionValue(folder.values[i].second, fields[i].type, context));
      }
    }
    out.files.push_back(std::move(data));
  }
  out.schema = types::Struct(std::move(fields));
  return out;
}

Value PartitionValue(const std::string& text, const TypePtr& type, const QueryContext& context) {
  if (text == kNullPartition) return Value::Null(type);
  const auto fail = [&]() -> Value {
    Raise(Condition::CAST_INVALID_INPUT, {{"expression", "'" + text + "'"},
                                          {"sourceType", "\"STRING\""},
                                          {"targetType", "\"" + type->ToSql() + "\""},
                                          {"ansiConfig", "\"spark.sql.ansi.enabled\""}});
  };
  const auto integer = [&](int64_t low, int64_t high) {
    int64_t value;
    return ParseInteger(text, low, high, false, &value) ? Value::Integer(type, value) : fail();
  };
  switch (type->id()) {
    case TypeId::kNull: return Value::Null(type);
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary: return Value::Of(type, text);
    case TypeId::kByte: return integer(INT8_MIN, INT8_MAX);
    case TypeId::kShort: return integer(INT16_MIN, INT16_MAX);
    case TypeId::kInt: return integer(INT32_MIN, INT32_MAX);
    case TypeId::kLong: return integer(INT64_MIN, INT64_MAX);
    case TypeId::kBoolean: {
      bool value;
      return ParseBoolean(text, &value) ? Value::Boolean(value) : fail();
    }
    case TypeId::kFloat:
    case TypeId::kDouble: {
      double value;
      return ParseDouble(text, &value) ? Value::Of(type, value) : fail();
    }
    case TypeId::kDecimal: {
      int128_t value;
      const bool fits = ParseDecimal(text, type->precision(), type->scale(), &value) == DecimalParse::kOk;
      return fits ? Value::Of(type, value) : fail();
    }
    case TypeId::kDate: {
      int32_t days;
      return ParseDate(text, &days) ? Value::Integer(type, days) : fail();
    }
    case TypeId::kTimestamp: {
      int64_t micros;
      return ParseTimestamp(text, context.zone, context.start_micros, &micros) ? Value::Integer(type, micros) : fail();
    }
    case TypeId::kTimestampNtz: {
      int64_t micros;
      return ParseTimestampNtz(text, &micros) ? Value::Integer(type, micros) : fail();
    }
    default: RaiseUnsupported("partition columns of type " + type->ToSql());
  }
}

std::string EscapePathName(std::string_view name) {
  constexpr std::string_view kEscaped = "\"#%'*/:=?\\\x7f{[]^";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || kEscaped.find(c) != std::string_view::npos) {
      char text[4];
      std::snprintf(text, sizeof(text), "%%%02X", byte);
      out += text;
    } else {
      out += c;
    }
  }
  return out;
}

std::string UnescapePathName(std::string_view name) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '%' && i + 2 < name.size() && digit(name[i + 1]) >= 0 && digit(name[i + 2]) >= 0) {
      out += static_cast<char>(digit(name[i + 1]) * 16 + digit(name[i + 2]));
      i += 2;
    } else {
      out += name[i];
    }
  }
  return out;
}

}  // namespace centella
