// Rows on the wire: Arrow IPC streams over a socket.
#include "cluster/rows_stream.h"

#include <arrow/io/interfaces.h>
#include <arrow/ipc/api.h>

#include <cstdio>

#include "vector/arrow_types.h"

namespace centella {
namespace {

constexpr const char* kSchemaKey = "spark";
constexpr const char* kPlaceKey = "place";
constexpr uint8_t kComplete = 0x2e;
// No message of ours comes near; a length beyond it is a lie.
constexpr int64_t kMostBytes = int64_t{1} << 31;

// Arrow knows statuses, not exceptions.
template <typename Function>
arrow::Status AsStatus(const Function& function) {
  try {
    function();
    return arrow::Status::OK();
  } catch (const Error& error) {
    return arrow::Status::IOError(error.what());
  }
}

class SocketOutput final : public arrow::io::OutputStream {
 public:
  explicit SocketOutput(Socket* socket) : socket_(*socket) {}
  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t bytes) override {
    position_ += bytes;
    return AsStatus([&] { socket_.Send({static_cast<const char*>(data), static_cast<size_t>(bytes)}); });
  }
  arrow::Status Close() override { return arrow::Status::OK(); }
  arrow::Result<int64_t> Tell() const override { return position_; }
  bool closed() const override { return false; }

 private:
  Socket& socket_;
  int64_t position_ = 0;
};

class SocketInput final : public arrow::io::InputStream {
 public:
  explicit SocketInput(Socket* socket) : socket_(*socket) {}
  arrow::Result<int64_t> Read(int64_t bytes, void* out) override {
    ARROW_RETURN_NOT_OK(AsStatus([&] { socket_.Receive(static_cast<char*>(out), static_cast<size_t>(bytes)); }));
    position_ += bytes;
    return bytes;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override {
    if (bytes < 0 || bytes > kMostBytes) return arrow::Status::Invalid("a message of ", bytes, " bytes");
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(bytes));
    ARROW_RETURN_NOT_OK(Read(bytes, buffer->mutable_data()).status());
    return buffer;
  }
  arrow::Status Close() override { return arrow::Status::OK(); }
  arrow::Result<int64_t> Tell() const override { return position_; }
  bool closed() const override { return false; }

 private:
  Socket& socket_;
  int64_t position_ = 0;
};

std::shared_ptr<arrow::DataType> WireType(const DataType& type);

std::shared_ptr<arrow::Field> WireField(const std::string& name, const DataType& type) {
  return arrow::field(name, WireType(type));
}

std::shared_ptr<arrow::DataType> WireType(const DataType& type) {
  switch (type.physical()) {
    case PhysicalType::kString: return arrow::large_binary();
    case PhysicalType::kInterval:
    case PhysicalType::kInt128: return arrow::fixed_size_binary(16);
    case PhysicalType::kArray: return arrow::list(WireField("element", *type.element()));
    case PhysicalType::kMap:
      return std::make_shared<arrow::MapType>(WireField("key", *type.key())->WithNullable(false),
                                              WireField("value", *type.value()));
    case PhysicalType::kStruct: {
      arrow::FieldVector fields;
      for (const StructField& field : type.fields()) fields.push_back(WireField(field.name, *field.type));
      return arrow::struct_(std::move(fields));
    }
    case PhysicalType::kInt64:
      if (type.is(TypeId::kDecimal)) return arrow::int64();
      return ToArrowType(type, ArrowOptions());
    default: return ToArrowType(type, ArrowOptions());
  }
}

std::shared_ptr<arrow::Schema> WireSchema(const DataType& schema) {
  return arrow::schema(WireType(schema)->fields(), arrow::key_value_metadata({kSchemaKey}, {schema.ToJson()}));
}

class Writer final : public RowsWriter {
 public:
  Writer(Socket* socket, const TypePtr& schema)
      : socket_(*socket),
        schema_(WireSchema(*schema)),
        sink_(std::make_shared<SocketOutput>(socket)),
        writer_(TakeArrow(arrow::ipc::MakeStreamWriter(sink_, schema_), "sending rows")) {}

  void Write(const Batch& batch) override {
    const std::string place = std::to_string(batch.place.partition) + "," + std::to_string(batch.place.sequence);
    const auto record = ToRecordBatch(batch, schema_, ArrowOptions());
    CheckArrow(writer_->WriteRecordBatch(*record, arrow::key_value_metadata({kPlaceKey}, {place})), "sending rows");
  }
  void Finish() override {
    CheckArrow(writer_->Close(), "sending rows");
    const char complete = kComplete;
    socket_.Send({&complete, 1});
  }

 private:
  Socket& socket_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<SocketOutput> sink_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

class Reader final : public RowsReader {
 public:
  Reader(Socket* socket, const TypePtr& schema)
      : socket_(*socket), schema_(schema), input_(std::make_shared<SocketInput>(socket)) {
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;
    options.max_recursion_depth = 600;
    reader_ = TakeArrow(arrow::ipc::RecordBatchStreamReader::Open(input_, options), "receiving rows");
    const auto metadata = reader_->schema()->metadata();
    const std::string types = metadata == nullptr ? "" : metadata->Get(kSchemaKey).ValueOr("");
    CENTELLA_CHECK(types == schema->ToJson(), "rows came with another schema: " + types);
    CENTELLA_CHECK(reader_->schema()->Equals(*WireSchema(*schema)), "rows came in another form than their types have");
  }

  bool Next(Batch* batch) override {
    while (position_ == ready_.size()) {
      if (!Receive()) return false;
    }
    *batch = std::move(ready_[position_++]);
    return true;
  }

 private:
  bool Receive() {
    auto message = TakeArrow(reader_->ReadNext(), "receiving rows");
    if (message.batch == nullptr) {
      char end = 0;
      socket_.Receive(&end, 1);
      CENTELLA_CHECK(static_cast<uint8_t>(end) == kComplete, "rows broke off before their end");
      return false;
    }
    CheckArrow(message.batch->ValidateFull(), "rows that came are malformed");
    const Place place = PlaceOf(message.custom_metadata.get());
    ready_ = FromRecordBatch(*message.batch, *schema_);
    position_ = 0;
    for (Batch& batch : ready_) batch.place = place;
    return true;
  }

  static Place PlaceOf(const arrow::KeyValueMetadata* metadata) {
    const std::string text = metadata == nullptr ? "" : metadata->Get(kPlaceKey).ValueOr("");
    long long partition = 0, sequence = 0;
    const bool read = std::sscanf(text.c_str(), "%lld,%lld", &partition, &sequence) == 2;
    CENTELLA_CHECK(read && partition >= 0 && partition <= INT32_MAX && sequence >= 0,
                   "rows came without their place: " + text);
    return {static_cast<int32_t>(partition), sequence};
  }

  Socket& socket_;
  TypePtr schema_;
  std::shared_ptr<SocketInput> input_;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::vector<Batch> ready_;
  size_t position_ = 0;
};

}  // namespace

std::unique_ptr<RowsWriter> NewRowsWriter(Socket* socket, const TypePtr& schema) {
  return std::make_unique<Writer>(socket, schema);
}
std::unique_ptr<RowsReader> NewRowsReader(Socket* socket, const TypePtr& schema) {
  return std::make_unique<Reader>(socket, schema);
}

}  // namespace centella
