// Implementation of core/pipeline/verify/timing.h.
#include "core/pipeline/verify/timing.h"

#include <algorithm>
#include <cmath>

#include "core/pipeline/verify/gpu_lock.h"

namespace kdex::verify {

int copies_of(const Session& session, std::uint64_t bytes) {
  const auto& facts = session.driver.facts();
  const double room = static_cast<double>(facts.memory) * 0.4 / std::max(1, session.spec.workers);
  const double each = std::max(static_cast<double>(bytes), 1.0);
  return static_cast<int>(
      std::min({20.0, std::ceil(2 * static_cast<double>(facts.l2_bytes) / each) + 1, room / each}));
}

int timed_calls(const Session& session, std::uint64_t bytes) {
  return std::max(20, copies_of(session, bytes));
}

double time_call(Session& session, const Definition& d, const KernelPlan& plan,
                 const cuda::Driver::Loaded& loaded, const Call& call) {
  cuda::Driver& driver = session.driver;
  std::vector<cuda::Driver::Arguments> sets = {call.arguments};
  const int copies = copies_of(session, call.bytes);
  const GpuLock lock(session.locks(), true);
  const FreeTo free{driver, driver.allocations()};
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
  return driver.time(plan, loaded, sets, timed_calls(session, call.bytes), kReplays);
}

}  // namespace kdex::verify
