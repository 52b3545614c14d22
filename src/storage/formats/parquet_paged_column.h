// Flat columns read from pages directly: numbers and strings, plain or by dictionary. For parquet_column.cc only.
//
// Strings of dictionary pages become dictionary vectors over one base for the row group, so that what follows works once
// per entry; plain strings are views into the page. Numbers are spread out at once: their dictionaries are mostly large.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/formats/parquet_column.h"
#include "storage/formats/parquet_pages.h"

namespace centella {

// Moves `found` dense values to the rows whose level isn't 0, from the end so that it works in place.
template <typename T, typename Level>
void SpreadValues(const Level* levels, int64_t n, int64_t found, T* values) {
  int64_t from = found;
  for (int64_t i = n - 1; i >= 0; --i) {
    values[i] = levels[i] != 0 && from > 0 ? values[--from] : T{};
  }
}

// Clears the bits of rows [begin, begin + n) of a vector of `rows` whose level is 0.
template <typename Level>
void MarkNullRows(const Level* levels, int64_t begin, int64_t n, int64_t rows, BufferPtr* validity) {
  if (*validity == nullptr) {
    *validity = Buffer::Allocate(BitmapBytes(rows));
    std::memset((*validity)->mutable_data(), 0xff, static_cast<size_t>(BitmapBytes(rows)));
  }
  uint8_t* bits = (*validity)->mutable_data();
  for (int64_t i = 0; i < n; ++i) {
    if (levels[i] == 0) ClearBit(bits, begin + i);
  }
}

// Pages, levels and codes: what numbers and strings share.
class PagedSource : public ColumnSource {
 public:
  // `optional`: nulls are possible; `has_levels`: pages hold definition levels, be there nulls or not.
  PagedSource(TypePtr type, bool optional, bool has_levels, std::shared_ptr<const InputFile> file,
              const parquet::ColumnChunkMetaData& chunk)
      : type_(std::move(type)), optional_(optional), file_(std::move(file)), pages_(*file_, chunk, has_levels) {}

  void Skip(int64_t rows) override {
    while (rows > 0) {
      if (page_left_ == 0) {
        const int64_t next = PeekRows();
        if (next <= rows) {
          pages_.SkipPage();
          rows -= next;
          continue;
        }
        NextPage();
      }
      const int64_t n = std::min(rows, page_left_);
      const int64_t found = ReadLevels(n);
      if (is_coded_) {
        codes_.Skip(found);
      } else {
        SkipPlain(found);
      }
      page_left_ -= n;
      rows -= n;
    }
  }
  int64_t MemoryBytes() const override {
    const bool own_page = keeps_plain_pages() && buffer_ != nullptr && !is_coded_;
    return pages_.MemoryBytes() + (own_page ? buffer_->size() : 0) + DictionaryBytes();
  }

 protected:
  // Of what was made of the dictionary page.
  virtual int64_t DictionaryBytes() const = 0;
  virtual void LoadDictionary(const ParquetPage& page) = 0;
  virtual void SkipPlain(int64_t found) = 0;
  // Whether plain pages are kept by what is made of them.
  virtual bool keeps_plain_pages() const = 0;

  [[noreturn]] static void EndsEarly() {
    throw parquet::ParquetException("a column has fewer values than its row group has rows");
  }

  int64_t PeekRows() {
    const int64_t next = pages_.PeekRows();
    if (next <= 0) EndsEarly();
    return next;
  }

  void NextPage() {
    page_left_ = PeekRows();
    const ParquetPage page = pages_.Take(keeps_plain_pages() && pages_.next_is_plain());
    buffer_ = page.buffer;
    levels_ = RleDecoder(page.levels, page.levels_size, 1);
    is_coded_ =
        page.encoding == parquet::Encoding::PLAIN_DICTIONARY || page.encoding == parquet::Encoding::RLE_DICTIONARY;
    if (!is_coded_ && page.encoding != parquet::Encoding::PLAIN) {
      throw parquet::ParquetException("a page in an encoding that its column doesn't name");
    }
    at_ = page.data;
    end_ = page.data + page.size;
    if (!is_coded_) return;
    if (!has_dictionary_) {
      if (!pages_.dictionary().has_value()) throw parquet::ParquetException("codes without a dictionary");
      LoadDictionary(*pages_.dictionary());
      has_dictionary_ = true;
    }
    // A page of nulls only may have no codes at all.
    codes_ = page.size > 0 ? RleDecoder(page.data + 1, page.size - 1, page.data[0]) : RleDecoder();
  }

