// The stage `deduplicate`: definitions that several models have become one, in a fixed order.
#include <algorithm>
#include <map>
#include <tuple>

#include "core/dataset/dataset.h"
#include "core/definition/tags.h"
#include "core/pipeline/stage.h"

namespace kdex {
namespace {

bool is_same(const Definition& a, const Definition& b) {
  return signature_of(a) == signature_of(b) && a.reference == b.reference;
}

/// What the order of definitions of one name goes by: which is a version of which must not depend
/// on the order of the models.
std::string content_of(const Definition& d) { return signature_of(d) + d.reference; }

/// In the order that kdex has the modes in.
void join_modes(std::vector<std::string>& modes, const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (const auto& mode : step_modes())
    if (std::find(modes.begin(), modes.end(), mode) != modes.end() ||
        std::find(more.begin(), more.end(), mode) != more.end())
      all.push_back(mode);
  modes = std::move(all);
}

/// Joined in the order of the jobs, whatever thread ran them.
void run(Context& c) {
  std::multimap<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < c.jobs.size(); ++i) {
    ModelJob& job = c.jobs[i];
    for (auto& f : job.found) {
      std::size_t at = c.merged.size();
      for (auto [it, end] = by_name.equal_range(f.definition.name); it != end; ++it)
        if (is_same(c.merged[it->second].found.definition, f.definition)) at = it->second;
      if (at == c.merged.size()) {
        by_name.emplace(f.definition.name, at);
        c.merged.push_back({.found = std::move(f), .jobs = {}});
      } else {
        join_tags(c.merged[at].found.definition, f.definition);
        join_modes(c.merged[at].found.modes, f.modes);
      }
      auto& jobs = c.merged[at].jobs;
      if (jobs.empty() || jobs.back() != i) jobs.push_back(i);
    }
    job.found.clear();
  }
  std::stable_sort(c.merged.begin(), c.merged.end(), [](const Merged& a, const Merged& b) {
    const Definition &x = a.found.definition, &y = b.found.definition;
    if (x.op_type != y.op_type) return x.op_type < y.op_type;
    if (x.name != y.name) return x.name < y.name;
    return content_of(x) < content_of(y);
  });
}

}  // namespace

PipelineStage deduplicate_stage() {
  PipelineStage s;
  s.info.name = "deduplicate";
  s.info.summary = "join the definitions that several models share";
  s.info.needs = {"matches"};
  s.info.writes = {"found definitions"};
  s.run = run;
  return s;
}

}  // namespace kdex
