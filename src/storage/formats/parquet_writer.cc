// Writes Parquet files as Spark does: its schema in the footer, decimals as integers where they fit, Snappy.
#include "storage/formats/parquet_writer.h"

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/compression.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>

#include <algorithm>

#include "storage/formats/formats.h"
#include "storage/formats/parquet_file.h"
#include "vector/arrow_types.h"

namespace centella {
namespace {

constexpr int64_t kRowGroupBytes = 128 << 20;
constexpr int64_t kRowGroupRows = 1 << 20;

class OutputAdapter final : public arrow::io::OutputStream {
 public:
  explicit OutputAdapter(std::unique_ptr<OutputFile> file) : file_(std::move(file)) {}
  arrow::Status Close() override {
    return Guard([&] {
      file_->Close();
      closed_ = true;
    });
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t length) override {
    position_ += length;
    return Guard([&] { file_->Write(data, length); });
  }
  // The error that a call of ours raised beneath Arrow, to be raised again above it.
  void Rethrow() const {
    if (failure_) throw *failure_;
  }

 private:
  template <typename Work>
  arrow::Status Guard(Work work) {
    try {
      work();
      return arrow::Status::OK();
    } catch (const Error& error) {
      failure_ = error;
      return arrow::Status::IOError(error.what());
    }
  }
  std::unique_ptr<OutputFile> file_;
  std::optional<Error> failure_;
  int64_t position_ = 0;
  bool closed_ = false;
};

// The type whose bytes are written: intervals lie in Parquet as plain integers.
TypePtr StoredType(const TypePtr& type) {
  if (type->is(TypeId::kYearMonthInterval)) return types::Int();
  if (type->is(TypeId::kDayTimeInterval)) return types::Long();
  return AsNullable(type);
}

// The same flat values under another type of the same shape: what is written says nowhere within values that something
// can't be null, for within a value that is null it is.
VectorPtr WithType(const VectorPtr& values, const TypePtr& type) {
  if (SameType(*values->type(), *type)) return values;
  std::vector<VectorPtr> children;
  for (size_t i = 0; i < values->children().size(); ++i) {
    const TypePtr child = type->is(TypeId::kMap) ? Vector::MakeFlat(type, 0)->child(0)->type() : type->fields()[i].type;
    children.push_back(WithType(values->child(i), child));
  }
  return Vector::WrapFlat(type, values->size(), values->data_buffer(), values->validity_buffer(), values->heaps(),
                          std::move(children));
}

struct Settings {
  TypePtr schema;
  TypePtr stored;
  std::shared_ptr<arrow::Schema> arrow_schema;
  std::shared_ptr<parquet::WriterProperties> properties;
  std::shared_ptr<parquet::ArrowWriterProperties> arrow_properties;
};

class Writer final : public FileWriter {
 public:
  Writer(std::shared_ptr<const Settings> settings, std::unique_ptr<OutputFile> file)
      : settings_(std::move(settings)), output_(std::make_shared<OutputAdapter>(std::move(file))) {
    auto opened = parquet::arrow::FileWriter::Open(*settings_->arrow_schema, arrow::default_memory_pool(), output_,
                                                   settings_->properties, settings_->arrow_properties);
    Check(opened.status());
    writer_ = std::move(opened).ValueUnsafe();
  }

  void Write(const Batch& batch) override {
    arrow::ArrayVector arrays;
    for (size_t i = 0; i < batch.columns.size(); ++i) {
      VectorPtr column = Flatten(batch.columns[i]);
      column = WithType(column, settings_->stored->fields()[i].type);
      buffered_ += column->MemoryBytes();
      arrays.push_back(ToArrowArray(column, ArrowOptions()));
    }
    const auto record = arrow::RecordBatch::Make(settings_->arrow_schema, batch.rows, std::move(arrays));
    Run([&] { return writer_->WriteRecordBatch(*record); });
    if (buffered_ > kRowGroupBytes) {
      Run([&] { return writer_->NewBufferedRowGroup(); });
      buffered_ = 0;
    }
  }

  void Finish() override {
    const std::string json = settings_->schema->ToJson();
    const auto metadata = arrow::key_value_metadata({kSparkSchemaKey, "org.apache.spark.version"}, {json, "4.2.1"});
    Run([&] { return writer_->AddKeyValueMetadata(metadata); });
    Run([&] { return writer_->Close(); });
    Run([&] { return output_->Close(); });
  }

 private:
  // Arrow answers with a status, libparquet throws.
  template <typename Work>
  void Run(Work work) {
    try {
      Check(work());
    } catch (const parquet::ParquetException& failure) {
      output_->Rethrow();
      Raise(Condition::INTERNAL_ERROR, {{"message", std::string("writing Parquet: ") + failure.what()}});
    }
  }
  void Check(const arrow::Status& status) const {
    if (status.ok()) return;
    output_->Rethrow();
    Raise(Condition::INTERNAL_ERROR, {{"message", "writing Parquet: " + status.ToString()}});
  }

