// Sort keys packed into 96 bits.
#include "execution/operators/packed_keys.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "execution/operators/ordered_bits.h"

namespace centella {
namespace {

int WidthOf(WideBits value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<uint64_t>(value));
}

// Calls `body(row)` for the rows that aren't null; true when some are.
template <typename Body>
bool EachValue(const Vector& column, const PackedEntry* entries, int64_t n, Body&& body) {
  const uint8_t* validity = column.validity();
  if (validity == nullptr) {
    if (entries == nullptr) {
      for (int64_t i = 0; i < n; ++i) body(i);
    } else {
      for (int64_t i = 0; i < n; ++i) body(static_cast<int64_t>(entries[i].row));
    }
    return false;
  }
  bool any_null = false;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t row = entries == nullptr ? i : static_cast<int64_t>(entries[i].row);
    if (BitIsSet(validity, row)) {
      body(row);
    } else {
      any_null = true;
    }
  }
  return any_null;
}

template <typename T>
void FindNumberRange(const Vector& column, const PackedEntry* entries, int64_t n, KeyRange* range) {
  using U = decltype(OrderedBits(T{}));
  const T* data = column.data<T>();
  U least = static_cast<U>(~U{0}), most = 0;
  range->any_null = EachValue(column, entries, n, [&](int64_t row) {
    const U value = OrderedBits(data[row]);
    least = std::min(least, value);
    most = std::max(most, value);
  });
  range->any_value = least <= most;
  if (!range->any_value) return;
  range->least = least;
  range->most = most;
}

size_t SharedBytes(const char* a, const char* b, size_t most) {
  size_t n = 0;
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

void FindTextRange(const Vector& column, const PackedEntry* entries, int64_t n, CancellationPoint* cancellation,
                   KeyRange* range) {
  const auto* data = column.data<StringView>();
  const StringView* any = nullptr;
  uint32_t shortest = std::numeric_limits<uint32_t>::max(), longest = 0;
  // Bits of eight bytes of the texts in which not all are the same.
  uint64_t some_set = 0, some_clear = 0;
  const auto look_at = [&](const StringView& text, uint32_t offset) {
    const uint64_t word = LoadText(text, offset);
    some_set |= word;
    some_clear |= ~word;
  };
  range->any_null = EachValue(column, entries, n, [&](int64_t row) {
    any = &data[row];
    shortest = std::min(shortest, any->size());
    longest = std::max(longest, any->size());
    look_at(*any, 0);
  });
  range->any_value = any != nullptr;
  if (any == nullptr) return;
  uint32_t offset = 0;
  while ((some_set & some_clear) == 0 && offset + 8 < shortest) {
    offset += 8;
    cancellation->Pass(n);  // there may be as many rounds as texts have bytes
    some_set = some_clear = 0;
    EachValue(column, entries, n, [&](int64_t row) { look_at(data[row], offset); });
  }
  const uint32_t shared = offset + static_cast<uint32_t>(std::countl_zero(some_set & some_clear)) / 8;
  range->beginning.assign(any->data(), std::min(shortest, shared));
  range->shortest = shortest;
  range->longest = longest;
  const auto begin = static_cast<uint32_t>(range->beginning.size());
  for (offset = begin; offset < longest && offset < begin + KeyRange::kMeasuredBytes; offset += 8) {
    some_set = some_clear = 0;
    EachValue(column, entries, n, [&](int64_t row) { look_at(data[row], offset); });
    for (uint32_t b = 0; b < std::min<uint32_t>(8, longest - offset); ++b) {
      range->bits_set |= static_cast<uint8_t>(some_set >> (56 - 8 * b));
      range->bits_clear |= static_cast<uint8_t>(some_clear >> (56 - 8 * b));
    }
  }
}

// The lower `bits` bits of each of the eight bytes, next to each other.
inline uint64_t Narrow(uint64_t word, int bits) {
  word &= 0x0101010101010101 * ((uint64_t{1} << bits) - 1);
  word = (word & 0x00ff00ff00ff00ff) | (word & 0xff00ff00ff00ff00) >> (8 - bits);
  word = (word & 0x0000ffff0000ffff) | (word & 0xffff0000ffff0000) >> (16 - 2 * bits);
  return (word & 0x00000000ffffffff) | word >> 32 << (4 * bits);
}

// Puts `width` bits at bit `begin` of the 96.
inline void Put(uint64_t value, int begin, int width, PackedEntry* entry) {
  const int end = begin + width;
  if (end <= 64) {
    entry->high |= value << (64 - end);
  } else if (begin >= 64) {
    entry->low |= static_cast<uint32_t>(value << (96 - end));
  } else {
    entry->high |= value >> (end - 64);
    entry->low |= static_cast<uint32_t>(value << (96 - end));
  }
}

// Writes `value(row)` for the rows that aren't null.
template <typename Value>
void PutEach(const Vector& column, int begin, int width, PackedEntry* entries, int64_t n, Value value) {
  const uint8_t* validity = column.validity();
  if (validity != nullptr) {
    for (int64_t i = 0; i < n; ++i) {
      if (BitIsSet(validity, entries[i].row)) Put(value(entries[i].row), begin, width, &entries[i]);
    }
  } else if (begin + width <= 64) {
    const int shift = 64 - begin - width;
    for (int64_t i = 0; i < n; ++i) entries[i].high |= value(entries[i].row) << shift;
  } else {
    for (int64_t i = 0; i < n; ++i) Put(value(entries[i].row), begin, width, &entries[i]);
  }
}

}  // namespace

