// The commit protocol of file writes, and the splitting of rows into files.
#include "storage/write_job.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <unordered_map>

#include "storage/commit_journal.h"
#include "storage/partition_discovery.h"
#include "types/text.h"

namespace centella {
namespace {

// Files that a task keeps open at once; the one unused longest is finished when another is needed.
constexpr size_t kMostOpenFiles = 100;

std::string RandomUuid() {
  std::random_device device;
  std::mt19937_64 random((uint64_t{device()} << 32) ^ device());
  const uint64_t high = (random() & ~0xf000ULL) | 0x4000ULL;
  const uint64_t low = (random() & ~(3ULL << 62)) | (2ULL << 62);
  char text[40];
  std::snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>((high >> 16) & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

// What all tasks of a job share.
struct JobState {
  const FileSystem* files = nullptr;
  QueryContextPtr context;
  std::string path;     // where the data go
  std::string staging;  // where tasks write
  std::string uuid;
  TypePtr schema;
  std::vector<int> partition_columns;  // ordinals in schema
  std::vector<int> data_columns;
  std::unique_ptr<FileWriterFactory> writers;
  int64_t most_records = 0;  // per file; 0 = no bound
  bool partitioned() const { return !partition_columns.empty(); }

  std::mutex mutex;
  std::vector<std::string> finished;  // paths relative to both folders
  std::map<int32_t, int> tasks;       // per partition: tasks begun, for names that differ
};

// "name=value" as a folder is called.
std::string FolderName(const std::string& column, const Value& value, const TimeZone& zone) {
  std::string text = value.is_null() ? "" : ValueToString(value, zone);
  return EscapePathName(column) + "=" + (text.empty() ? kNullPartition : EscapePathName(text));
}

class Task final : public TaskWriter {
 public:
  Task(std::shared_ptr<JobState> job, int32_t partition, int attempt)
      : job_(std::move(job)), partition_(partition), attempt_(attempt) {}

  ~Task() override {
    if (finished_) return;
    outputs_.clear();  // closes them
    for (const std::string& file : written_) {
      try {
        job_->files->Remove(JoinPath(job_->staging, file));
      } catch (const Error&) {
        // The job's folder goes as a whole later.
      }
    }
  }

  void Write(const Batch& batch) override {
    const Batch rows = Compact(batch);
    if (rows.rows == 0) return;
    any_ = true;
    if (job_->partitioned()) {
      WritePartitioned(rows);
    } else {
      Append("", rows);
    }
  }

  void Finish() override {
    if (!any_ && !job_->partitioned()) OutputFor("");
    for (auto& [folder, output] : outputs_) output.writer->Finish();
    outputs_.clear();
    finished_ = true;
    std::lock_guard lock(job_->mutex);
    job_->finished.insert(job_->finished.end(), written_.begin(), written_.end());
  }

 private:
  struct Output {
    std::unique_ptr<FileWriter> writer;
    int64_t records = 0;
    int64_t used = 0;  // when last
  };

  std::string NextName(const std::string& folder) {
    const int count = counters_[folder]++;
    char name[64];
    std::snprintf(name, sizeof(name), "part-%05d-", partition_);
    char counter[32];
    std::snprintf(counter, sizeof(counter), "%cc%03d", job_->partitioned() ? '.' : '-', count);
    // More tasks than one of a partition: the later ones' names say so.
    const std::string again = attempt_ > 0 ? "-" + std::to_string(attempt_) : "";
    const std::string file = name + job_->uuid + again + counter + job_->writers->extension();
    return folder.empty() ? file : JoinPath(folder, file);
  }

  Output& OutputFor(const std::string& folder) {
    const auto found = outputs_.find(folder);
    if (found != outputs_.end()) return found->second;
    if (outputs_.size() >= kMostOpenFiles) FinishOldest();
    const std::string name = NextName(folder);
    auto file = job_->files->Create(JoinPath(job_->staging, name));
    written_.push_back(name);
    Output& output = outputs_[folder];
    output.writer = job_->writers->NewFile(std::move(file));
    return output;
  }

  void FinishOldest() {
    auto oldest = outputs_.begin();
    for (auto it = outputs_.begin(); it != outputs_.end(); ++it) {
      if (it->second.used < oldest->second.used) oldest = it;
    }
    oldest->second.writer->Finish();
    outputs_.erase(oldest);
  }

  // Rows of one folder; cut where a file is full.
  void Append(const std::string& folder, const Batch& rows) {
    for (int64_t begin = 0; begin < rows.rows;) {
      Output& output = OutputFor(folder);
      output.used = ++clock_;
      int64_t n = rows.rows - begin;
      if (job_->most_records > 0) n = std::min(n, job_->most_records - output.records);
      Batch part;
      part.rows = n;
      for (const int column : job_->data_columns) {
        const VectorPtr& vector = rows.columns[column];
        part.columns.push_back(n == rows.rows ? vector : Slice(vector, begin, n));
      }
      output.writer->Write(part);
      output.records += n;
      begin += n;
      if (job_->most_records > 0 && output.records >= job_->most_records) {
        output.writer->Finish();
        outputs_.erase(folder);
      }
    }
  }

  void WritePartitioned(const Batch& rows) {
    std::unordered_map<std::string, std::vector<int32_t>> groups;
    std::vector<std::string> order;  // as folders first appear
    for (int64_t row = 0; row < rows.rows; ++row) {
      std::string folder = FolderOf(rows, row);
      auto [at, fresh] = groups.try_emplace(folder);
      if (fresh) order.push_back(std::move(folder));
      at->second.push_back(static_cast<int32_t>(row));
    }
    for (const std::string& folder : order) {
      const std::vector<int32_t>& picked = groups[folder];
      Batch part;
      part.rows = static_cast<int64_t>(picked.size());
      part.columns.resize(rows.columns.size());
      for (const int column : job_->data_columns)
        part.columns[column] = Gather(rows.columns[column], picked.data(), part.rows);
      Append(folder, part);
    }
  }

  std::string FolderOf(const Batch& rows, int64_t row) const {
    std::string folder;
    for (const int column : job_->partition_columns) {
      const std::string& name = job_->schema->fields()[column].name;
      const std::string part = FolderName(name, rows.columns[column]->GetValue(row), job_->context->zone);
      folder += (folder.empty() ? "" : "/") + part;
    }
    return folder;
  }

  std::shared_ptr<JobState> job_;
  int32_t partition_;
  int attempt_;
  std::map<std::string, Output> outputs_;  // by folder
  std::map<std::string, int> counters_;
  std::vector<std::string> written_;
  int64_t clock_ = 0;
  bool any_ = false;
  bool finished_ = false;
};

class Job final : public WriteJob {
 public:
  Job(std::shared_ptr<JobState> state, SaveMode mode, bool dynamic, bool needed)
      : state_(std::move(state)), mode_(mode), dynamic_(dynamic), needed_(needed) {}
  ~Job() override {
    if (!done_) Abort();
  }

  std::unique_ptr<TaskWriter> NewTask(int32_t partition) override {
    std::lock_guard lock(state_->mutex);
    return std::make_unique<Task>(state_, partition, state_->tasks[partition]++);
  }

  void Commit() override {
    const FileSystem& files = *state_->files;
    const auto there = files.Info(state_->path);
    if (there && !there->is_folder) {
      ReplaceFile();
    } else {
      files.MakeFolders(state_->staging);
      CommitSteps steps{state_->uuid, state_->finished, {}};
      if (there && mode_ == SaveMode::kOverwrite) steps.removed = OldFiles();
      // From here on it can only go forward: what can't be finished now is finished by the next reader or writer.
      done_ = true;
      centella::Commit(files, state_->path, steps);
    }
    done_ = true;
  }

  void Abort() noexcept override {
    if (done_) return;  // a commit that has begun keeps its files
    done_ = true;
    if (!needed_) return;
    try {
      RemoveStaging();
    } catch (const std::exception&) {
      // What is left is hidden from readers.
    }
  }

  bool needed() const override { return needed_; }

 private:
  // What the new data replace: everything, or only the folders written to.
  std::vector<std::string> OldFiles() const {
    const FileSystem& files = *state_->files;
    std::vector<std::string> old;
    if (!dynamic_) {
      old = ListEverything(files, state_->path, state_->path);
    } else {
      std::set<std::string> folders;
      for (const std::string& file : state_->finished) folders.insert(JoinPath(state_->path, ParentPath(file)));
      for (const std::string& folder : folders) {
        if (!files.Info(folder)) continue;
        for (std::string& file : ListEverything(files, folder, state_->path)) old.push_back(std::move(file));
      }
    }
    std::erase(old, "_SUCCESS");
    return old;
  }

  // Where a file stands a folder comes, complete.
  void ReplaceFile() {
    const FileSystem& files = *state_->files;
    const std::string fresh = JoinPath(state_->staging, "_new"), old = JoinPath(state_->staging, "_old");
    files.MakeFolders(fresh);
    for (const std::string& file : state_->finished) {
      const std::string target = JoinPath(fresh, file);
      files.MakeFolders(std::string(ParentPath(target)));
      files.Rename(JoinPath(state_->staging, file), target);
    }
    files.Create(JoinPath(fresh, "_SUCCESS"))->Close();
    if (!files.Exchange(fresh, state_->path)) {
      files.Rename(state_->path, old);
      files.Rename(fresh, state_->path);
    }
    RemoveStaging();
  }

  void RemoveStaging() {
    const FileSystem& files = *state_->files;
    files.Remove(state_->staging);
    const std::string shared(ParentPath(state_->staging));
    if (BaseName(shared) == kStagingFolder) files.RemoveEmptyFolder(shared);
  }

  std::shared_ptr<JobState> state_;
  SaveMode mode_;
  bool dynamic_;
  bool needed_;
  bool done_ = false;
};

void CheckColumns(const WriteRequest& request, const QueryContext& context, JobState* job) {
  const auto& fields = request.schema->fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (request.schema->FieldIndex(fields[i].name, context.case_sensitive) == -2) {
      std::string name = fields[i].name;
      if (!context.case_sensitive) {
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      }
      Raise(Condition::COLUMN_ALREADY_EXISTS, {{"columnName", "`" + name + "`"}});
    }
  }
  for (const std::string& name : request.partition_by) {
    const int column = request.schema->FieldIndex(name, context.case_sensitive);
    if (column < 0) {
      Raise(Condition::_LEGACY_ERROR_TEMP_1155, {{"col", name}, {"schemaCatalog", request.schema->CatalogString()}});
    }
    if (fields[column].type->is_nested() || fields[column].type->is(TypeId::kVariant)) {
      Raise(Condition::INVALID_PARTITION_COLUMN_DATA_TYPE, {{"type", "\"" + fields[column].type->ToSql() + "\""}});
    }
    job->partition_columns.push_back(column);
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const bool partition =
        std::count(job->partition_columns.begin(), job->partition_columns.end(), static_cast<int>(i)) > 0;
    if (!partition) job->data_columns.push_back(static_cast<int>(i));
  }
  if (job->data_columns.empty() && !fields.empty()) Raise(Condition::ALL_PARTITION_COLUMNS_NOT_ALLOWED);
}

bool WantsDynamicOverwrite(const SourceOptions& options, const QueryContext& context) {
  std::string mode = options.Get("partitionOverwriteMode")
                         .value_or(context.config.Get("spark.sql.sources.partitionOverwriteMode").value_or("static"));
  std::transform(mode.begin(), mode.end(), mode.begin(), [](unsigned char c) { return std::tolower(c); });
  return mode == "dynamic";
}

}  // namespace

std::unique_ptr<WriteJob> NewWriteJob(const FileFormat& format, const WriteRequest& request,
                                      const QueryContextPtr& context) {
  const SourceOptions options(request.options);
  auto job = std::make_shared<JobState>();
  job->files = &FileSystemOf(request.path, &job->path);
  job->context = context;
  job->schema = request.schema;
  job->uuid = RandomUuid();
  CheckColumns(request, *context, job.get());
  std::vector<StructField> fields;
  for (const int column : job->data_columns) fields.push_back(request.schema->fields()[column]);
  const TypePtr file_schema = types::Struct(std::move(fields));
  format.CheckSchema(*file_schema, true, *context);
  job->writers = format.NewWriters(file_schema, options, context);
  const auto configured = context->config.Get("spark.sql.files.maxRecordsPerFile");
  job->most_records =
      options.GetInt("maxRecordsPerFile", configured ? std::strtoll(configured->c_str(), nullptr, 10) : 0);

  FinishCommits(*job->files, job->path);
  const auto there = job->files->Info(job->path);
  if (there && request.mode == SaveMode::kError) {
    Raise(Condition::PATH_ALREADY_EXISTS, {{"outputPath", job->files->Display(job->path)}});
  }
  const bool needed = !(there && request.mode == SaveMode::kIgnore);
  // Beside a file that is to be replaced, else within the folder.
  const bool beside = there && !there->is_folder;
  const std::string root = beside ? std::string(ParentPath(job->path)) : job->path;
  job->staging = JoinPath(JoinPath(root, kStagingFolder), job->uuid);
  const bool dynamic = job->partitioned() && WantsDynamicOverwrite(options, *context);
  return std::make_unique<Job>(std::move(job), request.mode, dynamic, needed);
}

}  // namespace centella