  std::shared_ptr<const Settings> settings_;
  std::shared_ptr<OutputAdapter> output_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  int64_t buffered_ = 0;
};

struct Codec {
  const char* name;
  arrow::Compression::type type;
  const char* extension;
};

const Codec& FindCodec(const SourceOptions& options, const QueryContext& context) {
  static const Codec codecs[] = {
      {"none", arrow::Compression::UNCOMPRESSED, ""},    {"uncompressed", arrow::Compression::UNCOMPRESSED, ""},
      {"snappy", arrow::Compression::SNAPPY, ".snappy"}, {"gzip", arrow::Compression::GZIP, ".gz"},
      {"zstd", arrow::Compression::ZSTD, ".zstd"},       {"brotli", arrow::Compression::BROTLI, ".br"},
      {"lz4_raw", arrow::Compression::LZ4, ".lz4raw"},   {"lz4", arrow::Compression::LZ4_HADOOP, ".lz4hadoop"}};
  auto name = options.Get("compression");
  if (!name) name = options.Get("parquet.compression");
  if (!name) name = context.config.Get("spark.sql.parquet.compression.codec");
  std::string wanted = name.value_or("snappy");
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const Codec& codec : codecs) {
    if (wanted != codec.name) continue;
    if (!arrow::util::Codec::IsAvailable(codec.type)) RaiseUnsupported("Parquet's compression " + wanted);
    return codec;
  }
  if (wanted == "lzo") RaiseUnsupported("Parquet's compression lzo");
  Raise(
      Condition::CODEC_NOT_AVAILABLE__WITH_AVAILABLE_CODECS_SUGGESTION,
      {{"codecName", *name}, {"availableCodecs", "brotli, uncompressed, lzo, snappy, lz4_raw, none, zstd, lz4, gzip"}});
}

class Factory final : public FileWriterFactory {
 public:
  Factory(std::shared_ptr<const Settings> settings, std::string extension)
      : settings_(std::move(settings)), extension_(std::move(extension)) {}
  std::string extension() const override { return extension_; }
  std::unique_ptr<FileWriter> NewFile(std::unique_ptr<OutputFile> output) const override {
    return std::make_unique<Writer>(settings_, std::move(output));
  }

 private:
  std::shared_ptr<const Settings> settings_;
  std::string extension_;
};

// Names and nullability as Spark's footers have them; no metadata of Arrow's.
std::shared_ptr<arrow::Schema> PlainSchema(const DataType& stored) {
  arrow::FieldVector fields;
  for (const StructField& field : stored.fields()) {
    fields.push_back(arrow::field(field.name, ToArrowType(*field.type, ArrowOptions()), field.nullable));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace

std::unique_ptr<FileWriterFactory> NewParquetWriters(const TypePtr& schema, const SourceOptions& options,
                                                     const QueryContext& context) {
  auto settings = std::make_shared<Settings>();
  settings->schema = schema;
  std::vector<StructField> stored = schema->fields();
  bool wall_clock = false;
  for (StructField& field : stored) {
    field.type = StoredType(field.type);
    wall_clock = wall_clock || field.type->CatalogString().find("timestamp_ntz") != std::string::npos;
  }
  settings->stored = types::Struct(std::move(stored));
  for (size_t i = 0; i < schema->fields().size(); ++i) {
    // So that unchanged types stay the same pointer.
    CENTELLA_CHECK(settings->stored->fields()[i].type != nullptr, "a column without a type");
  }
  settings->arrow_schema = PlainSchema(*settings->stored);
  const Codec& codec = FindCodec(options, context);
  parquet::WriterProperties::Builder properties;
  properties.compression(codec.type);
  properties.enable_store_decimal_as_integer();
  properties.max_row_group_length(kRowGroupRows);
  properties.version(parquet::ParquetVersion::PARQUET_2_6);
  settings->properties = properties.build();
  parquet::ArrowWriterProperties::Builder arrow_properties;
  arrow_properties.set_use_threads(false);
  // Arrow would write wall-clock times as INT96 as well, which are instants: then instants are INT64 too.
  const std::string form = context.config.Get("spark.sql.parquet.outputTimestampType").value_or("INT96");
  if (form == "INT96" && !wall_clock) arrow_properties.enable_deprecated_int96_timestamps();
  if (form == "TIMESTAMP_MILLIS") RaiseUnsupported("spark.sql.parquet.outputTimestampType=TIMESTAMP_MILLIS");
  settings->arrow_properties = arrow_properties.build();
  return std::make_unique<Factory>(std::move(settings), std::string(codec.extension) + ".parquet");
}

}  // namespace centella
