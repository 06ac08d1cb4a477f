// The launcher's text. Each unit is included in a namespace of its own, so that one file may hold
// several variants of one kernel.
#include "core/cuda/solution.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cuda/expression.h"

namespace fs = std::filesystem;

namespace kdex::cuda {

namespace {

const char* const kHead = R"cu(#include <cuda.h>
#include <cuda_runtime.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/function.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

)cu";

const char* const kRuntime = R"cu(namespace kdex_launch {

inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

inline void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(status));
}
inline int sm_count(int device) {
  static std::map<int, int> known;
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  int& count = known[device];
  if (count == 0) check(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device), "device");
  return count;
}
// Memory of one stream's calls; it grows and is kept.
inline char* workspace(int device, cudaStream_t stream, int64_t bytes) {
  static std::map<std::pair<int, cudaStream_t>, std::pair<char*, int64_t>> known;
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  auto& mine = known[{device, stream}];
  if (mine.second < bytes) {
    if (mine.first) check(cudaStreamSynchronize(stream), "workspace");
    if (mine.first) check(cudaFree(mine.first), "workspace");
    mine = {nullptr, 0};
    check(cudaMalloc(reinterpret_cast<void**>(&mine.first), bytes), "workspace");
    mine.second = bytes;
  }
  return mine.first;
}
inline void launch(const void* kernel, int64_t x, int64_t y, int64_t z, int64_t block, int64_t shared, void** arguments,
                   cudaStream_t stream, bool programmatic, const char* name) {
  if (x <= 0 || y <= 0 || z <= 0) return;
  if (shared > 48 * 1024)
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)), name);
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(x, y, z), config.blockDim = dim3(block), config.dynamicSmemBytes = shared, config.stream = stream;
  cudaLaunchAttribute attribute = {};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization, attribute.val.programmaticStreamSerializationAllowed = 1;
  config.attrs = &attribute, config.numAttrs = programmatic ? 1 : 0;
  check(cudaLaunchKernelExC(&config, kernel, arguments), name);
}

)cu";

const char* const kMaps =
    R"cu(inline CUtensorMap tensor_map(CUtensorMapDataType type, void* base, int rank, const cuuint64_t* dims,
                              const cuuint64_t* strides, const cuuint32_t* box) {
  static PFN_cuTensorMapEncodeTiled_v12000 encode = [] {
    void* entry = nullptr;
    cudaDriverEntryPointQueryResult found;
#if CUDART_VERSION >= 12050
    check(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &entry, 12000, cudaEnableDefault, &found), "driver");
#else
    check(cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &entry, cudaEnableDefault, &found), "driver");
#endif
    return reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(entry);
  }();
  CUtensorMap map;
  if (base == nullptr) base = reinterpret_cast<void*>(256);  // a tensor without elements; its map is never read
  const cuuint32_t ones[5] = {1, 1, 1, 1, 1};
  if (!encode || encode(&map, type, rank, base, dims, strides, box, ones, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                        CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) != CUDA_SUCCESS)
    throw std::runtime_error("the driver refused a tensor map");
  return map;
}

)cu";

const char* const kProbe =
    R"cu(// Was this binary compiled for sm_90a? The kernel is never run; its static shared memory tells.
__global__ void probe() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  __shared__ volatile char mark[256];
  mark[threadIdx.x] = 1;
#endif
}
inline bool is_sm_90a() {
  static const bool yes = [] {
    cudaFuncAttributes attributes;
    check(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&probe)), "device");
    return attributes.sharedSizeBytes >= 256;
  }();
  return yes;
}

)cu";

std::string map_type(const std::string& dtype) {
  if (dtype == "bfloat16") return "CU_TENSOR_MAP_DATA_TYPE_BFLOAT16";
  if (dtype == "float16") return "CU_TENSOR_MAP_DATA_TYPE_FLOAT16";
  if (dtype == "float32") return "CU_TENSOR_MAP_DATA_TYPE_FLOAT32";
  return "CU_TENSOR_MAP_DATA_TYPE_UINT8";
}
std::string file_of(const KernelUnit& u) {
  return u.source.empty() ? u.file : u.file.empty() ? "kernel_source.cu" : u.file;
}
std::string included_name(const std::string& file) {
  return fs::path(file).replace_extension(".inl").generic_string();
}
bool is_const(const Definition& d, const std::string& axis) {
  return std::any_of(d.axes.begin(), d.axes.end(),
                     [&](const Axis& a) { return a.name == axis && a.value; });
}

