// The list of file formats.
#include "storage/formats/formats.h"

namespace centella {

const std::vector<const FileFormat*>& AllFormats() {
  static const std::vector<const FileFormat*> formats = {
#define CENTELLA_FORMAT(get) &get(),
#include "storage/formats/formats.def"
#undef CENTELLA_FORMAT
  };
  return formats;
}

const FileFormat* FindFormatOrNull(std::string_view name) {
  for (const FileFormat* format : AllFormats()) {
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
