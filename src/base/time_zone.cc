// Java's ZoneId syntax over abseil's zone rules.
#include "base/time_zone.h"

#include <absl/strings/ascii.h>
#include <absl/time/time.h>

#include <array>
#include <optional>
#include <utility>

#include "base/error.h"

namespace centella {
namespace {

constexpr int32_t kMaxOffsetSeconds = 18 * 3600;

// The three-letter ids that Spark passes through Java's SHORT_IDS.
constexpr std::pair<std::string_view, std::string_view> kShortIds[] = {{"ACT", "Australia/Darwin"},
                                                                       {"AET", "Australia/Sydney"},
                                                                       {"AGT", "America/Argentina/Buenos_Aires"},
                                                                       {"ART", "Africa/Cairo"},
                                                                       {"AST", "America/Anchorage"},
                                                                       {"BET", "America/Sao_Paulo"},
                                                                       {"BST", "Asia/Dhaka"},
                                                                       {"CAT", "Africa/Harare"},
                                                                       {"CNT", "America/St_Johns"},
                                                                       {"CST", "America/Chicago"},
                                                                       {"CTT", "Asia/Shanghai"},
                                                                       {"EAT", "Africa/Addis_Ababa"},
                                                                       {"ECT", "Europe/Paris"},
                                                                       {"EST", "-05:00"},
                                                                       {"HST", "-10:00"},
                                                                       {"IET", "America/Indiana/Indianapolis"},
                                                                       {"IST", "Asia/Kolkata"},
                                                                       {"JST", "Asia/Tokyo"},
                                                                       {"MIT", "Pacific/Apia"},
                                                                       {"MST", "-07:00"},
                                                                       {"NET", "Asia/Yerevan"},
                                                                       {"NST", "Pacific/Auckland"},
                                                                       {"PLT", "Asia/Karachi"},
                                                                       {"PNT", "America/Phoenix"},
                                                                       {"PRT", "America/Puerto_Rico"},
                                                                       {"PST", "America/Los_Angeles"},
                                                                       {"SST", "Pacific/Guadalcanal"},
                                                                       {"VST", "Asia/Ho_Chi_Minh"}};

[[noreturn]] void RaiseInvalidZone(std::string_view id) {
  Raise(Condition::INVALID_TIMEZONE, {{"timeZone", std::string(id)}});
}

// Reads one or two digits (two when `exactly_two`); -1 when there are none.
int ReadDigits(std::string_view* text, bool exactly_two) {
  size_t n = 0;
  int value = 0;
  while (n < 2 && n < text->size() && absl::ascii_isdigit(static_cast<unsigned char>((*text)[n]))) {
    value = value * 10 + ((*text)[n] - '0');
    ++n;
  }
  if (n == 0 || (exactly_two && n != 2)) return -1;
  text->remove_prefix(n);
  return value;
}

// "+h", "+hh", "+h:mm", "+hh:m", "+hh:mm", "+hhmm", "+hh:mm:ss", "+hhmmss": what Java and Spark's widening take.
std::optional<int32_t> ParseOffset(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = ReadDigits(&text, false), minutes = 0, seconds = 0;
  if (hours < 0) return std::nullopt;
  if (!text.empty()) {
    const bool colons = text[0] == ':';
    if (colons) text.remove_prefix(1);
    minutes = ReadDigits(&text, !colons);
    if (minutes < 0) return std::nullopt;
    if (!text.empty()) {
      if (colons != (text[0] == ':')) return std::nullopt;
      if (colons) text.remove_prefix(1);
      seconds = ReadDigits(&text, true);
      if (seconds < 0 || !text.empty()) return std::nullopt;
    }
  }
  if (minutes > 59 || seconds > 59) return std::nullopt;
  const int32_t total = hours * 3600 + minutes * 60 + seconds;
  if (total > kMaxOffsetSeconds) return std::nullopt;
  return sign * total;
}

std::string OffsetId(int32_t seconds) {
  if (seconds == 0) return "Z";
  const int32_t magnitude = seconds < 0 ? -seconds : seconds;
  auto two = [](int32_t value) {
    return std::string(1, static_cast<char>('0' + value / 10)) + static_cast<char>('0' + value % 10);
  };
  std::string id = (seconds < 0 ? "-" : "+") + two(magnitude / 3600) + ":" + two(magnitude / 60 % 60);
  if (magnitude % 60 != 0) id += ":" + two(magnitude % 60);
  return id;
}

// Folder-free names only: a zone id never reaches outside the zone database.
bool IsRegionSyntax(std::string_view id) {
  if (id.empty() || id.size() > 64 || !absl::ascii_isalpha(static_cast<unsigned char>(id[0]))) return false;
  for (char c : id) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '/' && c != '_' && c != '-' && c != '+' &&
        c != '~' && c != '.') {
      return false;
    }
  }
  return id.find("..") == std::string_view::npos && id != "localtime" && id != "posixrules";
}

