// Implementation of core/pipeline/verify/timing.h.
#include "core/pipeline/verify/timing.h"

#include <algorithm>
#include <cmath>

#include "core/pipeline/verify/gpu_lock.h"

namespace kdex::verify {
namespace {

/// How many sets of tensors to rotate over: past the L2 twice, within a share of the memory.
int copies_of(const Session& session, double bytes) {
  const auto& facts = session.driver.facts();
  const double room = static_cast<double>(facts.memory) * 0.4 / std::max(1, session.spec.workers);
  const double each = std::max(bytes, 1.0);
  return static_cast<int>(
      std::min({20.0, std::ceil(2 * static_cast<double>(facts.l2_bytes) / each) + 1, room / each}));
}

}  // namespace

double time_call(Session& session, const Definition& d, const KernelPlan& plan,
                 const cuda::Driver::Loaded& loaded, const Call& call) {
  cuda::Driver& driver = session.driver;
  std::vector<cuda::Driver::Arguments> sets = {call.arguments};
  const int copies = copies_of(session, static_cast<double>(call.bytes));
  const GpuLock lock(session.locks(), true);
  for (int c = 1; c < copies; ++c) {
    auto more = call.arguments;
    for (const Input* in : call.inputs) {
      more.tensors[in->name] = driver.allocate(in->bytes);
      driver.copy(more.tensors[in->name], in->at, in->bytes);
    }
    for (std::size_t i = 0; i < call.output_bytes.size(); ++i)
      more.tensors[d.outputs[i].name] = driver.allocate(call.output_bytes[i]);
    sets.push_back(std::move(more));
  }
  return driver.time(plan, loaded, sets, std::max(20, copies), 7);
}

}  // namespace kdex::verify
