// Workers run definitions one after the other, each a fresh program: a kernel that crashes, hangs
// or spoils its context harms only the definition at hand, whose rest a new worker takes on. The
// parent never starts the driver.
#include "core/pipeline/verify.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <deque>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cuda/driver.h"
#include "core/cuda/reference.h"
#include "core/cuda/torch_reference.h"
#include "core/cuda/workloads.h"
#include "core/dataset/lock.h"
#include "core/definition/json.h"
#include "core/paths.h"

namespace kdex {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kAnswers = 9;  // where a worker program writes its lines

/// A line of JSON to the other side; a worker ends where nobody reads.
bool send_line(int file, const json& j) {
  const std::string text = j.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(file, text.data() + at, text.size() - at);
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}
/// Takes the next whole line out of `buffer`.
std::optional<json> take_line(std::string& buffer) {
  const auto end = buffer.find('\n');
  if (end == std::string::npos) return std::nullopt;
  json j = json::parse(buffer.substr(0, end));
  buffer.erase(0, end + 1);
  return j;
}

/// The program that can be started again as `kdex kernels verify-worker`: kdex itself, not a test
/// that links this.
bool is_kdex() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).filename() == "kdex";
}

bool is_real(const std::string& dtype) { return dtype.starts_with("float") || dtype == "bfloat16"; }
bool is_out_of_memory(const std::string& text) {
  return text.find("out of memory") != std::string::npos;
}

