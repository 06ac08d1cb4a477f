// The stage `report`: what the run found, as report.json, report.html and a table.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/definition/json.h"
#include "core/pipeline/stage.h"
#include "core/report/page.h"

namespace kdex {
namespace {

constexpr std::size_t kSuggestions = 8;

/// What could be done about the classes that most checkpoints have and no definition covers: why a
/// family left them, or that none knows them.
void suggest(Report& report) {
  struct Seen {
    std::set<std::string> checkpoints, reasons;
  };
  std::map<std::string, Seen> by_class;
  for (const auto& m : report.models)
    for (const auto& u : m.unmatched) {
      Seen& seen = by_class[u.class_name];
      seen.checkpoints.insert(m.checkpoint);
      for (const auto& n : m.notes)
        if (n.path == u.path) seen.reasons.insert(n.family + ": " + n.text);
    }
  std::vector<std::pair<std::string, const Seen*>> most;
  for (const auto& [name, seen] : by_class) most.emplace_back(name, &seen);
  std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) {
    return a.second->checkpoints.size() > b.second->checkpoints.size();
  });
  for (std::size_t i = 0; i < most.size() && i < kSuggestions; ++i) {
    const auto& [name, seen] = most[i];
    const std::string in =
        name + " (in " + std::to_string(seen->checkpoints.size()) + " checkpoints)";
    if (seen->reasons.empty()) {
      report.suggestions.push_back("no family knows " + in +
                                   "; a plugin could: kdex new-family NAME");
    } else {
      const std::size_t more = seen->reasons.size() - 1;
      report.suggestions.push_back(
          "no definition of " + in + "; " + *seen->reasons.begin() +
          (more ? " (and " + std::to_string(more) + " more reasons in the report)" : ""));
    }
  }
}

/// Definitions of the dataset that several checkpoints have, whichever runs they came in.
std::map<std::string, std::vector<std::string>> shared_of(const History& history,
                                                          const DatasetIndex& index) {
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& [name, entry] : history.definitions) {
    std::set<std::string> checkpoints;
    for (const auto& m : entry.models) checkpoints.insert(m.substr(0, m.find(' ')));
    if (checkpoints.size() > 1 && index.by_name.contains(name))
      out[name] = {checkpoints.begin(), checkpoints.end()};
  }
  return out;
}

/// What all runs together have done to the dataset.
void add_history(Report& r, const History& history, const DatasetIndex& index) {
  r.runs = history.runs;
  for (const auto& [name, entry] : history.definitions)
    if (index.by_name.contains(name)) r.kept[name] = {entry.written_by, entry.models};
}

/// The dataset's definitions and origins, for the page.
PageSources page_sources(const std::string& dataset, const DatasetIndex& index) {
  return {[&index](const std::string& name) {
            const auto it = index.by_name.find(name);
            return it == index.by_name.end() ? nullptr : &it->second;
          },
          [dataset](const std::string& name) {
            std::error_code error;
            const std::string file = origins_file(dataset, name);
            if (!std::filesystem::exists(file, error)) return nlohmann::ordered_json();
            return parse_json(read_file(file), file);
          }};
}

std::optional<Baseline> baseline_of_file(const std::string& file) {
  std::error_code error;
  if (file.empty() || !std::filesystem::exists(file, error)) return std::nullopt;
  return baseline_from(read_file(file), file);
}

/// Writes the baseline where it is asked for, and holds the run against it and `--fail-on`.
void judge(Context& c, nlohmann::ordered_json& report) {
  const Pipeline& p = c.pipeline;
  std::optional<Baseline> baseline = baseline_of_file(p.baseline);
  if (p.update_baseline && !c.report.interrupted) {
    baseline = updated(baseline.value_or(Baseline{}), baseline_of(report));
    write_file_atomically(p.baseline, baseline_text(*baseline), false);
    c.say("baseline: " + p.baseline);
  }
  const auto deviations = deviations_of(report, p.fail_on, baseline ? &*baseline : nullptr);
  report["deviations"] = deviations_json(deviations);
  for (auto& line : deviation_lines(deviations)) c.errors.push_back(std::move(line));
  if (!baseline) return;
  const auto better = improvements_of(report, *baseline);
  for (const auto& line : better) c.say("better than the baseline: " + line);
  if (!better.empty()) c.say("`--update-baseline` keeps what is better");
}

void prepare(Context& c) {
  const Pipeline& p = c.pipeline;
  if (p.update_baseline && p.baseline.empty())
    throw Error("needs --baseline FILE", "--update-baseline");
  if (!p.baseline.empty() && !baseline_of_file(p.baseline) && !p.update_baseline)
    throw Error("no such file", p.baseline, "`--update-baseline` writes it");
}

void write(Context& c) {
  Report& r = c.report;
  for (const auto& job : c.jobs) r.models.push_back(job.model);
  const DatasetIndex index = read_index(c.dataset);
  for (const auto& line : index.unreadable) r.warnings.push_back("not read: " + line);
  suggest(r);
  r.shared = shared_of(c.history, index);
  add_history(r, c.history, index);
  r.save_seconds = seconds_since(c.save_start);
  r.seconds = seconds_since(c.start);
  nlohmann::ordered_json all = report_json(r);
  if (!c.earlier.is_null()) all = join_reports(c.earlier, std::move(all), c.order);
  judge(c, all);
  const std::string json = dump_json(all);
  write_file_atomically(report_file(c.dataset), json);
  try {
    keep_report(c.dataset, r.run.id, json);
  } catch (const Error& e) {
    c.errors.push_back(std::string("the report was not kept: ") + e.what());
  }
  write_file_atomically(report_page(c.dataset), page_html(all, page_sources(c.dataset, index)),
                        false);
}

void run(Context& c) {
  const bool nothing_written = c.report.interrupted && !c.saved && c.jobs.empty();
  if (nothing_written)
    c.report.seconds = seconds_since(c.start);
  else
    write(c);
  c.reported = true;
  std::string text = report_to_table(c.report);
  if (!nothing_written)
    text += "\ndataset: " + c.dataset + "\nreport:  " + report_file(c.dataset) + "\n         " +
            report_page(c.dataset) + "\n";
  c.print(text);
}

}  // namespace

PipelineStage report_stage() {
  PipelineStage s;
  s.info.name = "report";
  s.info.summary = "write what the run found, and print it as a table";
  s.info.needs = {models_in_memory};
  s.info.writes = {"report.json", "report.html"};
  s.prepare = prepare;
  s.run = run;
  s.is_report = true;
  return s;
}

}  // namespace kdex
