// Opening Parquet files: an Arrow file over our file system, footers with named errors.
#include "storage/formats/parquet_file.h"

#include <arrow/buffer.h>
#include <arrow/result.h>
#include <arrow/status.h>

namespace centella {
namespace {

class InputAdapter final : public arrow::io::RandomAccessFile {
 public:
  explicit InputAdapter(std::unique_ptr<InputFile> file) : file_(std::move(file)) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Seek(int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> GetSize() override { return file_->size(); }
  arrow::Result<int64_t> Read(int64_t length, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t n, ReadAt(position_, length, out));
    position_ += n;
    return n;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t length) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, length));
    position_ += buffer->size();
    return buffer;
  }
  arrow::Result<int64_t> ReadAt(int64_t position, int64_t length, void* out) override {
    if (position < 0 || length < 0) return arrow::Status::Invalid("a position outside of the file");
    try {
      return file_->ReadAt(position, length, out);
    } catch (const Error& error) {
      return arrow::Status::IOError(error.what());
    }
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t length) override {
    // Lengths come from the footer: a corrupt one must not make us allocate more than there is to read.
    if (position < 0 || length < 0 || position > file_->size() || length > file_->size() - position) {
      return arrow::Status::Invalid("a range outside of the file");
    }
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(length));
    ARROW_ASSIGN_OR_RAISE(const int64_t n, ReadAt(position, length, buffer->mutable_data()));
    return n == length ? buffer : arrow::SliceBuffer(buffer, 0, n);
  }

 private:
  std::unique_ptr<InputFile> file_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<InputFile> OpenInput(const std::string& path) {
  std::string local;
  const FileSystem& files = FileSystemOf(path, &local);
  return files.Open(local);
}

std::shared_ptr<arrow::io::RandomAccessFile> ArrowInput(const std::string& path) {
  return std::make_shared<InputAdapter>(OpenInput(path));
}

void RaiseFailedRead(const std::string& path, const std::string& reason) {
  std::string local;
  const FileSystem& files = FileSystemOf(path, &local);
  throw Error(Condition::FAILED_READ_FILE__NO_HINT, {{"path", files.Url(local)}})
      .WithCause(Error(Condition::INTERNAL_ERROR, {{"message", reason}}));
}

FooterPtr ReadFooter(const std::string& path) {
  try {
    auto input = ArrowInput(path);
    return parquet::ParquetFileReader::Open(input)->metadata();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& failure) {
    std::string local;
    const FileSystem& files = FileSystemOf(path, &local);
    throw Error(Condition::FAILED_READ_FILE__CANNOT_READ_FILE_FOOTER, {{"path", files.Display(local)}})
        .WithCause(Error(Condition::INTERNAL_ERROR, {{"message", failure.what()}}));
  }
}

std::unique_ptr<parquet::ParquetFileReader> OpenParquet(const std::string& path, const FooterPtr& footer) {
  return parquet::ParquetFileReader::Open(ArrowInput(path), parquet::default_reader_properties(), footer);
}

}  // namespace centella
