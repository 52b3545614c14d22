// What SHOW statements and Connect's catalog operations list: tables and views, columns, functions, databases.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "session/session.h"

namespace centella {

inline constexpr char kSessionCatalog[] = "spark_catalog";
inline constexpr char kGlobalTempDatabase[] = "global_temp";

struct ListedTable {
  std::string name;
  std::string database;  // empty for a temporary view of the session
  std::string type;      // "MANAGED", "EXTERNAL", "VIEW", "TEMPORARY"
  std::string description;
  bool temporary = false;
};

// Tables of a database, then temporary views, each sorted by name. Raises SCHEMA_NOT_FOUND.
std::vector<ListedTable> ListTables(const Session& session, const std::string& database, const std::string& pattern);
// The table or view that a name means, or nothing.
std::optional<ListedTable> FindListed(const Session& session, const std::vector<std::string>& name);
// Raises TABLE_OR_VIEW_NOT_FOUND. `builtin`: the search path in the error begins with the built-in functions.
ListedTable RequireListed(const Session& session, const std::vector<std::string>& name,
                          const OriginPtr& origin = nullptr, bool builtin = true);
inline ListedTable RequireListed(const Session& session, const Command& command, bool builtin) {
  return RequireListed(session, command.target, command.origin, builtin);
}
std::vector<std::string> ListDatabases(const Session& session, const std::string& pattern);
bool DatabaseExists(const Session& session, const std::string& name);
void RequireDatabase(const Session& session, const std::string& name);
// Names of built-in functions, sorted.
std::vector<std::string> ListFunctions(const std::string& pattern);
// "db.t" and "t" with an optional database of its own.
std::vector<std::string> NameWithDatabase(const std::string& name, const std::string& database);
// Drops a temporary view; false when there is none.
bool DropTemporary(Session& session, const std::string& name, bool global, const QueryContextPtr& context);

}  // namespace centella
