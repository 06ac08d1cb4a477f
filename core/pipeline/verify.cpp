// Each definition runs in a child: a kernel that crashes, hangs or spoils its context harms no other. The parent never
// starts the driver.
#include "core/pipeline/verify.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/base/files.h"
#include "core/cuda/driver.h"
#include "core/cuda/reference.h"
#include "core/cuda/workloads.h"
#include "core/dataset/lock.h"
#include "core/definition/json.h"
#include "core/error.h"
#include "core/paths.h"

namespace kdex {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int kWorkerFile = 9;  // where a worker program writes its lines

/// A child's answer to its parent, a line of JSON; the child ends where nobody reads.
void send_line(int file, const json& j) {
  const std::string text = j.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(file, text.data() + at, text.size() - at);
    if (n <= 0) ::_exit(3);
    at += static_cast<std::size_t>(n);
  }
}

/// The program that can be started again as `kdex kernels verify-worker`: kdex itself, not a test that links this.
bool is_kdex() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).filename() == "kdex";
}

/// Runs `work` in a child (with `program`: that program in the child instead) and gives it a function that sends lines; `line` gets them as they come. False: the child
/// was killed after `seconds` without a line, or died; `how` says which.
bool in_child(const std::function<void(const std::function<void(const json&)>&)>& work, const std::function<void(const json&)>& line, double seconds,
              const std::atomic<bool>* cancelled, std::string& how, bool& timed_out, const std::vector<std::string>& program = {}) {
  int ends[2];
  if (::pipe(ends) != 0) throw Error("no pipe", "kdex kernels");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw Error("no process could be started", "kdex kernels");
  if (child == 0) {
    ::close(ends[0]);
    if (!program.empty()) {  // a fresh program: what this process has loaded does not follow it
      ::dup2(ends[1], kWorkerFile);
      std::vector<char*> arguments;
      for (const auto& a : program) arguments.push_back(const_cast<char*>(a.c_str()));
      arguments.push_back(nullptr);
      ::execv("/proc/self/exe", arguments.data());
      ::_exit(127);
    }
    auto send = [&](const json& j) { send_line(ends[1], j); };
    int status = 0;
    try {
      work(send);
    } catch (const std::exception& e) {
      send({{"fatal", e.what()}});
      status = 1;
    }
    ::_exit(status);
  }
  ::close(ends[1]);
  std::string buffer;
  timed_out = false;
  bool stopped = false;
  for (;;) {
    pollfd p{ends[0], POLLIN, 0};
    double left = seconds;
    int ready = 0;
    while (left > 0 && ready == 0) {
      ready = ::poll(&p, 1, 200);
      left -= 0.2;
      if (cancelled && *cancelled) stopped = true, left = 0;
    }
    if (ready <= 0 && (left <= 0)) {
      timed_out = !stopped;
      ::kill(child, SIGKILL);
      break;
    }
    char chunk[65536];
    const ssize_t n = ::read(ends[0], chunk, sizeof chunk);
    if (n <= 0) break;
    buffer.append(chunk, static_cast<std::size_t>(n));
    for (std::size_t end; (end = buffer.find('\n')) != std::string::npos;) {
      line(json::parse(buffer.substr(0, end)));
      buffer.erase(0, end + 1);
    }
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (timed_out) how = "no answer in " + std::to_string(static_cast<int>(seconds)) + " s";
  else if (stopped) how = "interrupted";
  else if (WIFSIGNALED(status)) how = "the process ended by signal " + std::to_string(WTERMSIG(status));
  else if (WEXITSTATUS(status) != 0) how = "the process ended with status " + std::to_string(WEXITSTATUS(status));
  else return true;
  return false;
}

bool is_real(const std::string& dtype) { return dtype.starts_with("float") || dtype == "bfloat16"; }

/// The definition's own reference by python3: inputs and outputs pass as safetensors-like raw files.
const char* const kPython = R"py(import json, sys, torch
folder, dtypes = sys.argv[1], {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "int32": torch.int32,
    "int64": torch.int64, "int8": torch.int8, "int16": torch.int16, "bool": torch.bool,
    "float8_e4m3fn": torch.float8_e4m3fn, "float8_e5m2": torch.float8_e5m2}
spec = json.load(open(folder + "/call.json"))
device = "cuda" if torch.cuda.is_available() else "cpu"
arguments = []
for x in spec["inputs"]:
    if "value" in x:
        arguments.append(x["value"])
    else:
        data = open(folder + "/" + x["name"], "rb").read()
        arguments.append(torch.frombuffer(bytearray(data), dtype=torch.uint8).to(device).view(dtypes[x["dtype"]]).reshape(x["shape"]))
text = spec["reference"].replace("torch.float32", "torch.float64").replace(".float()", ".double()")
scope = {"__name__": "reference"}
exec(compile(text, "reference.py", "exec"), scope)
torch.backends.cuda.matmul.allow_tf32 = False
try:
    out = scope["run"](*arguments)
except RuntimeError:  # a mix of float32 and float64 that torch refuses: the reference as it stands
    scope = {"__name__": "reference"}
    exec(compile(spec["reference"], "reference.py", "exec"), scope)
    out = scope["run"](*arguments)
if isinstance(out, dict):
    out = [out[name] for name in spec["outputs"]]
out = list(out) if isinstance(out, (tuple, list)) else [out]
for name, value in zip(spec["outputs"], out):
    open(folder + "/want_" + name, "wb").write(value.detach().to(torch.float32).contiguous().cpu().numpy().tobytes())
)py";

