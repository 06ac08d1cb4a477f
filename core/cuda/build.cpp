// The cache's entries are a line of JSON (resources, warning, size of the PTX), then the PTX, then
// the cubin.
#include "core/cuda/build.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cuda/toolkit.h"

namespace fs = std::filesystem;

namespace kdex::cuda {

namespace {

std::string first_warning(const std::string& log) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);)
    if (line.find("warning") != std::string::npos) return line;
  return "";
}

std::string pack(const UnitBuild& u) {
  nlohmann::json j = {
      {"ptx", u.ptx.size()}, {"warning", u.warning}, {"kernels", nlohmann::json::array()}};
  for (const auto& r : u.resources)
    j["kernels"].push_back({r.kernel, r.registers, r.spill_bytes, r.shared_bytes});
  return j.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n" + u.ptx + u.cubin;
}
bool unpack(const std::string& text, UnitBuild& u) {
  auto end = text.find('\n');
  if (end == std::string::npos) return false;
  try {
    auto j = nlohmann::json::parse(text.substr(0, end));
    std::size_t ptx = j.at("ptx");
    if (end + 1 + ptx >= text.size()) return false;
    u.warning = j.at("warning");
    u.resources.clear();
    for (const auto& k : j.at("kernels"))
      u.resources.push_back({k.at(0), k.at(1), k.at(2), k.at(3)});
    u.ptx = text.substr(end + 1, ptx);
    u.cubin = text.substr(end + 1 + ptx);
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

/// Which NVRTC is meant: the home that is given and those of the environment.
std::string nvrtc_stamp(const std::string& cuda_home) {
  std::string out = cuda_home;
  for (const char* name : {"KDEX_CUDA_HOME", "CUDA_HOME"})
    if (const char* v = std::getenv(name)) out += std::string(";") + v;
  return out;
}

/// NVRTC's version is remembered beside the cache, so that a build from it loads nothing (90 MB).
std::string stamp_file(const BuildOptions& options) {
  return options.cache_folder + "/version-" + CubinCache::key_of(nvrtc_stamp(options.cuda_home));
}

void remember_version(const BuildOptions& options, const Nvrtc& nvrtc) {
  std::error_code error;
  fs::create_directories(options.cache_folder, error);
  const auto changed = fs::last_write_time(nvrtc.library(), error);
  const std::string text = nvrtc.library() + "\n" + nvrtc.version() + "\n" +
                           std::to_string(changed.time_since_epoch().count()) + "\n";
  try {
    write_file_atomically(stamp_file(options), text, false);
  } catch (const Error&) {  // a cache that cannot be written is no cache
  }
}

/// "" where none is remembered, or the library is another by now.
std::string remembered_version(const BuildOptions& options) {
  std::error_code error;
  if (options.cache_folder.empty() || !fs::is_regular_file(stamp_file(options), error)) return "";
  std::istringstream in(read_file(stamp_file(options)));
  std::string library, version, when;
  if (!std::getline(in, library) || !std::getline(in, version) || !std::getline(in, when))
    return "";
  const auto changed = fs::last_write_time(library, error);
  if (error || std::to_string(changed.time_since_epoch().count()) != when) return "";
  return version;
}

}  // namespace

std::string nvrtc_version(const BuildOptions& options) {
  std::string known = remembered_version(options);
  if (!known.empty()) return known;
  const Nvrtc nvrtc(options.cuda_home);
  if (!options.cache_folder.empty()) remember_version(options, nvrtc);
  return nvrtc.version();
}

UnitKeys::UnitKeys(const KernelTexts& texts, std::string nvrtc, const BuildOptions& options)
    : texts_(texts), folder_(options.kernels_folder), nvrtc_(std::move(nvrtc)) {
  if (options.lineinfo) more_ += "\nlineinfo";
  if (options.ptx) more_ += "\nptx";
}

const std::string& UnitKeys::source(const KernelUnit& u) const {
  if (!u.source.empty()) return u.source;
  auto t = texts_.find(u.file);
  if (t == texts_.end()) throw Error("unknown kernel file '" + u.file + "'", folder_);
  return t->second;
}

std::string UnitKeys::key(const KernelUnit& u, const std::string& arch) {
  auto& text = sources_[u.file + "\n" + (u.source.empty() ? "" : CubinCache::key_of(u.source))];
  if (text.empty()) {
    std::string all = source(u);
    for (const auto& header : included_headers(texts_, u.file, source(u)))
      all += "\n" + header + "\n" + texts_.at(header);
    text = CubinCache::key_of(all);
  }
  std::string all = "3\n" + u.file + "\n" + text + "\n" + arch + "\n" + nvrtc_ + more_;
  for (const auto& [k, v] : u.constants) all += "\n" + k + "=" + v;
  return CubinCache::key_of(all);
}

std::optional<CachedCubin> cached_cubin(const std::string& cache_folder, const std::string& key) {
  if (cache_folder.empty()) return std::nullopt;
  const std::string path = cache_folder + "/" + key;
  const auto content = CubinCache(cache_folder).load(key);
  UnitBuild unit;
  if (!content || !unpack(*content, unit)) return std::nullopt;
  return CachedCubin{path, CubinCache::head_bytes + content->size() - unit.cubin.size(),
                     unit.cubin.size()};
}

std::string arch_name(const std::string& given) {
  std::string t = given;
  if (t.starts_with("sm_")) t.erase(0, 3);
  std::erase(t, '.');
  std::size_t digits = 0;
  while (digits < t.size() && std::isdigit(static_cast<unsigned char>(t[digits]))) ++digits;
  const std::string rest = t.substr(digits);
  if (digits < 2 || digits > 3 || !(rest.empty() || rest == "a" || rest == "f"))
    throw Error("unknown architecture '" + given + "'", "--arch",
                "expected sm_90a, sm_80, sm_89, sm_100 or sm_120");
  if (std::stoi(t.substr(0, digits)) < 80)
    throw Error("'" + given + "' is too old", "--arch",
                "the kernels need sm_80 or newer (bfloat16 and asynchronous copies)");
  return "sm_" + t;
}

Built build_units(std::vector<UnitBuild>& units, const BuildOptions& options,
                  const KernelTexts& texts) {
  std::optional<CubinCache> cache;
  if (!options.cache_folder.empty()) cache.emplace(options.cache_folder);

  std::string version = remembered_version(options);
  std::unique_ptr<Nvrtc> nvrtc;
  std::vector<int> archs;
  std::mutex mutex;
  auto load = [&] {
    std::lock_guard lock(mutex);
    if (nvrtc) return;
    nvrtc = std::make_unique<Nvrtc>(options.cuda_home);
    archs = nvrtc->architectures();
    version = nvrtc->version();
    if (cache) remember_version(options, *nvrtc);
  };
  if (version.empty()) load();

  UnitKeys keys(texts, version, options);
  std::map<std::string, std::vector<std::size_t>> by_key;  // equal units are built once
  std::vector<const std::string*> order;
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto [it, fresh] = by_key.try_emplace(keys.key(units[i].unit, units[i].arch));
    it->second.push_back(i);
    if (fresh) order.push_back(&it->first);
  }

  std::atomic<bool> kept{true};
  std::atomic<std::size_t> next{0};
  std::size_t finished = 0;
  std::string fatal;
  auto work = [&] {
    for (;;) {
      const std::size_t at = next++;
      if (at >= order.size() || (options.cancelled && *options.cancelled)) return;
      const std::string& key = *order[at];
      const auto& same = by_key[key];
      UnitBuild& u = units[same[0]];
      const auto start = std::chrono::steady_clock::now();
      if (auto found = cache ? cache->load(key) : std::nullopt; found && unpack(*found, u)) {
        u.cached = true;
      } else {
        try {
          load();
        } catch (const Error& e) {
          std::lock_guard lock(mutex);
          fatal = e.what();
          next = order.size();
          return;
        }
        int number = 0;
        std::sscanf(u.arch.c_str(), "sm_%d", &number);
        if (!archs.empty() && std::find(archs.begin(), archs.end(), number) == archs.end()) {
          u.error = "NVRTC " + version + " does not know " + u.arch + "; it knows sm_" +
                    std::to_string(archs.front()) + " to sm_" + std::to_string(archs.back());
        } else {
          CompileRequest request{
              keys.source(u.unit),
              u.unit.file,
              u.arch,
              {"-I" + options.kernels_folder,
               "-I" + options.kernels_folder + "/" + fs::path(u.unit.file).parent_path().string()},
              options.lineinfo};
          for (const auto& [k, v] : u.unit.constants) request.options.push_back("-D" + k + "=" + v);
          Compiled c = nvrtc->compile(request);
          u.error = c.error;
          u.cubin = std::move(c.cubin);
          if (options.ptx) u.ptx = std::move(c.ptx);
          u.warning = first_warning(c.log);
          u.resources = std::move(c.kernels);
          if (u.error.empty() && cache && !cache->store(key, pack(u))) kept = false;
        }
      }
      u.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      for (std::size_t k = 1; k < same.size(); ++k) {
        auto& v = units[same[k]];
        v.cubin = u.cubin, v.ptx = u.ptx, v.error = u.error, v.warning = u.warning,
        v.resources = u.resources, v.cached = true;
      }
      std::lock_guard lock(mutex);
      ++finished;
      if (options.progress && !u.cached) {
        char line[64];
        std::snprintf(line, sizeof line, "[%zu/%zu] %.2f s ", finished, order.size(), u.seconds);
        options.progress(line + u.label + " " + u.arch + (u.error.empty() ? "" : ": " + u.error));
      }
    }
  };
  std::vector<std::thread> threads;
  const int jobs = std::max(1, std::min<int>(options.jobs, static_cast<int>(order.size())));
  for (int t = 1; t < jobs; ++t) threads.emplace_back(work);
  work();
  for (auto& t : threads) t.join();
  if (!fatal.empty()) throw Error(fatal);
  return {version, kept};
}