/// What the launcher does under one plan; units are numbered from `first`.
std::string body(const Definition& d, const KernelPlan& p, std::size_t first) {
  std::string out;
  auto list = [](const std::vector<Expr>& values, const char* type) {
    std::string s;
    for (const auto& v : values)
      s += (s.empty() ? "" : ", ") + ("static_cast<" + std::string(type) + ">(" + c_text(v) + ")");
    return s;
  };
  for (const auto& [name, e] : p.values)
    out += "    [[maybe_unused]] const int64_t " + name + " = " + c_text(e) + ";\n";
  if (!p.buffers.empty()) {
    out += "    int64_t bytes = 0;\n";
    for (const auto& b : p.buffers)
      out += "    const int64_t at_" + b.name + " = bytes, size_" + b.name + " = " +
             c_text(b.bytes) + ";\n    bytes += ceil_div(size_" + b.name + ", 256) * 256;\n";
    out += "    char* space = workspace(device, stream, bytes);\n";
    for (const auto& b : p.buffers) {
      out += "    void* t_" + b.name + " = space + at_" + b.name + ";\n";
      if (b.zeroed)
        out += "    if (size_" + b.name + " > 0) check(cudaMemsetAsync(t_" + b.name + ", 0, size_" +
               b.name + ", stream), \"" + b.name + "\");\n";
    }
  }
  for (std::size_t i = 0; i < p.launches.size(); ++i) {
    const auto& l = p.launches[i];
    out += l.when.always() ? "    {\n" : "    if (" + c_text(l.when) + ") {\n";
    std::set<std::string> needed;
    for (const auto& a : l.arguments)
      if (a.kind == KernelArgument::Kind::map) needed.insert(a.text);
    for (const auto& m : p.maps)
      if (needed.contains(m.name)) {
        out += "      const cuuint64_t dims_" + m.name + "[] = {" + list(m.dims, "cuuint64_t") +
               "}, strides_" + m.name + "[] = {" +
               (m.strides.empty() ? "0" : list(m.strides, "cuuint64_t")) +
               "};\n      const cuuint32_t box_" + m.name + "[] = {" + list(m.box, "cuuint32_t") +
               "};\n      CUtensorMap m_" + m.name + " = tensor_map(" + map_type(m.dtype) + ", t_" +
               m.tensor + ", " + std::to_string(m.dims.size()) + ", dims_" + m.name + ", strides_" +
               m.name + ", box_" + m.name + ");\n";
      }
    std::string pointers;
    for (std::size_t k = 0; k < l.arguments.size(); ++k) {
      const auto& a = l.arguments[k];
      const std::string name = "a" + std::to_string(k);
      std::string value;
      switch (a.kind) {
        case KernelArgument::Kind::tensor:
          value = "void* " + name + " = t_" + a.text;
          break;
        case KernelArgument::Kind::null:
          value = "void* " + name + " = nullptr";
          break;
        case KernelArgument::Kind::integer:
          value = "int " + name + " = static_cast<int>(" + c_text(a.value) + ")";
          break;
        case KernelArgument::Kind::real:
          value = "float " + name + " = " + a.text;
          break;
        case KernelArgument::Kind::map:
          value = "";
          break;
        case KernelArgument::Kind::scalar: {
          const auto in = std::find_if(d.inputs.begin(), d.inputs.end(),
                                       [&](const TensorSpec& t) { return t.name == a.text; });
          const bool real =
              in == d.inputs.end() || in->dtype.starts_with("float") || in->dtype == "bfloat16";
          value = std::string(real ? "float " : "int ") + name + " = static_cast<" +
                  (real ? "float" : "int") + ">(in_" + a.text + ")";
          break;
        }
      }
      if (!value.empty()) out += "      " + value + ";\n";
      pointers += (k ? ", &" : "&") + (a.kind == KernelArgument::Kind::map ? "m_" + a.text : name);
    }
    const std::string space = "kdex_u" + std::to_string(first + l.unit);
    out += "      void* arguments[] = {" + pointers +
           "};\n      launch(reinterpret_cast<const void*>(&" + space + "::" + l.entry + "), " +
           c_text(l.grid[0]) + ", " + c_text(l.grid[1]) + ", " + c_text(l.grid[2]) + ", " +
           c_text(l.block) + ", " + c_text(l.shared) + ", arguments, stream, " +
           (p.programmatic_launch ? "true" : "false") + ", \"" + l.entry + "\");\n    }\n";
  }
  return out;
}

