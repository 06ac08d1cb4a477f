// core/report/deviations.h.
#include "core/report/deviations.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/text.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
using Expected = Baseline::Expected;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

/// A share from 0 to 1. Throws kdex::Error.
double share_of(const std::string& text) {
  char* end = nullptr;
  const double share = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(share >= 0 && share <= 1))
    throw Error("must be a share from 0 to 1, not '" + printable(text, 200) + "'", "",
                "for example coverage=0.95");
  return share;
}

void add_coverage(FailOn& out, const std::string& key, const std::string& value) {
  const auto& measures = coverage_measures();
  const double least = share_of(value);
  out.kinds.insert("coverage");
  if (key == "coverage") {
    for (const auto& m : measures) out.least[m] = least;
    return;
  }
  const std::string measure = key.substr(std::string("coverage.").size());
  if (std::find(measures.begin(), measures.end(), measure) == measures.end())
    throw Error("coverage of '" + printable(measure, 200) + "' is not measured", "",
                "it is of launches, bytes or flops");
  out.least[measure] = least;
}

/// Collects deviations of the kinds that count.
class Comparison {
 public:
  Comparison(const Json& report, const FailOn& fail_on, const Baseline* baseline)
      : report_(report), fail_on_(fail_on), baseline_(baseline) {}

  std::vector<Deviation> all() {
    compare_deployments();
    compare_definitions();
    compare_coverage();
    std::stable_sort(out_.begin(), out_.end(), [](const Deviation& a, const Deviation& b) {
      return order(a.kind) < order(b.kind);
    });
    return std::move(out_);
  }

 private:
  static std::ptrdiff_t order(const std::string& kind) {
    return std::find(fail_on_kinds().begin(), fail_on_kinds().end(), kind) -
           fail_on_kinds().begin();
  }

  void add(const char* kind, const std::string& where, const std::string& what) {
    const bool counts = fail_on_.empty() ? baseline_ != nullptr : fail_on_.kinds.contains(kind);
    if (counts) out_.push_back({kind, where, what});
  }

  void compare_deployments() {
    for (const auto& [name, found] : baseline_of(report_).deployments) {
      if (baseline_ == nullptr) {
        compare(name, found, Expected{});
        continue;
      }
      const auto it = baseline_->deployments.find(name);
      if (it != baseline_->deployments.end())
        compare(name, found, it->second);
      else if (!found.refused.empty())
        add("refusal", name, found.refused);
      else
        add("new", name, "is not in the baseline");
    }
  }

  void compare(const std::string& name, const Expected& found, const Expected& expected) {
    if (!found.refused.empty()) {
      if (found.refused != expected.refused)
        add("refusal", name,
            found.refused + (expected.refused.empty() ? "" : "; expected " + expected.refused));
      return;
    }
    if (!expected.refused.empty()) return;  // better than expected; its counts are not known
    const auto more = [&](const char* kind, const std::string& one, std::int64_t have,
                          std::int64_t most) {
      if (have > most)
        add(kind, name,
            counted(have, one) + (baseline_ ? ", expected " + std::to_string(most) : ""));
    };
    more("unmatched", "module", found.unmatched, expected.unmatched);
    more("assumption", "assumption", found.assumptions, expected.assumptions);
    if (baseline_ == nullptr) return;
    for (const auto& [measure, least] : expected.coverage)
      if (!fail_on_.least.contains(measure)) {
        const auto share = found.coverage.find(measure);
        below(name, measure, share == found.coverage.end() ? 0 : share->second, least);
      }
    more("new", "definition", found.definitions, expected.definitions);
    if (found.definitions < expected.definitions)
      add("missing", name,
          counted(found.definitions, "definition") + ", expected " +
              std::to_string(expected.definitions));
  }

  void compare_definitions() {
    for (const auto& c : report_.at("conflicts")) {
      const std::string name = c.at("name");
      if (baseline_ == nullptr || !baseline_->conflicts.contains(name))
        add("conflict", name,
            "differs from the dataset's; kept as " + c.at("saved_as").get<std::string>());
    }
    if (baseline_ != nullptr) return;
    for (const auto& name : report_.at("new_definitions"))
      add("new", name.get<std::string>(), "was not in the dataset");
  }

