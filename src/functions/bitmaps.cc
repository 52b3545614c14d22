// Bitmaps of 32,768 bits: where a number lies, how many bits are set, and the aggregates that build and join them.
#include <bit>
#include <cstring>
#include <string>

#include "functions/aggregate_base.h"
#include "functions/kernels.h"
#include "functions/registry.h"

namespace centella {
namespace {

constexpr int64_t kBits = 32768;
constexpr size_t kBytes = kBits / 8;

int64_t BucketOf(int64_t value) { return value > 0 ? 1 + (value - 1) / kBits : value / kBits; }
int64_t PositionOf(int64_t value) {
  if (value > 0) return (value - 1) % kBits;
  return -(value % kBits);
}

VectorPtr CountBits(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ForLive(call, [&](int64_t i) {
    int64_t bits = 0;
    for (char c : call.data<StringView>(0)[call.index(0, i)].view())
      bits += std::popcount(static_cast<unsigned char>(c));
    out->mutable_data<int64_t>()[i] = bits;
  });
  return out;
}

enum class Join : uint8_t { kPositions, kOr, kAnd };

struct Bitmap {
  std::string bytes;
};

// States are a bitmap, made with the first row; an empty input gives one of zeros (of ones for AND).
template <Join join>
class BitmapAggregate final : public HeapAggregate<BitmapAggregate<join>, Bitmap> {
 public:
  explicit BitmapAggregate(const AggregateArgs& args) : type_(args.result_type) {}

  bool Skips(std::span<const VectorPtr> args, int64_t row) const { return args[0]->IsNull(row); }
  void Add(Bitmap& data, std::span<const VectorPtr> args, int64_t row) const {
    const int64_t at = args[0]->is_constant() ? 0 : row;
    if (data.bytes.empty()) data.bytes.assign(kBytes, Start());
    if constexpr (join == Join::kPositions) {
      const int64_t position = args[0]->template data<int64_t>()[at];
      if (position < 0 || position >= kBits) {
        Raise(Condition::INVALID_BITMAP_POSITION, {{"bitPosition", std::to_string(position)},
                                                   {"bitmapNumBytes", std::to_string(kBytes)},
                                                   {"bitmapNumBits", std::to_string(kBits)}});
      }
      data.bytes[position / 8] = static_cast<char>(data.bytes[position / 8] | 1 << position % 8);
    } else {
      Apply(data.bytes, args[0]->template data<StringView>()[at].view());
    }
  }
  void MergeData(Bitmap& into, Bitmap& from) const { Apply(into.bytes, from.bytes); }
  void Write(const Bitmap& data, std::string& out) const { out += data.bytes; }
  Bitmap Read(std::string_view bytes) const { return {std::string(bytes)}; }
  int64_t Bytes(const Bitmap& data) const { return static_cast<int64_t>(data.bytes.capacity()); }

  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    StringHeap heap;
    const std::string none(kBytes, Start());
    for (int64_t i = 0; i < rows; ++i) {
      const Bitmap* data = *reinterpret_cast<Bitmap* const*>(states[i]);
      out->mutable_data<StringView>()[i] = heap.Add(data == nullptr ? none : data->bytes);
    }
    heap.MoveTo(*out);
    return out;
  }

 private:
  static char Start() { return join == Join::kAnd ? '\xFF' : '\0'; }
  // Bytes that the other lacks count as zeros.
  static void Apply(std::string& into, std::string_view other) {
    for (size_t i = 0; i < kBytes; ++i) {
      const char byte = i < other.size() ? other[i] : '\0';
      into[i] = static_cast<char>(join == Join::kAnd ? into[i] & byte : into[i] | byte);
    }
  }
  TypePtr type_;
};

}  // namespace

void RegisterBitmaps(FunctionRegistry& registry) {
  registry.Scalar("bitmap_bucket_number", "The number of the bitmap that a number lies in.")
      .Group("misc_funcs")
      .Example("SELECT bitmap_bucket_number(123)", "1")
      .Overload("bigint -> bigint", Unary<int64_t, int64_t, BucketOf>);
  registry.Scalar("bitmap_bit_position", "The bit of a number within its bitmap.")
      .Group("misc_funcs")
      .Example("SELECT bitmap_bit_position(123)", "122")
      .Overload("bigint -> bigint", Unary<int64_t, int64_t, PositionOf>);
  registry.Scalar("bitmap_count", "How many bits are set.")
      .Group("misc_funcs")
      .Example("SELECT bitmap_count(X'1010')", "2")
      .Overload("binary -> bigint", CountBits);
  registry.Aggregate("bitmap_construct_agg", "A bitmap with the bits at these positions.")
      .Group("agg_funcs")
      .NeverNull()
      .AggregateOverload("bigint -> binary", MakeAggregate<BitmapAggregate<Join::kPositions>>)
      .CanFail();
  registry.Aggregate("bitmap_or_agg", "The bits that are set in any bitmap.")
      .Group("agg_funcs")
      .NeverNull()
      .AggregateOverload("binary -> binary", MakeAggregate<BitmapAggregate<Join::kOr>>);
  registry.Aggregate("bitmap_and_agg", "The bits that are set in all bitmaps.")
      .Group("agg_funcs")
      .NeverNull()
      .AggregateOverload("binary -> binary", MakeAggregate<BitmapAggregate<Join::kAnd>>);
}

}  // namespace centella
