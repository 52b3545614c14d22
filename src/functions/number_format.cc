// to_number, try_to_number and to_char: decimals by a format of digits (0, 9), point (. D), thousands (, G), currency ($),
// signs (S, MI) and angle brackets (PR).
#include <algorithm>
#include <string>
#include <vector>

#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/decimal.h"

namespace centella {
namespace {

enum class Part : uint8_t { kExact, kAtMost, kThousands, kPoint, kDollar, kSign, kMinus, kOpen, kClose, kUnknown };

struct Token {
  Part part;
  int digits = 0;   // of kExact and kAtMost
  char letter = 0;  // of kUnknown
};

bool IsDigits(const Token& token) { return token.part == Part::kExact || token.part == Part::kAtMost; }

struct NumberFormat {
  std::string text;  // in capitals
  std::vector<Token> tokens;
  int before = 0;  // digits before the point
  int after = 0;
  bool Has(Part part) const {
    return std::any_of(tokens.begin(), tokens.end(), [part](const Token& token) { return token.part == part; });
  }
};

void AddDigits(NumberFormat& format, size_t* at, bool after_point) {
  const bool zero = format.text[*at] == '0';
  size_t end = *at;
  while (end < format.text.size() && (format.text[end] == '0' || format.text[end] == '9')) ++end;
  const int digits = static_cast<int>(end - *at);
  // Behind the point a 0 asks for no more than a 9.
  format.tokens.push_back({zero && !after_point ? Part::kExact : Part::kAtMost, digits});
  (after_point ? format.after : format.before) += digits;
  *at = end;
}

NumberFormat ReadFormat(std::string_view given) {
  NumberFormat format;
  for (char c : given) format.text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  bool after_point = false;
  for (size_t i = 0; i < format.text.size();) {
    const char c = format.text[i];
    const std::string_view two = std::string_view(format.text).substr(i, 2);
    if (c == '0' || c == '9') {
      AddDigits(format, &i, after_point);
      continue;
    }
    Token token{Part::kUnknown, 0, c};
    if (c == '.' || c == 'D') {
      token.part = Part::kPoint;
      after_point = true;
    } else if (c == ',' || c == 'G') {
      token.part = Part::kThousands;
    } else if (c == '$') {
      token.part = Part::kDollar;
    } else if (c == 'S') {
      token.part = Part::kSign;
    } else if (two == "MI") {
      token.part = Part::kMinus;
    } else if (two == "PR") {
      token.part = Part::kClose;
      format.tokens.insert(format.tokens.begin(), Token{Part::kOpen});
    }
    i += token.part == Part::kMinus || token.part == Part::kClose ? 2 : 1;
    format.tokens.push_back(token);
  }
  return format;
}

// ---- what is wrong with a format ------------------------------------------------------------------------------------

std::string TokenName(const Token& token) {
  switch (token.part) {
    case Part::kThousands: return ", or G";
    case Part::kPoint: return ". or D";
    case Part::kDollar: return "$";
    case Part::kSign: return "S";
    case Part::kMinus: return "MI";
    case Part::kOpen:
    case Part::kClose: return "PR";
    case Part::kUnknown: return std::string("character '") + token.letter + "''";
    default: return "digit sequence";
  }
}

[[noreturn]] void RaiseFormat(Condition condition, const NumberFormat& format, const std::string& token = "") {
  ErrorParameters parameters = {{"format", "'" + format.text + "'"}};
  if (!token.empty()) parameters["token"] = token;
  Raise(condition, std::move(parameters));
}

void CheckThousands(const NumberFormat& format) {
  bool after_point = false;
  for (size_t i = 0; i < format.tokens.size(); ++i) {
    if (format.tokens[i].part == Part::kPoint) after_point = true;
    if (format.tokens[i].part != Part::kThousands) continue;
    if (after_point) RaiseFormat(Condition::INVALID_FORMAT__THOUSANDS_SEPS_MUST_BEFORE_DEC, format);
    const bool between =
        i > 0 && IsDigits(format.tokens[i - 1]) && i + 1 < format.tokens.size() && IsDigits(format.tokens[i + 1]);
    if (!between) RaiseFormat(Condition::INVALID_FORMAT__CONT_THOUSANDS_SEPS, format);
  }
}

// [ MI | S ] [ $ ] digits [ . digits ] [ MI | S | PR ]
void CheckOrder(const NumberFormat& format) {
  static constexpr Part kOrder[] = {Part::kOpen,  Part::kMinus,  Part::kSign, Part::kDollar, Part::kAtMost,
                                    Part::kPoint, Part::kAtMost, Part::kSign, Part::kMinus,  Part::kClose};
  auto kind = [](const Token& token) {
    return IsDigits(token) || token.part == Part::kThousands ? Part::kAtMost : token.part;
  };
  size_t place = 0;
  for (size_t i = 0; i < format.tokens.size(); ++i) {
    const Part part = kind(format.tokens[i]);
    if (i > 0 && part == Part::kAtMost && kind(format.tokens[i - 1]) == part) continue;  // one group of digits
    while (place < std::size(kOrder) && kOrder[place] != part) ++place;
    if (place == std::size(kOrder)) {
      RaiseFormat(Condition::INVALID_FORMAT__UNEXPECTED_TOKEN, format, TokenName(format.tokens[i]));
    }
    // One sign in front, and one sign or the brackets behind.
    place = place == 1 ? 3 : place >= 7 ? std::size(kOrder) : place + 1;
  }
}

// Raises Spark's condition for the first rule that the format breaks.
void CheckFormat(const NumberFormat& format) {
  if (format.text.empty()) RaiseFormat(Condition::INVALID_FORMAT__EMPTY, format);
  if (format.before + format.after == 0) RaiseFormat(Condition::INVALID_FORMAT__WRONG_NUM_DIGIT, format);
  auto find = [&](auto&& test) {
    return std::find_if(format.tokens.begin(), format.tokens.end(), test) - format.tokens.begin();
  };
  const auto digits = find(IsDigits);
  const auto point = find([](const Token& token) { return token.part == Part::kPoint; });
  const auto dollar = find([](const Token& token) { return token.part == Part::kDollar; });
  const auto count = static_cast<std::ptrdiff_t>(format.tokens.size());
  if (dollar < count) {
    if (digits < dollar) RaiseFormat(Condition::INVALID_FORMAT__CUR_MUST_BEFORE_DIGIT, format);
    if (point < dollar) RaiseFormat(Condition::INVALID_FORMAT__CUR_MUST_BEFORE_DEC, format);
  }
  CheckThousands(format);
  for (Part part : {Part::kPoint, Part::kDollar, Part::kSign, Part::kMinus, Part::kClose}) {
    auto same = [part](const Token& token) { return token.part == part; };
    if (std::count_if(format.tokens.begin(), format.tokens.end(), same) > 1) {
      RaiseFormat(Condition::INVALID_FORMAT__WRONG_NUM_TOKEN, format, TokenName({part}));
    }
  }
  CheckOrder(format);
}

// ---- text to number -------------------------------------------------------------------------------------------------

class NumberReader {
 public:
  NumberReader(const NumberFormat& format, std::string_view text) : format_(format), text_(text) {}

