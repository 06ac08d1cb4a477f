// Implementation of core/pipeline/source_packages.h.
#include "core/pipeline/source_packages.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include <kdex/error.h>

#include "core/base/digest.h"
#include "core/base/files.h"
#include "core/source/hash.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 200'000;
constexpr std::size_t kFewPackages = 4;        // in a folder that was made to be read
constexpr std::size_t kMostBytes = 64u << 20;  // of one file, as the reader of sources has it

std::string sha256(std::string_view text) { return hex(digest("sha256", text)); }

/// A Python file of a package: its path relative to it, and what changes when the file does.
struct PythonFile {
  std::string path;
  off_t size;
  timespec changed;
};

/// The Python files below a package, without following links to folders. A release has thousands,
/// and each run looks at all: one system call a file, no paths in parts.
class PythonFiles {
 public:
  static std::vector<PythonFile> below(const fs::path& package) {
    PythonFiles files;
    files.add(AT_FDCWD, package.c_str(), "");
    std::sort(files.out_.begin(), files.out_.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(files.out_);
  }

 private:
  static bool is_python(std::string_view name) { return name.size() > 3 && name.ends_with(".py"); }

  void add(int parent, const char* name, const std::string& before) {
    const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    DIR* const folder = ::fdopendir(fd);
    if (folder == nullptr) {
      ::close(fd);
      return;
    }
    for (const dirent* e; out_.size() < kMostFiles && (e = ::readdir(folder)) != nullptr;) {
      const std::string_view entry = e->d_name;
      if (entry == "." || entry == "..") continue;
      struct stat info {};
      if (is_python(entry)) {
        if (::fstatat(fd, e->d_name, &info, 0) == 0 && S_ISREG(info.st_mode))
          out_.push_back({before + e->d_name, info.st_size, info.st_mtim});
      }
      const bool unsure = e->d_type == DT_UNKNOWN;
      if (e->d_type == DT_DIR ||
          (unsure && ::fstatat(fd, e->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(info.st_mode)))
        add(fd, e->d_name, before + e->d_name + "/");
    }
    ::closedir(folder);
  }

  std::vector<PythonFile> out_;
};

/// What changes when a file does, without reading any.
std::string stamp_of(const fs::path& package, const std::vector<PythonFile>& files) {
  std::string text = package.string() + "\n";
  for (const auto& f : files) {
    const std::int64_t numbers[] = {f.size, f.changed.tv_sec, f.changed.tv_nsec};
    text += f.path;
    text.append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  }
  char name[40];
  std::snprintf(name, sizeof name, "%016llx%016llx",
                static_cast<unsigned long long>(source::hash64(text, 1)),
                static_cast<unsigned long long>(source::hash64(text, 2)));
  return name;
}

/// Of the path and the digest of each file.
std::string digest_of(const fs::path& package, const std::vector<PythonFile>& files) {
  std::string text;
  for (const auto& [f, size, changed] : files) {
    std::string content;
    try {
      content = read_file((package / f).string(), kMostBytes);
    } catch (const Error&) {
      content = "unreadable";
    }
    text += f + " " + sha256(content) + "\n";
  }
  return sha256(text);
}

std::string cached_digest(const fs::path& package, const std::vector<PythonFile>& files,
                          const std::string& cache) {
  if (cache.empty()) return digest_of(package, files);
  const fs::path folder = fs::path(cache) / "digests";
  const fs::path file = folder / stamp_of(package, files);
  std::error_code error;
  if (fs::is_regular_file(file, error)) {
    try {
      if (auto text = read_file(file.string(), 64); text.size() == 64) return text;
    } catch (const Error&) {
    }
  }
  std::string digest = digest_of(package, files);
  fs::create_directories(folder, error);
  try {
    write_file_atomically(file.string(), digest, false);
  } catch (const Error&) {  // without the cache a run only takes longer
  }
  return digest;
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// The value of a line `key = "value"` or `key: value` of a small file.
std::string value_in(const fs::path& file, const std::string& key) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return "";
  std::ifstream in(file, std::ios::binary);
  std::string line;
  for (int n = 0; n < 400 && std::getline(in, line); ++n) {
    if (!line.starts_with(key)) continue;
    const auto rest = line.substr(key.size());
    const auto from = rest.find_first_not_of(" :=\"'");
    if (from == std::string::npos || from == 0) continue;
    const auto to = rest.find_first_of(" \"'\r#,", from);
    return rest.substr(from, to == std::string::npos ? to : to - from);
  }
  return "";
}

/// "package-0.5.23.dist-info" -> "0.5.23"; else what the package's own files say.
std::string version_of(const fs::path& folder, const std::string& package) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.ends_with(".dist-info") || !name.starts_with(package + "-")) continue;
    if (auto v = value_in(it->path() / "METADATA", "Version"); !v.empty()) return v;
    return name.substr(package.size() + 1, name.size() - package.size() - 11);
  }
  for (const char* file : {"_version.py", "version.py", "__init__.py"})
    for (const char* key : {"__version__", "version"})
      if (auto v = value_in(folder / package / file, key); !v.empty() && is_digit(v[0])) return v;
  return "";
}

/// The first line of a file of git's, "" where there is none.
std::string first_line(const fs::path& file) {
  std::error_code error;
  std::string line;
  if (fs::is_regular_file(file, error)) {
    std::ifstream in(file, std::ios::binary);
    std::getline(in, line);
  }
  return line;
}

/// The commit that a git checkout around `folder` is at, as its HEAD says.
std::string commit_of(fs::path folder) {
  std::error_code error;
  for (int up = 0; up < 4 && !folder.empty(); ++up, folder = folder.parent_path()) {
    const fs::path git = folder / ".git";
    if (!fs::is_directory(git, error)) continue;
    std::string head = first_line(git / "HEAD");
    if (!head.starts_with("ref: ")) return head;
    const std::string ref = head.substr(5);
    if (auto commit = first_line(git / ref); !commit.empty()) return commit;
    std::ifstream packed(git / "packed-refs", std::ios::binary);
    for (std::string line; std::getline(packed, line);)
      if (line.ends_with(" " + ref)) return line.substr(0, line.size() - ref.size() - 1);
    return "";
  }
  return "";
}

/// Import names of the packages in a folder, sorted.
std::vector<std::string> packages_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code inner;
    if (fs::is_regular_file(it->path() / "__init__.py", inner))
      out.push_back(it->path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<SourcePackage> source_packages(const std::vector<SourceFolder>& folders,
                                           const std::vector<std::string>& wanted,
                                           const std::string& cache) {
  std::vector<SourcePackage> out;
  std::set<std::string> seen;
  for (const auto& f : folders) {
    auto names = packages_in(f.folder);
    if (names.size() > kFewPackages)
      std::erase_if(names, [&](const std::string& name) {
        return std::find(wanted.begin(), wanted.end(), name) == wanted.end();
      });
    for (const auto& name : names) {
      if (!seen.insert(name).second) continue;
      SourcePackage p;
      p.name = name;
      p.folder = f.folder;
      p.given = f.given;
      p.version = version_of(f.folder, name);
      p.commit = commit_of(f.folder);
      const auto files = PythonFiles::below(fs::path(f.folder) / name);
      p.files = files.size();
      p.sha256 = cached_digest(fs::path(f.folder) / name, files, cache);
      out.push_back(std::move(p));
    }
  }
  return out;
}

}  // namespace kdex
