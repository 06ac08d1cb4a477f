// Solutions compiled as FlashInfer-Bench's builder compiles them: by nvcc, with tvm-ffi's headers,
// for each architecture that they name. Needs no GPU. Knows no kernel and no family.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kdex::cuda {

class SolutionCompiler {
 public:
  /// nvcc is looked for in `cuda_home` (or $KDEX_CUDA_HOME where it is empty), else in $CUDA_HOME
  /// and /usr/local/cuda, then on the PATH; tvm-ffi's headers in $KDEX_TVM_FFI, the folder tvm_ffi
  /// beside the CUDA home, then python3's package. Results are kept in `cache_folder` (empty:
  /// nowhere). Throws kdex::Error, naming what was tried.
  SolutionCompiler(const std::string& cuda_home, std::string cache_folder);

  /// "nvcc 13.0.88, tvm-ffi in ...".
  std::string description() const;

  /// Equal for solutions that differ in nothing but the names in their first comment.
  static std::string text_key(const nlohmann::ordered_json& solution);

  /// By architecture of `archs`: empty where the solution compiled, else the first error in one
  /// line. `work_folder`: an empty folder for this call, which is left with files in it. Safe to
  /// call from several threads. Throws kdex::Error where nvcc cannot be run.
  std::map<std::string, std::string> compile(const nlohmann::ordered_json& solution,
                                             const std::vector<std::string>& archs,
                                             const std::string& work_folder) const;

 private:
  std::string cache_key(const std::string& text, const std::string& arch) const;
  std::string run(const std::vector<std::string>& archs, const std::string& folder) const;

  std::string nvcc_, version_, include_, cache_folder_;
};

}  // namespace kdex::cuda