  // False when the text isn't as the format says.
  bool Read(int128_t* out) {
    for (size_t i = 0; i < format_.tokens.size(); ++i) {
      const Token& token = format_.tokens[i];
      if (IsDigits(token)) {
        if (!ReadGroups(&i)) return false;
      } else if (!ReadSymbol(token)) {
        return false;
      }
    }
    if (at_ < text_.size() || open_ != closed_) return false;
    *out = value_ * kPowersOfTen[format_.after - fraction_];
    if (negative_) *out = -*out;
    return true;
  }

 private:
  bool Eat(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool ReadSymbol(const Token& token) {
    switch (token.part) {
      case Part::kPoint: Eat('.'); return true;
      case Part::kDollar: return Eat('$');
      case Part::kSign:
        if (!Eat('+') && Eat('-')) negative_ = !negative_;
        return true;
      case Part::kMinus:
        if (Eat('-')) negative_ = !negative_;
        return true;
      case Part::kOpen: open_ = Eat('<'); return true;
      case Part::kClose:
        closed_ = Eat('>');
        if (closed_) negative_ = !negative_;
        return true;
      default: return true;
    }
  }

  // A group of digits with commas: as many groups as the format has at most, compared from the right.
  bool ReadGroups(size_t* token) {
    std::vector<Token> wanted;
    for (; *token < format_.tokens.size(); ++*token) {
      const Token& next = format_.tokens[*token];
      if (IsDigits(next)) {
        wanted.push_back(next);
      } else if (next.part != Part::kThousands) {
        break;
      }
    }
    --*token;
    std::vector<int> sizes = {0};
    const bool fraction = SeenPoint(*token);
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (std::isspace(static_cast<unsigned char>(c))) continue;
      if (c == ',') {
        sizes.push_back(0);
      } else if (c >= '0' && c <= '9') {
        ++sizes.back();
        if (++digits_ > kMaxDecimalDigits) return false;
        value_ = value_ * 10 + (c - '0');
        if (fraction) ++fraction_;
      } else {
        break;
      }
    }
    if (sizes.size() > wanted.size()) return false;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const Token& group = wanted[wanted.size() - 1 - i];
      const int size = i < sizes.size() ? sizes[sizes.size() - 1 - i] : 0;
      if (group.part == Part::kExact ? size != group.digits : size > group.digits) return false;
    }
    // Digits before the point are needed, unless the text has a fraction.
    return fraction || digits_ > 0 || (at_ < text_.size() && text_[at_] == '.');
  }
  bool SeenPoint(size_t token) const {
    for (size_t i = 0; i < token; ++i) {
      if (format_.tokens[i].part == Part::kPoint) return true;
    }
    return false;
  }

