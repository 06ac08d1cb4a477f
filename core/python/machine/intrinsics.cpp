// The module `_kdex`: what the overlay's Python asks of the machine
// (core/python/overlay/INTRINSICS.md), save imports and frames. Files are read under the host's
// roots only; nothing is written, run or signalled.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <list>
#include <map>
#include <sstream>

#include "core/base/digest.h"
#include "core/python/host.h"
#include "core/python/machine/impl.h"
#include "core/python/machine/repeats.h"
#include "core/python/text/json.h"
#include "core/python/text/regex.h"
#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

namespace fs = std::filesystem;

const Host* host_of(Interp& in) { return in.impl->host; }

/// Notes a path that a prepared state asks for: another host may have it.
void note_asked(Interp& in, std::string_view virtual_path) {
  if (!in.impl->is_preparing || virtual_path.empty() || virtual_path[0] != '/') return;
  const std::string path = fs::path(virtual_path).lexically_normal().string();
  auto& asked = in.impl->asked_paths;
  if (std::none_of(asked.begin(), asked.end(),
                   [&](const auto& p) { return std::string_view(p) == path; }))
    asked.emplace_back(path);
}

/// The real path behind a virtual one; empty where it lies outside the roots or leads out of them.
fs::path real_path(Interp& in, std::string_view virtual_path) {
  note_asked(in, virtual_path);
  const Host* host = host_of(in);
  if (!host || virtual_path.empty() || virtual_path[0] != '/' ||
      virtual_path.find('\0') != std::string_view::npos)
    return {};
  const std::string path = fs::path(virtual_path).lexically_normal().string();
  for (const auto& [root, real] : host->files) {
    std::string base = fs::path(root).lexically_normal().string();
    while (base.size() > 1 && base.back() == '/') base.pop_back();
    if (path.compare(0, base.size(), base) != 0) continue;
    std::string rest = path.substr(base.size());
    if (!rest.empty() && rest[0] != '/' && base != "/") continue;
    while (!rest.empty() && rest[0] == '/') rest.erase(0, 1);
    std::error_code e;
    const fs::path inside = fs::canonical(real, e);
    if (e) continue;
    fs::path found = fs::canonical(inside / rest, e);
    if (e) continue;
    auto below = [&](const fs::path& folder) {
      return std::mismatch(folder.begin(), folder.end(), found.begin(), found.end()).first ==
             folder.end();
    };
    if (below(inside) || std::any_of(host->linked.begin(), host->linked.end(), below)) return found;
  }
  return {};
}

/// What lies in a virtual folder above a root: the next part of the root's path. Empty where it is
/// no such folder.
std::vector<std::string> above_roots(Interp& in, std::string_view virtual_path) {
  std::vector<std::string> out;
  note_asked(in, virtual_path);
  const Host* host = host_of(in);
  if (!host || virtual_path.empty() || virtual_path[0] != '/') return out;
  const fs::path path = (fs::path(virtual_path) / "").lexically_normal();
  for (const auto& [root, real] : host->files) {
    const fs::path whole = fs::path(root).lexically_normal();
    const auto [at, left] = std::mismatch(whole.begin(), whole.end(), path.begin(), path.end());
    const bool all = left == path.end() || (std::next(left) == path.end() && left->empty());
    if (all && at != whole.end() && !at->empty() &&
        std::find(out.begin(), out.end(), at->string()) == out.end())
      out.push_back(at->string());
  }
  return out;
}

[[noreturn]] void no_file(Interp& in, std::string_view path) {
  in.raise(in.call(V(in.t.FileNotFoundError),
                   {V::integer(2), in.str("No such file or directory"), in.str(path)}));
}

// What a program writes under /tmp or beside what it can read stays in memory, for itself to read.
constexpr std::string_view kTemporary = "/tmp";
constexpr std::size_t kWrittenLimit = 32u << 20, kWrittenFiles = 4096;

std::string plain_path(std::string_view path) {
  std::string s = fs::path(path).lexically_normal().string();
  while (s.size() > 1 && s.back() == '/') s.pop_back();
  return s;
}

const Written* written_at(Interp& in, std::string_view path) {
  static const Written folder{true, {}};
  if (path.starts_with(kTemporary) && plain_path(path) == kTemporary) return &folder;
  if (in.impl->written.empty()) return nullptr;
  const auto at = in.impl->written.find(plain_path(path));
  return at == in.impl->written.end() ? nullptr : &at->second;
}