std::vector<std::int64_t> shape_in(const Definition& d, const cuda::Workload& w,
                                   const TensorSpec& t) {
  std::vector<std::int64_t> s;
  for (const auto& axis : *t.shape) {
    auto a =
        std::find_if(d.axes.begin(), d.axes.end(), [&](const Axis& x) { return x.name == axis; });
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
  const bool single = std::all_of(d.inputs.begin(), d.inputs.end(), [](const TensorSpec& t) {
    return !t.shape || !is_real(t.dtype) || t.dtype == "float32";
  });
  return {single ? 1e-4 : 1e-2};
}

/// Who may use the GPU when: many at once, or one alone that measures a time. Who waits to be alone
/// holds the turnstile, so that no newcomer passes it. Nothing is locked where no folder is given.
class Turn {
 public:
  Turn(const std::string& folder, bool alone) {
    if (folder.empty()) return;
    const int turnstile = open(folder + "/turnstile");
    ::flock(turnstile, LOCK_EX);
    gpu_ = open(folder + "/gpu");
    ::flock(gpu_, alone ? LOCK_EX : LOCK_SH);
    ::close(turnstile);
  }
  ~Turn() {
    if (gpu_ >= 0) ::close(gpu_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static int open(const std::string& file) {
    return ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  }
  int gpu_ = -1;
};

/// Random tensors on the device: runs of a pool that is drawn once for each type, from random
/// places.
class RandomData {
 public:
  RandomData(cuda::Driver& driver, std::uint64_t seed) : driver_(driver), seed_(seed) {}
  /// Draws the pool of a type; its memory stays, so it is drawn before what is freed.
  void draw(const std::string& dtype) {
    const std::size_t each = cuda::dtype_bytes(dtype);
    if (each == 0 || pools_.contains(dtype)) return;
    std::string bytes(static_cast<std::size_t>(kPool) * each, '\0');
    cuda::fill_random(bytes.data(), dtype, kPool, seed_);
    pools_[dtype] = driver_.allocate(bytes.size());
    driver_.to_device(pools_[dtype], bytes.data(), bytes.size());
  }
  void fill(cuda::DevicePointer to, const std::string& dtype, std::int64_t elements,
            std::uint64_t seed) {
    const auto each = static_cast<std::int64_t>(cuda::dtype_bytes(dtype));
    const cuda::DevicePointer pool = pools_.at(dtype);
    cuda::Random random(seed);
    for (std::int64_t at = 0; at < elements;) {
      const std::int64_t from = random.below(kPool / 2),
                         run = std::min(elements - at, kPool / 4 + random.below(kPool / 4));
      driver_.copy(to + static_cast<std::uint64_t>(at * each),
                   pool + static_cast<std::uint64_t>(from * each),
                   static_cast<std::uint64_t>(run * each));
      at += run;
    }
  }

 private:
  static constexpr std::int64_t kPool = 1 << 20;
  cuda::Driver& driver_;
  std::uint64_t seed_;
  std::map<std::string, cuda::DevicePointer> pools_;
};

/// The reference, and not the kernel, failed.
struct NotVerified : Error {
  using Error::Error;
};

/// What a worker keeps from one definition to the next.
struct Session {
  Session(const VerifyOptions& options, std::uint64_t seed_, std::string folder_)
      : o(options), seed(seed_), folder(std::move(folder_)), random(driver, seed_) {}

  VerifyOptions o;
  std::uint64_t seed;
  std::string folder;  ///< of this verification, removed by the parent
  cuda::Driver driver;
  RandomData random;
  std::unique_ptr<cuda::TorchReference> torch;
  std::string no_torch;

  cuda::TorchReference& reference() {
    if (!torch && no_torch.empty()) {
      try {
        torch = std::make_unique<cuda::TorchReference>(folder);
      } catch (const Error& e) {
        no_torch = e.what_happened;
      }
    }
    if (!torch) throw NotVerified(no_torch);
    return *torch;
  }
};

/// An input on the device; its bytes come to the host where something there wants them.
struct Input {
  std::string name;
  cuda::HostTensor host;  ///< bytes may be empty
  std::uint64_t bytes = 0;
  cuda::DevicePointer at = 0;

  const cuda::HostTensor& on_host(cuda::Driver& driver) {
    if (host.bytes.size() != bytes) {
      host.bytes.resize(bytes);
      driver.from_device(host.bytes.data(), at, bytes);
    }
    return host;
  }
};

/// One definition in a worker: what does not change with the workload stays on the device.
class Runner {
 public:
  Runner(Session& session, const Definition& d, const KernelPlan& plan,
         const std::vector<std::string>& cubins)
      : s_(session),
        d_(d),
        plan_(plan),
        mark_(drawn(session, d)),
        loaded_(session.driver.load(plan, cubins)) {
    python_ = s_.o.python || !cuda::why_no_reference(d).empty();
  }
  ~Runner() { s_.driver.free_to(mark_); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// The row of one workload.
  json run(const cuda::Workload& w, std::uint64_t seed) {
    const std::size_t kept = s_.driver.allocations();
    struct Free {
      cuda::Driver& driver;
      std::size_t count;
      ~Free() { driver.free_to(count); }
    };
    cuda::Driver& driver = s_.driver;
    auto turn = std::make_unique<Turn>(locks(), false);
    for (std::size_t i = 0; i < d_.inputs.size(); ++i) keep_constant(i, w);
    const Free free{driver, std::max(kept, driver.allocations())};
    cuda::Driver::Arguments base;
    for (const auto& a : d_.axes) base.names[a.name] = a.value ? *a.value : w.axes.at(a.name);
    std::vector<Input*> inputs;
    std::deque<Input> own;
    std::uint64_t bytes = 0;
    std::map<std::string, double> scalars;
    for (std::size_t i = 0; i < d_.inputs.size(); ++i) {
      const auto& t = d_.inputs[i];
      const auto& in = w.inputs.at(i).second;
      if (!t.shape) {
        scalars[t.name] = base.scalars[t.name] = in.number;
        base.real[t.name] = is_real(t.dtype);
        continue;
      }
      auto constant = constants_.find(t.name);
      if (constant != constants_.end())
        inputs.push_back(&constant->second);
      else
        own.push_back(place(t, in, w, seed + i * 7919)), inputs.push_back(&own.back());
      base.tensors[t.name] = inputs.back()->at;
      bytes += inputs.back()->bytes;
    }
    std::vector<cuda::HostTensor> outputs;
    std::vector<std::uint64_t> sizes;
    for (const auto& t : d_.outputs) {
      outputs.push_back({t.dtype, shape_in(d_, w, t), ""});
      sizes.push_back(bytes_of(outputs.back(), t.name));
      base.tensors[t.name] = driver.allocate(sizes.back(), python_);
      driver.fill(base.tensors[t.name], 0xff, sizes.back());  // NaN in every float type
      bytes += sizes.back();
    }
    driver.prepare(plan_, base);
    driver.launch(plan_, *loaded_, base);
    driver.synchronize();

    std::vector<cuda::Deviation> found;
    std::vector<std::string> names;
    try {
      if (python_) {
        auto shared = [&](const std::string& name, const cuda::HostTensor& t,
                          cuda::DevicePointer at, std::uint64_t size) {
          return cuda::SharedTensor{name, t.dtype, t.shape,
                                    s_.reference().on_gpu() && size > 0 ? driver.share(at) : "",
                                    &t};
        };
        std::vector<cuda::SharedTensor> given, got;
        for (Input* in : inputs) {
          given.push_back(shared(in->name, in->host, in->at, in->bytes));
          if (given.back().handle.empty()) in->on_host(driver);
        }
        for (std::size_t i = 0; i < outputs.size(); ++i) {
          got.push_back(
              shared(d_.outputs[i].name, outputs[i], base.tensors[d_.outputs[i].name], sizes[i]));
          names.push_back(d_.outputs[i].name);
          if (!got.back().handle.empty()) continue;
          outputs[i].bytes.resize(sizes[i]);
          driver.from_device(outputs[i].bytes.data(), base.tensors[d_.outputs[i].name], sizes[i]);
        }
        found = s_.reference().compare(d_, given, scalars, got);
      } else {
        cuda::CallInputs call{{}, scalars};
        for (Input* in : inputs) call.tensors[in->name] = &in->on_host(driver);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
          outputs[i].bytes.resize(sizes[i]);
          driver.from_device(outputs[i].bytes.data(), base.tensors[d_.outputs[i].name], sizes[i]);
        }
        turn.reset();  // the rest is the processor's
        const int threads =
            static_cast<int>(std::max(1u, std::thread::hardware_concurrency() /
                                              static_cast<unsigned>(std::max(1, s_.o.workers))));
        for (const auto& e : cuda::reference_samples(d_, call, seed, threads))
          for (std::size_t i = 0; i < outputs.size(); ++i)
            if (d_.outputs[i].name == e.output)
              found.push_back(cuda::compare(outputs[i], e)), names.push_back(e.output);
      }
    } catch (const NotVerified&) {
      throw;
    } catch (const Error& e) {
      if (is_out_of_memory(e.what())) throw;
      throw NotVerified(e.what());
    }
    turn.reset();
    json row = {{"status", "PASSED"}, {"log", ""}};
    const Tolerance limit = tolerance_of(d_);
    double error = 0, absolute = 0, relative = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& v = found[i];
      const double most = names[i] == "lse" ? limit.lse : limit.output;
      absolute = std::max(absolute, v.max_absolute), relative = std::max(relative, v.max_relative),
      error = std::max(error, v.frobenius);
      if (v.finite && v.frobenius < most) continue;
      char text[200];
      std::snprintf(text, sizeof text,
                    "%s: %s, relative error %.3g over %zu elements, %.3g is allowed",
                    names[i].c_str(), v.finite ? "wrong" : "not all of it is finite", v.frobenius,
                    v.compared, most);
      row["status"] = "INCORRECT_NUMERICAL";
      row["log"] = text;
    }
    row["error"] = error, row["max_absolute"] = absolute, row["max_relative"] = relative,
    row["bytes"] = bytes;
    if (found.size() != d_.outputs.size())
      throw NotVerified("the formula gives not all of its outputs", d_.name);
    if (row["status"] == "PASSED")
      row["seconds"] = time(base, inputs, sizes, static_cast<double>(bytes));
    return row;
  }

 private:
  std::string locks() const { return s_.o.workers > 1 ? s_.folder : ""; }
  /// Draws the pools of the definition's types; how many allocations there are then.
  static std::size_t drawn(Session& session, const Definition& d) {
    for (const auto& t : d.inputs)
      if (t.shape) session.random.draw(t.dtype);
    return session.driver.allocations();
  }
  /// Bytes of a tensor of a call; a type that random data and comparison do not know is no fault of
  /// the kernel.
  static std::uint64_t bytes_of(const cuda::HostTensor& t, const std::string& name) {
    if (cuda::dtype_bytes(t.dtype) == 0)
      throw NotVerified("the type " + t.dtype + " of " + name + " is not known");
    return cuda::tensor_bytes(t.dtype, t.shape, name);
  }
  Input place(const TensorSpec& t, const cuda::WorkloadInput& in, const cuda::Workload& w,
              std::uint64_t seed) {
    Input x{t.name, {t.dtype, shape_in(d_, w, t), ""}, 0, 0};
    x.bytes = bytes_of(x.host, t.name);
    x.at = s_.driver.allocate(x.bytes, python_);
    if (in.kind == cuda::WorkloadInput::Kind::stored) {
      x.host = in.tensor;
      s_.driver.to_device(x.at, x.host.bytes.data(), x.bytes);
    } else {
      s_.random.fill(x.at, t.dtype, x.host.elements(), seed);
    }
    return x;
  }
  /// Random weights are drawn once for all workloads.
  void keep_constant(std::size_t i, const cuda::Workload& w) {
    const auto& t = d_.inputs[i];
    if (!t.shape || w.inputs.at(i).second.kind != cuda::WorkloadInput::Kind::random ||
        constants_.contains(t.name))
      return;
    for (const auto& axis : *t.shape)
      if (std::any_of(d_.axes.begin(), d_.axes.end(),
                      [&](const Axis& a) { return a.name == axis && !a.value; }))
        return;
    constants_.emplace(t.name, place(t, w.inputs[i].second, w, s_.seed + i * 104729));
  }
  /// Seconds of one call. `bench`: copies of all tensors until they exceed the L2 twice, so that no
  /// call finds its inputs there, and nobody else on the GPU.
  double time(const cuda::Driver::Arguments& base, const std::vector<Input*>& inputs,
              const std::vector<std::uint64_t>& sizes, double bytes) {
    cuda::Driver& driver = s_.driver;
    std::vector<cuda::Driver::Arguments> sets = {base};
    const double l2 = static_cast<double>(driver.facts().l2_bytes),
                 room =
                     static_cast<double>(driver.facts().memory) * 0.4 / std::max(1, s_.o.workers);
    const int copies =
        s_.o.bench ? static_cast<int>(std::min({20.0, std::ceil(2 * l2 / std::max(bytes, 1.0)) + 1,
                                                room / std::max(bytes, 1.0)}))
                   : 1;
    const Turn turn(locks(), s_.o.bench);
    for (int c = 1; c < copies; ++c) {
      auto more = base;
      for (const Input* in : inputs) {
        more.tensors[in->name] = driver.allocate(in->bytes);
        driver.copy(more.tensors[in->name], in->at, in->bytes);
      }
      for (std::size_t i = 0; i < sizes.size(); ++i)
        more.tensors[d_.outputs[i].name] = driver.allocate(sizes[i]);
      sets.push_back(std::move(more));
    }
    return driver.time(plan_, *loaded_, sets, s_.o.bench ? std::max(20, copies) : 4,
                       s_.o.bench ? 7 : 3);
  }

  Session& s_;
  const Definition& d_;
  const KernelPlan& plan_;
  std::size_t mark_;
  std::shared_ptr<cuda::Driver::Loaded> loaded_;
  bool python_ = false;
  std::map<std::string, Input> constants_;
};

std::string now() {
  char text[32];
  const std::time_t t = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&t, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

nlohmann::ordered_json evaluation(const VerifyReport& report, const VerifyRow& row) {
  nlohmann::ordered_json e = {
      {"status", row.status},
      {"environment",
       {{"hardware", report.device},
        {"libs", {{"cuda_driver", report.driver}, {"nvrtc", report.nvrtc}}}}},
      {"timestamp", now()},
      {"log", row.log}};
  if (row.status == "PASSED" || row.status == "INCORRECT_NUMERICAL")
    e["correctness"] = {{"max_relative_error", row.max_relative},
                        {"max_absolute_error", row.max_absolute},
                        {"extra", {{"relative_frobenius_error", row.error}}}};
  if (row.status == "PASSED")
    e["performance"] = {{"latency_ms", row.seconds * 1e3}};  // the reference is not timed
  return e;
}

void read_workloads(const std::string& dataset, const Definition& d,
                    std::vector<cuda::Workload>& workloads,
                    std::vector<nlohmann::ordered_json>& lines) {
  std::error_code error;
  if (const std::string file = dataset + "/" + cuda::workloads_file(d);
      fs::is_regular_file(file, error)) {
    std::istringstream in(read_file(file));
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) lines.push_back(parse_json(line, file));
    for (const auto& l : lines)
      workloads.push_back(cuda::workload_from_json(d, l.at("workload"), dataset));
  } else {
    workloads = cuda::make_workloads(d);
    for (const auto& w : workloads)
      lines.push_back(cuda::workload_json(d, w, cuda::workload_blob(d, w)));
  }
}

/// A worker: says what device it has, then takes tasks until there are no more. 0, or 1 where it
/// must be started anew.
int work(const json& spec, int tasks, int answers) {
  auto send = [&](const json& j) {
    if (!send_line(answers, j)) ::_exit(3);
  };
  try {
    VerifyOptions o;
    o.kernels.dataset = spec.at("dataset");
    o.kernels.plugins_path = spec.at("plugins_path").get<std::vector<std::string>>();
    o.kernels.cuda_home = spec.at("cuda_home");
    o.kernels.solutions = false;
    o.python = spec.at("python"), o.bench = spec.at("bench"), o.workers = spec.at("workers");
    Session session(o, spec.at("seed"), spec.at("folder"));
    const auto& f = session.driver.facts();
    send({{"device", f.name}, {"arch", f.arch}, {"driver", f.driver}});
    const DatasetIndex index = read_index(o.kernels.dataset);
    std::string buffer;
    for (;;) {
      auto task = take_line(buffer);
      if (!task) {
        char chunk[4096];
        const ssize_t n = ::read(tasks, chunk, sizeof chunk);
        if (n <= 0) return 0;
        buffer.append(chunk, static_cast<std::size_t>(n));
        continue;
      }
      o.kernels.definitions = {task->at("definition").get<std::string>()};
      o.kernels.archs = {f.arch};
      const KernelsReport built = build_kernels(o.kernels);
      if (built.kernels.size() != 1) throw Error("is not one definition", o.kernels.definitions[0]);
      const Definition& d = index.by_name.at(built.kernels[0].definition);
      std::vector<cuda::Workload> workloads;
      std::vector<nlohmann::ordered_json> lines;
      read_workloads(o.kernels.dataset, d, workloads, lines);
      std::vector<std::string> cubins;
      for (std::size_t u : built.kernels[0].units) {
        cubins.push_back(built.units[u].cubin);
        if (!built.units[u].error.empty()) throw Error(built.units[u].error);
      }
      Runner runner(session, d, built.kernels[0].plan, cubins);
      for (std::size_t i = task->at("first");
           i < std::min(task->at("end").get<std::size_t>(), workloads.size()); ++i) {
        json row;
        bool last = false;
        try {
          row = runner.run(workloads[i], session.seed + i);
        } catch (const NotVerified& e) {
          row = {{"status", ""}, {"log", e.what()}};
        } catch (const std::bad_alloc&) {
          row = {{"status", "RUNTIME_ERROR"}, {"log", "out of memory on the host"}};
        } catch (const std::exception& e) {
          row = {{"status", "RUNTIME_ERROR"}, {"log", e.what()}};
          last = !is_out_of_memory(e.what());  // the context may be spoiled
        }
        row["index"] = i;
        row["last"] = last;
        send(row);
        if (last) ::_exit(1);  // without a word to the driver, which may hang
      }
      send({{"done", true}});
    }
  } catch (const std::exception& e) {
    send({{"fatal", e.what()}});
    return 1;
  }
}

/// A worker as its parent sees it.
struct Worker {
  pid_t pid = -1;
  int to = -1, from = -1;
  std::string buffer, fatal;
  bool ready = false;    ///< has named its device
  bool refused = false;  ///< could not start beside the others
  std::optional<std::size_t> job;
  bool spoiled = false;        ///< its last line said that it ends
  Clock::time_point deadline;  ///< of its next line
};

/// The workers of one verification.
class Workers {
 public:
  Workers(json spec, int count) : spec_(std::move(spec)), all_(static_cast<std::size_t>(count)) {}
  ~Workers() {
    for (auto& w : all_) stop(w);
  }
  std::vector<Worker>& all() { return all_; }

  void start(Worker& w) {
    int down[2], up[2];
    if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0)
      throw Error("no pipe", "kdex kernels");
    std::fflush(nullptr);
    w = {};
    w.pid = ::fork();
    if (w.pid < 0) throw Error("no process could be started", "kdex kernels");
    if (w.pid == 0) {
      ::setpgid(0, 0);  // it and the python3 that it starts are ended together
      if (is_kdex()) {
        const std::string text = spec_.dump();
        ::dup2(down[0], 0);
        ::dup2(up[1], kAnswers);
        ::execl("/proc/self/exe", "kdex", "kernels", "verify-worker", text.c_str(), nullptr);
        ::_exit(127);
      }
      ::close(down[1]), ::close(up[0]);
      for (const auto& other : all_)
        for (int file : {other.to, other.from})
          if (file >= 0) ::close(file);
      ::_exit(work(spec_, down[0], up[1]));
    }
    ::setpgid(w.pid, w.pid);
    ::close(down[0]), ::close(up[1]);
    w.to = down[1], w.from = up[0];
    w.deadline = Clock::now() + std::chrono::seconds(120);
  }
  /// How it ended; kills it where it runs.
  std::string stop(Worker& w) {
    if (w.pid < 0) return "";
    ::close(w.to), ::close(w.from);
    ::kill(-w.pid, SIGKILL);
    int status = 0;
    ::waitpid(w.pid, &status, 0);
    w.pid = w.to = w.from = -1;
    w.buffer.clear();
    if (WIFSIGNALED(status))
      return "the process ended by signal " + std::to_string(WTERMSIG(status));
    return "the process ended with status " + std::to_string(WEXITSTATUS(status));
  }
  /// After its end of file: how it ended by itself.
  std::string reap(Worker& w) {
    int status = 0;
    ::waitpid(w.pid, &status, 0);
    ::kill(-w.pid, SIGKILL);
    ::close(w.to), ::close(w.from);
    w.pid = w.to = w.from = -1;
    if (WIFSIGNALED(status))
      return "the process ended by signal " + std::to_string(WTERMSIG(status));
    return "the process ended with status " + std::to_string(WEXITSTATUS(status));
  }
  void send(Worker& w, const json& task, double seconds) {
    send_line(w.to, task);
    w.deadline = Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1e3));
  }

 private:
  json spec_;
  std::vector<Worker> all_;
};

