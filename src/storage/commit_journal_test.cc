// Commits are killed at every step, for real: what is left is the old data or the new, whole.
#include "storage/commit_journal.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "storage/filesystems/local.h"

namespace centella {
namespace {

namespace fs = std::filesystem;

// The local file system, until the process kills itself before a change.
class KillingFileSystem final : public FileSystem {
 public:
  explicit KillingFileSystem(int changes) : left_(changes) {}
  std::optional<FileInfo> Info(const std::string& path) const override { return local_.Info(path); }
  std::vector<FileInfo> List(const std::string& folder) const override { return local_.List(folder); }
  std::unique_ptr<InputFile> Open(const std::string& path) const override { return local_.Open(path); }
  std::unique_ptr<OutputFile> Create(const std::string& path) const override {
    Change();
    return local_.Create(path);
  }
  void MakeFolders(const std::string& path) const override {
    Change();
    local_.MakeFolders(path);
  }
  void Rename(const std::string& from, const std::string& to) const override {
    Change();
    local_.Rename(from, to);
  }
  void Remove(const std::string& path) const override {
    Change();
    local_.Remove(path);
  }
  void RemoveEmptyFolder(const std::string& path) const override {
    Change();
    local_.RemoveEmptyFolder(path);
  }
  bool Exchange(const std::string& one, const std::string& other) const override { return local_.Exchange(one, other); }
  std::unique_ptr<FileLock> Lock(const std::string& path) const override { return local_.Lock(path); }
  std::string Display(const std::string& path) const override { return local_.Display(path); }
  std::string Url(const std::string& path) const override { return local_.Url(path); }

 private:
  void Change() const {
    if (left_-- == 0) kill(getpid(), SIGKILL);
  }
  const FileSystem& local_ = LocalFileSystem();
  mutable int left_;
};

class CommitJournalTest : public ::testing::Test {
 protected:
  CommitJournalTest()
      : folder_((fs::temp_directory_path() / ("centella_commit_test_" + std::to_string(getpid()))).string()) {}
  ~CommitJournalTest() override { fs::remove_all(folder_); }

  void Put(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }

  // Old data, and new data that a job has written.
  CommitSteps Prepare() const {
    fs::remove_all(folder_);
    for (const char* name : {"old1", "k=1/old2", "k=2/old3", "_SUCCESS"}) Put(name, "old");
    for (const char* name : {"new1", "k=1/new2", "k=3/new\n4"}) Put(std::string("_temporary/job/") + name, "new");
    CommitSteps steps{"job", {"new1", "k=1/new2", "k=3/new\n4"}, ListEverything(LocalFileSystem(), folder_, folder_)};
    std::erase(steps.removed, "_SUCCESS");
    return steps;
  }

  // Runs `work` in a process that dies before the change numbered `changes`; true when it got to its end.
  template <typename Work>
  static bool RunAndKill(int changes, Work work) {
    const pid_t child = fork();
    if (child == 0) {
      work(KillingFileSystem(changes));
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  // Data files that a reader sees after it finished what was left.
  std::set<std::string> Seen() const {
    FinishCommits(LocalFileSystem(), folder_);
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      const std::string path = entry.path().string().substr(folder_.size() + 1);
      if (entry.is_regular_file() && path.rfind("_temporary", 0) != 0 && path != "_SUCCESS") names.insert(path);
    }
    return names;
  }

  std::string folder_;
  const std::set<std::string> old_ = {"old1", "k=1/old2", "k=2/old3"};
  const std::set<std::string> new_ = {"new1", "k=1/new2", "k=3/new\n4"};
};

TEST_F(CommitJournalTest, KilledCommitLeavesOldOrNew) {
  bool seen_old = false, ended = false;
  for (int changes = 0; !ended; ++changes) {
    ASSERT_LT(changes, 100);
    const CommitSteps steps = Prepare();
    ended = RunAndKill(changes, [&](const FileSystem& files) { Commit(files, folder_, steps); });
    const std::set<std::string> seen = Seen();
    EXPECT_TRUE(seen == old_ || seen == new_) << "killed before change " << changes;
    seen_old = seen_old || seen == old_;
    if (seen == new_) {
      EXPECT_FALSE(fs::exists(folder_ + "/_temporary/job")) << changes;
      EXPECT_FALSE(fs::exists(folder_ + "/k=2")) << changes;
      EXPECT_TRUE(fs::exists(folder_ + "/_SUCCESS")) << changes;
    }
  }
  EXPECT_TRUE(seen_old);
}

TEST_F(CommitJournalTest, KilledRecoveryCanBeFinished) {
  constexpr int kWithinCommit = 4;  // the list is written, a file is moved
  bool ended = false;
  for (int changes = 0; !ended; ++changes) {
    ASSERT_LT(changes, 100);
    const CommitSteps steps = Prepare();
    ASSERT_FALSE(RunAndKill(kWithinCommit, [&](const FileSystem& files) { Commit(files, folder_, steps); }));
    ended = RunAndKill(changes, [&](const FileSystem& files) { FinishCommits(files, folder_ + "/k=1"); });
    EXPECT_EQ(Seen(), new_) << "killed before change " << changes;
  }
}

TEST_F(CommitJournalTest, HostileListsAreLeftAlone) {
  for (const char* list : {"centella commit 1\nremove ../victim\nend\n", "centella commit 1\nadd /etc/x\nend\n",
                           "centella commit 1\nremove victim\n", "remove victim\nend\n", ""}) {
    Prepare();
    Put("victim", "x");
    Put("_temporary/job/_commit", list);
    FinishCommits(LocalFileSystem(), folder_);
    EXPECT_TRUE(fs::exists(folder_ + "/victim")) << list;
    EXPECT_TRUE(fs::exists(folder_ + "/old1")) << list;
  }
}

}  // namespace
}  // namespace centella
