// Types to PySpark's JSON and back, and the tree of printSchema().
#include <simdjson.h>

#include <climits>
#include <cstdio>

#include "base/error.h"
#include "types/data_type.h"

namespace centella {
namespace {

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (byte < 32) {
          char escaped[8];
          std::snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
          out += escaped;
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

std::string_view Boolean(bool value) { return value ? "true" : "false"; }

[[noreturn]] void RaiseInvalidJson(std::string_view json) {
  Raise(Condition::INVALID_JSON_DATA_TYPE, {{"invalidType", std::string(json)}});
}

TypePtr TypeOfName(std::string_view name) {
  struct Entry {
    std::string_view name;
    const TypePtr& (*type)();
  };
  static constexpr Entry kEntries[] = {{"integer", types::Int},
                                       {"long", types::Long},
                                       {"short", types::Short},
                                       {"byte", types::Byte},
                                       {"interval", types::CalendarInterval},
                                       {"calendar_interval", types::CalendarInterval}};
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.type();
  }
  try {
    TypePtr type = ParseTypeDdl(name);
    if (!type->is_nested()) return type;
  } catch (const Error& error) {
    if (error.condition() == Condition::UNSUPPORTED_FEATURE__CENTELLA) throw;
  }
  RaiseInvalidJson(name);
}

TypePtr FromElement(const simdjson::dom::element& element);

StructField FieldFromElement(const simdjson::dom::element& element) {
  StructField field;
  std::string_view name;
  simdjson::dom::element type, metadata;
  bool nullable = true;
  if (element["name"].get(name) != simdjson::SUCCESS || element["type"].get(type) != simdjson::SUCCESS) {
    RaiseInvalidJson(simdjson::minify(element));
  }
  if (element["nullable"].get(nullable) != simdjson::SUCCESS) nullable = true;
  field.name = std::string(name);
  field.type = FromElement(type);
  field.nullable = nullable;
  if (element["metadata"].get(metadata) == simdjson::SUCCESS && metadata.is_object()) {
    field.metadata = simdjson::minify(metadata);
    if (field.metadata == "{}") field.metadata.clear();
  }
  return field;
}

TypePtr FromObject(const simdjson::dom::element& element) {
  std::string_view kind;
  if (element["type"].get(kind) != simdjson::SUCCESS) RaiseInvalidJson(simdjson::minify(element));
  if (kind == "array") {
    simdjson::dom::element inner;
    bool contains_null;
    if (element["elementType"].get(inner) == simdjson::SUCCESS &&
        element["containsNull"].get(contains_null) == simdjson::SUCCESS) {
      return types::Array(FromElement(inner), contains_null);
    }
  } else if (kind == "map") {
    simdjson::dom::element key, value;
    bool contains_null;
    if (element["keyType"].get(key) == simdjson::SUCCESS && element["valueType"].get(value) == simdjson::SUCCESS &&
        element["valueContainsNull"].get(contains_null) == simdjson::SUCCESS) {
      return types::Map(FromElement(key), FromElement(value), contains_null);
    }
  } else if (kind == "struct") {
    simdjson::dom::array array;
    if (element["fields"].get(array) == simdjson::SUCCESS) {
      std::vector<StructField> fields;
      for (simdjson::dom::element field : array) fields.push_back(FieldFromElement(field));
      return types::Struct(std::move(fields));
    }
  } else if (kind == "udt") {
    RaiseUnsupported("user-defined types (UDT)");
  }
  RaiseInvalidJson(simdjson::minify(element));
}

TypePtr FromElement(const simdjson::dom::element& element) {
  std::string_view name;
  if (element.get(name) == simdjson::SUCCESS) return TypeOfName(name);
  if (element.is_object()) return FromObject(element);
  RaiseInvalidJson(simdjson::minify(element));
}

// Control characters in field names would break the tree's lines.
std::string EscapeMeta(std::string_view name) {
  std::string out;
  for (char c : name) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\f': out += "\\f"; break;
      case '\b': out += "\\b"; break;
      case '\v': out += "\\v"; break;
      case '\a': out += "\\a"; break;
      default: out += c;
    }
  }
  return out;
}

// A struct's fields count as one level, an array's or map's parts as another.
void AppendTree(const DataType& type, const std::string& prefix, int depth, std::string* out) {
  if (depth <= 0) return;
  const std::string inner = prefix + "    |";
  switch (type.id()) {
    case TypeId::kArray:
      *out += prefix + "-- element: " + type.element()->TypeName() +
              " (containsNull = " + std::string(Boolean(type.contains_null())) + ")\n";
      AppendTree(*type.element(), inner, depth - 1, out);
      break;
    case TypeId::kMap:
      *out += prefix + "-- key: " + type.key()->TypeName() + "\n";
      AppendTree(*type.key(), inner, depth - 1, out);
      *out += prefix + "-- value: " + type.value()->TypeName() +
              " (valueContainsNull = " + std::string(Boolean(type.value_contains_null())) + ")\n";
      AppendTree(*type.value(), inner, depth - 1, out);
      break;
    case TypeId::kStruct:
      for (const StructField& field : type.fields()) {
        *out += prefix + "-- " + EscapeMeta(field.name) + ": " + field.type->TypeName() +
                " (nullable = " + std::string(Boolean(field.nullable)) + ")\n";
        AppendTree(*field.type, inner, depth - 1, out);
      }
      break;
    default: break;
  }
}

}  // namespace

std::string DataType::ToJson() const {
  switch (id_) {
    case TypeId::kArray:
      return "{\"type\":\"array\",\"elementType\":" + element()->ToJson() +
             ",\"containsNull\":" + std::string(Boolean(contains_null())) + "}";
    case TypeId::kMap:
      return "{\"type\":\"map\",\"keyType\":" + key()->ToJson() + ",\"valueType\":" + value()->ToJson() +
             ",\"valueContainsNull\":" + std::string(Boolean(value_contains_null())) + "}";
    case TypeId::kStruct: {
      std::string out = "{\"type\":\"struct\",\"fields\":[";
      for (size_t i = 0; i < fields_.size(); ++i) {
        if (i != 0) out += ",";
        out += "{\"name\":" + JsonString(fields_[i].name) + ",\"type\":" + fields_[i].type->ToJson() +
               ",\"nullable\":" + std::string(Boolean(fields_[i].nullable)) +
               ",\"metadata\":" + (fields_[i].metadata.empty() ? "{}" : fields_[i].metadata) + "}";
      }
      return out + "]}";
    }
    default: return JsonString(TypeName());
  }
}

TypePtr ParseTypeJson(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  // A bare name, quoted or not, is what clients send for simple types.
  if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) RaiseInvalidJson(json);
  return FromElement(element);
}

std::string TreeString(const DataType& schema, int level) {
  std::string out = "root\n";
  const int depth = level > 0 ? level : INT_MAX;
  if (schema.is(TypeId::kStruct)) {
    AppendTree(schema, " |", depth, &out);
  } else {
    out += " |-- value: " + schema.TypeName() + " (nullable = true)\n";
  }
  return out;
}

}  // namespace centella
