// Tables, views and databases that names can mean. Temporary views live in a session's TemporaryViews; lasting tables come
// from catalogs behind the Catalog interface (the built-in one now; external ones later).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plan/logical_plan.h"

namespace centella {

struct ViewDefinition {
  std::vector<std::string> name;
  PlanPtr plan;  // analysed for DataFrame views; as written (analysed again at each use) for SQL views
  bool analyzed = true;
  std::string text;
};

// Thread-safe. Names are matched without case unless the session is case-sensitive.
class TemporaryViews {
 public:
  // Raises TEMP_TABLE_OR_VIEW_ALREADY_EXISTS when it exists and `replace` is false.
  void Create(const std::string& name, ViewDefinition view, bool replace);
  std::optional<ViewDefinition> Find(const std::string& name) const;
  bool Drop(const std::string& name);
  std::vector<std::string> Names() const;
  // An independent copy (CloneSession).
  std::shared_ptr<TemporaryViews> Copy() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ViewDefinition> views_;  // by lower-case name
};

struct TableEntry {
  std::vector<std::string> name;  // catalog, database, table
  std::string type;               // "MANAGED", "EXTERNAL", "VIEW", "TEMPORARY"
  std::string provider;
  std::string comment;
  TablePtr table;  // null for views
  std::optional<ViewDefinition> view;
};

// A place of lasting tables. Thread-safe. The built-in one keeps them in memory for now (the storage issue makes it last).
class Catalog {
 public:
  virtual ~Catalog() = default;
  virtual std::string name() const = 0;
  virtual std::vector<std::string> Databases() const = 0;
  virtual bool DatabaseExists(const std::string& database) const = 0;
  virtual void CreateDatabase(const std::string& database, bool if_not_exists) = 0;
  virtual void DropDatabase(const std::string& database, bool if_exists, bool cascade) = 0;
  virtual std::vector<TableEntry> Tables(const std::string& database) const = 0;
  virtual std::optional<TableEntry> FindTable(const std::string& database, const std::string& table) const = 0;
  virtual void CreateTable(const std::string& database, const std::string& table, TableEntry entry, bool replace) = 0;
  virtual bool DropTable(const std::string& database, const std::string& table) = 0;
};

std::shared_ptr<Catalog> MakeMemoryCatalog(std::string name);

}  // namespace centella
