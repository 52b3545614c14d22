// The table of known keys, the validation of values, and typed reads.
#include "base/configuration.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>

#include <algorithm>

#include "base/error.h"
#include "base/time_zone.h"

namespace centella {
namespace {

constexpr std::string_view OrEmpty(const char* text) { return text == nullptr ? std::string_view() : text; }

std::vector<ConfigKey> MakeKeys() {
  std::vector<ConfigKey> keys = {
#define CENTELLA_CONFIG(name, type, default_value, effect, modifiable, doc) \
  {name,                                                                    \
   ConfigType::type,                                                        \
   OrEmpty(default_value),                                                  \
   static_cast<const char*>(default_value) != nullptr,                      \
   ConfigEffect::effect,                                                    \
   modifiable,                                                              \
   doc},
#include "base/configuration_keys.def"
#undef CENTELLA_CONFIG
  };
  std::sort(keys.begin(), keys.end(), [](const ConfigKey& a, const ConfigKey& b) { return a.name < b.name; });
  return keys;
}

std::string_view Strip(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

// Splits "128 MB" into 128 and "mb"; false when there is no leading integer.
bool SplitUnit(std::string_view text, int64_t* number, std::string* unit) {
  text = Strip(text);
  size_t digits = 0;
  if (digits < text.size() && text[digits] == '-') ++digits;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), digits), number)) return false;
  *unit = std::string(Strip(text.substr(digits)));
  absl::AsciiStrToLower(unit);
  return true;
}

std::optional<int64_t> ScaledValue(std::string_view text,
                                   const std::vector<std::pair<std::string_view, int64_t>>& units) {
  int64_t number;
  std::string unit;
  if (!SplitUnit(text, &number, &unit)) return std::nullopt;
  for (const auto& [name, factor] : units) {
    int64_t scaled;
    if (unit == name && !__builtin_mul_overflow(number, factor, &scaled)) return scaled;
  }
  return std::nullopt;
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  static const std::vector<std::pair<std::string_view, int64_t>> kUnits = {
      {"", 1},          {"b", 1},          {"k", 1LL << 10}, {"kb", 1LL << 10}, {"m", 1LL << 20}, {"mb", 1LL << 20},
      {"g", 1LL << 30}, {"gb", 1LL << 30}, {"t", 1LL << 40}, {"tb", 1LL << 40}, {"p", 1LL << 50}, {"pb", 1LL << 50}};
  return ScaledValue(text, kUnits);
}

// Milliseconds.
std::optional<int64_t> ParseDuration(std::string_view text) {
  static const std::vector<std::pair<std::string_view, int64_t>> kUnits = {
      {"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
  int64_t number;
  std::string unit;
  if (SplitUnit(text, &number, &unit) && unit == "us") return number / 1000;
  return ScaledValue(text, kUnits);
}

std::optional<bool> ParseBoolean(std::string_view text) {
  std::string word(Strip(text));
  absl::AsciiStrToLower(&word);
  if (word == "true") return true;
  if (word == "false") return false;
  return std::nullopt;
}

std::optional<int64_t> ParseInteger(std::string_view text, ConfigType type) {
  if (type == ConfigType::kBytes) return ParseBytes(text);
  if (type == ConfigType::kDuration) return ParseDuration(text);
  int64_t number;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number)) return std::nullopt;
  if (type == ConfigType::kInt && (number < INT32_MIN || number > INT32_MAX)) return std::nullopt;
  return number;
}

std::optional<double> ParseDoubleText(std::string_view text) {
  double number;
  if (!absl::SimpleAtod(absl::string_view(text.data(), text.size()), &number)) return std::nullopt;
  return number;
}

bool IsValid(const ConfigKey& key, std::string_view value) {
  switch (key.type) {
    case ConfigType::kBoolean: return ParseBoolean(value).has_value();
    case ConfigType::kInt:
    case ConfigType::kLong:
    case ConfigType::kBytes:
    case ConfigType::kDuration: return ParseInteger(value, key.type).has_value();
    case ConfigType::kDouble: return ParseDoubleText(value).has_value();
    case ConfigType::kString: return true;
  }
  return true;
}

std::string_view TypeWord(ConfigType type) {
  switch (type) {
    case ConfigType::kBoolean: return "boolean";
    case ConfigType::kInt: return "int";
    case ConfigType::kLong: return "long";
    case ConfigType::kDouble: return "double";
    case ConfigType::kString: return "string";
    case ConfigType::kBytes: return "bytes";
    case ConfigType::kDuration: return "time";
  }
  return "string";
}

