// NVRTC, loaded at run time from an installed toolkit or from pip's wheels. Must not know kernels
// or definitions.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace kdex::cuda {

/// What a kernel needs of the chip, as the assembler reported it.
struct Resources {
  std::string kernel;
  int registers = 0;
  int spill_bytes = 0;   ///< stores and loads together
  int shared_bytes = 0;  ///< static shared memory
};

/// A compilation's result. On failure `error` is one line (file:line: message), `log` NVRTC's whole
/// log.
struct Compiled {
  std::string cubin, ptx, log, error;
  std::vector<Resources> kernels;
  bool ok() const { return error.empty(); }
};

struct CompileRequest {
  std::string source, file_name;     ///< text of the .cu file and the name that errors carry
  std::string arch;                  ///< as NVRTC spells it: "sm_90a"
  std::vector<std::string> options;  ///< -D and -I options
  bool lineinfo = false;
};

class Nvrtc {
 public:
  /// Looks in `home` (or $KDEX_CUDA_HOME when empty), $CUDA_HOME, /usr/local/cuda, then the
  /// loader's path. A folder may be a toolkit or the `nvidia` folder of pip's wheels. Throws
  /// kdex::Error, naming what was tried.
  explicit Nvrtc(const std::string& home = "");
  ~Nvrtc();
  Nvrtc(const Nvrtc&) = delete;
  Nvrtc& operator=(const Nvrtc&) = delete;

  /// "13.0"; part of a cubin's key.
  const std::string& version() const;
  const std::string& library() const;
  /// Folders with cuda_bf16.h and cuda_fp16.h that were found beside the library.
  const std::vector<std::string>& include_folders() const;
  /// Architectures that this NVRTC can compile for, as numbers (80, 90, 120).
  std::vector<int> architectures() const;
  /// Safe to call from several threads.
  Compiled compile(const CompileRequest& request) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Registers, spills and shared memory of each kernel in ptxas's verbose report.
std::vector<Resources> parse_resources(const std::string& log);

}  // namespace kdex::cuda
