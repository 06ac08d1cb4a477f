// The stage `save`: writes the definitions that were found, and where their axes come from.
#include <filesystem>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/definition/json.h"
#include "core/definition/rules.h"
#include "core/pipeline/stage.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

std::string model_text(const ModelJob& job) {
  return job.checkpoint.name + " " + job.model.deployment;
}

/// What the report says of a definition that is not written.
ReportDefinition invalid(Context& c, Merged& m, const std::vector<Problem>& problems) {
  ReportDefinition d;
  d.name = d.asked = m.found.definition.name;
  d.op_type = m.found.definition.op_type;
  d.status = m.status = "invalid";
  d.family = m.found.family;
  for (const auto& problem : problems)
    c.report.errors.push_back("definition " + d.name + " of family " + d.family +
                              " is not written: field '" + problem.where + "' " + problem.what);
  for (std::size_t j : m.jobs) d.models.push_back(model_text(c.jobs[j]));
  return d;
}

std::vector<Problem> problems_of(const Definition& d) {
  auto problems = check_definition(d);
  if (!is_safe_name(d.name)) problems.push_back({"name", "cannot be a file name"});
  if (!is_safe_name(d.op_type)) problems.push_back({"op_type", "cannot be a folder name"});
  return problems;
}

const char* status_text(Saved::Status status) {
  switch (status) {
    case Saved::Status::added:
      return "new";
    case Saved::Status::existing:
      return "existing";
    case Saved::Status::conflict:
      break;
  }
  return "conflict";
}

void write_origins(Context& c, const Merged& m, const ReportDefinition& d) {
  const ModelJob& first = c.jobs[m.jobs[0]];
  const auto entry = c.history.definitions.find(d.name);
  nlohmann::ordered_json origins = {{"definition", d.name},
                                    {"run", c.report.run.id},
                                    {"written_by", entry->second.written_by},
                                    {"checkpoint", first.checkpoint.name},
                                    {"deployment", first.model.deployment},
                                    {"what", d.what}};
  for (const auto& [key, value] : m.found.origins.items()) origins[key] = value;
  try {
    write_file_atomically(origins_file(c.dataset, d.name), dump_json(origins), false);
  } catch (const Error& e) {
    c.report.errors.push_back("origins of " + d.name + ": " + e.what());
  }
}

/// What the report says of a definition that is in the dataset now.
void add_saved(Context& c, Merged& m, const Saved& saved) {
  ReportDefinition d;
  d.name = saved.name;
  d.asked = saved.asked;
  d.op_type = m.found.definition.op_type;
  d.status = m.status = status_text(saved.status);
  d.file = m.file = saved.file;
  m.saved_as = saved.name;
  d.differences = saved.differences;
  d.like = saved.like;
  d.family = m.found.family;
  d.what = m.found.what;
  d.modes = m.found.modes;
  for (std::size_t j : m.jobs) {
    c.history.add(d.name, model_text(c.jobs[j]), saved.is_new ? c.report.run.id : "");
    c.jobs[j].model.definitions.push_back(d.name);
  }
  d.models = c.history.definitions[d.name].models;
  write_origins(c, m, d);
  c.report.definitions.push_back(std::move(d));
}

/// Names of two dialects are alike and mean different kernels: a dataset has those of one.
void check_dialect(const Context& c) {
  const std::string& have = c.history.dialect;
  if (have.empty() || have == c.pipeline.dialect) return;
  throw Error("holds definitions of the dialect '" + have + "'", c.dataset,
              "name another output folder for '" + c.pipeline.dialect + "'");
}

/// Says before the first file is written what this run writes: where it is killed, what it left is
/// known as kdex's, with what it stands on.
void announce(Context& c, const std::vector<Merged*>& from, const std::vector<Saved>& decided) {
  History planned = c.history;
  for (std::size_t k = 0; k < decided.size(); ++k)
    for (std::size_t j : from[k]->jobs)
      planned.add(decided[k].name, model_text(c.jobs[j]), decided[k].is_new ? c.report.run.id : "");
  Report so_far = c.report;
  so_far.interrupted = true;
  try {
    keep_report(c.dataset, so_far.run.id, report_to_json(so_far));
    write_history(*c.lock, planned);
  } catch (const Error& e) {
    c.report.errors.push_back(std::string("the history was not written: ") + e.what());
  }
}

void run(Context& c) {
  c.save_start = Context::Clock::now();
  std::vector<Definition> good;
  std::vector<Merged*> good_from;
  for (auto& m : c.merged) {
    const auto problems = problems_of(m.found.definition);
    if (problems.empty()) {
      good.push_back(m.found.definition);
      good_from.push_back(&m);
    } else {
      c.report.definitions.push_back(invalid(c, m, problems));
    }
  }
  c.lock.emplace(c.dataset);  // until the report is written: other writers' files stay whole
  c.saved = true;
  std::string problem;
  c.history = read_history(c.dataset, &problem);
  if (!problem.empty()) c.report.warnings.push_back("the history was begun anew: " + problem);
  check_dialect(c);
  c.history.dialect = c.pipeline.dialect;
  const auto saved = save_definitions(
      *c.lock, good, {c.pipeline.deduplicate, c.pipeline.add_tags, written_names(c.history)},
      [&](const std::vector<Saved>& decided) { announce(c, good_from, decided); });
  std::error_code error;
  fs::create_directories(c.dataset + "/.kdex/origins", error);
  for (std::size_t k = 0; k < saved.size(); ++k) add_saved(c, *good_from[k], saved[k]);
  c.history.runs.push_back(c.report.run.id);
  try {
    write_history(*c.lock, c.history);
  } catch (const Error& e) {
    c.report.errors.push_back(std::string("the history was not written: ") + e.what());
  }
}

}  // namespace

PipelineStage save_stage() {
  PipelineStage s;
  s.info.name = "save";
  s.info.summary = "write the definitions, and where each axis comes from";
  s.info.needs = {"found definitions"};
  s.info.writes = {"definitions/"};
  s.prepare = [](Context& c) {
    if (!c.pipeline.dry_run) check_writable(c.dataset);
    c.history = read_history(c.dataset);
    check_dialect(c);
  };
  s.run = run;
  return s;
}

}  // namespace kdex
