// core/report/diff.h.
#include "core/report/diff.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/text.h"
#include "core/dataset/differences.h"
#include "core/report/diff_side.h"
#include "core/report/utf8.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
using Strings = std::vector<std::string>;
using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kMostAxes = 3;  // whose lines are told of a definition that appears

std::size_t common_prefix(const std::string& a, const std::string& b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return n;
}

/// "N: " before each of the lines that the other side does not have; all where they are alike.
void add_lines(Strings& to, const std::string& axis, const Lines& lines, const Lines& other) {
  Strings own, all;
  for (const auto& line : lines) {
    all.push_back(axis + ": " + line.second);
    if (std::none_of(other.begin(), other.end(),
                     [&](const auto& o) { return o.first == line.first; }))
      own.push_back(all.back());
  }
  if (own.empty() && !all.empty()) own.push_back(all[0]);
  to.insert(to.end(), own.begin(), own.end());
}

/// What is told of a model's steps.
std::string ran(const std::string& why_not) {
  return why_not.empty() ? "definitions are of what its steps launch"
                         : "definitions are of what is built, no step ran: " + why_not;
}

class Comparison {
 public:
  Comparison(DiffSide& a, DiffSide& b) : a_(a), b_(b) {}

  /// The changes of one deployment that both sides have.
  std::vector<Change> changes(const DiffSide::Key& key) {
    const auto& in_a = a_.models().at(key);
    const auto& in_b = b_.models().at(key);
    std::vector<Change> out;
    if (in_a.status != in_b.status)
      out.push_back(
          {.kind = "status", .a = in_a.status, .b = in_b.status, .op_type = "", .what = ""});
    if (in_a.status != "ok" || in_b.status != "ok") return out;
    if (in_a.no_steps.empty() != in_b.no_steps.empty())
      out.push_back({.kind = "steps",
                     .a = ran(in_a.no_steps),
                     .b = ran(in_b.no_steps),
                     .op_type = "",
                     .what = ""});
    std::set<std::string> gone, fresh;
    std::set_difference(in_a.definitions.begin(), in_a.definitions.end(), in_b.definitions.begin(),
                        in_b.definitions.end(), std::inserter(gone, gone.end()));
    std::set_difference(in_b.definitions.begin(), in_b.definitions.end(), in_a.definitions.begin(),
                        in_a.definitions.end(), std::inserter(fresh, fresh.end()));
    for (const auto& [from, to] : pairs(gone, fresh)) {
      out.push_back(changed(from, to));
      gone.erase(from);
      fresh.erase(to);
    }
    for (const auto& name : in_a.definitions)
      if (in_b.definitions.contains(name) && differ(name)) out.push_back(changed(name, name));
    for (const auto& name : gone) out.push_back(one_sided("vanishes", name, a_, b_, key));
    for (const auto& name : fresh) out.push_back(one_sided("appears", name, b_, a_, key));
    return out;
  }

 private:
  bool differ(const std::string& name) {
    const auto [it, fresh] = differ_.try_emplace(name, false);
    const Definition* a = a_.definition(name);
    const Definition* b = b_.definition(name);
    if (fresh && a != nullptr && b != nullptr) it->second = !differences_of(*a, *b).empty();
    return it->second;
  }