std::vector<cuda::Expected> python_expected(const Definition& d, const cuda::CallInputs& in, const std::vector<cuda::HostTensor>& outputs) {
  const std::string folder = (fs::temp_directory_path() / ("kdex-" + std::to_string(::getpid()) + "-reference")).string();
  fs::create_directories(folder);
  nlohmann::ordered_json call = {{"inputs", json::array()}, {"outputs", json::array()}, {"reference", d.reference}};
  for (const auto& t : d.inputs) {
    if (!t.shape) {
      const double v = in.scalars.at(t.name);
      if (is_real(t.dtype)) call["inputs"].push_back({{"name", t.name}, {"value", v}});
      else call["inputs"].push_back({{"name", t.name}, {"value", static_cast<std::int64_t>(v)}});
      continue;
    }
    const auto& x = *in.tensors.at(t.name);
    call["inputs"].push_back({{"name", t.name}, {"dtype", x.dtype}, {"shape", x.shape}});
    write_file_atomically(folder + "/" + t.name, x.bytes, false);
  }
  for (const auto& t : d.outputs) call["outputs"].push_back(t.name);
  write_file_atomically(folder + "/call.json", call.dump(), false);
  write_file_atomically(folder + "/call.py", kPython, false);
  const int status = std::system(("python3 '" + folder + "/call.py' '" + folder + "' > '" + folder + "/log' 2>&1").c_str());
  if (status != 0) {
    std::string log = read_file(folder + "/log"), last;
    std::istringstream lines(log);
    for (std::string l; std::getline(lines, l);)
      if (!l.empty()) last = l;
    fs::remove_all(folder);
    throw Error("the reference failed under python3: " + last, d.name);
  }
  std::vector<cuda::Expected> out;
  for (std::size_t i = 0; i < d.outputs.size(); ++i) {
    const std::string bytes = read_file(folder + "/want_" + d.outputs[i].name, std::size_t{16} << 30);
    cuda::Expected e{d.outputs[i].name, {}, {}};
    const std::int64_t n = outputs[i].elements();
    if (bytes.size() != static_cast<std::size_t>(n) * 4) throw Error("the reference gave another shape for " + e.output, d.name);
    e.elements.resize(static_cast<std::size_t>(n));
    e.values.resize(static_cast<std::size_t>(n));
    for (std::int64_t k = 0; k < n; ++k) e.elements[static_cast<std::size_t>(k)] = k, e.values[static_cast<std::size_t>(k)] = cuda::value_at(bytes.data(), "float32", k);
    out.push_back(std::move(e));
  }
  fs::remove_all(folder);
  return out;
}

bool python_has_torch() {
  static const bool yes = std::system("python3 -c 'import torch' > /dev/null 2>&1") == 0;
  return yes;
}

std::vector<std::int64_t> shape_in(const Definition& d, const cuda::Workload& w, const TensorSpec& t) {
  std::vector<std::int64_t> s;
  for (const auto& axis : *t.shape) {
    auto a = std::find_if(d.axes.begin(), d.axes.end(), [&](const Axis& x) { return x.name == axis; });
    s.push_back(a != d.axes.end() && a->value ? *a->value : w.axes.at(axis));
  }
  return s;
}