/// Includes of all units, each in its namespace with its constants defined before and undefined
/// after.
std::string units_text(const KernelPlan& p, std::size_t first) {
  std::string out;
  for (std::size_t u = 0; u < p.units.size(); ++u) {
    const auto& unit = p.units[u];
    const std::string space = "kdex_u" + std::to_string(first + u);
    std::string undo;
    for (const auto& [name, value] : unit.constants) {
      if (name == "KDEX_DTYPE") continue;  // defined once, for all units and headers
      out += "#define " + name + " " + value + "\n";
      undo += "#undef " + name + "\n";
    }
    out += "namespace " + space + " {\n";
    out += "#include \"" + included_name(file_of(unit)) + "\"\n";
    out += "}\n" + undo + "\n";
  }
  return out;
}

std::string constant(const KernelPlan& p, const std::string& name) {
  for (const auto& u : p.units)
    for (const auto& [k, v] : u.constants)
      if (k == name) return v;
  return "";
}

}  // namespace

std::string solution_name(const Definition& d, const std::string& author) {
  return author + "_" + d.name;
}
std::string solution_file(const Definition& d, const std::string& author) {
  return "solutions/" + author + "/" + d.op_type + "/" + d.name + "/" + solution_name(d, author) +
         ".json";
}

bool same_plan(const KernelPlan& a, const KernelPlan& b) {
  if (a.units.size() != b.units.size() || a.launches.size() != b.launches.size() ||
      a.programmatic_launch != b.programmatic_launch || !a.maps.empty() || !b.maps.empty())
    return false;
  for (std::size_t i = 0; i < a.units.size(); ++i) {
    const auto &x = a.units[i], &y = b.units[i];
    if (x.file != y.file || x.source != y.source || x.constants != y.constants) return false;
  }
  for (std::size_t i = 0; i < a.launches.size(); ++i) {
    const auto &x = a.launches[i], &y = b.launches[i];
    if (x.unit != y.unit || x.entry != y.entry || !x.when.identical(y.when) ||
        !x.grid[0].identical(y.grid[0]) || !x.grid[1].identical(y.grid[1]) ||
        !x.grid[2].identical(y.grid[2]) || !x.block.identical(y.block) ||
        !x.shared.identical(y.shared))
      return false;
  }
  return true;
}

namespace {

struct Sources {
  std::vector<std::string> headers;                        ///< before those that include them
  std::vector<std::pair<std::string, std::string>> units;  ///< path and text
};

Sources sources_of(const Definition& d, const SolutionPlans& plans, const KernelTexts& texts) {
  Sources out;
  std::set<std::string> files, headers;
  for (const KernelPlan* plan : {plans.hopper, plans.portable}) {
    if (!plan) continue;
    for (const auto& u : plan->units) {
      const std::string file = file_of(u);
      if (!files.insert(file).second) continue;
      auto text = texts.find(u.file);
      if (u.source.empty() && text == texts.end())
        throw Error("unknown kernel file '" + u.file + "'", d.name);
      out.units.emplace_back(included_name(file), u.source.empty() ? text->second : u.source);
      for (auto& h : included_headers(texts, file, out.units.back().second))
        if (headers.insert(h).second) out.headers.push_back(std::move(h));
    }
  }
  return out;
}

}  // namespace

