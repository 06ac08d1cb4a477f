// Files of the source roots and the overlay: where a module lies, its parsed tree, the cache on
// disk.
#include "core/python/sources.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/source/hash.h"

namespace kdex::py {
namespace fs = std::filesystem;
namespace {

/// An open regular file, closed at the end.
struct File {
  explicit File(const std::string& path)
      : handle(
            ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {  // a FIFO is not waited for
    constexpr std::int64_t most = 64 << 20;
    struct stat status {};
    if (handle >= 0 && ::fstat(handle, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size <= most)
      size = status.st_size;
  }
  ~File() {
    if (handle >= 0) ::close(handle);
  }
  File(const File&) = delete;
  int handle;
  std::int64_t size = -1;  // -1: not a file that can be read
};

bool read_file(const std::string& path, std::string& out) {
  const File file(path);
  if (file.size < 0) return false;
  out.resize(static_cast<std::size_t>(file.size));
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t n = ::read(file.handle, out.data() + have, out.size() - have);
    if (n < 0) return false;
    if (n == 0) break;  // shorter than it was
    have += static_cast<std::size_t>(n);
  }
  out.resize(have);
  return true;
}

/// A file's bytes, mapped and kept by `owner`; empty where there are none.
std::string_view map_file(const std::string& path, std::shared_ptr<const void>& owner) {
  const File file(path);
  if (file.size <= 0) return {};
  const auto size = static_cast<std::size_t>(file.size);
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.handle, 0);
  if (at == MAP_FAILED) return {};
  owner = std::shared_ptr<const void>(
      at, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  return {static_cast<const char*>(at), size};
}

/// The tree that a cache's file holds; null where there is none. The key of the text follows it, so
/// that a file in another's place is not taken.
std::unique_ptr<source::Ast> map_entry(const std::string& path, const std::string& key) {
  std::shared_ptr<const void> owner;
  const std::string_view bytes = map_file(path, owner);
  return bytes.ends_with(key)
             ? source::view(bytes.substr(0, bytes.size() - key.size()), std::move(owner))
             : nullptr;
}

constexpr const char* kExpressionFile = "<annotation>";

std::string content_key(std::string_view s) {
  char buf[40];
  std::snprintf(buf, sizeof buf, "%016llx%016llx",
                static_cast<unsigned long long>(source::hash64(s, 1)),
                static_cast<unsigned long long>(source::hash64(s, 2)));
  return buf;
}

bool is_module_name(const std::string& part) {
  return !part.empty() && part.find_first_of("/\\") == std::string::npos && part != "." &&
         part != "..";
}

}  // namespace

std::vector<std::string> overlay_folders(const std::string& data_folder) {
  std::vector<std::string> out;
  for (const char* part : {"stdlib", "torch", "packages"})
    out.push_back(data_folder + "/core/python/overlay/" + part);
  return out;
}

Sources::Sources(std::vector<std::string> overlay, std::vector<std::string> source_roots,
                 std::string cache_folder)
    : roots(std::move(source_roots)),
      overlay_(std::move(overlay)),
      cache_(std::move(cache_folder)) {}

Sources::Kind Sources::kind_of(const std::string& folder, const std::string& name) {
  std::lock_guard lock(folders_mutex_);
  auto [it, fresh] = folders_.try_emplace(folder);
  if (fresh) {
    const Stamp stamp = stamp_of(folder);
    std::uint64_t content = 1;
    std::error_code error;
    for (fs::directory_iterator e(folder, error), end; !error && e != end; e.increment(error)) {
      std::error_code ignored;
      const std::string entry = e->path().filename().string();
      const bool is_folder = e->is_directory(ignored);
      it->second.emplace(entry, is_folder ? Kind::folder : Kind::file);
      content += source::hash64(entry, is_folder ? 5 : 6);
    }
    note(folder, true, stamp, content);
  }
  const auto found = it->second.find(name);
  return found == it->second.end() ? Kind::nothing : found->second;
}

const std::string* Sources::overlay_of(const std::string& top_level) {
  overlay_listed_.run([&] {
    for (const std::string& o : overlay_) {
      note(o, true, stamp_of(o), 0);
      std::error_code error;
      for (fs::directory_iterator e(o, error), end; !error && e != end; e.increment(error)) {
        std::error_code ignored;
        if (e->is_directory(ignored))
          overlay_names_.emplace(e->path().filename().string(), &o);
        else if (e->path().extension() == ".py")
          overlay_names_.emplace(e->path().stem().string(), &o);
      }
    }
  });
  const auto it = overlay_names_.find(top_level);
  return it == overlay_names_.end() ? nullptr : it->second;
}

bool Sources::find(const std::string& dotted, FoundModule& out) {
  if (auto it = instead.find(dotted); it != instead.end()) {
    const std::string name = dotted + ".py";
    out = {nullptr, it->second, name, false, true};
    return true;
  }
  std::string relative;
  std::size_t at = 0;
  while (at <= dotted.size()) {
    const auto dot = std::min(dotted.find('.', at), dotted.size());
    const std::string part = dotted.substr(at, dot - at);
    if (!is_module_name(part)) return false;
    relative += (relative.empty() ? "" : "/") + part;
    at = dot + 1;
  }
  const auto slash = relative.rfind('/');
  const std::string last = slash == std::string::npos ? relative : relative.substr(slash + 1);
  auto above = [&](const std::string& root) {
    return slash == std::string::npos ? root : root + "/" + relative.substr(0, slash);
  };
  auto look = [&](const std::string& root, bool own) {
    const std::string folder = above(root);
    if (kind_of(folder, last) == Kind::folder &&
        kind_of(folder + "/" + last, "__init__.py") == Kind::file) {
      out = {nullptr, root + "/" + relative + "/__init__.py", relative + "/__init__.py", true, own};
      return true;
    }
    if (kind_of(folder, last + ".py") == Kind::file) {
      out = {nullptr, root + "/" + relative + ".py", relative + ".py", false, own};
      return true;
    }
    return false;
  };
  const std::string top = relative.substr(0, relative.find('/'));
  if (const std::string* o = overlay_of(top)) return look(*o, true);  // it hides other packages
  for (const std::string& r : roots)
    if (look(r, false)) return true;
  // a namespace package: a folder without __init__.py
  for (const std::string& r : roots)
    if (kind_of(above(r), last) == Kind::folder) {
      out = {nullptr, "", relative + "/__init__.py", true};
      return true;
    }
  return false;
}

std::shared_ptr<const source::Ast> Sources::load(const FoundModule& m, source::SyntaxError& error) {
  std::unique_lock lock(mutex_);
  if (auto it = parsed_.find(m.path); it != parsed_.end()) return it->second;
  lock.unlock();
  struct Clock {
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    ~Clock() {
      thread_seconds() +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
  } clock;
  thread_local std::string text;
  text.clear();
  const Stamp stamp = m.path.empty() ? Stamp{} : stamp_of(m.path);
  if (!m.path.empty() && !read_file(m.path, text)) {
    error = {1, 1, "the file cannot be read"};
    return nullptr;
  }
  if (!m.path.empty()) note(m.path, false, stamp, source::hash64(text, 1));
  std::unique_ptr<source::Ast> ast;
  std::string cached, key;
  const bool own =
      !prepared.empty() && std::any_of(overlay_.begin(), overlay_.end(),
                                       [&](const std::string& o) { return m.path.starts_with(o); });
  if (own || !cache_.empty()) {
    key = content_key(text);
    if (own) ast = map_entry(prepared + "/" + key + ".ast", key);
    if (!cache_.empty()) cached = cache_ + "/" + key + ".ast";
    if (!ast && !cached.empty()) ast = map_entry(cached, key);
  }
  if (!ast) {
    ast = source::parse(text, error);
    if (!ast) {
      lock.lock();
      paths_.emplace(m.shown, m.path);  // the message quotes the line
      return nullptr;
    }
    if (!cached.empty()) keep(cached, std::string(ast->bytes) + key);
  }
  ast->show_as(m.shown);
  std::shared_ptr<const source::Ast> shared(std::move(ast));
  lock.lock();
  paths_.emplace(m.shown, m.path);
  return parsed_.emplace(m.path, shared).first->second;
}

// The cache keeps all expressions (annotations, mostly) in one file: rows of [text size, tree size,
// text, tree], each padded to 8, and a checksum of them before.
namespace {
constexpr std::size_t kMostExpressions = 20000;
std::size_t padded(std::size_t n) { return (n + 7) & ~std::size_t{7}; }
}  // namespace

void Sources::read_expressions() {
  expressions_read_ = true;
  if (cache_.empty()) return;
  std::shared_ptr<const void> owner;
  const std::string_view all = map_file(cache_ + "/expressions", owner);
  std::uint64_t sum = 0;
  if (all.size() < sizeof sum) return;
  std::memcpy(&sum, all.data(), sizeof sum);
  if (sum != source::hash64(all.substr(sizeof sum), 3)) return;
  for (std::size_t at = sizeof sum; at + 8 <= all.size();) {
    std::uint32_t size[2];
    std::memcpy(size, all.data() + at, sizeof size);
    at += sizeof size;
    const std::size_t text = at, tree = text + padded(size[0]), end = tree + padded(size[1]);
    if (end > all.size()) return;
    if (std::shared_ptr<source::Ast> ast = source::view(all.substr(tree, size[1]), owner)) {
      ast->file = kExpressionFile;
      expressions_.emplace(all.substr(text, size[0]), std::move(ast));
    }
    at = end;
  }
}

std::shared_ptr<const source::Ast> Sources::expression(std::string_view text,
                                                       source::SyntaxError& error) {
  const std::string key(text);
  {
    std::lock_guard lock(expressions_mutex_);
    if (!expressions_read_) read_expressions();
    if (const auto it = expressions_.find(key); it != expressions_.end()) return it->second;
  }
  std::shared_ptr<source::Ast> ast = source::parse_expression(text, error);
  if (!ast) return nullptr;
  ast->file = kExpressionFile;
  std::lock_guard lock(expressions_mutex_);
  if (expressions_.size() < kMostExpressions) {
    expressions_.emplace(key, ast);
    new_expressions_ = true;
  }
  return ast;
}

Sources::~Sources() {
  if (!new_expressions_ || cache_.empty()) return;
  std::map<std::string_view, const source::Ast*> sorted;
  for (const auto& [text, ast] : expressions_) sorted.emplace(text, ast.get());
  std::string all(sizeof(std::uint64_t), '\0');
  for (const auto& [text, ast] : sorted) {
    const std::uint32_t size[2] = {static_cast<std::uint32_t>(text.size()),
                                   static_cast<std::uint32_t>(ast->bytes.size())};
    all.append(reinterpret_cast<const char*>(size), sizeof size);
    for (const std::string_view part : {text, ast->bytes}) {
      all += part;
      all.resize(padded(all.size()));
    }
  }
  const std::uint64_t sum = source::hash64(std::string_view(all).substr(sizeof(std::uint64_t)), 3);
  std::memcpy(all.data(), &sum, sizeof sum);
  keep(cache_ + "/expressions", all);
}

void Sources::keep(const std::string& file, std::string_view bytes) const {
  std::error_code error;
  fs::create_directories(cache_, error);
  const std::string temporary = file + "." + std::to_string(::getpid()) + "." +
                                std::to_string(reinterpret_cast<std::uintptr_t>(bytes.data())) +
                                ".tmp";
  std::ofstream out(temporary, std::ios::binary);
  out << bytes;
  out.close();
  if (out) fs::rename(temporary, file, error);
  if (!out || error) fs::remove(temporary, error);
}

// ---------------------------------------------------------------- for snapshots

namespace {

std::int64_t nanoseconds(const timespec& t) {
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// A folder's names, as kind_of() counts them.
std::uint64_t content_of_folder(const std::string& folder) {
  std::uint64_t content = 1;
  std::error_code error;
  for (fs::directory_iterator e(folder, error), end; !error && e != end; e.increment(error)) {
    std::error_code ignored;
    content += source::hash64(e->path().filename().string(), e->is_directory(ignored) ? 5 : 6);
  }
  return content;
}

}  // namespace

/// Zeros for what is not there.
Sources::Stamp Sources::stamp_of(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return {};
  return {s.st_size, nanoseconds(s.st_ctim), nanoseconds(s.st_mtim), s.st_ino, s.st_dev};
}

void Sources::note(const std::string& path, bool is_folder, const Stamp& stamp,
                   std::uint64_t content) {
  constexpr std::int64_t kJust = 2'000'000'000;  // coarser than any file system's clock
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const bool is_settled = nanoseconds(now) - stamp.changed > kJust;
  const std::lock_guard lock(looked_mutex_);
  const auto [at, is_new] =
      looked_.try_emplace(path, Looked{is_folder, is_settled, stamp, content});
  if (is_new) return;
  if (!(at->second.stamp == stamp)) at->second = {is_folder, false, {}, 0};  // fits nothing
  if (at->second.content == 0) at->second.content = content;
}

std::string Sources::looked_at() {
  const std::lock_guard lock(looked_mutex_);
  std::string out;
  for (const auto& [path, l] : looked_) {
    char line[200];
    std::snprintf(line, sizeof line, "%c%c %lld %lld %lld %llu %llu %llu ", l.is_folder ? 'd' : 'f',
                  l.is_settled ? '+' : '-', static_cast<long long>(l.stamp.size),
                  static_cast<long long>(l.stamp.changed), static_cast<long long>(l.stamp.modified),
                  static_cast<unsigned long long>(l.stamp.node),
                  static_cast<unsigned long long>(l.stamp.device),
                  static_cast<unsigned long long>(l.content));
    out += line + path + '\n';
  }
  return out;
}

bool Sources::is_unchanged(std::string_view looked_at) {
  while (!looked_at.empty()) {
    const std::size_t end = looked_at.find('\n');
    if (end == std::string_view::npos) return false;
    const std::string line(looked_at.substr(0, end));
    looked_at.remove_prefix(end + 1);
    char kind = 0, settled = 0;
    long long size = 0, changed = 0, modified = 0;
    unsigned long long node = 0, device = 0, content = 0;
    int at = 0;
    if (std::sscanf(line.c_str(), "%c%c %lld %lld %lld %llu %llu %llu %n", &kind, &settled, &size,
                    &changed, &modified, &node, &device, &content, &at) != 8 ||
        at == 0)
      return false;
    const std::string path = line.substr(static_cast<std::size_t>(at));
    if (settled == '+' && stamp_of(path) == Stamp{size, changed, modified, node, device}) continue;
    if (content == 0) return false;
    std::string text;
    if (kind == 'd' ? content_of_folder(path) != content
                    : !read_file(path, text) || source::hash64(text, 1) != content)
      return false;
  }
  return true;
}

void Sources::know(const std::string& shown, const std::string& path) {
  const std::lock_guard lock(mutex_);
  paths_.emplace(shown, path);
}

void Sources::make_cache_folder() const {
  std::error_code error;
  fs::create_directories(cache_, error);
}

double& Sources::thread_seconds() {
  thread_local double seconds = 0;
  return seconds;
}

bool Sources::cache_entry(const std::string& path, std::string& name, std::string& bytes) {
  std::string text;
  source::SyntaxError error;
  if (!read_file(path, text)) return false;
  const auto ast = source::parse(text, error);
  if (!ast) return false;
  const std::string key = content_key(text);
  name = key + ".ast";
  bytes = std::string(ast->bytes) + key;
  return true;
}

bool Sources::external(const std::string& top_level) { return installed.contains(top_level); }

std::string Sources::version(const std::string& top_level) {
  const auto at = versions.find(top_level);
  return at == versions.end() ? "" : at->second;
}

std::string Sources::text(const std::string& shown) {
  std::string path, out;
  {
    std::lock_guard lock(mutex_);
    const auto it = paths_.find(shown);
    if (it == paths_.end()) return "";
    path = it->second;
  }
  return read_file(path, out) ? out : "";
}

bool Sources::mentions(const std::string& dotted, const std::vector<std::string>& texts) {
  FoundModule m;
  if (!find(dotted, m) || m.path.empty()) return false;
  std::string text;
  bool read = false;
  for (const std::string& t : texts) {
    const std::string key = m.path + '\0' + t;
    bool known = false, found = false;
    {
      std::lock_guard lock(mutex_);
      if (const auto it = mentioned_.find(key); it != mentioned_.end())
        known = true, found = it->second;
    }
    if (!known) {
      if (!read) {
        note(m.path, false, stamp_of(m.path), 0);
        read = read_file(m.path, text);
      }
      found = ::memmem(text.data(), text.size(), t.data(), t.size()) != nullptr;  // the fastest
      std::lock_guard lock(mutex_);
      mentioned_.emplace(key, found);
    }
    if (found) return true;
  }
  return false;
}

std::vector<std::string> Sources::submodules(const std::string& dotted) {
  FoundModule m;
  std::vector<std::string> out;
  if (!find(dotted, m) || !m.package) return out;
  std::vector<fs::path> folders;
  if (m.path.empty())  // without __init__.py: a part of it in each root
    for (const std::string& r : roots)
      folders.push_back(fs::path(r) / fs::path(m.shown).parent_path());
  else
    folders.push_back(fs::path(m.path).parent_path());
  std::error_code ec;
  for (const fs::path& folder : folders) {
    note(folder.string(), true, stamp_of(folder.string()), 0);
    for (fs::directory_iterator e(folder, ec), end; !ec && e != end; e.increment(ec)) {
      const std::string n = e->path().filename().string();
      std::error_code ignored;
      if (n.ends_with(".py") && n != "__init__.py") out.push_back(n.substr(0, n.size() - 3));
      if (!e->is_directory(ignored)) continue;
      note(e->path().string(), true, stamp_of(e->path().string()), 0);
      if (fs::exists(e->path() / "__init__.py", ignored)) out.push_back(n + "/");
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace kdex::py
