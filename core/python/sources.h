// Where modules come from: the overlay and the source roots as one Finder, each file parsed once
// for all threads and kept in a content-addressed cache. Must not know what the code means.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/once.h"
#include "core/python/finder.h"

namespace kdex::py {

/// The overlay's folders below kdex's data folder, in the order in which they are looked into.
std::vector<std::string> overlay_folders(const std::string& data_folder);

/// Finds modules in the overlay, then in the source roots; parses each file once for all threads.
class Sources final : public Finder {
 public:
  Sources(std::vector<std::string> overlay, std::vector<std::string> roots,
          std::string cache_folder);
  ~Sources() override;  // writes new expressions into the parse cache
  bool find(const std::string& dotted, FoundModule& out) override;
  std::shared_ptr<const source::Ast> load(const FoundModule& m,
                                          source::SyntaxError& error) override;
  std::shared_ptr<const source::Ast> expression(std::string_view text,
                                                source::SyntaxError& error) override;
  bool external(const std::string& top_level) override;
  std::string version(const std::string& top_level) override;
  std::string text(const std::string& shown) override;
  bool mentions(const std::string& dotted, const std::vector<std::string>& texts) override;
  std::vector<std::string> submodules(const std::string& dotted) override;

  // ---- for snapshots
  /// All files and folders that were looked at so far, with what tells a change.
  std::string looked_at();
  /// Whether each of those in such a text is as it was.
  bool is_unchanged(std::string_view looked_at);
  /// Lets text() find a file that another isolate has loaded.
  void know(const std::string& shown, const std::string& path);
  void make_cache_folder() const;
  const std::string& cache_folder() const { return cache_; }

  /// Seconds that this thread has spent in load(); the caller may set it to 0.
  static double& thread_seconds();

  /// Parses a file and gives the name and the bytes of its entry in a parse cache. False on a
  /// syntax error.
  static bool cache_entry(const std::string& path, std::string& name, std::string& bytes);

  std::string prepared;  // a cache folder that is only read: what was parsed when kdex was built
  std::vector<std::string> roots;
  std::unordered_map<std::string, std::string>
      instead;                      // dotted name → the file that stands for this module
  std::set<std::string> installed;  // top-level names that count as installed and are unknown
  std::map<std::string, std::string> versions;  // of these, where it is known

 private:
  enum class Kind : std::uint8_t { nothing, file, folder };
  /// What tells whether a file or folder has changed.
  struct Stamp {
    std::int64_t size = 0, changed = 0, modified = 0;  // nanoseconds
    std::uint64_t node = 0, device = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Looked {
    bool is_folder = false;
    bool is_settled = false;  // it was not changed just before, so that its stamp tells a change
    Stamp stamp;
    std::uint64_t content = 0;  // a folder's names or a file's text; 0: not known
  };
  static Stamp stamp_of(const std::string& path);
  void note(const std::string& path, bool is_folder, const Stamp& stamp, std::uint64_t content);
  std::mutex looked_mutex_;
  std::map<std::string, Looked> looked_;  // by path

  /// What `name` is in `folder`; each folder is listed once.
  Kind kind_of(const std::string& folder, const std::string& name);

  /// Writes an entry of the parse cache, whole or not at all; a cache that cannot be written is no
  /// error.
  void keep(const std::string& file, std::string_view bytes) const;
  void read_expressions();

  /// The overlay's folder that holds a top-level name, the first of them; null where none does.
  const std::string* overlay_of(const std::string& top_level);

  std::vector<std::string> overlay_;
  Once overlay_listed_;
  std::unordered_map<std::string, const std::string*> overlay_names_;  // top-level name → folder
  std::mutex folders_mutex_;
  std::unordered_map<std::string, std::unordered_map<std::string, Kind>> folders_;
  std::string cache_;
  std::mutex expressions_mutex_;
  std::unordered_map<std::string, std::shared_ptr<const source::Ast>> expressions_;  // by text
  bool expressions_read_ = false, new_expressions_ = false;

  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const source::Ast>> parsed_;  // by path
  std::unordered_map<std::string, std::string> paths_;  // of what was parsed, by the name shown
  std::unordered_map<std::string, bool> mentioned_;     // by path, a NUL and the text looked for
};

}  // namespace kdex::py
