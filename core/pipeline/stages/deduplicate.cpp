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
