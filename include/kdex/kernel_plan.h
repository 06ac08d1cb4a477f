// How a CUDA kernel computes a Definition, as data: what to compile, what to allocate, what to
// launch. Sizes are expressions (kdex/expr.h); they depend on shapes only, never on what tensors
// hold. Knows neither CUDA nor a family.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <kdex/expr.h>

namespace kdex {

/// One compilation: a source and its constants (-D).
struct KernelUnit {
  std::string file;    ///< "gemm/tma.cu", in <data>/kernels where `source` is empty
  std::string source;  ///< the text itself, for families that bring their own
  std::vector<std::pair<std::string, std::string>> constants;
  std::vector<std::string> entries;  ///< its kernels (KDEX_KERNEL)
};

/// Device memory that lives for one call, 256-byte aligned.
struct KernelBuffer {
  std::string name;
  Expr bytes;
  bool zeroed = false;
};

/// A CUtensorMap with the 128-byte swizzle over a tensor or buffer; dimensions innermost first.
struct KernelTensorMap {
  std::string name, tensor, dtype;
  std::vector<Expr> dims;     ///< elements
  std::vector<Expr> strides;  ///< bytes, of dimension 1 and up
  std::vector<Expr> box;      ///< elements
};

struct KernelArgument {
  enum class Kind { tensor, map, integer, scalar, real, null };
  Kind kind;
  std::string
      text;    ///< name of a tensor, buffer, map or scalar input; for real a literal as "1.0f"
  Expr value;  ///< for integer
};

struct KernelLaunch {
  std::size_t unit = 0;
  std::string entry;
  BoolExpr when;  ///< launched where it holds
  std::array<Expr, 3> grid = {1, 1, 1};
  Expr block;   ///< threads
  Expr shared;  ///< dynamic shared memory, bytes
  std::vector<KernelArgument> arguments;
};

/// A kernel for one definition on one architecture. Not available: `why_not` is one line.
struct KernelPlan {
  bool available = false;
  std::string why_not;
  std::string summary;  ///< one line: which path, which tiles
  std::vector<KernelUnit> units;
  /// Names for expressions, which may use earlier ones.
  std::vector<std::pair<std::string, Expr>> values;
  std::vector<KernelBuffer> buffers;
  std::vector<KernelTensorMap> maps;
  std::vector<KernelLaunch> launches;  ///< in order, on one stream
  /// Each kernel executes griddepcontrol.wait before it touches memory, so that it may be started
  /// while the launch before it on the stream ends (programmatic dependent launch, sm_90 and
  /// newer).
  bool programmatic_launch = false;
};

}  // namespace kdex