/// One definition's rows as they come.
struct Job {
  const PlannedKernel* planned = nullptr;
  const Definition* d = nullptr;
  std::vector<VerifyRow> rows;
  std::vector<nlohmann::ordered_json> lines;
  std::size_t next = 0, end = 0;
  std::vector<std::size_t> again;  ///< found no memory beside the others
};

/// Writes traces/, withdraws or readmits the solution, sums up.
void finish(Job& job, const VerifyOptions& o, VerifyReport& report) {
  const Definition& d = *job.d;
  const std::string& dataset = o.kernels.dataset;
  std::error_code error;
  std::string unverified;
  for (const auto& r : job.rows)
    if (r.status.empty()) unverified = r.log;
  if (!unverified.empty()) report.errors.push_back(d.name + ": not verified: " + unverified);
  const std::string name = cuda::solution_name(d);
  int wrong = 0, passed = 0;
  {
    DatasetLock lock(dataset);
    const std::string file = dataset + "/traces/kdex/" + d.op_type + "/" + d.name + ".jsonl";
    std::string text;
    if (fs::is_regular_file(file, error)) {  // ours of these workloads are replaced, others stay
      std::istringstream in(read_file(file));
      for (std::string line; std::getline(in, line);) {
        bool ours = line.find("\"" + name + "\"") != std::string::npos &&
                    std::any_of(job.rows.begin(), job.rows.end(), [&](const VerifyRow& r) {
                      return line.find("\"" + r.workload + "\"") != std::string::npos;
                    });
        if (!line.empty() && !ours) text += line + "\n";
      }
    }
    for (std::size_t i = 0; i < job.rows.size(); ++i) {
      const VerifyRow& row = job.rows[i];
      if (row.status.empty()) continue;
      nlohmann::ordered_json trace = job.lines[i];
      trace["solution"] = name;
      trace["evaluation"] = evaluation(report, row);
      text += trace.dump() + "\n";
      passed += row.status == "PASSED";
      // a device that is too small for it does not make the kernel wrong
      wrong += (row.status == "INCORRECT_NUMERICAL" || row.status == "RUNTIME_ERROR" ||
                row.status == "TIMEOUT") &&
               !is_out_of_memory(row.log);
    }
    fs::create_directories(fs::path(file).parent_path(), error);
    if (!text.empty()) write_file_atomically(file, text, false);
    // A kernel that is wrong is not offered; one that is right again is.
    auto withheld = read_withheld(dataset);
    const std::string solution = dataset + "/" + cuda::solution_file(d);
    if (wrong > 0) {
      if (fs::is_regular_file(solution, error)) {
        withheld[name] = solution_hash(read_file(solution));
        fs::remove(solution, error);
        write_withheld(dataset, withheld);
        report.errors.push_back(d.name +
                                ": its kernel failed verification; the solution is withdrawn");
      } else {
        report.errors.push_back(d.name + ": its kernel failed verification");
      }
    } else if (passed > 0 && withheld.erase(name) > 0) {
      write_withheld(dataset, withheld);
    }
  }
  if (o.kernels.progress)
    o.kernels.progress(d.name + ": " + std::to_string(passed) + " of " +
                       std::to_string(job.rows.size()) + " workloads passed");
  report.rows.insert(report.rows.end(), std::make_move_iterator(job.rows.begin()),
                     std::make_move_iterator(job.rows.end()));
  job.rows.clear();
}

}  // namespace