struct Tolerance {
  double output, lse = 1e-3;
};
Tolerance tolerance_of(const Definition& d) {
  for (const auto& t : d.inputs)
    if (t.dtype.starts_with("float8")) return {5e-2};
  return {1e-2};
}

/// One workload on the device; what the row says is sent.
json run_workload(cuda::Driver& driver, const Definition& d, const KernelPlan& plan, const cuda::Driver::Loaded& loaded, const cuda::Workload& w,
                  const VerifyOptions& o, bool python, std::uint64_t seed) {
  driver.free_all();
  std::vector<cuda::HostTensor> host(d.inputs.size());
  cuda::CallInputs call;
  cuda::Driver::Arguments base;
  for (const auto& a : d.axes) base.names[a.name] = a.value ? *a.value : w.axes.at(a.name);
  double bytes = 0;
  for (std::size_t i = 0; i < d.inputs.size(); ++i) {
    const auto& t = d.inputs[i];
    const auto& in = w.inputs.at(i).second;
    if (!t.shape) {
      call.scalars[t.name] = base.scalars[t.name] = in.number;
      base.real[t.name] = is_real(t.dtype);
      continue;
    }
    if (in.kind == cuda::WorkloadInput::Kind::stored) host[i] = in.tensor;
    else {
      host[i] = {t.dtype, shape_in(d, w, t), ""};
      const std::size_t each = cuda::dtype_bytes(t.dtype);
      if (each == 0) throw Error("the type " + t.dtype + " of " + t.name + " is not known", d.name);
      host[i].bytes.resize(static_cast<std::size_t>(host[i].elements()) * each);
      cuda::fill_random(host[i].bytes.data(), t.dtype, host[i].elements(), seed + i * 7919);
    }
    call.tensors[t.name] = &host[i];
    base.tensors[t.name] = driver.allocate(host[i].bytes.size());
    driver.to_device(base.tensors[t.name], host[i].bytes.data(), host[i].bytes.size());
    bytes += static_cast<double>(host[i].bytes.size());
  }
  std::vector<cuda::HostTensor> outputs;
  for (const auto& t : d.outputs) {
    outputs.push_back({t.dtype, shape_in(d, w, t), ""});
    auto& x = outputs.back();
    x.bytes.resize(static_cast<std::size_t>(x.elements()) * cuda::dtype_bytes(t.dtype));
    base.tensors[t.name] = driver.allocate(x.bytes.size());
    driver.fill(base.tensors[t.name], 0xff, x.bytes.size());  // NaN in every float type
    bytes += static_cast<double>(x.bytes.size());
  }
  driver.prepare(plan, base);
  driver.launch(plan, loaded, base);
  driver.synchronize();
  for (std::size_t i = 0; i < outputs.size(); ++i) driver.from_device(outputs[i].bytes.data(), base.tensors[d.outputs[i].name], outputs[i].bytes.size());

  const auto want = python ? python_expected(d, call, outputs)
                             : cuda::reference_samples(d, call, seed, static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  json row = {{"status", "PASSED"}, {"error", 0.0}, {"max_absolute", 0.0}, {"max_relative", 0.0}, {"log", ""}};
  const Tolerance limit = tolerance_of(d);
  double error = 0, absolute = 0, relative = 0;
  for (const auto& e : want)
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (d.outputs[i].name != e.output) continue;
      const auto v = cuda::compare(outputs[i], e);
      const double most = e.output == "lse" ? limit.lse : limit.output;
      absolute = std::max(absolute, v.max_absolute), relative = std::max(relative, v.max_relative), error = std::max(error, v.frobenius);
      if (v.finite && v.frobenius < most) continue;
      char text[200];
      std::snprintf(text, sizeof text, "%s: %s, relative error %.3g over %zu elements, %.3g is allowed", e.output.c_str(),
                    v.finite ? "wrong" : "not all of it is finite", v.frobenius, v.compared, most);
      row["status"] = "INCORRECT_NUMERICAL";
      row["log"] = text;
    }
  row["error"] = error, row["max_absolute"] = absolute, row["max_relative"] = relative, row["bytes"] = bytes;
  if (row["status"] != "PASSED") return row;

  // Copies of all tensors until they exceed the L2 twice, so that no call finds its inputs there.
  std::vector<cuda::Driver::Arguments> sets = {base};
  const double l2 = static_cast<double>(driver.facts().l2_bytes), room = static_cast<double>(driver.facts().memory) * 0.8;
  const int copies = o.bench ? static_cast<int>(std::min({20.0, std::ceil(2 * l2 / std::max(bytes, 1.0)) + 1, room / std::max(2 * bytes, 1.0)})) : 1;
  for (int c = 1; c < copies; ++c) {
    auto more = base;
    for (std::size_t i = 0; i < d.inputs.size(); ++i)
      if (d.inputs[i].shape) {
        more.tensors[d.inputs[i].name] = driver.allocate(host[i].bytes.size());
        driver.copy(more.tensors[d.inputs[i].name], base.tensors[d.inputs[i].name], host[i].bytes.size());
      }
    for (std::size_t i = 0; i < outputs.size(); ++i) more.tensors[d.outputs[i].name] = driver.allocate(outputs[i].bytes.size());
    sets.push_back(std::move(more));
  }
  row["seconds"] = driver.time(plan, loaded, sets, o.bench ? std::max(20, copies) : 4, o.bench ? 7 : 3);
  return row;
}