// Spark tells its SQL's static keys from those of the cluster, which it doesn't let SET change either.
[[noreturn]] void RaiseFixed(std::string_view key) {
  const std::string quoted = "\"" + std::string(key) + "\"";
  if (key.starts_with("spark.sql.")) Raise(Condition::CANNOT_MODIFY_STATIC_CONFIG, {{"key", quoted}});
  Raise(Condition::CANNOT_MODIFY_CONFIG, {{"key", quoted}, {"docroot", "https://spark.apache.org/docs/latest"}});
}

bool SameSetting(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()), absl::string_view(b.data(), b.size()));
}

const ConfigKey& KnownKey(std::string_view key) {
  const ConfigKey* found = FindConfigKey(key);
  CENTELLA_CHECK(found != nullptr, "configuration key " + std::string(key) + " is not in the table");
  return *found;
}

}  // namespace

const std::vector<ConfigKey>& ConfigKeys() {
  static const auto* keys = new std::vector<ConfigKey>(MakeKeys());
  return *keys;
}

const ConfigKey* FindConfigKey(std::string_view name) {
  const auto& keys = ConfigKeys();
  auto at = std::lower_bound(keys.begin(), keys.end(), name,
                             [](const ConfigKey& key, std::string_view wanted) { return key.name < wanted; });
  return at != keys.end() && at->name == name ? &*at : nullptr;
}

std::optional<std::string> Configuration::Get(std::string_view key) const {
  auto found = values_->find(std::string(key));
  if (found != values_->end()) return found->second;
  const ConfigKey* known = FindConfigKey(key);
  if (known != nullptr && known->has_default) return std::string(known->default_value);
  return std::nullopt;
}

bool Configuration::GetBool(std::string_view key) const {
  KnownKey(key);
  auto parsed = ParseBoolean(Get(key).value_or(""));
  CENTELLA_CHECK(parsed.has_value(), "configuration key " + std::string(key) + " has no boolean value");
  return *parsed;
}

int64_t Configuration::GetInt(std::string_view key) const {
  auto parsed = ParseInteger(Get(key).value_or(""), KnownKey(key).type);
  CENTELLA_CHECK(parsed.has_value(), "configuration key " + std::string(key) + " has no integer value");
  return *parsed;
}

double Configuration::GetDouble(std::string_view key) const {
  KnownKey(key);
  auto parsed = ParseDoubleText(Get(key).value_or(""));
  CENTELLA_CHECK(parsed.has_value(), "configuration key " + std::string(key) + " has no floating value");
  return *parsed;
}

std::string Configuration::GetString(std::string_view key) const {
  KnownKey(key);
  auto value = Get(key);
  CENTELLA_CHECK(value.has_value(), "configuration key " + std::string(key) + " has no value");
  return *value;
}

Configuration Configuration::With(std::string_view key, std::string_view value, bool at_start) const {
  if (const ConfigKey* known = FindConfigKey(key); known != nullptr) {
    if (!known->modifiable && !at_start) RaiseFixed(key);
    if (known->effect == ConfigEffect::kRefused && !SameSetting(value, known->default_value)) {
      RaiseUnsupported("the value " + std::string(value) + " of the configuration key " + std::string(key));
    }
    if (!IsValid(*known, value)) {
      Raise(Condition::INVALID_CONF_VALUE__TYPE_MISMATCH, {{"confName", std::string(key)},
                                                           {"confValue", std::string(value)},
                                                           {"confType", std::string(TypeWord(known->type))}});
    }
  }
  if (key == "spark.sql.session.timeZone") {
    try {
      TimeZone::Load(value);
    } catch (const Error&) {
      Raise(Condition::INVALID_CONF_VALUE__TIME_ZONE,
            {{"confName", std::string(key)}, {"confValue", std::string(value)}});
    }
  }
  auto values = std::make_shared<std::map<std::string, std::string>>(*values_);
  (*values)[std::string(key)] = std::string(value);
  Configuration changed;
  changed.values_ = std::move(values);
  return changed;
}

Configuration Configuration::Without(std::string_view key) const {
  const ConfigKey* known = FindConfigKey(key);
  if (known != nullptr && !known->modifiable) RaiseFixed(key);
  auto values = std::make_shared<std::map<std::string, std::string>>(*values_);
  values->erase(std::string(key));
  Configuration changed;
  changed.values_ = std::move(values);
  return changed;
}

}  // namespace centella
