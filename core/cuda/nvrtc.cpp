// Loading NVRTC and compiling with it. Must not know kernels or definitions.
#include "core/cuda/nvrtc.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <sstream>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cuda/toolkit.h"

namespace fs = std::filesystem;

namespace kdex::cuda {

namespace {

using Program = struct ProgramTag*;

/// Libraries of a toolkit, of pip's cu12 layout (one folder a wheel) and of its cu13 layout.
std::vector<fs::path> libraries_in(const fs::path& home) {
  std::vector<fs::path> out;
  for (const char* folder :
       {"lib64", "lib", "cuda_nvrtc/lib", "cu13/lib", "targets/x86_64-linux/lib"}) {
    std::error_code error;
    std::vector<fs::path> here;
    for (const auto& entry : fs::directory_iterator(home / folder, error)) {
      std::string name = entry.path().filename().string();
      if (name.starts_with("libnvrtc.so")) here.push_back(entry.path());
    }
    std::sort(here.begin(), here.end());
    out.insert(out.end(), here.begin(), here.end());
  }
  return out;
}

std::vector<std::string> includes_in(const fs::path& home) {
  std::vector<std::string> out;
  for (const char* folder :
       {"include", "cuda_runtime/include", "cu13/include", "cuda_cccl/include"}) {
    std::error_code error;
    if (fs::is_directory(home / folder, error)) out.push_back((home / folder).string());
  }
  return out;
}

std::string first_error(const std::string& log, const std::string& file) {
  std::istringstream lines(log);
  std::string line;
  static const std::regex located(R"(^(.*)\((\d+)\): (?:catastrophic )?error:? (.*)$)");
  std::smatch found;
  while (std::getline(lines, line)) {
    if (std::regex_match(line, found, located))
      return found[1].str() + ":" + found[2].str() + ": " + found[3].str();
    if (line.find("error") != std::string::npos) return file + ": " + line;
  }
  return file + ": NVRTC refused it without a message";
}

}  // namespace

struct Nvrtc::Impl {
  void* handle = nullptr;
  std::string library, version;
  std::vector<std::string> includes;
  int (*get_version)(int*, int*) = nullptr;
  int (*create)(Program*, const char*, const char*, int, const char* const*,
                const char* const*) = nullptr;
  int (*destroy)(Program*) = nullptr;
  int (*run)(Program, int, const char* const*) = nullptr;
  int (*log_size)(Program, size_t*) = nullptr;
  int (*log)(Program, char*) = nullptr;
  int (*cubin_size)(Program, size_t*) = nullptr;
  int (*cubin)(Program, char*) = nullptr;
  int (*ptx_size)(Program, size_t*) = nullptr;
  int (*ptx)(Program, char*) = nullptr;
  const char* (*message)(int) = nullptr;
  int (*arch_count)(int*) = nullptr;
  int (*archs)(int*) = nullptr;

  template <typename F>
  bool bind(F& function, const char* name) {
    function = reinterpret_cast<F>(dlsym(handle, name));
    return function != nullptr;
  }
  bool bind_all() {
    return bind(get_version, "nvrtcVersion") && bind(create, "nvrtcCreateProgram") &&
           bind(destroy, "nvrtcDestroyProgram") && bind(run, "nvrtcCompileProgram") &&
           bind(log_size, "nvrtcGetProgramLogSize") && bind(log, "nvrtcGetProgramLog") &&
           bind(cubin_size, "nvrtcGetCUBINSize") && bind(cubin, "nvrtcGetCUBIN") &&
           bind(ptx_size, "nvrtcGetPTXSize") && bind(ptx, "nvrtcGetPTX") &&
           bind(message, "nvrtcGetErrorString") && bind(arch_count, "nvrtcGetNumSupportedArchs") &&
           bind(archs, "nvrtcGetSupportedArchs");
  }
  bool open(const std::string& path) {
    handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) return false;
    int major = 0, minor = 0;
    if (bind_all() && get_version(&major, &minor) == 0) {
      library = path;
      version = std::to_string(major) + "." + std::to_string(minor);
      return true;
    }
    dlclose(handle);
    handle = nullptr;
    return false;
  }
};

