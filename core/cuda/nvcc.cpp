// Implementation of core/cuda/nvcc.h. The options are those of tvm_ffi.cpp.build.
#include "core/cuda/nvcc.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/cuda/cubin_cache.h"
#include "core/cuda/toolkit.h"

namespace fs = std::filesystem;

namespace kdex::cuda {

namespace {

struct Finished {
  int status = 0;
  std::string output;  ///< of both streams
};

/// Runs a program to its end, without a shell.
Finished run_program(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error("cannot create a pipe", words[0]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::vector<char*> raw;
  for (const std::string& w : words) raw.push_back(const_cast<char*>(w.c_str()));
  raw.push_back(nullptr);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, raw[0], &actions, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Finished out;
  std::array<char, 65536> chunk{};
  for (ssize_t n = 0; !failed && (n = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
    out.output.append(chunk.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  if (failed) throw Error("cannot be started", words[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return out;
}

std::string find_nvcc(const std::string& cuda_home) {
  std::vector<std::string> folders;
  for (const auto& home : toolkit_homes(cuda_home))
    folders.insert(folders.end(), {home + "/bin", home + "/cu13/bin"});
  for (const auto& folder : path_folders()) folders.push_back(folder);
  for (const auto& folder : folders)
    if (::access((folder + "/nvcc").c_str(), X_OK) == 0) return folder + "/nvcc";
  throw Error("nvcc was not found", joined(toolkit_homes(cuda_home)) + ", the PATH",
              "install a CUDA toolkit, or run scripts/fetch-nvcc.sh; --check-solutions needs it");
}

/// The package's folder, as python3 finds it; "" where it has none.
std::string python_package() {
  const Finished f = run_program({"python3", "-c",
                                  "import importlib.util as u; s = u.find_spec('tvm_ffi'); "
                                  "print(s.submodule_search_locations[0] if s else '', end='')"});
  return f.status == 0 ? f.output : "";
}

std::string find_tvm_ffi(const std::string& cuda_home) {
  std::vector<std::string> folders = {variable("KDEX_TVM_FFI")};
  for (const auto& home : toolkit_homes(cuda_home)) folders.push_back(home + "/../tvm_ffi");
  std::error_code error;
  auto holds = [&](const std::string& folder) {
    return !folder.empty() && fs::is_regular_file(folder + "/include/tvm/ffi/function.h", error);
  };
  for (const auto& folder : folders)
    if (holds(folder)) return fs::canonical(folder).string() + "/include";
  if (const std::string package = python_package(); holds(package)) return package + "/include";
  throw Error("the headers of tvm-ffi were not found",
              "KDEX_TVM_FFI, the CUDA home, python3's packages",
              "install apache-tvm-ffi, or run scripts/fetch-nvcc.sh; --check-solutions needs them");
}

/// "13.0.88" of `nvcc --version`.
std::string version_of(const std::string& nvcc) {
  const std::string text = run_program({nvcc, "--version"}).output;
  const auto at = text.find(", V");
  return at == std::string::npos ? "" : text.substr(at + 3, text.find('\n', at) - at - 3);
}

/// The first line of an error. nvcc's own way of telling where differs by the tool that found it.
std::string first_error(const std::string& log) {
  std::istringstream lines(log);
  std::string line, last;
  while (std::getline(lines, line)) {
    if (line.find("error") != std::string::npos || line.find("fatal") != std::string::npos)
      return line;
    if (!line.empty()) last = line;
  }
  return last.empty() ? "nvcc failed without a message" : last;
}

std::string number_of(const std::string& arch) { return arch.substr(std::string("sm_").size()); }

}  // namespace

SolutionCompiler::SolutionCompiler(const std::string& cuda_home, std::string cache_folder)
    : nvcc_(find_nvcc(cuda_home)),
      version_(version_of(nvcc_)),
      include_(find_tvm_ffi(cuda_home)),
      cache_folder_(std::move(cache_folder)) {}

std::string SolutionCompiler::description() const {
  return "nvcc " + version_ + ", tvm-ffi in " + include_;
}

std::string SolutionCompiler::text_key(const nlohmann::ordered_json& solution) {
  std::string all;
  for (const auto& s : solution.at("sources")) {
    const auto& content = s.at("content").get_ref<const std::string&>();
    const bool named = content.starts_with("// Launcher of ");
    all += s.at("path").get<std::string>() + "\n" +
           (named ? content.substr(content.find('\n')) : content) + "\n";
  }
  return CubinCache::key_of(all);
}

std::string SolutionCompiler::cache_key(const std::string& text, const std::string& arch) const {
  return CubinCache::key_of("solution 1\n" + text + "\n" + arch + "\n" + version_ + "\n" +
                            include_);
}

std::string SolutionCompiler::run(const std::vector<std::string>& archs,
                                  const std::string& folder) const {
  std::vector<std::string> words = {nvcc_, "-Xcompiler", "-fPIC", "-std=c++17", "-O2"};
  for (const auto& arch : archs)
    words.push_back("-gencode=arch=compute_" + number_of(arch) + ",code=sm_" + number_of(arch));
  words.insert(words.end(),
               {"-w", "-I" + include_, "-c", folder + "/kernel.cu", "-o", folder + "/kernel.o"});
  const Finished f = run_program(words);
  if (f.status == 0) return "";
  std::string line = first_error(f.output);
  for (auto at = line.find(folder + "/"); at != std::string::npos; at = line.find(folder + "/"))
    line.erase(at, folder.size() + 1);
  return line;
}

std::map<std::string, std::string> SolutionCompiler::compile(const nlohmann::ordered_json& solution,
                                                             const std::vector<std::string>& archs,
                                                             const std::string& work_folder) const {
  const std::string text = text_key(solution);
  std::map<std::string, std::string> out;
  std::vector<std::string> left;
  const CubinCache cache(cache_folder_);
  for (const auto& arch : archs) {
    const auto known = cache_folder_.empty() ? std::nullopt : cache.load(cache_key(text, arch));
    if (known)
      out[arch] = known->substr(1);
    else
      left.push_back(arch);
  }
  if (left.empty()) return out;
  for (const auto& s : solution.at("sources")) {
    const fs::path file = fs::path(work_folder) / s.at("path").get<std::string>();
    fs::create_directories(file.parent_path());
    write_file_atomically(file.string(), s.at("content").get<std::string>(), false);
  }
  // All at once shares the host's part; where that fails, each alone.
  const bool all = run(left, work_folder).empty();
  for (const auto& arch : left) {
    out[arch] = all ? "" : run({arch}, work_folder);
    if (!cache_folder_.empty()) (void)cache.store(cache_key(text, arch), "=" + out[arch]);
  }
  return out;
}

}  // namespace kdex::cuda
