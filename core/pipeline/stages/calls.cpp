// The stage `calls`: runs the steps of each model's forward that stand for what its deployment
// serves.
#include "core/model/calls.h"

#include <algorithm>

#include "core/engine/engine.h"
#include "core/pipeline/stage.h"

namespace kdex {
namespace {

/// The sizes of steps, no more requests than the engine runs at once.
StepSizes sizes_for(const Context& c, const ModelJob& job) {
  StepSizes sizes = c.pipeline.step_sizes;
  auto& batches = sizes.decode_batches;
  if (const auto most = most_requests(*c.source, *job.tree); most && *most > 0)
    for (auto& batch : batches) batch = std::min(batch, *most);
  std::vector<std::int64_t> once;
  for (const auto batch : batches)
    if (std::find(once.begin(), once.end(), batch) == once.end()) once.push_back(batch);
  batches = std::move(once);
  return sizes;
}

void run_steps(const Context& c, const ModelJob& job, SharedCalls& shared) {
  const Pipeline& p = c.pipeline;
  Deployment d = job.deployment;
  d.draft = false;  // of whichever the job is, the engine serves the target
  const auto steps = representative_steps(sizes_for(c, job),
                                          {.prefill = d.prefill,
                                           .decode = d.decode,
                                           .speculative = speculates(*c.source, d),
                                           .mixed = is_switched_on(*c.source, *job.tree, "mixed")});
  if (steps.empty()) return;
  try {
    for (auto& t : trace_calls(*c.source, job.served, d, steps, {}, p.limits))
      (t.step.runs_draft() ? shared.draft_steps : shared.steps).push_back(std::move(t));
  } catch (const std::bad_alloc&) {
    shared.why_not = "out of memory; free some, raise the limits, or give fewer --jobs";
  } catch (const std::exception& e) {
    shared.why_not = e.what();
  }
}

void each(Context& c, ModelJob& job) {
  if (!c.pipeline.run_forward || !job.model.ok || !job.calls || !c.runs_forward) return;
  job.calls->once.run([&] { run_steps(c, job, *job.calls); });
  if (!job.calls->why_not.empty())
    job.errors.push_back("the forward of " + job.model.checkpoint + " " + job.model.deployment +
                         ": " + job.calls->why_not);
}

void prepare(Context& c) {
  if (!c.pipeline.run_forward) return;
  on_threads(1, 1, [&](std::size_t) { c.runs_forward = runs_forward(*c.source); });
}

/// Says where definitions are of what the constructors build, although forward was asked for.
void run(Context& c) {
  if (c.pipeline.run_forward && !c.runs_forward && !c.jobs.empty())
    c.report.warnings.push_back("the driver of " + c.source->engine().title +
                                " runs no forward: definitions are of what the engine builds, "
                                "whether steps launch it or not");
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
  s.run = run;
  return s;
}

}  // namespace kdex