std::string find_disassembler(const std::string& cuda_home) {
  std::vector<std::string> folders;
  for (const std::string& home : {cuda_home, variable("KDEX_CUDA_HOME"), variable("CUDA_HOME"),
                                  std::string("/usr/local/cuda")})
    if (!home.empty()) folders.push_back(home + "/bin");
  for (const auto& folder : path_folders()) folders.push_back(folder);
  std::error_code error;
  for (const auto& folder : folders)
    for (const char* name : {"/nvdisasm", "/cuobjdump"})
      if (fs::is_regular_file(folder + name, error)) return folder + name;
  throw Error("neither nvdisasm nor cuobjdump is in the toolkit or on the PATH", "--dump-sass",
              "install cuda-nvdisasm, or pass --dump-ptx");
}

std::string disassemble(const std::string& cubin, const std::string& tool) {
  std::error_code error;
  const std::string file =
      (fs::temp_directory_path() / ("kdex-sass-" + std::to_string(::getpid()) + ".cubin")).string();
  write_file_atomically(file, cubin, false);
  const std::string command =
      "'" + tool + "' " + (tool.ends_with("cuobjdump") ? "-sass " : "") + "'" + file + "' 2>&1";
  std::string out;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    char buffer[65536];
    while (std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
    ::pclose(pipe);
  }
  fs::remove(file, error);
  return out;
}

}  // namespace kdex::cuda