  /// Of the same modules, those whose op types and names are most alike first.
  std::vector<std::pair<std::string, std::string>> pairs(const std::set<std::string>& gone,
                                                         const std::set<std::string>& fresh) const {
    struct Candidate {
      std::string from, to;
      std::size_t likeness;
    };
    std::vector<Candidate> all;
    for (const auto& from : gone) {
      const std::string what = a_.what(from);
      for (const auto& to : fresh)
        if (!what.empty() && b_.what(to) == what)
          all.push_back(
              {from, to,
               common_prefix(from, to) + (a_.op_type(from) == b_.op_type(to) ? 1000u : 0u)});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& x, const auto& y) { return x.likeness > y.likeness; });
    std::vector<std::pair<std::string, std::string>> out;
    std::set<std::string> taken;
    for (const auto& c : all)
      if (!taken.contains("-" + c.from) && !taken.contains("+" + c.to)) {
        taken.insert("-" + c.from);
        taken.insert("+" + c.to);
        out.emplace_back(c.from, c.to);
      }
    std::sort(out.begin(), out.end());
    return out;
  }

  Change changed(const std::string& from, const std::string& to) {
    const auto [it, fresh] = changed_.try_emplace({from, to});
    Change& c = it->second;
    if (!fresh) return c;
    c.kind = "changes";
    c.a = from, c.b = to;
    c.op_type = b_.op_type(to);
    c.what = b_.what(to);
    const Definition* a = a_.definition(from);
    const Definition* b = b_.definition(to);
    if (a == nullptr || b == nullptr) return c;
    c.differences = differences_of(*a, *b);
    for (const auto& d : c.differences) {
      if (d.part != "axes" || d.name == "order") continue;
      const Lines in_a = a_.lines(from, d.name), in_b = b_.lines(to, d.name);
      add_lines(c.lines_a, d.name, in_a, in_b);
      add_lines(c.lines_b, d.name, in_b, in_a);
    }
    if (!c.lines_a.empty() || !c.lines_b.empty()) return c;
    for (auto* side : {&a_, &b_}) {  // what differs has no origin: where the kernel itself is from
      const std::string& name = side == &a_ ? from : to;
      const auto axes = side->axes(name);
      if (!axes.empty())
        add_lines(side == &a_ ? c.lines_a : c.lines_b, axes[0], side->lines(name, axes[0]), {});
    }
    return c;
  }

  static Change one_sided(const char* kind, const std::string& name, DiffSide& has, DiffSide& lacks,
                          const DiffSide::Key& key) {
    Change c;
    c.kind = kind;
    const bool vanishes = c.kind == "vanishes";
    (vanishes ? c.a : c.b) = name;
    c.op_type = has.op_type(name);
    c.what = has.what(name);
    Strings& lines = vanishes ? c.lines_a : c.lines_b;
    const Strings axes = has.axes(name);
    for (std::size_t i = 0; i < axes.size() && i < kMostAxes; ++i)
      if (const Lines of = has.lines(name, axes[i]); !of.empty())
        lines.push_back(axes[i] + ": " + of[0].second);
    c.reasons = lacks.reasons(key, name, c.what);
    return c;
  }

  DiffSide &a_, &b_;
  std::map<std::string, bool> differ_;
  std::map<std::pair<std::string, std::string>, Change> changed_;
};

Json change_json(const Change& c) {
  const auto texts = [](const Strings& list) {
    Json out = Json::array();
    for (const auto& s : list) out.push_back(clean(s));
    return out;
  };
  Json differences = Json::array();
  for (const auto& d : c.differences)
    differences.push_back({{"part", d.part},
                           {"name", clean(d.name)},
                           {"a", d.dataset ? Json(clean(*d.dataset)) : Json()},
                           {"b", d.found ? Json(clean(*d.found)) : Json()}});
  const auto name = [](const std::string& s) { return s.empty() ? Json() : Json(clean(s)); };
  return {{"kind", c.kind},
          {"deployments", texts(c.deployments)},
          {"a", name(c.a)},
          {"b", name(c.b)},
          {"op_type", c.op_type},
          {"what", clean(c.what)},
          {"differences", std::move(differences)},
          {"lines_a", texts(c.lines_a)},
          {"lines_b", texts(c.lines_b)},
          {"reasons", texts(c.reasons)}};
}

