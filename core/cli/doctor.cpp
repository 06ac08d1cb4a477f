// kdex doctor: what kdex found on this machine, and what to do about what it did not.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cli/options.h"
#include "core/cuda/driver.h"
#include "core/cuda/nvrtc.h"
#include "core/engine/engine.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/source_packages.h"
#include "core/plugin/settings.h"

namespace kdex::cli {
namespace {

namespace fs = std::filesystem;

/// Prints lines; knows whether something that kdex cannot do without was missing.
class Findings {
 public:
  void good(const char* what, const std::string& text) { line(what, text, Colour::plain); }
  /// Something optional that is not there.
  void absent(const char* what, const std::string& text) {
    line(what, "not found: " + text, Colour::yellow);
  }
  void bad(const char* what, const std::string& text) {
    line(what, text, Colour::red);
    is_bad_ = true;
  }
  bool is_bad() const { return is_bad_; }

 private:
  static void line(const char* what, const std::string& text, Colour colour) {
    std::printf("%-12s %s\n", what, coloured(printable(text), colour, stdout).c_str());
  }
  bool is_bad_ = false;
};

std::string size_text(std::uintmax_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

/// Files below a folder and their bytes.
std::string size_of_folder(const std::string& folder) {
  std::error_code error;
  std::uintmax_t bytes = 0, files = 0;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code inner;
    if (!it->is_regular_file(inner)) continue;
    ++files;
    bytes += it->file_size(inner);
  }
  return std::to_string(files) + " files, " + size_text(bytes);
}

void look_at_sources(Findings& out, const std::vector<std::string>& given) {
  try {
    const auto folders = resolve_source_folders(given);
    std::vector<std::string> wanted = {transformers_package};
    for (const auto& e : engine::known_engines().engines) wanted.push_back(e.package);
    const std::string cache = cache_folder();
    for (const auto& s : source_packages(folders, wanted, cache))
      out.good("sources",
               s.name + " " + (s.version.empty() ? "(no version)" : s.version) + "  " + s.folder);
  } catch (const Error& e) {
    out.bad("sources", e.what());
  }
}

void look_at_engines(Findings& out) {
  const auto& engines = engine::known_engines();
  for (const auto& e : engines.engines) out.good("engine", e.name + "  " + e.folder);
  for (const auto& r : engines.refused) out.bad("engine", "refused: " + r.reason);
}

void look_at_plugins(Findings& out, const std::vector<std::string>& folders) {
  const LoadedPlugins loaded = load_all_plugins(folders);
  std::string names;
  for (const auto& f : loaded.families)
    names += (names.empty() ? "" : ", ") + f.info.name + " " + f.info.version;
  if (loaded.families.empty())
    out.bad("families", "none in " + plugin_folder() + "; build kdex whole, or set KDEX_HOME");
  else
    out.good("families", names);
  for (const auto& s : loaded.stages) out.good("stage", s.info.name + "  " + s.library);
  for (const auto& r : loaded.refused) out.bad("plugin", "refused: " + r.library + ": " + r.reason);
}

void look_at_cuda(Findings& out) {
  try {
    const cuda::Nvrtc nvrtc;
    out.good("NVRTC", nvrtc.version() + "  " + nvrtc.library());
    if (nvrtc.include_folders().empty())
      out.absent("CUDA headers",
                 "cuda_bf16.h; `kdex kernels build` needs them: install a toolkit, "
                 "or pip's nvidia-cuda-runtime, and set KDEX_CUDA_HOME");
  } catch (const Error& e) {
    out.absent("NVRTC", std::string(e.what()) + " (`kdex kernels build` needs it)");
  }
  if (const std::string why = cuda::why_no_device(); !why.empty()) {
    out.absent("GPU", why + " (`kdex kernels verify` and `bench` need one)");
    return;
  }
  try {
    const cuda::Driver driver;
    const auto& f = driver.facts();
    out.good("GPU", f.name + ", " + f.arch + ", " + size_text(f.memory) + ", driver " + f.driver);
  } catch (const Error& e) {
    out.absent("GPU", e.what());
  }
}

void look_at_caches(Findings& out) {
  const std::string cache = cache_folder();
  if (cache.empty()) {
    out.absent("cache", "no home folder; set KDEX_CACHE, or every run parses all sources anew");
    return;
  }
  std::error_code error;
  if (!fs::exists(cache, error)) {
    out.good("cache", cache + "  empty");
    return;
  }
  std::vector<std::string> folders;
  for (fs::directory_iterator it(cache, error), end; !error && it != end; it.increment(error))
    if (it->is_directory(error)) folders.push_back(it->path().string());
  std::sort(folders.begin(), folders.end());
  for (const auto& folder : folders) out.good("cache", folder + "  " + size_of_folder(folder));
  if (::access(cache.c_str(), W_OK) != 0)
    out.absent("cache", cache + " cannot be written; set KDEX_CACHE");
}

}  // namespace

int doctor_command(const std::vector<std::string>& arguments) {
  const Command& self = command("doctor");
  const auto a =
      read_arguments(self, arguments, {pipeline_option("sources")->option, plugins_path_option()});
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  Findings out;
  out.good("kdex", std::string(KDEX_VERSION) + "  " + home_folder());
  std::vector<std::string> sources;
  for (const auto& s : a->parts("sources")) sources.push_back(expand_home(s));
  look_at_engines(out);
  look_at_sources(out, sources);
  out.good("checkpoints", std::to_string(known_checkpoints().size()) +
                              " of examples/checkpoints and the local Hugging Face cache");
  look_at_plugins(out, given_plugins_path(*a));
  look_at_cuda(out);
  look_at_caches(out);
  return out.is_bad() ? done_with_errors : done;
}

}  // namespace kdex::cli