[[noreturn]] void refuse(Interp& in, Type* type, int number, const char* words,
                         std::string_view path) {
  in.raise(in.call(V(type), {V::integer(number), in.str(words), in.str(path)}));
}

/// The plain path where something new may stand; raises where nothing may.
std::string place_to_write(Interp& in, std::string_view path, bool folder) {
  if (path.empty() || path[0] != '/' || path.size() > 4096 ||
      path.find('\0') != std::string_view::npos)
    refuse(in, in.t.PermissionError, folder ? 1 : 13,
           folder ? "Operation not permitted" : "Permission denied", path);
  std::string plain = plain_path(path);
  const std::string parent = fs::path(plain).parent_path().string();
  const Written* above = written_at(in, parent);
  std::error_code e;
  if (above ? !above->folder : !fs::is_directory(real_path(in, parent), e)) {
    bool below = plain.starts_with(std::string(kTemporary) + "/");
    if (const Host* host = host_of(in))
      for (const auto& [root, real] : host->files)
        below = below || plain.starts_with(plain_path(root) + "/");
    if (below) no_file(in, path);
    refuse(in, in.t.PermissionError, folder ? 1 : 13,
           folder ? "Operation not permitted" : "Permission denied", path);
  }
  if (!real_path(in, plain).empty())
    refuse(in, in.t.PermissionError, 13, "Permission denied", path);
  if (in.impl->written.size() >= kWrittenFiles)
    refuse(in, in.t.OSError, 28, "No space left on device", path);
  return plain;
}

V fs_write(Interp& in, const Args& a) {
  const std::string_view path = in.text(a[0], "path");
  const std::string plain = place_to_write(in, path, false);
  const std::string_view data = a[1].as<Bytes>()->view();
  if (in.impl->repeats) in.impl->repeats->forget();
  Written& file = in.impl->written[plain];
  if (file.folder) refuse(in, in.t.IsADirectoryError, 21, "Is a directory", path);
  if (in.impl->written_bytes - file.data.size() + data.size() > kWrittenLimit)
    refuse(in, in.t.OSError, 28, "No space left on device", path);
  in.impl->written_bytes += data.size() - file.data.size();
  file.data = data;
  return V::none();
}

V fs_mkdir(Interp& in, const Args& a) {
  const std::string_view path = in.text(a[0], "path");
  if (written_at(in, path)) refuse(in, in.t.FileExistsError, 17, "File exists", path);
  if (in.impl->repeats) in.impl->repeats->forget();
  in.impl->written[place_to_write(in, path, true)].folder = true;
  return V::none();
}

/// Takes away a file, or a folder with all that was written in it.
V fs_remove(Interp& in, const Args& a) {
  const std::string_view path = in.text(a[0], "path");
  const std::string plain = plain_path(path);
  auto& all = in.impl->written;
  const auto at = all.find(plain);
  if (at == all.end()) {
    if (real_path(in, path).empty()) no_file(in, path);
    refuse(in, in.t.PermissionError, 1, "Operation not permitted", path);
  }
  if (in.impl->repeats) in.impl->repeats->forget();
  for (auto it = at; it != all.end() && it->first.starts_with(plain);) {
    if (it != at && it->first[plain.size()] != '/') {
      ++it;
      continue;
    }
    in.impl->written_bytes -= it->second.data.size();
    it = all.erase(it);
  }
  return V::none();
}

/// The dotted name of what an import would find at a path of the source tree, as `__file__` shows
/// it: a module's file, or a package's folder. Empty for any other path.
std::string module_at(std::string_view path) {
  const std::string plain = plain_path(path);
  std::string_view below = plain;
  below.remove_prefix(below.starts_with('/'));  // the working folder is "/"
  if (below.ends_with("/__init__.py"))
    below.remove_suffix(std::string_view("/__init__.py").size());
  else if (below.ends_with(".py"))
    below.remove_suffix(3);
  std::string dotted(below);
  if (dotted.find('.') != std::string::npos) return "";
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  return dotted;
}