Nvrtc::Nvrtc(const std::string& home) : impl_(std::make_unique<Impl>()) {
  const std::vector<std::string> folders = toolkit_homes(home);
  const std::string tried = joined(folders);
  auto headers_of = [&](const fs::path& folder) {
    std::error_code error;
    for (const std::string& include : includes_in(folder))
      if (fs::is_regular_file(include + "/cuda_bf16.h", error)) return includes_in(folder);
    return std::vector<std::string>();
  };
  for (const std::string& folder : folders)
    for (const fs::path& library : libraries_in(folder))
      if (!impl_->handle && impl_->open(library.string())) impl_->includes = headers_of(folder);
  if (!impl_->handle && home.empty() && variable("KDEX_CUDA_HOME").empty())  // none was named
    for (const char* name : {"libnvrtc.so.13", "libnvrtc.so.12"})
      if (!impl_->handle) impl_->open(name);
  if (!impl_->handle)
    throw Error(
        "NVRTC was not found", tried,
        "install a CUDA toolkit, or set KDEX_CUDA_HOME to one or to the nvidia folder of pip's "
        "nvidia-cuda-nvrtc; `kdex kernels` needs it, the other commands do not");
  for (const std::string& folder : folders)
    if (impl_->includes.empty()) impl_->includes = headers_of(folder);
  if (impl_->includes.empty())
    throw Error(
        "the CUDA headers (cuda_bf16.h) for " + impl_->library + " were not found", tried,
        "install them with the toolkit, or pip's nvidia-cuda-runtime and nvidia-cuda-cccl beside "
        "nvidia-cuda-nvrtc");
}
// The library stays loaded: NVRTC keeps threads of its own.
Nvrtc::~Nvrtc() = default;

const std::string& Nvrtc::version() const { return impl_->version; }
const std::string& Nvrtc::library() const { return impl_->library; }
const std::vector<std::string>& Nvrtc::include_folders() const { return impl_->includes; }

std::vector<int> Nvrtc::architectures() const {
  int count = 0;
  if (impl_->arch_count(&count) != 0 || count <= 0) return {};
  std::vector<int> out(static_cast<std::size_t>(count));
  if (impl_->archs(out.data()) != 0) return {};
  return out;
}

Compiled Nvrtc::compile(const CompileRequest& request) const {
  Compiled out;
  Program program = nullptr;
  int status = impl_->create(&program, request.source.c_str(), request.file_name.c_str(), 0,
                             nullptr, nullptr);
  if (status != 0) {
    out.error = request.file_name + ": " + impl_->message(status);
    return out;
  }
  std::vector<std::string> options = {
      "--gpu-architecture=" + request.arch, "--std=c++17", "--ptxas-options=-v",
      "-default-device"};  // a lambda inside a kernel is the device's
  if (request.lineinfo) options.emplace_back("--generate-line-info");
  for (const std::string& folder : impl_->includes) options.push_back("--include-path=" + folder);
  options.insert(options.end(), request.options.begin(), request.options.end());
  std::vector<const char*> raw;
  for (const std::string& option : options) raw.push_back(option.c_str());
  status = impl_->run(program, static_cast<int>(raw.size()), raw.data());
  size_t size = 0;
  if (impl_->log_size(program, &size) == 0 && size > 1) {
    out.log.resize(size);
    impl_->log(program, out.log.data());
    out.log.resize(size - 1);
  }
  if (status != 0) {
    out.error = first_error(out.log.empty() ? impl_->message(status) : out.log, request.file_name);
  } else {
    if (impl_->cubin_size(program, &size) == 0) {
      out.cubin.resize(size);
      impl_->cubin(program, out.cubin.data());
    }
    if (impl_->ptx_size(program, &size) == 0 && size > 1) {
      out.ptx.resize(size);
      impl_->ptx(program, out.ptx.data());
      out.ptx.resize(size - 1);
    }
    if (out.cubin.empty())
      out.error = request.file_name + ": NVRTC gave no cubin for '" + request.arch + "'; use sm_NN";
    out.kernels = parse_resources(out.log);
  }
  impl_->destroy(&program);
  return out;
}

std::vector<Resources> parse_resources(const std::string& log) {
  std::vector<Resources> out;
  std::istringstream lines(log);
  std::string line;
  static const std::regex name(R"(Function properties for (\S+))");
  static const std::regex spill(R"((\d+) bytes spill stores, (\d+) bytes spill loads)");
  static const std::regex used(R"(Used (\d+) registers)");
  static const std::regex shared(R"((\d+)(?:\+\d+)? bytes smem)");
  std::smatch found;
  while (std::getline(lines, line)) {
    if (std::regex_search(line, found, name)) {
      out.push_back({found[1].str()});
    } else if (!out.empty()) {
      if (std::regex_search(line, found, spill))
        out.back().spill_bytes = std::stoi(found[1]) + std::stoi(found[2]);
      if (std::regex_search(line, found, used)) out.back().registers = std::stoi(found[1]);
      if (std::regex_search(line, found, shared)) out.back().shared_bytes = std::stoi(found[1]);
    }
  }
  return out;
}

}  // namespace kdex::cuda