  const NumberFormat& format_;
  std::string_view text_;
  size_t at_ = 0;
  bool negative_ = false, open_ = false, closed_ = false;
  int digits_ = 0, fraction_ = 0;
  int128_t value_ = 0;
};

const NumberFormat& FormatOf(const KernelArgs& call) {
  CENTELLA_CHECK(call.prepared != nullptr, "a number format that isn't constant");
  return *static_cast<const NumberFormat*>(call.prepared);
}

template <bool tolerant>
VectorPtr ToNumber(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  if (call.prepared == nullptr) return Vector::MakeNull(call.result_type, call.rows);
  const NumberFormat& format = FormatOf(call);
  const bool narrow = call.result_type->physical() == PhysicalType::kInt64;
  ForLive(call, [&](int64_t i) {
    const std::string_view text = call.data<StringView>(0)[call.index(0, i)].view();
    int128_t value = 0;
    if (!NumberReader(format, text).Read(&value)) {
      if (!tolerant) {
        Raise(Condition::INVALID_FORMAT__MISMATCH_INPUT,
              {{"inputType", "\"STRING\""}, {"input", std::string(text)}, {"format", format.text}});
      }
      out->SetNull(i);
    }
    if (narrow) {
      out->mutable_data<int64_t>()[i] = static_cast<int64_t>(value);
    } else {
      out->mutable_data<int128_t>()[i] = value;
    }
  });
  return out;
}

// ---- number to text -------------------------------------------------------------------------------------------------

class NumberWriter {
 public:
  NumberWriter(const NumberFormat& format, int128_t value, int scale) : format_(format), negative_(value < 0) {
    char buffer[kMaxDecimalText];
    std::string_view text(buffer, WriteDecimal(negative_ ? -value : value, scale, buffer) - buffer);
    whole_ = text.substr(0, text.find('.'));
    if (scale > 0) fraction_ = text.substr(text.find('.') + 1);
    while (whole_.starts_with('0')) whole_.erase(0, 1);
    while (fraction_.ends_with('0')) fraction_.pop_back();
    const auto more = [](const std::string& digits, int most) { return static_cast<int>(digits.size()) > most; };
    overflow_ = more(whole_, format.before) || more(fraction_, format.after);
    left_ = format.before;
  }

  std::string Write() {
    for (const Token& token : format_.tokens) Add(token);
    LonePointGoes();
    return std::move(out_);
  }

 private:
  void Add(const Token& token) {
    switch (token.part) {
      case Part::kPoint:
        if (out_.ends_with(' ')) out_.back() = '0';
        out_ += '.';
        after_point_ = true;
        return;
      case Part::kDollar: out_ += '$'; return;
      case Part::kSign: LonePointGoes(); return AddBeforeSpaces(negative_ ? '-' : '+');
      case Part::kMinus:
        if (!negative_) {
          out_ += ' ';
          return;
        }
        LonePointGoes();
        return AddBeforeSpaces('-');
      case Part::kOpen:
        if (negative_) out_ += '<';
        return;
      case Part::kClose:
        LonePointGoes();
        if (negative_) return AddBeforeSpaces('>');
        out_ += "  ";
        return;
      case Part::kThousands:
        if (any_) {
          out_ += ',';
        } else {
          AddSpace();
        }
        return;
      default: return AddDigits(token);
    }
  }