  void below(const std::string& where, const std::string& measure, double share, double least) {
    if (share < least)
      add("coverage", where,
          percent(share) + " of " + (measure == "flops" ? "operations" : measure) +
              " have a definition, expected " + percent(least));
  }

  void compare_coverage() {
    const auto coverage = coverage_of(report_);
    if (coverage.empty() && !fail_on_.least.empty())
      add("coverage", "steps", "no step of the engine's forward ran");
    for (const auto& [mode, shares] : coverage)
      for (const auto& measure : coverage_measures()) {
        const double share = shares.at(measure);
        if (const auto least = fail_on_.least.find(measure); least != fail_on_.least.end())
          below(mode, measure, share, least->second);
      }
  }

  const Json& report_;
  const FailOn& fail_on_;
  const Baseline* baseline_;
  std::vector<Deviation> out_;
};

}  // namespace

const std::vector<std::string>& fail_on_kinds() {
  static const std::vector<std::string> kinds = {"refusal", "conflict", "unmatched", "assumption",
                                                 "new",     "missing",  "coverage"};
  return kinds;
}

FailOn parse_fail_on(const std::vector<std::string>& parts) {
  FailOn out;
  for (const auto& part : parts) {
    const auto eq = part.find('=');
    const std::string key = part.substr(0, eq);
    if (eq != std::string::npos && (key == "coverage" || key.starts_with("coverage."))) {
      add_coverage(out, key, part.substr(eq + 1));
      continue;
    }
    const auto& kinds = fail_on_kinds();
    if (std::find(kinds.begin(), kinds.end(), part) == kinds.end()) {
      const std::string hint = did_you_mean(part, kinds);
      throw Error("unknown kind '" + printable(part, 200) + "'", "",
                  (hint.empty() ? "" : hint + " ") + "the kinds are " + joined(kinds) +
                      "; coverage=0.95 or coverage.bytes=0.95 says how much");
    }
    out.kinds.insert(part);
  }
  return out;
}

std::vector<Deviation> deviations_of(const Json& report, const FailOn& fail_on,
                                     const Baseline* baseline) {
  return Comparison(report, fail_on, baseline).all();
}

std::vector<std::string> improvements_of(const Json& report, const Baseline& baseline) {
  std::vector<std::string> out;
  for (const auto& [name, found] : baseline_of(report).deployments) {
    const auto it = baseline.deployments.find(name);
    if (it == baseline.deployments.end() || !found.refused.empty()) continue;
    if (!it->second.refused.empty())
      out.push_back(name + ": the engine builds it, a refusal was expected");
    else if (found.unmatched < it->second.unmatched)
      out.push_back(name + ": " + counted(found.unmatched, "unmatched module") + ", expected " +
                    std::to_string(it->second.unmatched));
    else if (found.assumptions < it->second.assumptions)
      out.push_back(name + ": " + counted(found.assumptions, "assumption") + ", expected " +
                    std::to_string(it->second.assumptions));
  }
  return out;
}

Json deviations_json(const std::vector<Deviation>& deviations) {
  Json out = Json::array();
  for (const auto& d : deviations)
    out.push_back({{"kind", d.kind}, {"where", d.where}, {"what", d.what}});
  return out;
}

std::vector<std::string> deviation_lines(const std::vector<Deviation>& deviations,
                                         std::size_t most) {
  std::vector<std::string> out;
  std::map<std::string, std::size_t> told;
  for (std::size_t i = 0; i < deviations.size(); ++i) {
    const Deviation& d = deviations[i];
    if (++told[d.kind] <= most)
      out.push_back("fail-on " + d.kind + ": " + d.where + ": " + one_line(d.what));
    const bool is_last = i + 1 == deviations.size() || deviations[i + 1].kind != d.kind;
    if (is_last && told[d.kind] > most)
      out.push_back("fail-on " + d.kind + ": " + std::to_string(told[d.kind] - most) +
                    " more; report.json has them under deviations");
  }
  return out;
}

}  // namespace kdex
