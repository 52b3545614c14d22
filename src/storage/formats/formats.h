// The list of file formats. A format is one file and one line in formats.def.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/file_format.h"

namespace centella {

#define CENTELLA_FORMAT(get) const FileFormat& get();
#include "storage/formats/formats.def"
#undef CENTELLA_FORMAT

// All of them.
const std::vector<const FileFormat*>& AllFormats();

// By its own name; raises DATA_SOURCE_NOT_FOUND.
const FileFormat& FindFormat(std::string_view name);
// Nullptr when there is none of that name.
const FileFormat* FindFormatOrNull(std::string_view name);

// Same type with everything in it nullable: what every read gives.
TypePtr AsNullable(const TypePtr& type);

}  // namespace centella