/// The source of a module by its `__file__`; false for any other path.
bool module_source(Interp& in, std::string_view path, std::string& text) {
  if (!path.ends_with(".py") || !in.impl->finder) return false;
  FoundModule found;
  const std::string dotted = module_at(path);
  if (dotted.empty() || !in.impl->finder->find(dotted, found)) return false;
  std::string_view below = path;
  below.remove_prefix(below.starts_with('/'));
  const bool is_replaced = found.shown == dotted + ".py" && found.own;
  if (found.path.empty() || (found.shown != plain_path(below) && !is_replaced)) return false;
  std::ifstream file(found.path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(file), {});
  return true;
}

/// Whether a path is the folder of a package that an import would find.
bool is_package_folder(Interp& in, std::string_view path) {
  FoundModule found;
  const std::string dotted = module_at(path);
  return in.impl->finder && !dotted.empty() && !path.ends_with(".py") &&
         in.impl->finder->find(dotted, found) && found.shown.ends_with("/__init__.py");
}

V fs_stat(Interp& in, const Args& a) {
  const std::string_view path = in.text(a[0], "path");
  if (const Written* w = written_at(in, path))
    return in.tuple({V::boolean(w->folder), V::integer(static_cast<std::int64_t>(w->data.size())),
                     V::real(0.0)});
  const fs::path p = real_path(in, path);
  std::error_code e;
  if (p.empty() && !above_roots(in, path).empty())
    return in.tuple({V::boolean(true), V::integer(0), V::real(0.0)});
  std::string text;
  if (p.empty() && module_source(in, path, text))
    return in.tuple(
        {V::boolean(false), V::integer(static_cast<std::int64_t>(text.size())), V::real(0.0)});
  if (p.empty() && is_package_folder(in, path))
    return in.tuple({V::boolean(true), V::integer(0), V::real(0.0)});
  const auto st = p.empty() ? fs::file_status() : fs::status(p, e);
  if (p.empty() || e || (!fs::is_directory(st) && !fs::is_regular_file(st))) return V::none();
  const bool dir = fs::is_directory(st);
  const auto size = dir ? 0 : fs::file_size(p, e);
  return in.tuple({V::boolean(dir), V::integer(static_cast<std::int64_t>(size)), V::real(0.0)});
}

