// A floating number as its shortest decimal digits, to be rounded and written as Java's formatters do.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "types/text.h"

namespace centella {

// 0.d1d2d3… × 10^point. Signs are left to the caller.
class DecimalDigits {
 public:
  static DecimalDigits OfDouble(double value) {
    char buffer[kMaxDoubleText];
    return DecimalDigits({buffer, static_cast<size_t>(WriteDouble(std::fabs(value), buffer) - buffer)});
  }
  static DecimalDigits OfFloat(float value) {
    char buffer[kMaxDoubleText];
    return DecimalDigits({buffer, static_cast<size_t>(WriteFloat(std::fabs(value), buffer) - buffer)});
  }

  bool zero() const { return digits_.empty(); }
  // The power of ten of the first digit.
  int exponent() const { return point_ - 1; }

  // Halves go up.
  void RoundToDigits(int count) {
    if (count < 0) {
      digits_.clear();
      point_ = 0;
      return;
    }
    if (static_cast<size_t>(count) >= digits_.size()) return;
    const bool up = digits_[count] >= '5';
    digits_.resize(count);
    if (up) {
      size_t i = digits_.size();
      while (i > 0 && digits_[i - 1] == '9') --i;
      digits_.resize(i);
      if (i == 0) {
        digits_ = "1";
        ++point_;
      } else {
        ++digits_[i - 1];
      }
    }
    Trim();
  }

  // "1234.50": so many digits after the point.
  std::string Plain(int places) const {
    DecimalDigits rounded = *this;
    rounded.RoundToDigits(point_ + places);
    std::string out;
    for (int i = 0; i < std::max(rounded.point_, 1); ++i) out += rounded.Digit(i + std::min(rounded.point_ - 1, 0));
    if (places > 0) out += '.';
    for (int i = 0; i < places; ++i) out += rounded.Digit(rounded.point_ + i);
    return out;
  }

  // "1.23e+04".
  std::string Scientific(int places) const {
    DecimalDigits rounded = *this;
    rounded.RoundToDigits(places + 1);
    std::string out(1, rounded.Digit(0));
    if (places > 0) out += '.';
    for (int i = 1; i <= places; ++i) out += rounded.Digit(i);
    const int power = rounded.zero() ? 0 : rounded.exponent();
    out += power < 0 ? "e-" : "e+";
    if (std::abs(power) < 10) out += '0';
    return out + std::to_string(std::abs(power));
  }

 private:
  explicit DecimalDigits(std::string_view text) {
    int power = 0;
    if (const size_t e = text.find('E'); e != std::string_view::npos) {
      power = std::atoi(std::string(text.substr(e + 1)).c_str());
      text = text.substr(0, e);
    }
    const size_t dot = std::min(text.find('.'), text.size());
    point_ = static_cast<int>(dot) + power;
    for (char c : text) {
      if (c != '.') digits_ += c;
    }
    Trim();
  }
  void Trim() {
    while (!digits_.empty() && digits_.back() == '0') digits_.pop_back();
    size_t zeros = 0;
    while (zeros < digits_.size() && digits_[zeros] == '0') ++zeros;
    digits_.erase(0, zeros);
    point_ = digits_.empty() ? 0 : point_ - static_cast<int>(zeros);
  }
  char Digit(int i) const { return i >= 0 && static_cast<size_t>(i) < digits_.size() ? digits_[i] : '0'; }

  std::string digits_;
  int point_ = 0;
};

}  // namespace centella