  void AddDigits(const Token& token) {
    if (overflow_) {
      out_.append(token.digits, '#');
      return;
    }
    for (int k = 0; k < token.digits; ++k) {
      if (after_point_) {
        out_ += taken_ < fraction_.size() ? fraction_[taken_] : '0';
        ++taken_;
        continue;
      }
      const int place = left_--;  // from the point
      const auto digits = static_cast<int>(whole_.size());
      if (place <= digits) {
        out_ += whole_[digits - place];
        any_ = true;
      } else if (token.part == Part::kExact) {
        out_ += '0';
        any_ = true;
      } else {
        AddSpace();
      }
    }
  }

  // A sign stands right before the first digit.
  void AddSpace() {
    if (!out_.empty() && (out_.back() == '+' || out_.back() == '-' || out_.back() == '<')) {
      out_.insert(out_.size() - 1, 1, ' ');
    } else {
      out_ += ' ';
    }
  }
  void AddBeforeSpaces(char c) {
    const size_t last = out_.find_last_not_of(' ');
    out_.insert(last == std::string::npos ? 0 : last + 1, 1, c);
  }
  void LonePointGoes() {
    if (out_.ends_with('.')) out_.back() = ' ';
  }

  const NumberFormat& format_;
  bool negative_, overflow_ = false, after_point_ = false, any_ = false;
  std::string whole_, fraction_, out_;
  int left_ = 0;
  size_t taken_ = 0;
};

VectorPtr ToChar(const KernelArgs& call) {
  if (call.prepared == nullptr) return Vector::MakeNull(call.result_type, call.rows);
  const NumberFormat& format = FormatOf(call);
  const DataType& type = *call.args[0]->type();
  auto write = [&](int128_t value, StringHeap& heap) {
    return heap.Add(NumberWriter(format, value, type.scale()).Write());
  };
  if (type.physical() == PhysicalType::kInt64) return TextRows<int64_t>(call, write);
  return TextRows<int128_t>(call, write);
}

// Formats are constants, read and checked once.
std::shared_ptr<const void> PrepareFormat(std::span<const Value* const> constants, const QueryContext&) {
  if (constants.size() < 2 || constants[1] == nullptr || constants[1]->is_null()) return nullptr;
  auto format = std::make_shared<NumberFormat>(ReadFormat(constants[1]->string()));
  CheckFormat(*format);
  return format;
}

TypePtr NumberType(const BindArgs& args) {
  if (args.constants[1] == nullptr || args.constants[1]->is_null()) return types::Decimal(10, 0);
  const NumberFormat format = ReadFormat(args.constants[1]->string());
  CheckFormat(format);
  const int precision = format.before + format.after;
  if (precision > kMaxDecimalDigits) {
    Raise(Condition::DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION,
          {{"precision", std::to_string(precision)}, {"maxPrecision", "38"}});
  }
  return types::Decimal(precision, format.after);
}

TypePtr TextType(const BindArgs& args) {
  if (args.constants[1] != nullptr && !args.constants[1]->is_null())
    CheckFormat(ReadFormat(args.constants[1]->string()));
  return types::String();
}

}  // namespace

void RegisterNumberFormats(FunctionRegistry& registry) {
  registry.Scalar("to_number", "The number that a text tells in a format.")
      .Group("string_funcs")
      .Example("SELECT to_number('454', '999')", "454")
      .Prepare(PrepareFormat)
      .Overload("string, string -> ?", ToNumber<false>)
      .ResultType(NumberType)
      .CanFail();
  registry.Scalar("try_to_number", "The number that a text tells in a format; NULL when it tells none.")
      .Group("string_funcs")
      .AlwaysNullable()
      .Example("SELECT try_to_number('454', '999')", "454")
      .Prepare(PrepareFormat)
      .Overload("string, string -> ?", ToNumber<true>)
      .ResultType(NumberType);
  registry.Scalar("to_char", "A number's text in a format.")
      .Alias("to_varchar")
      .Group("string_funcs")
      .Example("SELECT to_char(454, '999')", "454")
      .Prepare(PrepareFormat)
      .Overload("decimal, string -> ?", ToChar)
      .ResultType(TextType);
}

}  // namespace centella