V fs_listdir(Interp& in, const Args& a) {
  const std::string_view path = in.text(a[0], "path");
  const Written* w = written_at(in, path);
  const fs::path p = w ? fs::path() : real_path(in, path);
  std::error_code e;
  std::vector<std::string> names =
      p.empty() && !w ? above_roots(in, path) : std::vector<std::string>();
  if (w && !w->folder) refuse(in, in.t.NotADirectoryError, 20, "Not a directory", path);
  if (p.empty() && names.empty() && !w) no_file(in, path);
  const std::string own = plain_path(path) + "/";
  for (auto it = in.impl->written.lower_bound(own);
       it != in.impl->written.end() && it->first.starts_with(own); ++it)
    if (it->first.find('/', own.size()) == std::string::npos)
      names.push_back(it->first.substr(own.size()));
  fs::directory_iterator it;
  if (!p.empty()) it = fs::directory_iterator(p, e);
  if (e)
    in.raise(
        in.call(V(in.t.NotADirectoryError), {V::integer(20), in.str("Not a directory"), a[0]}));
  for (; it != fs::directory_iterator(); it.increment(e)) {
    in.tick();
    if (e) break;
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  List* l = in.list();
  for (const std::string& n : names) in.append(l, in.str(n));
  return V(l);
}

V fs_read(Interp& in, const Args& a) {
  const std::string_view path = in.text(a[0], "path");
  if (const Written* w = written_at(in, path)) {
    if (w->folder) refuse(in, in.t.IsADirectoryError, 21, "Is a directory", path);
    if (!w->data.empty())
      in.impl->json_files[std::hash<std::string_view>{}(w->data)] = std::string(path);
    return in.bytes(w->data);
  }
  const fs::path p = real_path(in, path);
  std::error_code e;
  std::string text;
  if (p.empty() && module_source(in, path, text)) return in.bytes(text);
  if (p.empty()) no_file(in, path);
  if (fs::is_directory(p, e))
    in.raise(in.call(V(in.t.IsADirectoryError), {V::integer(21), in.str("Is a directory"), a[0]}));
  if (!fs::is_regular_file(p, e)) no_file(in, path);
  const auto size = fs::file_size(p, e);
  in.check_size(static_cast<std::int64_t>(size), 1);
  std::ifstream f(p, std::ios::binary);
  std::string data(size, '\0');
  f.read(data.data(), static_cast<std::streamsize>(size));
  data.resize(static_cast<std::size_t>(f.gcount()));
  if (path.ends_with(".json"))
    in.impl->json_files[std::hash<std::string_view>{}(data)] = std::string(path);
  return in.bytes(data);
}

// ---- regular expressions
regex::Text decode(V v) {
  regex::Text t;
  if (v.is(Kind::bytes)) {
    for (char c : v.as<Bytes>()->view()) t.push_back(static_cast<unsigned char>(c));
    return t;
  }
  const std::string_view s = v.as<Str>()->view();
  t.reserve(v.as<Str>()->nchars);
  for (std::size_t i = 0; i < s.size();) {
    const auto b = static_cast<unsigned char>(s[i++]);
    if (b < 0x80) {
      t.push_back(b);
      continue;
    }
    int more = b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : 1;
    std::uint32_t c = b & (0x3Fu >> more);
    for (; more && i < s.size(); --more) c = c << 6 | (static_cast<unsigned char>(s[i++]) & 63);
    t.push_back(c);
  }
  return t;
}

std::string_view raw_text(Interp& in, V v) {
  if (v.is(Kind::bytes)) return v.as<Bytes>()->view();
  return in.text(v, "pattern");
}

/// The compiled program, kept for the thread (programs hold nothing of an isolate).
std::shared_ptr<const regex::Program> program(Interp& in, V pattern, int flags) {
  static thread_local std::map<std::pair<std::string, int>, std::shared_ptr<const regex::Program>>
      cache;
  const bool bytes = pattern.is(Kind::bytes);
  std::pair<std::string, int> key(std::string(raw_text(in, pattern)), flags * 2 + bytes);
  if (auto it = cache.find(key); it != cache.end()) return it->second;
  regex::Error wrong{"", -1};
  try {
    auto p = regex::compile(decode(pattern), flags, bytes);
    if (cache.size() > 512) cache.clear();
    cache.emplace(std::move(key), p);
    return p;
  } catch (const regex::Error& e) {
    wrong = e;
  }
  V pos = wrong.pos < 0 ? V::none() : V::integer(wrong.pos);
  const std::string text =
      wrong.message + (wrong.pos < 0 ? "" : " at position " + std::to_string(wrong.pos));
  in.raise(in.call(V(in.t.ValueError), {in.str(text), in.str(wrong.message), pos}));
}

V regex_info(Interp& in, const Args& a) {
  auto p = program(in, a[0], static_cast<int>(in.index(a[1])));
  Dict* names = in.dict();
  for (const auto& [n, i] : p->names) in.put(names, in.str(n), V::integer(i));
  return in.tuple({V::integer(p->flags), V::integer(p->groups), V(names)});
}

V regex_match(Interp& in, const Args& a) {
  static thread_local std::string last;
  static thread_local bool last_bytes = false;
  static thread_local regex::Text text;
  auto p = program(in, a[0], static_cast<int>(in.index(a[1])));
  const std::string_view s = raw_text(in, a[2]);
  if (a[2].is(Kind::bytes) != a[0].is(Kind::bytes))
    in.raise(in.t.TypeError, a[0].is(Kind::bytes)
                                 ? "cannot use a bytes pattern on a string-like object"
                                 : "cannot use a string pattern on a bytes-like object");
  if (last != s || last_bytes != a[2].is(Kind::bytes)) {
    in.tick(static_cast<std::int64_t>(s.size()) / 16 + 1);
    text = decode(a[2]);
    last = s;
    last_bytes = a[2].is(Kind::bytes);
  }
  const auto n = static_cast<std::int64_t>(text.size());
  const std::int64_t end = std::clamp<std::int64_t>(in.index(a[4]), 0, n);
  const std::int64_t pos = std::clamp<std::int64_t>(in.index(a[3]), 0, n);
  const std::int64_t mode = in.index(a[5]);
  if (pos > end) return V::none();
  std::vector<std::int64_t> spans;
  const bool found = regex::run(*p, text, pos, end, static_cast<regex::Mode>(mode), spans,
                                [&](std::int64_t k) { in.tick(k); });
  if (!found) return V::none();
  List* l = in.list();
  for (std::size_t i = 0; i + 1 < spans.size(); i += 2)
    in.append(l, in.tuple({V::integer(spans[i]), V::integer(spans[i + 1])}));
  return V(l);
}

V digest_of(Interp& in, const Args& a) {
  if (!a[1].is(Kind::bytes)) in.raise(in.t.TypeError, "object supporting the buffer API required");
  const std::string name(in.text(a[0], "name"));
  const std::string d = digest(name, a[1].as<Bytes>()->view());
  if (d.empty()) in.raise(in.t.ValueError, "unsupported hash type " + name);
  return in.bytes(d);
}

std::uint16_t to_half(double d) {
  // IEEE 754 binary16, half to even.
  const std::uint16_t sign = std::signbit(d) ? 0x8000 : 0;
  const double x = std::fabs(d);
  if (std::isnan(d)) return static_cast<std::uint16_t>(sign | 0x7E00);
  if (x >= 65520.0) return static_cast<std::uint16_t>(sign | 0x7C00);
  if (x < 6.103515625e-05)
    return static_cast<std::uint16_t>(sign |
                                      static_cast<std::uint16_t>(std::nearbyint(x * 16777216.0)));
  int e = 0;
  const double m = std::frexp(x, &e) * 2 - 1;
  const auto bits = static_cast<std::uint32_t>((e + 14) << 10) +
                    static_cast<std::uint32_t>(std::nearbyint(m * 1024));
  return static_cast<std::uint16_t>(sign | bits);
}

V float_pack(Interp& in, const Args& a) {
  double d = 0;
  if (!in.as_double(a[0], d)) in.raise(in.t.TypeError, "required argument is not a float");
  const std::int64_t size = in.index(a[1]);
  std::uint64_t bits = 0;
  if (size == 8) {
    std::memcpy(&bits, &d, 8);
  } else if (size == 4) {
    const auto f = static_cast<float>(d);
    if (std::isinf(f) && !std::isinf(d))
      in.raise(in.t.OverflowError, "float too large to pack with f format");
    std::memcpy(&bits, &f, 4);
  } else {
    bits = to_half(d);
    if ((bits & 0x7FFF) == 0x7C00 && !std::isinf(d))
      in.raise(in.t.OverflowError, "float too large to pack with e format");
  }
  std::string s;
  for (std::int64_t i = 0; i < size && i < 8; ++i) s += static_cast<char>(bits >> (8 * i));
  if (!in.truth(a[2])) std::reverse(s.begin(), s.end());
  return in.bytes(s);
}

V float_unpack(Interp& in, const Args& a) {
  if (!a[0].is(Kind::bytes)) in.raise(in.t.TypeError, "a bytes-like object is required");
  std::string s(a[0].as<Bytes>()->view());
  if (!in.truth(a[1])) std::reverse(s.begin(), s.end());
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < s.size() && i < 8; ++i)
    bits |= std::uint64_t{static_cast<unsigned char>(s[i])} << (8 * i);
  double d = 0;
  if (s.size() == 8) {
    std::memcpy(&d, &bits, 8);
  } else if (s.size() == 4) {
    float f = 0;
    std::memcpy(&f, &bits, 4);
    d = f;
  } else {
    const int e = static_cast<int>(bits >> 10 & 31), m = static_cast<int>(bits & 1023);
    d = e == 31 ? (m ? std::nan("") : HUGE_VAL)
        : e     ? std::ldexp(1024 + m, e - 25)
                : std::ldexp(m, -24);
    if (bits & 0x8000) d = -d;
  }
  return V::real(d);
}