std::string change_text(const Change& c) {
  std::string out = "    ";
  if (c.kind == "status" || c.kind == "steps") return out + "! " + c.a + "\n      " + c.b + "\n";
  out += c.kind == "appears" ? "+ " + c.b : c.kind == "vanishes" ? "- " + c.a : "~ " + c.a;
  if (c.kind == "changes" && c.a != c.b) out += " -> " + c.b;
  out += "   " + c.what + "\n";
  for (const auto& d : c.differences)
    out += "        " + d.part + (d.name.empty() ? "" : "." + d.name) + ": " +
           d.dataset.value_or("none") + " -> " + d.found.value_or("none") + "\n";
  for (const auto& line : c.lines_a) out += "        A  " + line + "\n";
  for (const auto& line : c.lines_b) out += "        B  " + line + "\n";
  for (const auto& reason : c.reasons)
    out += std::string("        ") + (c.kind == "vanishes" ? "B" : "A") + " has none: " + reason +
           "\n";
  return out;
}

}  // namespace

Diff diff_datasets(const std::string& path_a, const std::string& path_b) {
  DiffSide a(path_a), b(path_b);
  Diff out;
  out.a = path_a, out.b = path_b;
  Comparison comparison(a, b);
  std::map<std::string, CheckpointDiff> by_checkpoint;
  for (const auto& [key, model] : a.models()) {
    if (!b.models().contains(key)) {
      by_checkpoint[key.first].only_a.push_back(key.second);
      continue;
    }
    ++out.deployments;
    const auto changes = comparison.changes(key);
    if (changes.empty()) continue;
    ++out.differing;
    auto& known = by_checkpoint[key.first].changes;
    for (const auto& change : changes) {
      const std::string text = change_json(change).dump();
      const auto same = std::find_if(known.begin(), known.end(), [&](Change k) {
        k.deployments.clear();
        return change_json(k).dump() == text;
      });
      Change& to = same == known.end() ? known.emplace_back(change) : *same;
      to.deployments.push_back(key.second);
    }
  }
  for (const auto& [key, model] : b.models())
    if (!a.models().contains(key)) by_checkpoint[key.first].only_b.push_back(key.second);
  for (auto& [name, diff] : by_checkpoint) {
    diff.checkpoint = name;
    out.checkpoints.push_back(std::move(diff));
  }
  return out;
}

std::string diff_text(const Diff& diff) {
  std::string out = "A  " + diff.a + "\nB  " + diff.b + "\n";
  std::map<std::string, std::size_t> kinds;
  for (const auto& c : diff.checkpoints) {
    out += "\n" + c.checkpoint + "\n";
    if (!c.only_a.empty()) out += "  only in A: " + joined(c.only_a) + "\n";
    if (!c.only_b.empty()) out += "  only in B: " + joined(c.only_b) + "\n";
    std::vector<std::pair<std::string, std::string>> groups;  // deployments, text
    for (const auto& change : c.changes) {
      ++kinds[change.kind];
      const std::string of = joined(change.deployments);
      const auto group =
          std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == of; });
      if (group == groups.end())
        groups.emplace_back(of, change_text(change));
      else
        group->second += change_text(change);
    }
    for (const auto& [of, text] : groups) out += "  " + of + "\n" + text;
  }
  out += "\n" + std::to_string(diff.differing) + " of " + counted(diff.deployments, "deployment") +
         " differ: " + std::to_string(kinds["appears"]) + " appear, " +
         std::to_string(kinds["vanishes"]) + " vanish, " + std::to_string(kinds["changes"]) +
         " change, " + std::to_string(kinds["status"]) + " of the engine's refusals\n";
  return clean(out);
}

Json diff_json(const Diff& diff) {
  Json checkpoints = Json::array();
  for (const auto& c : diff.checkpoints) {
    Json changes = Json::array();
    for (const auto& change : c.changes) changes.push_back(change_json(change));
    checkpoints.push_back({{"checkpoint", clean(c.checkpoint)},
                           {"only_a", c.only_a},
                           {"only_b", c.only_b},
                           {"changes", std::move(changes)}});
  }
  return {{"a", clean(diff.a)},
          {"b", clean(diff.b)},
          {"deployments", diff.deployments},
          {"differing", diff.differing},
          {"checkpoints", std::move(checkpoints)}};
}

}  // namespace kdex
