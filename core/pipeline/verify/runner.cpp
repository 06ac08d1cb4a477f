// Implementation of core/pipeline/verify/runner.h.
#include "core/pipeline/verify/runner.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>

#include "core/pipeline/verify/gpu_lock.h"
#include "core/pipeline/verify/other_version.h"
#include "core/pipeline/verify/peer_files.h"
#include "core/pipeline/verify/timing.h"

namespace kdex::verify {
namespace {

using nlohmann::json;

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

/// Draws the pools of the definition's types; how many allocations there are then.
std::size_t drawn(Session& session, const Definition& d) {
  for (const auto& t : d.inputs)
    if (t.shape) session.random.draw(t.dtype);
  return session.driver.allocations();
}

/// Bytes of a tensor of a call. A type that random data and comparison do not know is not the
/// kernel's fault.
std::uint64_t bytes_of(const cuda::HostTensor& t, const std::string& name) {
  if (cuda::dtype_bytes(t.dtype) == 0) throw NotVerified("unknown type " + t.dtype + " of " + name);
  return cuda::tensor_bytes(t.dtype, t.shape, name);
}

}  // namespace

template <class T>
T& Session::started(Process<T>& process) {
  if (!process.it && process.why_not.empty()) {
    try {
      process.it = std::make_unique<T>(spec.folder);
    } catch (const Error& e) {
      process.why_not = e.what_happened;
    }
  }
  if (!process.it) throw NotVerified(process.why_not);
  return *process.it;
}

cuda::TorchReference& Session::reference() { return started(references_); }

cuda::TorchPeers& Session::peers() { return started(peers_); }

const cuda::HostTensor& Input::on_host(cuda::Driver& driver) {
  if (host.bytes.size() != bytes) {
    host.bytes.resize(bytes);
    driver.from_device(host.bytes.data(), at, bytes);
  }
  return host;
}

Runner::Runner(Session& session, const Definition& d, const KnownForm& form, const KernelPlan& plan,
               const std::vector<std::string>& cubins)
    : session_(session),
      d_(d),
      form_(form),
      plan_(plan),
      mark_(drawn(session, d)),
      loaded_(session.driver.load(plan, cubins)),
      python_(session.spec.python || !form.form->formula) {}

Runner::~Runner() { session_.driver.free_to(mark_); }

json Runner::run(const cuda::Workload& w, std::uint64_t seed) {
  cuda::Driver& driver = session_.driver;
  const std::size_t kept = driver.allocations();
  std::optional<GpuLock> lock(std::in_place, session_.locks(), false);
  for (std::size_t i = 0; i < d_.inputs.size(); ++i) keep_constant(i, w);
  const FreeTo free{driver, std::max(kept, driver.allocations())};
  Call call;
  place_inputs(call, w, seed);
  place_outputs(call, w);
  driver.prepare(plan_, call.arguments);
  driver.launch(plan_, *loaded_, call.arguments);
  driver.synchronize();

  std::vector<Compared> found;
  try {
    if (python_) {
      found = compare_with_python(call);
    } else {
      fetch_all(call);
      lock.reset();  // the formula needs the host only
      found = compare_with_formula(call, seed);
    }
  } catch (const NotVerified&) {
    throw;
  } catch (const Error& e) {
    if (is_out_of_memory(e.what())) throw;
    throw NotVerified(e.what());
  }
  json row = judge(found, call.bytes);
  if (session_.spec.bench && row["status"] == "PASSED") {
    row["bytes"] = static_cast<double>(call.bytes) - unread(call);
    lock.reset();
    row["seconds"] = time_call(session_, d_, plan_, *loaded_, call);
    time_beside(call, w, row);
  }
  return row;
}

/// Whether another process opens this one's tensors.
bool Runner::shares_memory() const { return python_ || session_.spec.peers; }

/// Adds `peers` to the row: others' kernels on the same tensors, and another version's.
void Runner::time_beside(Call& call, const cuda::Workload& w, json& row) {
  json all = json::array();
  if (!session_.spec.compare.empty()) all.push_back(time_other_version(session_, d_, w, call));
  const auto files = session_.spec.peers ? peer_files(session_.spec.plugins_path, form_.family)
                                         : std::vector<std::string>{};
  if (!files.empty()) try {
      const GpuLock lock(session_.locks(), true);
      cuda::TorchPeers& peers = session_.peers();
      if (!peers.on_gpu()) throw Error("python3's torch has no GPU");
      const auto [given, got] = shared_tensors(call, true);
      for (const auto& p :
           peers.time(files, d_, given, call.scalars, w.axes, got, copies_of(session_, call.bytes),
                      timed_calls(session_, call.bytes), kReplays))
        all.push_back({{"name", p.name},
                       {"version", p.version},
                       {"seconds", p.seconds},
                       {"error", p.error},
                       {"why", p.why}});
    } catch (const Error& e) {  // which says nothing of the kernel
      all.push_back({{"name", "peers"}, {"why", e.what()}});
    }
  if (!all.empty()) row["peers"] = std::move(all);
}

/// Random weights are drawn once for all workloads.
void Runner::keep_constant(std::size_t i, const cuda::Workload& w) {
  const auto& t = d_.inputs[i];
  if (!t.shape || w.inputs.at(i).second.kind != cuda::WorkloadInput::Kind::random ||
      constants_.contains(t.name))
    return;
  for (const auto& axis : *t.shape)
    if (std::any_of(d_.axes.begin(), d_.axes.end(),
                    [&](const Axis& a) { return a.name == axis && !a.value; }))
      return;
  constants_.emplace(t.name, place(t, w.inputs[i].second, w, session_.spec.seed + i * 104729));
}

void Runner::place_inputs(Call& call, const cuda::Workload& w, std::uint64_t seed) {
  auto& arguments = call.arguments;
  for (const auto& a : d_.axes) arguments.names[a.name] = a.value ? *a.value : w.axes.at(a.name);
  for (std::size_t i = 0; i < d_.inputs.size(); ++i) {
    const auto& t = d_.inputs[i];
    const auto& in = w.inputs.at(i).second;
    if (!t.shape) {
      call.scalars[t.name] = arguments.scalars[t.name] = in.number;
      arguments.real[t.name] = is_real_dtype(t.dtype);
      continue;
    }
    if (auto constant = constants_.find(t.name); constant != constants_.end()) {
      call.inputs.push_back(&constant->second);
    } else {
      call.own.push_back(place(t, in, w, seed + i * 7919));
      call.inputs.push_back(&call.own.back());
    }
    arguments.tensors[t.name] = call.inputs.back()->at;
    call.bytes += call.inputs.back()->bytes;
  }
}

void Runner::place_outputs(Call& call, const cuda::Workload& w) {
  cuda::Driver& driver = session_.driver;
  for (const auto& t : d_.outputs) {
    call.outputs.push_back({t.dtype, shape_in(d_, w, t), ""});
    const std::uint64_t bytes = bytes_of(call.outputs.back(), t.name);
    call.output_bytes.push_back(bytes);
    call.arguments.tensors[t.name] = driver.allocate(bytes, shares_memory());
    driver.fill(call.arguments.tensors[t.name], 0xff, bytes);  // NaN in every float type
    call.bytes += bytes;
  }
}

Input Runner::place(const TensorSpec& t, const cuda::WorkloadInput& in, const cuda::Workload& w,
                    std::uint64_t seed) {
  Input x{t.name, {t.dtype, shape_in(d_, w, t), ""}, 0, 0};
  x.bytes = bytes_of(x.host, t.name);
  x.at = session_.driver.allocate(x.bytes, shares_memory());
  if (in.kind == cuda::WorkloadInput::Kind::stored) {
    x.host = in.tensor;
    session_.driver.to_device(x.at, x.host.bytes.data(), x.bytes);
  } else {
    session_.random.fill(x.at, t.dtype, x.host.elements(), seed);
  }
  return x;
}

void Runner::fetch_output(Call& call, std::size_t i) {
  call.outputs[i].bytes.resize(call.output_bytes[i]);
  session_.driver.from_device(call.outputs[i].bytes.data(),
                              call.arguments.tensors[d_.outputs[i].name], call.output_bytes[i]);
}

void Runner::fetch_all(Call& call) {
  for (Input* in : call.inputs) in->on_host(session_.driver);
  for (std::size_t i = 0; i < call.outputs.size(); ++i) fetch_output(call, i);
}

/// The call's inputs and outputs as a Python process opens them; through the host where it has no
/// GPU.
std::pair<std::vector<cuda::SharedTensor>, std::vector<cuda::SharedTensor>> Runner::shared_tensors(
    Call& call, bool on_gpu) {
  cuda::Driver& driver = session_.driver;
  auto shared = [&](const std::string& name, const cuda::HostTensor& t, cuda::DevicePointer at,
                    std::uint64_t size) {
    return cuda::SharedTensor{name, t.dtype, t.shape, on_gpu && size > 0 ? driver.share(at) : "",
                              &t};
  };
  std::vector<cuda::SharedTensor> given, got;
  for (Input* in : call.inputs) {
    given.push_back(shared(in->name, in->host, in->at, in->bytes));
    if (given.back().handle.empty()) in->on_host(driver);
  }
  for (std::size_t i = 0; i < call.outputs.size(); ++i) {
    const std::string& name = d_.outputs[i].name;
    got.push_back(
        shared(name, call.outputs[i], call.arguments.tensors[name], call.output_bytes[i]));
    if (got.back().handle.empty()) fetch_output(call, i);
  }
  return {std::move(given), std::move(got)};
}

std::vector<Compared> Runner::compare_with_python(Call& call) {
  cuda::TorchReference& reference = session_.reference();
  const auto [given, got] = shared_tensors(call, reference.on_gpu());
  const auto deviations = reference.compare(d_, given, call.scalars, got);
  std::vector<Compared> found;
  for (std::size_t i = 0; i < deviations.size(); ++i)
    found.push_back({d_.outputs.at(i).name, deviations[i]});
  return found;
}

std::vector<Compared> Runner::compare_with_formula(Call& call, std::uint64_t seed) {
  cuda::CallInputs inputs{{}, call.scalars};
  for (Input* in : call.inputs) inputs.tensors[in->name] = &in->host;
  const unsigned cores = std::thread::hardware_concurrency();
  const auto workers = static_cast<unsigned>(std::max(1, session_.spec.workers));
  const int threads = static_cast<int>(std::max(1u, cores / workers));
  std::vector<Compared> found;
  for (const auto& e : cuda::reference_samples(*form_.form, form_.params, inputs, seed, threads))
    for (std::size_t i = 0; i < call.outputs.size(); ++i)
      if (d_.outputs[i].name == e.output)
        found.push_back({e.output, cuda::compare(call.outputs[i], e)});
  return found;
}

/// See Form::unread.
double Runner::unread(Call& call) {
  if (!form_.form->unread) return 0;
  cuda::CallInputs inputs{{}, call.scalars};
  for (Input* in : call.inputs) {
    if (in->bytes <= std::uint64_t{64} << 20) in->on_host(session_.driver);
    inputs.tensors[in->name] = &in->host;
  }
  return form_.form->unread(form_.params, inputs);
}

json Runner::judge(const std::vector<Compared>& found, std::uint64_t bytes) const {
  json row = {{"status", "PASSED"}, {"log", ""}};
  double error = 0, absolute = 0, relative = 0;
  for (const auto& [output, v] : found) {
    const double most = cuda::tolerance(*form_.form, d_, output);
    absolute = std::max(absolute, v.max_absolute);
    relative = std::max(relative, v.max_relative);
    error = std::max(error, v.frobenius);
    if (v.finite && v.frobenius < most) {
      if (v.size == 0 && v.compared > 0)
        throw NotVerified(output + " is all zeros, as it should be: the workload shows nothing",
                          d_.name);
      continue;
    }
    char text[200];
    std::snprintf(text, sizeof text,
                  "%s: %s, relative error %.3g over %zu elements, %.3g is allowed", output.c_str(),
                  v.finite ? "wrong" : "not all values are finite", v.frobenius, v.compared, most);
    row["status"] = "INCORRECT_NUMERICAL";
    row["log"] = text;
  }
  row["error"] = error;
  row["max_absolute"] = absolute;
  row["max_relative"] = relative;
  row["bytes"] = bytes;
  if (found.size() != d_.outputs.size())
    throw NotVerified("the formula does not give all of its outputs", d_.name);
  return row;
}

}  // namespace kdex::verify