KeyRange KeyRange::Find(const Vector& column, const PackedEntry* entries, int64_t n, CancellationPoint* cancellation) {
  KeyRange range;
  cancellation->Pass(n);
  const PhysicalType type = column.physical();
  if (type == PhysicalType::kString) {
    FindTextRange(column, entries, n, cancellation, &range);
  } else if (!WithNumberType(type, [&]<typename T>(T) { FindNumberRange<T>(column, entries, n, &range); })) {
    if (type == PhysicalType::kNull) return range;
    range.any_null = EachValue(column, entries, n, [&](int64_t) { range.any_value = true; });
  }
  return range;
}

void KeyRange::Merge(const KeyRange& other) {
  if (other.any_value && !any_value) {
    const bool null_here = any_null;
    *this = other;
    any_null = any_null || null_here;
    return;
  }
  any_null = any_null || other.any_null;
  if (!other.any_value) return;
  least = std::min(least, other.least);
  most = std::max(most, other.most);
  const size_t shared =
      SharedBytes(beginning.data(), other.beginning.data(), std::min(beginning.size(), other.beginning.size()));
  bits_set |= other.bits_set;
  bits_clear |= other.bits_clear;
  for (const std::string* text : {static_cast<const std::string*>(&beginning), &other.beginning}) {
    for (size_t i = shared; i < text->size(); ++i) {
      bits_set |= static_cast<uint8_t>((*text)[i]);
      bits_clear |= static_cast<uint8_t>(~(*text)[i]);
    }
  }
  beginning.resize(shared);
  shortest = std::min(shortest, other.shortest);
  longest = std::max(longest, other.longest);
}

bool PackedKeys::Append(Field field, int width) {
  field.begin = bits_;
  field.width = std::min({width, kMostBits - bits_, 64});
  field.drop = width - field.width;
  bits_ += field.width;
  if (field.width > 0) fields_.push_back(field);
  return field.drop == 0;
}

bool PackedKeys::AddNumber(Field field, const KeyRange& range) {
  field.kind = Kind::kNumber;
  field.least = range.least;
  field.most = range.most;
  return Append(field, WidthOf(range.most - range.least));
}