int verify_worker(const std::string& text) {
  json spec = json::parse(text, nullptr, false);
  if (!spec.is_object())
    throw Error("is started by verify and bench alone", "kdex kernels verify-worker");
  ::signal(SIGPIPE, SIG_IGN);
  return work(spec, 0, kAnswers);
}

VerifyReport verify_kernels(const VerifyOptions& given) {
  VerifyOptions o = given;
  o.workers = std::max(1, o.workers);
  VerifyReport report;
  const std::string& dataset = o.kernels.dataset;
  const std::uint64_t seed =
      o.seed != 0
          ? o.seed
          : static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  auto cancelled = [&] { return o.kernels.cancelled && *o.kernels.cancelled; };
  ::signal(SIGPIPE, SIG_IGN);

  std::string folder = (fs::temp_directory_path() / "kdex-verify-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) throw Error("no folder could be made", folder);
  struct Remove {
    std::string folder;
    ~Remove() {
      std::error_code error;
      fs::remove_all(folder, error);
    }
  } const remove{folder};
  Workers workers({{"dataset", dataset},
                   {"plugins_path", o.kernels.plugins_path},
                   {"cuda_home", o.kernels.cuda_home},
                   {"python", o.python},
                   {"bench", o.bench},
                   {"workers", o.workers},
                   {"seed", seed},
                   {"folder", folder}},
                  o.workers);

  std::vector<Job> jobs;
  std::deque<std::size_t> queue;
  std::size_t open = 0;
  bool alone = false;  // the second round: what found no memory beside the others

  auto complete = [&](Job& job) {
    if (job.again.empty()) finish(job, o, report);
  };
  /// Reads what there is from the workers, gives them work, until `until` holds.
  auto serve = [&](const auto& until) {
    while (!until() && !cancelled()) {
      std::vector<pollfd> files;
      std::vector<Worker*> who;
      for (auto& w : workers.all())
        if (w.pid >= 0) files.push_back({w.from, POLLIN, 0}), who.push_back(&w);
      ::poll(files.data(), files.size(), 200);
      for (std::size_t i = 0; i < who.size(); ++i) {
        Worker& w = *who[i];
        bool ended = false;
        if (files[i].revents != 0) {
          char chunk[65536];
          const ssize_t n = ::read(w.from, chunk, sizeof chunk);
          if (n > 0) {
            w.buffer.append(chunk, static_cast<std::size_t>(n));
            w.deadline = Clock::now() + std::chrono::seconds(o.timeout_seconds);
          } else {
            ended = true;
          }
        }
        while (auto line = take_line(w.buffer)) {
          const json& j = *line;
          if (j.contains("fatal")) {
            w.fatal = j["fatal"];
          } else if (j.contains("device")) {
            w.ready = true;
            report.device = j["device"], report.arch = j["arch"], report.driver = j["driver"];
          } else if (j.contains("done") && w.job) {
            complete(jobs[*w.job]);
            w.job.reset();
            --open;
          } else if (w.job) {
            Job& job = jobs[*w.job];
            const std::size_t index = j.at("index");
            VerifyRow& row = job.rows.at(index);
            job.next = index + 1;
            w.spoiled = j.value("last", false);
            row.status = j["status"], row.log = j.value("log", "");
            row.error = j.value("error", 0.0), row.max_absolute = j.value("max_absolute", 0.0),
            row.max_relative = j.value("max_relative", 0.0);
            row.seconds = j.value("seconds", 0.0), row.bytes = j.value("bytes", 0.0);
            if (is_out_of_memory(row.log) && o.workers > 1 && !alone) job.again.push_back(index);
          }
        }
        const bool late = !ended && (w.job || !w.ready) && Clock::now() > w.deadline;
        if (!ended && !late) continue;
        std::string how =
            late ? (workers.stop(w),
                    "no answer in " + std::to_string(w.ready ? o.timeout_seconds : 120) + " s")
                 : workers.reap(w);
        if (!w.fatal.empty()) how = w.fatal;
        // the driver or the device, not a kernel: nothing can be said of any of them
        if (!w.ready) {
          if (std::none_of(workers.all().begin(), workers.all().end(),
                           [](const Worker& x) { return x.ready && x.pid >= 0; }))
            throw Error(how, w.fatal.empty() ? "the CUDA driver" : "");
          w.refused = true;  // no room for one more on the GPU, say
          continue;
        }
        if (!w.job) continue;
        Job& job = jobs[*w.job];
        --open;
        if (!w.spoiled && job.next < job.end) {
          job.rows[job.next].status = late ? "TIMEOUT" : "RUNTIME_ERROR";
          job.rows[job.next].log = how;
          ++job.next;
        }
        if (job.next < job.end)
          queue.push_front(*w.job);
        else
          complete(job);
        w.job.reset();
      }
      for (auto& w : workers.all()) {
        if (queue.empty() || (alone && open > 0)) break;
        if (w.job || w.refused) continue;
        if (w.pid < 0) workers.start(w);
        if (!w.ready) continue;
        w.job = queue.front();
        w.spoiled = false;
        queue.pop_front();
        ++open;
        const Job& job = jobs[*w.job];
        workers.send(w, {{"definition", job.d->name}, {"first", job.next}, {"end", job.end}},
                     o.timeout_seconds);
      }
    }
  };

  workers.start(workers.all()[0]);
  serve([&] { return !report.arch.empty(); });
  if (cancelled()) {
    report.errors.emplace_back("interrupted");
    return report;
  }
  KernelsOptions k = o.kernels;
  k.archs = {report.arch};
  k.solutions = false;
  KernelsReport built = build_kernels(k);
  for (auto& e : built.errors) report.errors.push_back(e);
  report.nvrtc = built.nvrtc;
  const DatasetIndex index = read_index(dataset);
  jobs.reserve(built.kernels.size());
  for (const auto& planned : built.kernels) {
    if (!planned.plan.available) {
      ++report.without[planned.plan.why_not];
      continue;
    }
    Job job;
    job.planned = &planned;
    job.d = &index.by_name.at(planned.definition);
    std::vector<cuda::Workload> workloads;
    try {
      read_workloads(dataset, *job.d, workloads, job.lines);
    } catch (const std::exception& e) {
      report.errors.emplace_back(e.what());
      continue;
    }
    for (const auto& w : workloads) {
      VerifyRow row;
      row.definition = job.d->name, row.op_type = job.d->op_type, row.workload = w.uuid,
      row.what = w.what;
      if (row.what.empty())
        for (const auto& [name, value] : w.axes)
          row.what += (row.what.empty() ? "" : " ") + name + "=" + std::to_string(value);
      job.rows.push_back(std::move(row));
    }
    job.end = job.rows.size();
    std::string build_error;
    for (std::size_t u : planned.units)
      if (build_error.empty()) build_error = built.units[u].error;
    if (!build_error.empty())
      for (; job.next < job.end; ++job.next)
        job.rows[job.next].status = "COMPILE_ERROR", job.rows[job.next].log = build_error;
    else if (job.end > 0)
      queue.push_back(jobs.size());
    jobs.push_back(std::move(job));
  }
  built.units.clear();
  for (auto& job : jobs)
    if (job.next >= job.end && !job.rows.empty()) finish(job, o, report);
  serve([&] { return queue.empty() && open == 0; });
  // One at a time what found no memory.
  alone = true;
  for (std::size_t i = 0; i < jobs.size() && !cancelled(); ++i)
    for (const std::size_t row : jobs[i].again) {
      jobs[i].next = row, jobs[i].end = row + 1;
      queue.push_back(i);
      serve([&] { return queue.empty() && open == 0; });
    }
  for (auto& job : jobs)
    if (!job.rows.empty() && !cancelled()) finish(job, o, report);
  std::stable_sort(
      report.rows.begin(), report.rows.end(),
      [](const VerifyRow& a, const VerifyRow& b) { return a.definition < b.definition; });
  if (cancelled()) report.errors.emplace_back("interrupted");
  return report;
}

std::string verify_table(const VerifyReport& r, bool bench, bool each) {
  std::string out =
      r.device + " (" + r.arch + "), driver " + r.driver + ", NVRTC " + r.nvrtc + "\n";
  char line[400];
  auto add_row = [&](const VerifyRow& x, const char* indent) {
    std::snprintf(line, sizeof line, "%s%-46s %-20s %9.2e", indent,
                  x.what.empty() ? x.workload.c_str() : x.what.c_str(),
                  x.status.empty() ? "not verified" : x.status.c_str(), x.error);
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
  };
  for (std::size_t first = 0, end = 0; first < r.rows.size(); first = end) {
    double error = 0, least = 0, most = 0, rate = 0;
    int passed = 0;
    for (end = first; end < r.rows.size() && r.rows[end].definition == r.rows[first].definition;
         ++end) {
      const auto& x = r.rows[end];
      if (x.status != "PASSED") continue;
      ++passed;
      error = std::max(error, x.error);
      if (x.seconds <= 0) continue;
      least = least > 0 ? std::min(least, x.seconds) : x.seconds;
      most = std::max(most, x.seconds), rate = std::max(rate, x.bytes / x.seconds);
    }
    std::snprintf(line, sizeof line, "%-66s %2d of %2zu %9.2e", r.rows[first].definition.c_str(),
                  passed, end - first, error);
    out += line;
    if (bench && passed > 0) {
      std::snprintf(line, sizeof line, " %10.2f to %10.2f us, up to %5.0f GB/s", least * 1e6,
                    most * 1e6, rate * 1e-9);
      out += line;
    }
    out += "\n";
    for (std::size_t i = first; i < end; ++i)
      if (each || r.rows[i].status != "PASSED") add_row(r.rows[i], "    ");
  }
  for (const auto& [why, count] : r.without)
    out += std::to_string(count) + " without a kernel: " + why + "\n";
  return out;
}

}  // namespace kdex
