// Files of this machine.
#pragma once

#include "storage/filesystems/filesystem.h"

namespace centella {

const FileSystem& LocalFileSystem();

}  // namespace centella
