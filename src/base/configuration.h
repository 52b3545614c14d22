// Configuration: one table of known keys, and an immutable snapshot of a session's settings.
//
// The table (configuration_keys.def) says for each key its type, default, doc, and whether it acts, is accepted
// (Spark has it, it changes nothing here and harmlessly so) or is refused. Unknown keys are kept as Spark keeps them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace centella {

enum class ConfigType : uint8_t { kBoolean, kInt, kLong, kDouble, kString, kBytes, kDuration };
enum class ConfigEffect : uint8_t { kActs, kAccepted, kRefused };

struct ConfigKey {
  std::string_view name;
  ConfigType type;
  std::string_view default_value;
  bool has_default;
  ConfigEffect effect;
  bool modifiable;  // at run time; false for static keys (CANNOT_MODIFY_CONFIG)
  std::string_view doc;
};

// The known keys, sorted by name.
const std::vector<ConfigKey>& ConfigKeys();
// nullptr when the key is unknown.
const ConfigKey* FindConfigKey(std::string_view name);

// Immutable; sessions replace their snapshot when a key is set. Value semantics, cheap to copy.
class Configuration {
 public:
  Configuration() : values_(std::make_shared<std::map<std::string, std::string>>()) {}

  // Set values only.
  const std::map<std::string, std::string>& values() const { return *values_; }
  // The set value, else the table's default, else nothing.
  std::optional<std::string> Get(std::string_view key) const;
  // Typed reads of keys in the table; raise INTERNAL_ERROR for a key that isn't there.
  bool GetBool(std::string_view key) const;
  int64_t GetInt(std::string_view key) const;
  double GetDouble(std::string_view key) const;
  std::string GetString(std::string_view key) const;

  // Copies with a change. With validates the value against the table's type
  // (INVALID_CONF_VALUE.TYPE_MISMATCH) and refuses refused keys; static keys give CANNOT_MODIFY_CONFIG
  // unless `at_start`.
  Configuration With(std::string_view key, std::string_view value, bool at_start = false) const;
  Configuration Without(std::string_view key) const;

 private:
  std::shared_ptr<const std::map<std::string, std::string>> values_;
};

}  // namespace centella