std::string now() {
  char text[32];
  const std::time_t t = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&t, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

nlohmann::ordered_json evaluation(const VerifyReport& report, const VerifyRow& row) {
  nlohmann::ordered_json e = {{"status", row.status},
                              {"environment", {{"hardware", report.device}, {"libs", {{"cuda_driver", report.driver}, {"nvrtc", report.nvrtc}}}}},
                              {"timestamp", now()},
                              {"log", row.log}};
  if (row.status == "PASSED" || row.status == "INCORRECT_NUMERICAL")
    e["correctness"] = {{"max_relative_error", row.max_relative},
                        {"max_absolute_error", row.max_absolute},
                        {"extra", {{"relative_frobenius_error", row.error}}}};
  if (row.status == "PASSED") e["performance"] = {{"latency_ms", row.seconds * 1e3}};  // the reference is not timed
  return e;
}

}  // namespace

namespace {

void read_workloads(const std::string& dataset, const Definition& d, std::vector<cuda::Workload>& workloads, std::vector<nlohmann::ordered_json>& lines) {
  std::error_code error;
  if (const std::string file = dataset + "/" + cuda::workloads_file(d); fs::is_regular_file(file, error)) {
    std::istringstream in(read_file(file));
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) lines.push_back(parse_json(line, file));
    for (const auto& l : lines) workloads.push_back(cuda::workload_from_json(d, l.at("workload"), dataset));
  } else {
    workloads = cuda::make_workloads(d);
    for (const auto& w : workloads) lines.push_back(cuda::workload_json(d, w, cuda::workload_blob(d, w)));
  }
}

/// The workloads of one definition from `first` on, a line for each; stops where the context may be spoiled.
void run_workloads(const Definition& d, const KernelPlan& plan, const std::vector<std::string>& cubins, const std::vector<cuda::Workload>& workloads,
                   const VerifyOptions& o, bool python, std::uint64_t seed, std::size_t first, const std::function<void(const json&)>& send) {
  cuda::Driver driver;
  auto loaded = driver.load(plan, cubins);
  for (std::size_t i = first; i < workloads.size(); ++i) {
    json row;
    bool last = false;
    try {
      row = run_workload(driver, d, plan, *loaded, workloads[i], o, python, seed + i);
    } catch (const std::exception& e) {
      row = {{"status", "RUNTIME_ERROR"}, {"log", e.what()}};
      last = std::string(e.what()).find("out of memory") == std::string::npos;  // the context may be spoiled
    }
    row["index"] = i;
    send(row);
    if (last) return;
  }
}

}  // namespace

int verify_worker(const std::string& text) {
  auto send = [](const json& j) { send_line(kWorkerFile, j); };
  try {
    const json spec = json::parse(text);
    VerifyOptions o;
    o.kernels.dataset = spec.at("dataset");
    o.kernels.definitions = {spec.at("definition").get<std::string>()};
    o.kernels.archs = {spec.at("arch").get<std::string>()};
    o.kernels.plugins_path = spec.at("plugins_path").get<std::vector<std::string>>();
    o.kernels.cuda_home = spec.at("cuda_home");
    o.kernels.solutions = false;
    o.python = spec.at("python");
    o.bench = spec.at("bench");
    const KernelsReport built = build_kernels(o.kernels);
    if (built.kernels.size() != 1) throw Error("is not one definition", o.kernels.definitions[0]);
    const Definition d = read_index(o.kernels.dataset).by_name.at(built.kernels[0].definition);
    std::vector<cuda::Workload> workloads;
    std::vector<nlohmann::ordered_json> lines;
    read_workloads(o.kernels.dataset, d, workloads, lines);
    std::vector<std::string> cubins;
    for (std::size_t u : built.kernels[0].units) {
      cubins.push_back(built.units[u].cubin);
      if (!built.units[u].error.empty()) throw Error(built.units[u].error);
    }
    run_workloads(d, built.kernels[0].plan, cubins, workloads, o, o.python || !cuda::why_no_reference(d).empty(), spec.at("seed"), spec.at("first"), send);
  } catch (const std::exception& e) {
    send({{"fatal", e.what()}});
    return 1;
  }
  return 0;
}