V stderr_write(Interp& in, const Args& a) {
  const Host* host = host_of(in);
  if (host && host->err) host->err(in.text(a[0], "text"));
  return V::none();
}

/// address(object, bytes): where the object's bytes lie, as if there were a device. Not an
/// attribute, so that objects of which some were asked for it hold the same.
V address(Interp& in, const Args& a) {
  const std::int64_t bytes = std::max<std::int64_t>(0, in.index(a[1]));
  if (!a[0].is_obj()) in.raise(in.t.TypeError, "address() takes an object");
  return number_of(in, a[0].o, [&](Obj* o) {
    auto& known = in.impl->addresses[o];
    if (known.begin == 0 || known.bytes < bytes) {
      constexpr std::int64_t kApart = 512;
      known = {in.impl->next_address, bytes};
      in.impl->next_address += (bytes / kApart + 1) * kApart;
    }
    return known.begin;
  });
}

/// Clocks tick by a fixed step a reading, so that a run gives the same answer twice.
V clock(Interp& in, const Args&) {
  return V::real(static_cast<double>(++in.impl->clock_readings) * 0.001);
}

}  // namespace

void set_host(Interp& in, const Host* host) {
  in.impl->host = host;
  V* env = in.find(in.native_module("_kdex")->ns, in.intern("environ"));
  for (const auto& [k, v] : host->environ) in.put(env->as<Dict>(), in.str(k), in.str(v));
}

