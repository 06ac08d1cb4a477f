// The stage `calls`: runs the steps of each model's forward that stand for what its deployment
// serves.
#include "core/model/calls.h"

#include "core/pipeline/stage.h"

namespace kdex {
namespace {

void run_steps(const Context& c, const ModelJob& job, SharedCalls& shared) {
  const Pipeline& p = c.pipeline;
  const auto steps =
      representative_steps(p.step_sizes, job.deployment.prefill, job.deployment.decode);
  if (steps.empty()) return;
  try {
    shared.steps = trace_calls(*c.source, job.checkpoint, job.deployment, steps, {}, p.limits);
  } catch (const std::bad_alloc&) {
    shared.why_not = "out of memory; free some, raise the limits, or give fewer --jobs";
  } catch (const std::exception& e) {
    shared.why_not = e.what();
  }
}

void each(Context& c, ModelJob& job) {
  if (!c.pipeline.run_forward || !job.model.ok || !job.calls || !c.runs_forward) return;
  std::call_once(job.calls->once, [&] { run_steps(c, job, *job.calls); });
  if (!job.calls->why_not.empty())
    job.errors.push_back("the forward of " + job.model.checkpoint + " " + job.model.deployment +
                         ": " + job.calls->why_not);
}

void prepare(Context& c) {
  if (!c.pipeline.run_forward) return;
  on_threads(1, 1, [&](std::size_t) { c.runs_forward = runs_forward(*c.source); });
}

}  // namespace

PipelineStage calls_stage() {
  PipelineStage s;
  s.info.name = "calls";
  s.info.summary = "run steps of each model's forward: the kernels that they launch";
  s.info.needs = {models_in_memory};
  s.info.writes = {"calls"};
  s.prepare = prepare;
  s.each = each;
  return s;
}

}  // namespace kdex
