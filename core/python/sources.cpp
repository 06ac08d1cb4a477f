// Files of the source roots and the overlay: where a module lies, its parsed tree, the cache on disk.
#include "core/python/sources.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>


#include "core/source/hash.h"

namespace kdex::py {
namespace fs = std::filesystem;
namespace {

bool read_file(const std::string& path, std::string& out) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  struct Close { int f; ~Close() { ::close(f); } } close{file};
  struct stat status{};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  out.resize(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  for (;;) {
    if (have == out.size()) out.resize(out.size() + 4096);
    const ssize_t n = ::read(file, out.data() + have, out.size() - have);
    if (n < 0) return false;
    have += static_cast<std::size_t>(n);
    if (n == 0 || have == static_cast<std::size_t>(status.st_size)) break;
  }
  out.resize(have);
  return true;
}

std::string content_key(std::string_view s) {
  char buf[40];
  std::snprintf(buf, sizeof buf, "%016llx%016llx", static_cast<unsigned long long>(source::hash64(s, 1)),
                static_cast<unsigned long long>(source::hash64(s, 2)));
  return buf;
}

bool is_module_name(const std::string& part) {
  return !part.empty() && part.find_first_of("/\\") == std::string::npos && part != "." && part != "..";
}

}  // namespace

Sources::Sources(std::vector<std::string> overlay, std::vector<std::string> source_roots, std::string cache_folder)
    : roots(std::move(source_roots)), overlay_(std::move(overlay)), cache_(std::move(cache_folder)) {}

Sources::Kind Sources::kind_of(const std::string& folder, const std::string& name) {
  std::lock_guard lock(folders_mutex_);
  auto [it, fresh] = folders_.try_emplace(folder);
  if (fresh) {
    std::error_code error;
    for (fs::directory_iterator e(folder, error), end; !error && e != end; e.increment(error)) {
      std::error_code ignored;
      it->second.emplace(e->path().filename().string(), e->is_directory(ignored) ? Kind::folder : Kind::file);
    }
  }
  const auto found = it->second.find(name);
  return found == it->second.end() ? Kind::nothing : found->second;
}

bool Sources::find(const std::string& dotted, FoundModule& out) {
  if (auto it = instead.find(dotted); it != instead.end()) {
    const std::string name = dotted + ".py";
    out = {nullptr, it->second, name, false};
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
  auto above = [&](const std::string& root) { return slash == std::string::npos ? root : root + "/" + relative.substr(0, slash); };
  auto look = [&](const std::string& root) {
    const std::string folder = above(root);
    if (kind_of(folder, last) == Kind::folder && kind_of(folder + "/" + last, "__init__.py") == Kind::file) {
      out = {nullptr, root + "/" + relative + "/__init__.py", relative + "/__init__.py", true};
      return true;
    }
    if (kind_of(folder, last + ".py") == Kind::file) {
      out = {nullptr, root + "/" + relative + ".py", relative + ".py", false};
      return true;
    }
    return false;
  };
  const std::string top = relative.substr(0, relative.find('/'));
  for (const std::string& o : overlay_)
    if (kind_of(o, top) == Kind::folder || kind_of(o, top + ".py") == Kind::file) return look(o);  // the overlay's package hides others
  for (const std::string& r : roots)
    if (look(r)) return true;
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
    ~Clock() { thread_seconds() += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }
  } clock;
  std::string text;
  if (!m.path.empty() && !read_file(m.path, text)) {
    error = {1, 1, "the file cannot be read"};
    return nullptr;
  }
  std::unique_ptr<source::Ast> ast;
  std::string cached;
  const bool own = !prepared.empty() && std::any_of(overlay_.begin(), overlay_.end(), [&](const std::string& o) { return m.path.starts_with(o); });
  if (own || !cache_.empty()) {
    const std::string entry = content_key(text) + ".ast";
    std::string bytes;
    if (own && read_file(prepared + "/" + entry, bytes)) ast = source::deserialize(bytes);
    if (!cache_.empty()) cached = cache_ + "/" + entry;
    if (!ast && !cached.empty() && read_file(cached, bytes)) ast = source::deserialize(bytes);
  }
  if (!ast) {
    ast = source::parse(text, error);
    if (!ast) return nullptr;
    if (!cached.empty()) {
      std::error_code ec;
      fs::create_directories(cache_, ec);
      const std::string temporary = cached + "." + std::to_string(reinterpret_cast<std::uintptr_t>(ast.get())) + ".tmp";
      std::ofstream out(temporary, std::ios::binary);
      out << source::serialize(*ast);
      out.close();
      if (out) fs::rename(temporary, cached, ec);
      if (!out || ec) fs::remove(temporary, ec);
    }
  }
  ast->file = m.shown;
  ast->source = std::make_shared<const std::string>(std::move(text));
  std::shared_ptr<const source::Ast> shared(std::move(ast));
  lock.lock();
  return parsed_.emplace(m.path, shared).first->second;
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
  name = content_key(text) + ".ast";
  bytes = source::serialize(*ast);
  return true;
}

bool Sources::external(const std::string& top_level) { return installed.count(top_level) != 0; }

std::string Sources::read_line(const std::string& shown, int line) {
  std::lock_guard lock(mutex_);
  for (const auto& [path, ast] : parsed_) {
    if (ast->file != shown || !ast->source) continue;
    std::string_view s = *ast->source;
    for (int i = 1; i < line; ++i) {
      const auto n = s.find('\n');
      if (n == std::string_view::npos) return "";
      s.remove_prefix(n + 1);
    }
    s = s.substr(0, s.find('\n'));
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\r')) s.remove_suffix(1);
    return std::string(s);
  }
  return "";
}

bool Sources::mentions(const std::string& dotted, const std::string& what) {
  FoundModule m;
  std::string text;
  if (!find(dotted, m) || m.path.empty()) return false;
  {
    std::lock_guard lock(mutex_);
    if (auto it = parsed_.find(m.path); it != parsed_.end() && it->second->source) return it->second->source->find(what) != std::string::npos;
  }
  return read_file(m.path, text) && text.find(what) != std::string::npos;
}

std::vector<std::string> Sources::submodules(const std::string& dotted) {
  FoundModule m;
  std::vector<std::string> out;
  if (!find(dotted, m) || !m.package || m.path.empty()) return out;
  std::error_code ec;
  for (const auto& e : fs::directory_iterator(fs::path(m.path).parent_path(), ec)) {
    const std::string n = e.path().filename().string();
    if (n.ends_with(".py") && n != "__init__.py") out.push_back(n.substr(0, n.size() - 3));
    if (e.is_directory(ec) && fs::exists(e.path() / "__init__.py", ec)) out.push_back(n + "/");
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace kdex::py