void install_intrinsics(Interp& in) {
  Dict* ns = in.native_module("_kdex")->ns;
  auto def = [&](const char* name, NativeFn fn, int min, int max) {
    in.put(ns, in.intern(name), in.builtin(name, fn, min, max));
  };
  in.put(ns, in.intern("environ"), V(in.dict()));
  def("fs_stat", fs_stat, 1, 1);
  def(
      "dist_version",
      [](Interp& i, const Args& a) {
        const Host* host = host_of(i);
        if (!host) return V::none();
        const auto it = host->versions.find(std::string(i.text(a[0], "name")));
        return it == host->versions.end() ? V::none() : i.str(it->second);
      },
      1, 1);
  def("fs_write", fs_write, 2, 2);
  def("fs_mkdir", fs_mkdir, 1, 1);
  def("fs_remove", fs_remove, 1, 1);
  def("fs_listdir", fs_listdir, 1, 1);
  def("fs_read", fs_read, 1, 1);
  def("regex_info", regex_info, 2, 2);
  def("regex_match", regex_match, 6, 6);
  def(
      "json_loads",
      [](Interp& i, const Args& a) {
        const std::string_view text = i.text(a[0], "text");
        if (a.npos > 1 && a[1].is(Kind::str)) return json_loads(i, text, a[1].as<Str>()->view());
        // the text of a .json file that was read: its values come from there
        const auto& files = i.impl->json_files;
        const auto file =
            files.empty() ? files.end() : files.find(std::hash<std::string_view>{}(text));
        return json_loads(
            i, text, file == files.end() ? std::string_view() : std::string_view(file->second));
      },
      1, 2);
  def("digest", digest_of, 2, 2);
  def("float_pack", float_pack, 3, 3);
  def("float_unpack", float_unpack, 2, 2);
  def(
      "stdout_write",
      [](Interp& i, const Args& a) {
        print_out(i, i.text(a[0], "text"));
        return V::none();
      },
      1, 1);
  def("stderr_write", stderr_write, 1, 1);
  def("address", address, 2, 2);
  for (const char* name : {"time", "monotonic", "perf_counter"}) def(name, clock, 0, 0);
  if (in.t.unknown) in.put(ns, in.intern("Unknown"), V(in.t.unknown));
  def(
      "unknown", [](Interp& i, const Args& a) { return i.unknown(i.text(a[0], "name")); }, 1, 1);
  def(
      "setting",
      [](Interp& i, const Args& a) {
        i.text(a[0], "name");
        return setting(i, a[0].as<Str>(), a[1]);
      },
      2, 2);
  def(
      "size",
      [](Interp& i, const Args& a) {
        i.text(a[0], "name");
        return size_of_step(i, a[0].as<Str>(), a[1], i.index(a[2]));
      },
      3, 3);
  def(
      "watch_sizes",
      [](Interp& i, const Args& a) {
        watch_sizes(i, a[0]);
        return V::none();
      },
      1, 1);
  def(
      "compared",
      [](Interp& i, const Args& a) {
        i.text(a[0], "relation");
        note_compared(i, a[0].as<Str>(), a[1], a[2], a[3]);
        return V::none();
      },
      4, 4);
  def(
      "take_regimes", [](Interp& i, const Args&) { return take_regimes(i); }, 0, 0);
  def(
      "rerouted", [](Interp& i, const Args& a) { return rerouted(i, a[0], a[1], a[2]); }, 3, 3);
  def(
      "is_unknown", [](Interp&, const Args& a) { return V::boolean(a[0].is(Kind::unknown)); }, 1,
      1);
}

}  // namespace kdex::py