  // Takes the levels of the next `n` rows; gives how many aren't null. When fewer than `n`, level_values_ tells which.
  int64_t ReadLevels(int64_t n) {
    if (!optional_) return n;
    if (levels_.RunOf(1, n) == n) {
      levels_.Skip(n);
      return n;
    }
    level_values_.resize(static_cast<size_t>(n));
    levels_.Read(level_values_.data(), n);
    int64_t found = 0;
    for (int64_t i = 0; i < n; ++i) found += level_values_[static_cast<size_t>(i)] != 0;
    return found;
  }

  // The next `n` codes, all less than `entries`.
  void ReadCodes(int64_t n, int64_t entries, uint32_t* out) {
    if (n == 0) return;
    codes_.Read(out, n);
    uint32_t largest = 0;
    for (int64_t i = 0; i < n; ++i) largest = std::max(largest, out[i]);
    if (largest >= static_cast<uint64_t>(entries)) throw parquet::ParquetException("a code outside of its dictionary");
  }

  TypePtr type_;
  bool optional_;
  std::shared_ptr<const InputFile> file_;
  ChunkPages pages_;
  int64_t page_left_ = 0;
  bool is_coded_ = false;
  bool has_dictionary_ = false;
  BufferPtr buffer_;             // of the current page
  const uint8_t* at_ = nullptr;  // plain values not read yet
  const uint8_t* end_ = nullptr;
  RleDecoder levels_;
  RleDecoder codes_;
  std::vector<uint32_t> level_values_;
};

// Numbers stored as In, converted to Out.
template <typename In, typename Out, typename Convert>
class PagedNumberSource final : public PagedSource {
 public:
  PagedNumberSource(TypePtr type, bool optional, bool has_levels, std::shared_ptr<const InputFile> file,
                    const parquet::ColumnChunkMetaData& chunk, Convert convert)
      : PagedSource(std::move(type), optional, has_levels, std::move(file), chunk), convert_(convert) {}

  VectorPtr Read(int64_t rows) override {
    MutableVectorPtr out = Vector::MakeFlat(type_, rows);
    Out* values = out->template mutable_data<Out>();
    BufferPtr validity;
    for (int64_t done = 0; done < rows;) {
      if (page_left_ == 0) NextPage();
      const int64_t n = std::min(rows - done, page_left_);
      const int64_t found = ReadLevels(n);
      is_coded_ ? Decode(found, values + done) : ReadPlain(found, values + done);
      if (found < n) {
        MarkNullRows(level_values_.data(), done, n, rows, &validity);
        SpreadValues(level_values_.data(), n, found, values + done);
      }
      page_left_ -= n;
      done += n;
    }
    out->set_validity(std::move(validity));
    return out;
  }

 protected:
  bool keeps_plain_pages() const override { return false; }

  void LoadDictionary(const ParquetPage& page) override {
    if (page.values > page.size / static_cast<int64_t>(sizeof(In))) EndsEarly();
    dictionary_.resize(static_cast<size_t>(page.values));
    ConvertAll(page.data, page.values, dictionary_.data());
  }

  void SkipPlain(int64_t found) override {
    if (found > (end_ - at_) / static_cast<int64_t>(sizeof(In))) EndsEarly();
    at_ += found * static_cast<int64_t>(sizeof(In));
  }

 private:
  void ConvertAll(const uint8_t* in, int64_t n, Out* out) {
    if (n == 0) return;  // there may be no bytes at all
    if constexpr (Convert::kIdentity) {
      static_assert(sizeof(In) == sizeof(Out));
      std::memcpy(out, in, static_cast<size_t>(n) * sizeof(In));
    } else {
      for (int64_t i = 0; i < n; ++i) {
        In value;
        std::memcpy(&value, in + i * static_cast<int64_t>(sizeof(In)), sizeof(In));
        out[i] = convert_(value);
      }
    }
  }
  void ReadPlain(int64_t found, Out* out) {
    const uint8_t* from = at_;
    SkipPlain(found);
    ConvertAll(from, found, out);
  }
  void Decode(int64_t found, Out* out) {
    code_values_.resize(static_cast<size_t>(found));
    ReadCodes(found, static_cast<int64_t>(dictionary_.size()), code_values_.data());
    const uint32_t* codes = code_values_.data();
    const Out* dictionary = dictionary_.data();
    for (int64_t i = 0; i < found; ++i) out[i] = dictionary[codes[i]];
  }