const absl::TimeZone& Rules(const std::shared_ptr<const void>& impl) {
  return *static_cast<const absl::TimeZone*>(impl.get());
}

}  // namespace

TimeZone TimeZone::Load(std::string_view original) {
  std::string_view id = original;
  for (const auto& [name, target] : kShortIds) {
    if (id == name) {
      id = target;
      break;
    }
  }
  TimeZone zone;
  if (id == "Z" || id == "UTC" || id == "GMT" || id == "UT") {
    zone.id_ = std::string(id);
    return zone;
  }
  if (auto offset = ParseOffset(id)) {
    zone.fixed_offset_seconds_ = *offset;
    zone.id_ = OffsetId(*offset);
    return zone;
  }
  for (std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (!id.starts_with(prefix)) continue;
    if (auto offset = ParseOffset(id.substr(prefix.size()))) {
      zone.fixed_offset_seconds_ = *offset;
      zone.id_ = std::string(prefix) + (*offset == 0 ? "" : OffsetId(*offset));
      return zone;
    }
  }
  absl::TimeZone rules;
  if (!IsRegionSyntax(id) || !absl::LoadTimeZone(std::string(id), &rules)) RaiseInvalidZone(original);
  zone.id_ = std::string(id);
  zone.impl_ = std::make_shared<const absl::TimeZone>(rules);
  return zone;
}

TimeZone TimeZone::Local() {
  absl::TimeZone local = absl::LocalTimeZone();
  std::string name = local.name();
  if (name == "UTC" || name == "Etc/UTC" || name == "localtime" || !IsRegionSyntax(name)) {
    TimeZone zone;
    if (name == "Etc/UTC") zone.id_ = name;
    if (name == "localtime") zone.impl_ = std::make_shared<const absl::TimeZone>(local);
    return zone;
  }
  return Load(name);
}

int32_t TimeZone::OffsetSecondsAt(int64_t utc_micros) const {
  if (impl_ == nullptr) return fixed_offset_seconds_;
  return Rules(impl_).At(absl::FromUnixMicros(utc_micros)).offset;
}

int64_t TimeZone::ToUtcMicros(int64_t local_micros) const {
  if (impl_ == nullptr) return local_micros - int64_t{fixed_offset_seconds_} * 1000000;
  // Floor to seconds: civil times have no fraction.
  int64_t seconds = local_micros / 1000000;
  int64_t fraction = local_micros % 1000000;
  if (fraction < 0) {
    fraction += 1000000;
    --seconds;
  }
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1, 0, 0, 0) + seconds;
  // abseil's `pre` reads a gap with the offset before it (shifting forward) and an overlap with the earlier offset:
  // both as java.time does.
  const absl::Time utc = Rules(impl_).At(civil).pre;
  return absl::ToUnixSeconds(utc) * 1000000 + fraction;
}

}  // namespace centella