nlohmann::ordered_json make_solution(const Definition& d, const SolutionPlans& plans,
                                     const KernelTexts& texts) {
  SolutionPlans p = plans;
  if (p.hopper && p.portable && same_plan(*p.hopper, *p.portable)) p.hopper = nullptr;
  const KernelPlan& any = p.hopper ? *p.hopper : *p.portable;
  const bool both = p.hopper && p.portable;
  const bool maps =
      (p.hopper && !p.hopper->maps.empty()) || (p.portable && !p.portable->maps.empty());

  std::string s =
      "// Launcher of " + d.name + ", written by kdex. The kernels are in the .inl files.\n";
  s += kHead;
  if (maps) s += "#include <cudaTypedefs.h>\n\n";
  if (auto dtype = constant(any, "KDEX_DTYPE"); !dtype.empty())
    s += "#define KDEX_DTYPE " + dtype + "\n";
  const Sources files = sources_of(d, p, texts);
  s += "#define KDEX_SOLUTION\n";
  for (const auto& h : files.headers) s += "#include \"" + h + "\"\n";
  s += "\n";
  std::size_t first_portable = 0;
  if (p.hopper) s += units_text(*p.hopper, 0), first_portable = p.hopper->units.size();
  if (p.portable) s += units_text(*p.portable, first_portable);
  s += kRuntime;
  if (maps) s += kMaps;
  if (both) s += kProbe;

  std::string parameters, locals;
  auto add = [&](const TensorSpec& t, const char* prefix) {
    const bool real = t.dtype.starts_with("float") || t.dtype == "bfloat16";
    parameters += (parameters.empty() ? "" : ", ") +
                  std::string(t.shape ? "tvm::ffi::TensorView "
                              : real  ? "double "
                                      : "int64_t ") +
                  prefix + t.name;
    if (t.shape)
      locals += "  [[maybe_unused]] void* t_" + t.name + " = " + prefix + t.name + ".data_ptr();\n";
  };
  std::set<std::string> known;
  std::string device;
  for (const auto& t : d.inputs) {
    add(t, "in_");
    if (!t.shape) continue;
    if (device.empty()) device = "in_" + t.name;
    for (std::size_t i = 0; i < t.shape->size(); ++i) {
      const auto& axis = (*t.shape)[i];
      if (!is_const(d, axis) && known.insert(axis).second)
        locals += "  [[maybe_unused]] const int64_t " + axis + " = in_" + t.name + ".size(" +
                  std::to_string(i) + ");\n";
    }
  }
  for (const auto& t : d.outputs) add(t, "out_");
  for (const auto& a : d.axes)
    if (a.value)
      locals +=
          "  [[maybe_unused]] const int64_t " + a.name + " = " + std::to_string(*a.value) + ";\n";
  s += "void run(" + parameters + ") {\n";
  s += "  const int device = " + device +
       ".device().device_id;\n  check(cudaSetDevice(device), \"device\");\n";
  s += "  cudaStream_t stream = static_cast<cudaStream_t>(TVMFFIEnvGetStream(kDLCUDA, device));\n";
  s += "  [[maybe_unused]] const int64_t sms = sm_count(device);\n" + locals;
  if (both)
    s += "  if (is_sm_90a()) {\n" + body(d, *p.hopper, 0) + "  } else {\n" +
         body(d, *p.portable, first_portable) + "  }\n";
  else
    s += "  {\n" + body(d, any, 0) + "  }\n";
  s +=
      "}\n\n}  // namespace kdex_launch\n\nTVM_FFI_DLL_EXPORT_TYPED_FUNC(run, kdex_launch::run);\n";

  nlohmann::ordered_json sources = nlohmann::ordered_json::array();
  sources.push_back({{"path", "kernel.cu"}, {"content", s}});
  for (const auto& [path, text] : files.units)
    sources.push_back({{"path", path}, {"content", text}});
  for (const auto& h : files.headers) sources.push_back({{"path", h}, {"content", texts.at(h)}});
  nlohmann::ordered_json hardware = nlohmann::ordered_json::array();
  if (p.portable)
    hardware = {"sm_80", "sm_89", "sm_90", "sm_90a", "sm_100", "sm_120"};
  else
    hardware = {"sm_90a"};
  return {{"name", solution_name(d, p.author)},
          {"definition", d.name},
          {"author", p.author},
          {"spec",
           {{"language", "cuda"},
            {"target_hardware", hardware},
            {"entry_point", "kernel.cu::run"},
            {"dependencies", nlohmann::ordered_json::array()},
            {"destination_passing_style", true},
            {"binding", "tvm-ffi"}}},
          {"sources", sources},
          {"description", any.summary}};
}

}  // namespace kdex::cuda