  int64_t DictionaryBytes() const override { return static_cast<int64_t>(dictionary_.capacity() * sizeof(Out)); }

  Convert convert_;
  std::vector<Out> dictionary_;
  std::vector<uint32_t> code_values_;
};

class PagedStringSource final : public PagedSource {
 public:
  using PagedSource::PagedSource;

  VectorPtr Read(int64_t rows) override {
    std::vector<VectorPtr> parts;  // one for each page that the rows lie in
    for (int64_t done = 0; done < rows;) {
      if (page_left_ == 0) NextPage();
      const int64_t n = std::min(rows - done, page_left_);
      parts.push_back(is_coded_ ? ReadCoded(n) : ReadPlain(n));
      page_left_ -= n;
      done += n;
    }
    return parts.size() == 1 ? parts[0] : Concat(parts);
  }

 protected:
  bool keeps_plain_pages() const override { return true; }

  void LoadDictionary(const ParquetPage& page) override {
    if (page.values > page.size / 4) EndsEarly();
    MutableVectorPtr base = Vector::MakeFlat(type_, page.values);
    const uint8_t* at = page.data;
    MakeViews(&at, page.data + page.size, page.values, base->mutable_data<StringView>());
    base->AddHeap(page.buffer);
    base_ = std::move(base);
  }

  void SkipPlain(int64_t found) override {
    for (int64_t i = 0; i < found; ++i) NextText(&at_, end_);
  }

 private:
  // Length and bytes of the value at `*at`, which goes on to the next.
  static std::string_view NextText(const uint8_t** at, const uint8_t* end) {
    uint32_t length = 0;
    if (end - *at < 4) EndsEarly();
    std::memcpy(&length, *at, 4);
    *at += 4;
    if (length > static_cast<uint64_t>(end - *at)) EndsEarly();
    const std::string_view text(reinterpret_cast<const char*>(*at), length);
    *at += length;
    return text;
  }
  static void MakeViews(const uint8_t** at, const uint8_t* end, int64_t n, StringView* out) {
    for (int64_t i = 0; i < n; ++i) {
      const std::string_view text = NextText(at, end);
      out[i] = StringView(text.data(), static_cast<uint32_t>(text.size()));
    }
  }

  VectorPtr ReadPlain(int64_t n) {
    MutableVectorPtr out = Vector::MakeFlat(type_, n);
    auto* views = out->mutable_data<StringView>();
    const int64_t found = ReadLevels(n);
    MakeViews(&at_, end_, found, views);
    out->AddHeap(buffer_);
    if (found == n) return out;
    BufferPtr validity;
    MarkNullRows(level_values_.data(), 0, n, n, &validity);
    SpreadValues(level_values_.data(), n, found, views);
    out->set_validity(std::move(validity));
    return out;
  }

  VectorPtr ReadCoded(int64_t n) {
    const int64_t found = ReadLevels(n);
    if (base_->size() == 0 && found == 0) return Vector::MakeNull(type_, n);
    BufferPtr codes = Buffer::Allocate(n * 4);
    auto* values = codes->mutable_as<uint32_t>();
    ReadCodes(found, base_->size(), values);
    BufferPtr validity;
    if (found < n) {
      MarkNullRows(level_values_.data(), 0, n, n, &validity);
      SpreadValues(level_values_.data(), n, found, values);
    }
    return Vector::MakeDictionary(base_, std::move(codes), n, std::move(validity));
  }

  // The strings' bytes lie in the dictionary page.
  int64_t DictionaryBytes() const override {
    return base_ == nullptr ? 0 : base_->size() * static_cast<int64_t>(sizeof(StringView));
  }

  VectorPtr base_;
};

}  // namespace centella
