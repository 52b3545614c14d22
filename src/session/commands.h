// Running the commands that stand in a plan: SQL statements, Connect's catalog operations, show(), writes, explain.
#pragma once

#include "session/session.h"

namespace centella {

// Whether a node is run rather than analysed.
bool IsCommand(const LogicalPlan& plan);

// Runs one command; gives what it returns as a resolved LocalRelation (without columns where Spark returns nothing).
// Raises the command's own errors, and UNSUPPORTED_FEATURE naming a command that isn't built.
PlanPtr RunCommand(const PlanPtr& plan, Session& session, const QueryContextPtr& context);

// The families, each a file. Null when the command isn't theirs.
PlanPtr RunConfigurationCommand(const Command& command, Session& session);
PlanPtr RunCatalogCommand(const Command& command, Session& session, const QueryContextPtr& context);
PlanPtr RunCatalogOperation(const Command& command, Session& session, const QueryContextPtr& context);
PlanPtr RunDescribeCommand(const Command& command, Session& session, const QueryContextPtr& context);
PlanPtr RunCacheCommand(const Command& command, Session& session, const QueryContextPtr& context);

// A plan that gives no rows and no columns.
PlanPtr NothingReturned();
// The named argument, or `default_value`.
std::string ArgumentOf(const Command& command, const std::string& key, const std::string& default_value = "");
bool HasArgument(const Command& command, const std::string& key);
// Whether a name matches SHOW's pattern: '*' any characters, '|' alternatives, without case.
bool MatchesPattern(const std::string& name, const std::string& pattern);
// The plan that reads a table or view by name.
PlanPtr ReadNamed(const std::vector<std::string>& name);
// `a`.`b`
std::string QuotedName(const std::vector<std::string>& parts);

}  // namespace centella
