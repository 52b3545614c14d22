// Casts from text and to text.
#include <limits>

#include "functions/cast_kernels.h"
#include "types/text.h"

namespace centella::cast {
namespace {

// A parser's answer for a row: its value, or the error of a malformed text.
template <typename Out, typename Parse>
ScalarKernel Parsed(const Spec& spec, Parse parse) {
  return PerRow<StringView, Out>([spec, parse](const KernelArgs& call, const StringView& text, Out* out) {
    return parse(call, text.view(), out) || InvalidInput(spec, QuoteText(text.view()));
  });
}

template <typename Out>
ScalarKernel ToInteger(const Spec& spec) {
  const bool fraction = spec.legacy();
  return Parsed<Out>(spec, [fraction](const KernelArgs&, std::string_view text, Out* out) {
    int64_t value;
    if (!ParseInteger(text, std::numeric_limits<Out>::min(), std::numeric_limits<Out>::max(), fraction, &value)) {
      return false;
    }
    *out = static_cast<Out>(value);
    return true;
  });
}

template <typename Out>
ScalarKernel ToDecimal(const Spec& spec) {
  const int precision = spec.to->precision(), scale = spec.to->scale();
  return PerRow<StringView, Out>([spec, precision, scale](const KernelArgs&, const StringView& text, Out* out) {
    int128_t value;
    switch (ParseDecimal(text.view(), precision, scale, &value)) {
      case DecimalParse::kOk: *out = static_cast<Out>(value); return true;
      case DecimalParse::kMalformed: return InvalidInput(spec, QuoteText(text.view()));
      case DecimalParse::kOutOfRange: break;
    }
    const std::string plain = PlainNumber(text.view());
    const size_t integral = plain.find('.') == std::string::npos ? plain.size() : plain.find('.');
    if (spec.ansi() && integral - (plain[0] == '-') > kMaxDecimalDigits) {
      Raise(Condition::NUMERIC_OUT_OF_SUPPORTED_RANGE, {{"value", std::string(text.view())}});
    }
    return DecimalOverflow(spec, plain);
  });
}

[[noreturn]] void RaiseIntervalFormat(const Spec& spec, std::string_view text) {
  static constexpr std::string_view kYearMonth[] = {"y", "m"};
  static constexpr std::string_view kYearMonthWords[] = {"YEAR", "MONTH"};
  static constexpr std::string_view kDayTime[] = {"d", "h", "m", "s.n"};
  static constexpr std::string_view kDayTimeWords[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
  const bool year_month = spec.to->is(TypeId::kYearMonthInterval);
  std::string inner = "[+|-]";
  std::string fields;
  for (int field = spec.to->start_field(); field <= spec.to->end_field(); ++field) {
    if (field > spec.to->start_field()) inner += year_month ? "-" : field == 1 ? " " : ":";
    inner += year_month ? kYearMonth[field] : kDayTime[field];
    if (field == spec.to->start_field()) fields = year_month ? kYearMonthWords[field] : kDayTimeWords[field];
    if (field == spec.to->end_field() && field != spec.to->start_field()) {
      fields += " TO " + std::string(year_month ? kYearMonthWords[field] : kDayTimeWords[field]);
    }
  }
  Raise(year_month ? Condition::INVALID_INTERVAL_FORMAT__UNMATCHED_FORMAT_STRING
                   : Condition::INVALID_INTERVAL_FORMAT__UNMATCHED_FORMAT_STRING_WITH_NOTICE,
        {{"input", std::string(text)},
         {"intervalStr", year_month ? "year-month" : "day-time"},
         {"supportedFormat", "`" + inner + "`, `INTERVAL [+|-]'" + inner + "' " + fields + "`"},
         {"typeName", spec.to->CatalogString()}});
}

ScalarKernel ToYearMonth(const Spec& spec) {
  return PerRow<StringView, int32_t>([spec](const KernelArgs&, const StringView& text, int32_t* out) {
    if (ParseYearMonthInterval(text.view(), spec.to->start_field(), spec.to->end_field(), out)) return true;
    if (spec.mode != EvalMode::kTry) RaiseIntervalFormat(spec, text.view());
    return false;
  });
}

ScalarKernel ToDayTime(const Spec& spec) {
  return PerRow<StringView, int64_t>([spec](const KernelArgs&, const StringView& text, int64_t* out) {
    if (ParseDayTimeInterval(text.view(), spec.to->start_field(), spec.to->end_field(), out)) return true;
    if (spec.mode != EvalMode::kTry) RaiseIntervalFormat(spec, text.view());
    return false;
  });
}

}  // namespace

ScalarKernel FromStringCast(const Spec& spec) {
  if (!spec.from->is_string()) return nullptr;
  switch (spec.to->id()) {
    case TypeId::kBoolean:
      return Parsed<uint8_t>(spec, [](const KernelArgs&, std::string_view text, uint8_t* out) {
        bool value = false;
        const bool good = ParseBoolean(text, &value);
        *out = value;
        return good;
      });
    case TypeId::kByte: return ToInteger<int8_t>(spec);
    case TypeId::kShort: return ToInteger<int16_t>(spec);
    case TypeId::kInt: return ToInteger<int32_t>(spec);
    case TypeId::kLong: return ToInteger<int64_t>(spec);
    case TypeId::kFloat:
      return Parsed<float>(spec,
                           [](const KernelArgs&, std::string_view text, float* out) { return ParseFloat(text, out); });
    case TypeId::kDouble:
      return Parsed<double>(
          spec, [](const KernelArgs&, std::string_view text, double* out) { return ParseDouble(text, out); });
    case TypeId::kDecimal:
      return spec.to->physical() == PhysicalType::kInt64 ? ToDecimal<int64_t>(spec) : ToDecimal<int128_t>(spec);
    case TypeId::kDate:
      return Parsed<int32_t>(
          spec, [](const KernelArgs&, std::string_view text, int32_t* out) { return ParseDate(text, out); });
    case TypeId::kTimestamp:
      return Parsed<int64_t>(spec, [](const KernelArgs& call, std::string_view text, int64_t* out) {
        return ParseTimestamp(text, call.query.zone, call.query.start_micros, out);
      });
    case TypeId::kTimestampNtz:
      return Parsed<int64_t>(
          spec, [](const KernelArgs&, std::string_view text, int64_t* out) { return ParseTimestampNtz(text, out); });
    case TypeId::kTime:
      // All digits stay, whatever the type's precision: so Spark 4.2 does it (from TIME to TIME it cuts).
      return Parsed<int64_t>(
          spec, [](const KernelArgs&, std::string_view text, int64_t* out) { return ParseTime(text, out); });
    case TypeId::kYearMonthInterval: return ToYearMonth(spec);
    case TypeId::kDayTimeInterval: return ToDayTime(spec);
    case TypeId::kCalendarInterval:
      // Never an error, whatever the mode.
      return PerRow<StringView, CalendarIntervalValue>(
          [](const KernelArgs&, const StringView& text, CalendarIntervalValue* out) {
            return ParseCalendarInterval(text.view(), out);
          });
    default: return nullptr;
  }
}

namespace {

ScalarKernel NumberToString(const Spec& spec) {
  const int scale = spec.from->scale();
  const bool plain = !spec.legacy();
  return VisitNumber(*spec.from, [scale, plain, &spec](auto zero) -> ScalarKernel {
    using From = decltype(zero);
    if constexpr (std::is_same_v<From, double>) {
      return ToText<double>(kMaxDoubleText, [](const KernelArgs&, double v, char* out) { return WriteDouble(v, out); });
    } else if constexpr (std::is_same_v<From, float>) {
      return ToText<float>(kMaxDoubleText, [](const KernelArgs&, float v, char* out) { return WriteFloat(v, out); });
    } else {
      if (spec.from->is(TypeId::kDecimal)) {
        return ToText<From>(kMaxDecimalText, [scale, plain](const KernelArgs&, const From& v, char* out) {
          return plain ? WriteDecimal(int128_t{v}, scale, out) : WriteDecimalScientific(int128_t{v}, scale, out);
        });
      }
      if constexpr (sizeof(From) <= 8) {
        return ToText<From>(kMaxIntegerText, [](const KernelArgs&, From v, char* out) { return WriteInt64(v, out); });
      }
      return nullptr;
    }
  });
}

// Intervals are rare: through std::string.
template <typename In, typename Format>
ScalarKernel Formatted(Format format) {
  return [format](const KernelArgs& call) -> VectorPtr {
    MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
    ArgumentValues<In> in(*call.args[0]);
    StringHeap heap;
    ForLive(call, [&](int64_t i) { out->mutable_data<StringView>()[i] = heap.Add(format(in[i])); });
    heap.MoveTo(*out);
    return out;
  };
}

// Collects one row's text, then hands it to the heap.
class RowText {
 public:
  void Append(std::string_view part) { text_.append(part); }
  StringView Finish(StringHeap* heap) {
    const StringView view = heap->Add(text_);
    text_.clear();
    return view;
  }

