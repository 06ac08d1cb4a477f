// exporters/shared/table.h.
#include "exporters/shared/table.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace kdex::exporters {
namespace {

using Json = nlohmann::ordered_json;

const Row* find(const std::vector<Row>& rows, const Row& row) {
  const auto it =
      std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.same_shape(row); });
  return it == rows.end() ? nullptr : &*it;
}

/// How far apart two shapes are: the sum of their sizes' ratios, as logarithms.
double distance(const Sizes& a, const Sizes& b) {
  double out = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    out += std::abs(std::log(std::max(1.0, static_cast<double>(a[i].second))) -
                    std::log(std::max(1.0, static_cast<double>(b[i].second))));
  return out;
}

/// The row whose sizes differ least: in the fewest of them, then by their ratios.
const Row* closest(const std::vector<Row>& rows, const Row& row) {
  const Row* best = nullptr;
  std::pair<int, double> least = {};
  for (const auto& r : rows) {
    if (r.kind != row.kind || r.sizes.size() != row.sizes.size()) continue;
    int differing = 0;
    for (std::size_t i = 0; i < r.sizes.size(); ++i) differing += r.sizes[i] != row.sizes[i];
    const std::pair<int, double> far = {differing, distance(r.sizes, row.sizes)};
    if (best == nullptr || far < least) best = &r, least = far;
  }
  return best;
}

std::string layers_text(const Row& row) {
  std::string out;
  for (const auto& layer : row.layers) out += (out.empty() ? "" : ", ") + layer;
  return out;
}

std::string row_text(const Row& row) {
  const std::string section = row.section.empty() ? "" : row.section + " ";
  return section + text_of(row.sizes) +
         (row.count > 1 ? " (" + std::to_string(row.count) + " rows)" : "");
}

std::string pair_text(const Comparison::Pair& p) {
  if (p.run.sizes.empty()) return row_text(p.row);
  if (p.closest)
    return row_text(p.row) + "; closest: " + text_of(p.run.sizes) + " of " + layers_text(p.run);
  return row_text(p.row) + ": " + layers_text(p.run);
}

Json row_json(const Row& row) {
  Json sizes = Json::object();
  for (const auto& [name, value] : row.sizes) sizes[name] = value;
  return {{"sizes", sizes}, {"section", row.section}, {"rows", row.count}};
}

Json pairs_json(const std::vector<Comparison::Pair>& pairs) {
  Json out = Json::array();
  for (const auto& p : pairs) {
    Json one = row_json(p.row);
    if (p.closest) one["closest"] = row_json(p.run)["sizes"];
    one["layers"] = p.run.layers;
    out.push_back(std::move(one));
  }
  return out;
}

Json rows_json(const std::vector<Row>& rows) {
  Json out = Json::array();
  for (const auto& r : rows) {
    Json one = row_json(r);
    one.erase("rows");
    one["layers"] = r.layers;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

void add_row(std::vector<Row>& rows, Row row) {
  for (auto& r : rows) {
    if (!r.same_shape(row)) continue;
    r.count += row.count;
    r.launched = r.launched || row.launched;
    if (!row.section.empty() &&
        (", " + r.section + ",").find(", " + row.section + ",") == std::string::npos)
      r.section += (r.section.empty() ? "" : ", ") + row.section;
    for (auto& layer : row.layers)
      if (std::find(r.layers.begin(), r.layers.end(), layer) == r.layers.end())
        r.layers.push_back(std::move(layer));
    return;
  }
  rows.push_back(std::move(row));
}

std::string layer_of(const Kernel& kernel) {
  const std::string& name = kernel.definition->definition.name;
  return kernel.definition->what.empty() ? name : kernel.definition->what + " (" + name + ")";
}

Comparison compare(const std::vector<Row>& table, const std::vector<Row>& run) {
  Comparison out;
  std::vector<Row> launched;
  for (const auto& r : run)
    if (r.launched) launched.push_back(r);
  for (const auto& row : table) {
    const Row* same = find(run, row);
    if (same != nullptr) {
      (same->launched ? out.run : out.idle).push_back({row, *same});
      continue;
    }
    const Row* near = closest(launched, row);
    out.none.push_back({row, near == nullptr ? Row{} : *near, near != nullptr});
  }
  for (const auto& r : launched) {
    if (find(table, r) != nullptr) continue;
    const bool has_kind =
        std::any_of(table.begin(), table.end(), [&](const Row& t) { return t.kind == r.kind; });
    (has_kind ? out.missing : out.untabled).push_back(r);
  }
  return out;
}

std::string comparison_text(const Comparison& c, const std::string& table) {
  const auto total = c.run.size() + c.idle.size() + c.none.size();
  std::string out = table + ": " + std::to_string(total) + " shapes, " +
                    std::to_string(c.run.size()) + " run, " + std::to_string(c.idle.size()) +
                    " built and not launched, " + std::to_string(c.none.size()) + " of no layer; " +
                    std::to_string(c.missing.size()) + " missing\n";
  for (const auto& p : c.run) out += "  run      " + pair_text(p) + "\n";
  for (const auto& p : c.idle) out += "  idle     " + pair_text(p) + "\n";
  for (const auto& p : c.none) out += "  none     " + pair_text(p) + "\n";
  for (const auto& r : c.missing)
    out += "  missing  " + text_of(r.sizes) + ": " + layers_text(r) + "\n";
  if (!c.untabled.empty())
    out += "  (" + std::to_string(c.untabled.size()) +
           " shapes of other kinds of kernels are run; the table has none of these kinds)\n";
  return out;
}

std::string comparison_json(const Comparison& c, const std::string& table) {
  const Json j = {{"table", table},
                  {"run", pairs_json(c.run)},
                  {"idle", pairs_json(c.idle)},
                  {"none", pairs_json(c.none)},
                  {"missing", rows_json(c.missing)},
                  {"untabled", rows_json(c.untabled)}};
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kdex::exporters
