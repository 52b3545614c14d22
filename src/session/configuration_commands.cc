// SET, RESET and SET TIME ZONE.
#include "session/commands.h"
#include "session/local_rows.h"

namespace centella {
namespace {

LocalRows KeyValueRows() { return LocalRows({StringField("key", false), StringField("value", false)}); }

PlanPtr OnePair(const std::string& key, const std::string& value) {
  LocalRows rows = KeyValueRows();
  rows.Add({Value::String(key), Value::String(value)});
  return rows.ToPlan();
}

// SET -v: every known key.
PlanPtr KnownKeys(const Configuration& config) {
  LocalRows rows({StringField("key", false), StringField("value", false), StringField("meaning", false),
                  StringField("Since version", false)});
  for (const ConfigKey& key : ConfigKeys()) {
    rows.Add({Value::String(std::string(key.name)), Value::String(config.Get(key.name).value_or("<undefined>")),
              Value::String(std::string(key.doc)), Value::String("")});
  }
  return rows.ToPlan();
}

PlanPtr RunSet(const Command& command, Session& session) {
  const Configuration config = session.config();
  if (ArgumentOf(command, "verbose") == "true") return KnownKeys(config);
  const std::string key = ArgumentOf(command, "key");
  if (key.empty()) {
    LocalRows rows = KeyValueRows();
    for (const auto& [name, value] : config.values()) rows.Add({Value::String(name), Value::String(value)});
    return rows.ToPlan();
  }
  if (!HasArgument(command, "value")) return OnePair(key, config.Get(key).value_or("<undefined>"));
  session.SetConfig(key, ArgumentOf(command, "value"));
  return OnePair(key, ArgumentOf(command, "value"));
}

}  // namespace

PlanPtr RunConfigurationCommand(const Command& command, Session& session) {
  if (command.name == "set") return RunSet(command, session);
  if (command.name == "reset") {
    const std::string key = ArgumentOf(command, "key");
    if (key.empty()) {
      session.ResetConfig();
    } else {
      session.UnsetConfig(key);
    }
    return NothingReturned();
  }
  if (command.name == "set_time_zone") {
    const bool local = ArgumentOf(command, "local") == "true";
    session.SetConfig("spark.sql.session.timeZone", local ? TimeZone::Local().id() : ArgumentOf(command, "zone"));
    return OnePair("spark.sql.session.timeZone", session.config().Get("spark.sql.session.timeZone").value_or(""));
  }
  return nullptr;
}

}  // namespace centella
