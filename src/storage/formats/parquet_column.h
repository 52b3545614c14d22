// One column of one row group, read forward into vectors. For this folder's .cc files only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/filesystems/filesystem.h"
#include "storage/formats/parquet_file.h"

namespace parquet::arrow {
class FileReader;
}

namespace centella {

class ColumnSource {
 public:
  virtual ~ColumnSource() = default;
  // The next `rows` rows (there are that many).
  virtual VectorPtr Read(int64_t rows) = 0;
  virtual void Skip(int64_t rows) = 0;
  // What it holds between two reads; 0 where others count it.
  virtual int64_t MemoryBytes() const { return 0; }
};

// Which column, in words for errors.
struct ColumnContext {
  std::string path;    // of the file
  std::string column;  // its name
  TypePtr type;        // wanted
};

// Where a flat column lies.
struct ColumnPlace {
  FooterPtr footer;
  int row_group;
  int leaf;
  std::shared_ptr<const InputFile> file;
  // libparquet's reader of the row group, opened when asked for: for encodings that we don't read ourselves.
  std::function<parquet::RowGroupReader&()> group;
};

// A column of the file's root that is a primitive, not repeated. Raises
// FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH when it can't be read as the wanted type.
std::unique_ptr<ColumnSource> OpenFlatColumn(const ColumnPlace& place, const ColumnContext& context);
// Any other column, through Arrow: slower. `root` is the field's index in the file's root.
std::unique_ptr<ColumnSource> OpenNestedColumn(parquet::arrow::FileReader& reader, int row_group, int root,
                                               const ColumnContext& context);

[[noreturn]] void RaiseColumnMismatch(const ColumnContext& context, const std::string& actual);

}  // namespace centella
