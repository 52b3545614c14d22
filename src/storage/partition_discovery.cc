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
      if (equals == 0) Raise(Condition::EMPTY_PARTITION_COLUMN_NAME, {{"partitionColumnValue", std::string(name)}});
      if (equals + 1 == name.size()) {
        Raise(Condition::EMPTY_PARTITION_COLUMN_VALUE, {{"partitionColumnValue", std::string(name)}});
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

// A decimal whose text is a whole number, as Java's BigDecimal with a scale of at most zero.
TypePtr WholeDecimal(std::string_view text) {
  size_t begin = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const std::string_view digits = text.substr(begin);
  if (digits.empty() || digits.size() > 38) return nullptr;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return nullptr;
  return types::Decimal(static_cast<int>(digits.size()), 0);
}

bool LooksLikeDate(std::string_view text) {
  // yyyy-M-d: ParseDate also takes shorter forms and what follows a space, which are no dates here.
  int dashes = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-' && i > 0) {
      ++dashes;
    } else if (text[i] < '0' || text[i] > '9') {
      return false;
    }
  }
  int32_t days;
  return dashes == 2 && ParseDate(text, &days);
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
  const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  if (numeric && ParseDouble(text, &number)) return types::Double();
  if (LooksLikeDate(text)) return types::Date();
  TimestampText timestamp;
  if (ParseTimestampText(text, &timestamp) && !timestamp.only_time && text.size() > 10) {
    int64_t micros;
    if (ParseTimestamp(text, context.zone, context.start_micros, &micros)) return types::Timestamp();
  }
  return types::String();
}

// A type that holds the values of both.
TypePtr Wider(const TypePtr& a, const TypePtr& b) {
  if (a->is(TypeId::kNull)) return b;
  if (b->is(TypeId::kNull) || SameType(*a, *b)) return a;
  const auto whole = [](const TypePtr& type) { return type->is_integral() || type->is(TypeId::kDecimal); };
  if (whole(a) && whole(b)) {
    if (a->is_integral() && b->is_integral()) return types::Long();
    const auto digits = [](const TypePtr& type) {
      return type->is(TypeId::kInt) ? 10 : type->is(TypeId::kLong) ? 20 : type->precision();
    };
    return types::Decimal(std::max(digits(a), digits(b)), 0);
  }
  const auto integral_or_double = [](const TypePtr& type) { return type->is_integral() || type->is(TypeId::kDouble); };
  if (integral_or_double(a) && integral_or_double(b)) return types::Double();
  const auto date_or_time = [](const TypePtr& type) { return type->is(TypeId::kDate) || type->is(TypeId::kTimestamp); };
  if (date_or_time(a) && date_or_time(b)) return types::Timestamp();
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
    Raise(Condition::CONFLICTING_DIRECTORY_STRUCTURES, {{"discoveredBasePaths", list}});
  }
  if (columns.size() > 1) {
    std::string lists;
    for (const auto& names : columns) lists += "\n\tPartition column name list: " + Bracketed(names);
    Raise(Condition::CONFLICTING_PARTITION_COLUMN_NAMES, {{"distinctPartColLists", lists}, {"suspiciousPaths", ""}});
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

PartitionedFiles DiscoverPartitions(const FileListing& listing, const SourceOptions& options, const DataType* user_schema,
                                    const QueryContext& context) {
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
    if (field.type->is(TypeId::kNull)) field.type = types::String();
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
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
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
