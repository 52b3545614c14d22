// The list of file formats.
#include "storage/formats/formats.h"

namespace centella {

const FileFormat* FindFormatOrNull(std::string_view name) {
  static const FileFormat* const formats[] = {&ParquetFormat(), &CsvFormat(), &JsonFormat(), &TextFormat()};
  for (const FileFormat* format : formats) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

const FileFormat& FindFormat(std::string_view name) {
  const FileFormat* format = FindFormatOrNull(name);
  if (format == nullptr) Raise(Condition::DATA_SOURCE_NOT_FOUND, {{"provider", std::string(name)}});
  return *format;
}

TypePtr AsNullable(const TypePtr& type) {
  switch (type->id()) {
    case TypeId::kArray: return types::Array(AsNullable(type->element()), true);
    case TypeId::kMap: return types::Map(AsNullable(type->key()), AsNullable(type->value()), true);
    case TypeId::kStruct: {
      std::vector<StructField> fields = type->fields();
      for (StructField& field : fields) {
        field.type = AsNullable(field.type);
        field.nullable = true;
      }
      return types::Struct(std::move(fields));
    }
    default: return type;
  }
}

}  // namespace centella