bool PackedKeys::AddText(Field field, const KeyRange& range) {
  const auto shared = static_cast<uint32_t>(range.beginning.size());
  field.kind = Kind::kText;
  // Bytes beyond the end of a text count as zero.
  const unsigned clear = range.shortest == range.longest ? range.bits_clear : 0xff;
  for (uint32_t offset = shared; offset < range.longest; offset += 8) {
    field.offset = offset;
    field.bytes = std::min<uint32_t>(8, range.longest - offset);
    const bool measured = offset - shared < KeyRange::kMeasuredBytes;
    field.bits_of_byte = measured ? static_cast<int>(std::bit_width(range.bits_set & clear)) : 8;
    if (!Append(field, field.bits_of_byte * static_cast<int>(field.bytes))) return false;
  }
  if (range.shortest == range.longest) return true;
  // Zeros beyond a text's end look like a text that goes on with zero bytes.
  field.kind = Kind::kLength;
  field.shortest = range.shortest;
  field.longest = range.longest;
  return Append(field, std::bit_width(range.longest - range.shortest));
}

bool PackedKeys::Add(const SortKey& key, PhysicalType type, const KeyRange& range) {
  if (decided_ < columns_ || full()) return false;
  Field field;
  field.column = columns_++;
  field.descending = !key.ascending;
  bool decides = true;
  if (range.any_null && range.any_value) {
    field.kind = Kind::kNull;
    field.null_is_one = !key.nulls_first;
    decides = Append(field, 1);
  }
  if (range.any_value) {
    const bool number = WithNumberType(type, [](auto) {});
    if (number) decides = decides && AddNumber(field, range);
    if (type == PhysicalType::kString) decides = decides && AddText(field, range);
    if (!number && type != PhysicalType::kString) decides = false;
  }
  if (decides) ++decided_;
  return true;
}

void PackedKeys::PackField(const Field& field, const Vector& column, PackedEntry* entries, int64_t n) {
  const int begin = field.begin, width = field.width, drop = field.drop;
  const bool descending = field.descending;
  const auto put = [&](auto value) { PutEach(column, begin, width, entries, n, value); };
  switch (field.kind) {
    case Kind::kNull:
      for (int64_t i = 0; i < n; ++i) Put(column.IsNull(entries[i].row) == field.null_is_one, begin, 1, &entries[i]);
      return;
    case Kind::kLength: {
      const auto* texts = column.data<StringView>();
      const uint32_t least = field.shortest, most = field.longest;
      return put([=](uint32_t row) {
        return uint64_t{descending ? most - texts[row].size() : texts[row].size() - least} >> drop;
      });
    }
    case Kind::kText: {
      const auto* texts = column.data<StringView>();
      const uint32_t offset = field.offset;
      const int shift = static_cast<int>(64 - 8 * field.bytes);
      const int bits = field.bits_of_byte;
      const uint64_t invert = descending ? ~uint64_t{0} >> (64 - bits * static_cast<int>(field.bytes)) : 0;
      return put([=](uint32_t row) { return (Narrow(LoadText(texts[row], offset) >> shift, bits) ^ invert) >> drop; });
    }
    case Kind::kNumber:
      WithNumberType(column.physical(), [&]<typename T>(T) {
        using U = decltype(OrderedBits(T{}));
        const T* data = column.data<T>();
        const auto least = static_cast<U>(field.least), most = static_cast<U>(field.most);
        if (descending) {
          put([=](uint32_t row) { return static_cast<uint64_t>((most - OrderedBits(data[row])) >> drop); });
        } else {
          put([=](uint32_t row) { return static_cast<uint64_t>((OrderedBits(data[row]) - least) >> drop); });
        }
      });
      return;
  }
}

void PackedKeys::Pack(const Vector* const* columns, PackedEntry* entries, int64_t n) const {
  for (int64_t i = 0; i < n; ++i) entries[i].high = entries[i].low = 0;
  for (const Field& field : fields_) PackField(field, *columns[field.column], entries, n);
}

}  // namespace centella