VerifyReport verify_kernels(const VerifyOptions& o) {
  VerifyReport report;
  const std::string& dataset = o.kernels.dataset;
  // What device is there: asked in a child, so that this process can fork for ever.
  {
    std::string how, fatal;
    bool timed_out = false;
    bool good = in_child(
        [&](const auto& send) {
          cuda::Driver driver;
          const auto& f = driver.facts();
          send({{"name", f.name}, {"arch", f.arch}, {"driver", f.driver}});
        },
        [&](const json& j) {
          if (j.contains("fatal")) fatal = j["fatal"];
          else report.device = j["name"], report.arch = j["arch"], report.driver = j["driver"];
        },
        60, o.kernels.cancelled, how, timed_out);
    if (!fatal.empty()) throw Error(fatal);
    if (!good) throw Error(how, "the CUDA driver");
  }
  KernelsOptions k = o.kernels;
  k.archs = {report.arch};
  k.solutions = false;
  KernelsReport built = build_kernels(k);
  for (auto& e : built.errors) report.errors.push_back(e);
  DatasetIndex index = read_index(dataset);
  const std::uint64_t seed = o.seed != 0 ? o.seed : static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());

  auto worker = [&](const std::string& name, std::size_t first) -> std::vector<std::string> {
    if (!is_kdex()) return {};
    const json spec = {{"dataset", dataset}, {"definition", name}, {"arch", report.arch}, {"plugins_path", k.plugins_path}, {"cuda_home", k.cuda_home},
                       {"python", o.python}, {"bench", o.bench}, {"seed", seed}, {"first", first}};
    return {"kdex", "kernels", "verify-worker", spec.dump()};
  };
  for (const auto& planned : built.kernels) {
    if (k.cancelled && *k.cancelled) break;
    if (!planned.plan.available) {
      ++report.without_kernel;
      continue;
    }
    const Definition& d = index.by_name.at(planned.definition);
    std::vector<cuda::Workload> workloads;
    std::vector<nlohmann::ordered_json> lines;
    std::error_code error;
    try {
      read_workloads(dataset, d, workloads, lines);
    } catch (const std::exception& e) {
      report.errors.emplace_back(e.what());
      continue;
    }
    // The formulas in float64 where they are here, else the definition's own reference under python3.
    const std::string why = cuda::why_no_reference(d);
    const bool python = o.python || !why.empty();
    if (python && !python_has_torch()) {
      report.errors.push_back(d.name + ": not verified: " + (why.empty() ? "--python is given" : why) + " and python3 has no torch");
      continue;
    }
    std::vector<VerifyRow> rows(workloads.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i].definition = d.name, rows[i].op_type = d.op_type, rows[i].workload = workloads[i].uuid, rows[i].what = workloads[i].what;
    std::vector<std::string> cubins;
    std::string build_error;
    for (std::size_t u : planned.units) {
      cubins.push_back(built.units[u].cubin);
      if (build_error.empty()) build_error = built.units[u].error;
    }
    std::size_t next = 0;
    if (!build_error.empty())
      for (; next < rows.size(); ++next) rows[next].status = "COMPILE_ERROR", rows[next].log = build_error;
    while (next < rows.size() && !(k.cancelled && *k.cancelled)) {
      const std::size_t first = next;
      std::string how, fatal;
      bool timed_out = false;
      const bool good = in_child(
          [&](const auto& send) { run_workloads(d, planned.plan, cubins, workloads, o, python, seed, first, send); },
          [&](const json& j) {
            if (j.contains("fatal")) {
              fatal = j["fatal"];
              return;
            }
            VerifyRow& row = rows.at(j.at("index").get<std::size_t>());
            row.status = j["status"];
            row.log = j.value("log", "");
            row.error = j.value("error", 0.0), row.max_absolute = j.value("max_absolute", 0.0), row.max_relative = j.value("max_relative", 0.0);
            row.seconds = j.value("seconds", 0.0), row.bytes = j.value("bytes", 0.0);
            next = j.at("index").get<std::size_t>() + 1;
          },
          o.timeout_seconds, k.cancelled, how, timed_out, worker(d.name, first));
      if (k.cancelled && *k.cancelled) break;
      // the driver or the device, not the kernel: nothing can be said of any of them
      if (fatal.find("CUDA driver") != std::string::npos || fatal.find("no CUDA device") != std::string::npos) throw Error(fatal);
      if (!good && next < rows.size()) {
        rows[next].status = timed_out ? "TIMEOUT" : "RUNTIME_ERROR";
        rows[next].log = fatal.empty() ? how : fatal;
        ++next;
      } else if (next == first) {  // the child ended well and said nothing: do not ask again
        rows[next].status = "RUNTIME_ERROR";
        rows[next].log = "the process gave no answer";
        ++next;
      }
    }
    if (k.cancelled && *k.cancelled) {
      report.errors.emplace_back("interrupted");
      break;
    }
    // Traces: ours of these workloads are replaced, others stay.
    int wrong = 0, passed = 0;
    {
      DatasetLock lock(dataset);
      const std::string file = dataset + "/traces/kdex/" + d.op_type + "/" + d.name + ".jsonl";
      std::string text;
      if (fs::is_regular_file(file, error)) {
        std::istringstream in(read_file(file));
        for (std::string line; std::getline(in, line);) {
          bool ours = line.find("\"" + cuda::solution_name(d) + "\"") != std::string::npos &&
                      std::any_of(rows.begin(), rows.end(), [&](const VerifyRow& r) { return line.find("\"" + r.workload + "\"") != std::string::npos; });
          if (!line.empty() && !ours) text += line + "\n";
        }
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        nlohmann::ordered_json trace = lines[i];
        trace["solution"] = cuda::solution_name(d);
        trace["evaluation"] = evaluation(report, rows[i]);
        text += trace.dump() + "\n";
        passed += rows[i].status == "PASSED";
        wrong += rows[i].status == "INCORRECT_NUMERICAL" || rows[i].status == "RUNTIME_ERROR" || rows[i].status == "TIMEOUT";
        if (rows[i].log.find("out of memory") != std::string::npos) --wrong;  // the device is too small for it, not the kernel wrong
      }
      fs::create_directories(fs::path(file).parent_path(), error);
      write_file_atomically(file, text, false);
      // A kernel that is wrong is not offered; one that is right again is.
      auto withheld = read_withheld(dataset);
      const std::string name = cuda::solution_name(d), solution = dataset + "/" + cuda::solution_file(d);
      if (wrong > 0) {
        if (fs::is_regular_file(solution, error)) {
          withheld[name] = solution_hash(read_file(solution));
          fs::remove(solution, error);
          write_withheld(dataset, withheld);
          report.errors.push_back(d.name + ": its kernel failed verification; the solution is withdrawn");
        } else {
          report.errors.push_back(d.name + ": its kernel failed verification");
        }
      } else if (passed > 0 && withheld.erase(name) > 0) {
        write_withheld(dataset, withheld);
      }
    }
    if (k.progress) k.progress(d.name + ": " + std::to_string(passed) + " of " + std::to_string(rows.size()) + " workloads passed");
    report.rows.insert(report.rows.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  }
  return report;
}

std::string verify_table(const VerifyReport& r, bool bench) {
  std::string out = r.device + " (" + r.arch + "), driver " + r.driver + "\n";
  char line[400];
  for (const auto& x : r.rows) {
    std::snprintf(line, sizeof line, "%-52s %-48s %-20s %9.2e", x.definition.c_str(), x.what.empty() ? x.workload.c_str() : x.what.c_str(), x.status.c_str(),
                  x.error);
    out += line;
    if (x.seconds > 0) {
      std::snprintf(line, sizeof line, " %10.2f us", x.seconds * 1e6);
      out += line;
      if (bench) {
        std::snprintf(line, sizeof line, " %8.0f GB/s", x.bytes / x.seconds * 1e-9);
        out += line;
      }
    }
    if (!x.log.empty()) out += " " + x.log;
    out += "\n";
  }
  return out;
}

}  // namespace kdex
