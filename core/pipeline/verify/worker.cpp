// The worker's side of a verification: names its device, then takes one definition after the other
// and sends a line for each workload. A kernel that crashes, hangs or spoils the CUDA context harms
// only the definition at hand.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <optional>

#include <kdex/error.h>

#include "core/dataset/dataset.h"
#include "core/pipeline/verify.h"
#include "core/pipeline/verify/protocol.h"
#include "core/pipeline/verify/runner.h"
#include "core/pipeline/verify/traces.h"

namespace kdex {
namespace verify {
namespace {

using nlohmann::json;

constexpr int kTasks = 0;  // the standard input

void send(const json& j) {
  if (!send_line(kAnswers, j)) ::_exit(3);  // the parent is gone
}

/// The next task; none where the parent has no more.
std::optional<json> next_task(std::string& buffer) {
  for (;;) {
    if (auto task = take_line(buffer)) return task;
    char chunk[4096];
    const ssize_t n = ::read(kTasks, chunk, sizeof chunk);
    if (n <= 0) return std::nullopt;
    buffer.append(chunk, static_cast<std::size_t>(n));
  }
}

/// One workload's line; `last` where the context may be spoiled and the process has to end.
json run_workload(Runner& runner, const cuda::Workload& workload, std::uint64_t seed) {
  try {
    json row = runner.run(workload, seed);
    row["last"] = false;
    return row;
  } catch (const NotVerified& e) {
    return {{"status", ""}, {"log", e.what()}, {"last", false}};
  } catch (const std::bad_alloc&) {
    return {{"status", "RUNTIME_ERROR"}, {"log", "out of memory on the host"}, {"last", false}};
  } catch (const std::exception& e) {
    return {{"status", "RUNTIME_ERROR"}, {"log", e.what()}, {"last", !is_out_of_memory(e.what())}};
  }
}

void run_task(Session& session, const DatasetIndex& index, const json& task) {
  KernelsOptions o;
  o.dataset = session.spec.dataset;
  o.plugins_path = session.spec.plugins_path;
  o.cuda_home = session.spec.cuda_home;
  o.solutions = false;
  o.definitions = {task.at("definition").get<std::string>()};
  o.archs = {session.driver.facts().arch};
  const KernelsReport built = build_kernels(o);
  if (built.kernels.size() != 1) throw Error("is not one definition", o.definitions[0]);
  const PlannedKernel& kernel = built.kernels[0];
  const Definition& d = index.by_name.at(kernel.definition);
  const KnownForm form = known_form(session.families.families, d);
  const auto workloads = read_workloads(o.dataset, d, form).workloads;
  std::vector<std::string> cubins;
  for (std::size_t u : kernel.units) {
    cubins.push_back(built.units[u].cubin);
    if (!built.units[u].error.empty()) throw Error(built.units[u].error);
  }
  Runner runner(session, d, form, kernel.plan, cubins);
  const std::size_t end = std::min(task.at("end").get<std::size_t>(), workloads.size());
  for (std::size_t i = task.at("first"); i < end; ++i) {
    json row = run_workload(runner, workloads[i], session.spec.seed + i);
    row["index"] = i;
    send(row);
    if (row["last"].get<bool>()) ::_exit(1);  // skip CUDA teardown: it may hang after a fault
  }
  send({{"done", true}});
}

}  // namespace
}  // namespace verify

int verify_worker(const std::string& text) {
  using namespace verify;
  WorkerSpec spec = spec_from_text(text);
  ::signal(SIGPIPE, SIG_IGN);
  try {
    Session session(std::move(spec));
    const auto& f = session.driver.facts();
    send({{"device", f.name}, {"arch", f.arch}, {"driver", f.driver}});
    const DatasetIndex index = read_index(session.spec.dataset);
    std::string buffer;
    while (auto task = next_task(buffer)) run_task(session, index, *task);
    return 0;
  } catch (const std::exception& e) {
    send({{"fatal", e.what()}});
    return 1;
  }
}

}  // namespace kdex