 private:
  std::string text_;  // reused from row to row
};

// The parts of a nested value as text: a vector of strings for each child.
VectorPtr PartsAsText(const KernelArgs& call, const VectorPtr& part, EvalMode mode) {
  if (part->type()->is_string()) return Flatten(part);
  return CastPart(call, FindCast(part->type(), types::String(), mode), part, types::String(), nullptr);
}

void AppendPart(const Vector& texts, int64_t row, RowText* out) {
  out->Append(texts.IsNull(row) ? std::string_view("null") : texts.data<StringView>()[row].view());
}

VectorPtr ListToString(const KernelArgs& call, EvalMode mode) {
  const VectorPtr lists = Flatten(call.args[0]);
  const bool is_map = lists->physical() == PhysicalType::kMap;
  const VectorPtr keys = PartsAsText(call, is_map ? lists->child(0)->child(0) : lists->child(0), mode);
  const VectorPtr values = is_map ? PartsAsText(call, lists->child(0)->child(1), mode) : nullptr;
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  RowText text;
  ForLive(call, [&](int64_t i) {
    const ListEntry entry = lists->data<ListEntry>()[i];
    text.Append(is_map ? "{" : "[");
    for (int32_t k = 0; k < entry.length; ++k) {
      if (k != 0) text.Append(", ");
      AppendPart(*keys, entry.offset + k, &text);
      if (!is_map) continue;
      text.Append(" -> ");
      AppendPart(*values, entry.offset + k, &text);
    }
    text.Append(is_map ? "}" : "]");
    out->mutable_data<StringView>()[i] = text.Finish(&heap);
  });
  heap.MoveTo(*out);
  return out;
}

VectorPtr StructToString(const KernelArgs& call, EvalMode mode) {
  const VectorPtr structs = Flatten(call.args[0]);
  std::vector<VectorPtr> parts;
  for (const VectorPtr& child : structs->children()) parts.push_back(PartsAsText(call, child, mode));
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  StringHeap heap;
  RowText text;
  ForLive(call, [&](int64_t i) {
    text.Append("{");
    for (size_t k = 0; k < parts.size(); ++k) {
      if (k != 0) text.Append(", ");
      AppendPart(*parts[k], i, &text);
    }
    text.Append("}");
    out->mutable_data<StringView>()[i] = text.Finish(&heap);
  });
  heap.MoveTo(*out);
  return out;
}

}  // namespace

ScalarKernel ToStringCast(const Spec& spec) {
  const int start = spec.from->start_field(), end = spec.from->end_field();
  const EvalMode mode = spec.mode;
  switch (spec.from->id()) {
    case TypeId::kBoolean:
      return ToText<uint8_t>(5, [](const KernelArgs&, uint8_t v, char* out) {
        std::memcpy(out, v ? "true" : "false", v ? 4 : 5);
        return out + (v ? 4 : 5);
      });
    case TypeId::kDate:
      return ToText<int32_t>(kMaxDateText, [](const KernelArgs&, int32_t v, char* out) { return WriteDate(v, out); });
    case TypeId::kTime:
      return ToText<int64_t>(kMaxTimestampText,
                             [](const KernelArgs&, int64_t v, char* out) { return WriteTime(v, out); });
    case TypeId::kTimestamp:
      return ToText<int64_t>(kMaxTimestampText, [](const KernelArgs& call, int64_t v, char* out) {
        return WriteTimestamp(call.query.zone.ToLocalMicros(v), out);
      });
    case TypeId::kTimestampNtz:
      return ToText<int64_t>(kMaxTimestampText,
                             [](const KernelArgs&, int64_t v, char* out) { return WriteTimestamp(v, out); });
    case TypeId::kYearMonthInterval:
      return Formatted<int32_t>([start, end](int32_t v) { return YearMonthIntervalToString(v, start, end); });
    case TypeId::kDayTimeInterval:
      return Formatted<int64_t>([start, end](int64_t v) { return DayTimeIntervalToString(v, start, end); });
    case TypeId::kCalendarInterval:
      return Formatted<CalendarIntervalValue>(
          [](const CalendarIntervalValue& v) { return CalendarIntervalToString(v); });
    case TypeId::kBinary:
      return [](const KernelArgs& call) -> VectorPtr {
        const VectorPtr flat = Flatten(call.args[0]);
        return Vector::WrapFlat(call.result_type, flat->size(), flat->data_buffer(), flat->validity_buffer(),
                                flat->heaps());
      };
    case TypeId::kArray:
    case TypeId::kMap: return [mode](const KernelArgs& call) { return ListToString(call, mode); };
    case TypeId::kStruct: return [mode](const KernelArgs& call) { return StructToString(call, mode); };
    default: return NumberToString(spec);
  }
}

}  // namespace centella::cast
