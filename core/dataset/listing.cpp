// core/dataset/listing.h.
#include "core/dataset/listing.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/dataset/dataset.h"
#include "core/dataset/history.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
using Strings = std::vector<std::string>;

constexpr std::size_t kMostAxisColumns = 10;  // of a table; beyond, axes share one column

const Strings& first_columns() {
  static const Strings columns = {"name",   "op_type",     "file",        "dtypes",          "tags",
                                  "models", "deployments", "model_count", "deployment_count"};
  return columns;
}

bool holds(const Strings& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

void set_columns(Listing& l) {
  l.axes.clear();
  for (const auto& row : l.rows)
    for (const auto& a : row.definition.axes)
      if (!holds(l.axes, a.name)) l.axes.push_back(a.name);
  l.columns = first_columns();
  for (const auto& a : l.axes)
    if (!holds(l.columns, a)) l.columns.push_back(a);
}

Strings dtypes_of(const Definition& d) {
  std::set<std::string> out;
  for (const auto* tensors : {&d.inputs, &d.outputs})
    for (const auto& t : *tensors) out.insert(t.dtype);
  return {out.begin(), out.end()};
}

/// "checkpoint tp8 ep1" -> "tp8 ep1"
Strings deployments_of(const ListedDefinition& row) {
  std::set<std::string> out;
  for (const auto& m : row.met)
    if (const auto space = m.find(' '); space != std::string::npos) out.insert(m.substr(space + 1));
  return {out.begin(), out.end()};
}

std::string text_of(const Cell& cell) {
  if (const auto* n = std::get_if<double>(&cell))
    return std::to_string(static_cast<std::int64_t>(*n));
  if (const auto* s = std::get_if<std::string>(&cell)) return *s;
  std::string out;
  if (const auto* list = std::get_if<Strings>(&cell))
    for (const auto& s : *list) out += (out.empty() ? "" : ";") + s;
  return out;
}

std::string axes_text(const Definition& d) {
  std::string out;
  for (const auto& a : d.axes)
    if (a.value) out += (out.empty() ? "" : " ") + a.name + "=" + std::to_string(*a.value);
  return out;
}

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\n\r") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

Listing list_dataset(const std::string& dataset) {
  Listing out;
  DatasetIndex index = read_index(dataset);
  out.unreadable = std::move(index.unreadable);
  if (index.by_name.empty() && out.unreadable.empty())
    throw Error("has no definitions", dataset, "give the folder that holds definitions/");
  const History history = read_history(dataset);
  for (auto& [name, d] : index.by_name) {
    ListedDefinition row;
    row.file =
        std::filesystem::path(index.file_of[name]).lexically_relative(dataset).generic_string();
    std::set<std::string> models;
    if (const auto it = history.definitions.find(name); it != history.definitions.end()) {
      row.met = it->second.models;
      row.written_by = it->second.written_by;
      for (const auto& m : row.met) models.insert(m.substr(0, m.find(' ')));
    }
    if (row.met.empty())
      for (const auto& tag : d.tags)
        if (tag.starts_with("model:")) models.insert(tag.substr(6));
    row.models = {models.begin(), models.end()};
    row.definition = std::move(d);
    out.rows.push_back(std::move(row));
  }
  std::stable_sort(out.rows.begin(), out.rows.end(), [](const auto& a, const auto& b) {
    return a.definition.op_type < b.definition.op_type;
  });
  set_columns(out);
  return out;
}

Cell cell_of(const ListedDefinition& row, const std::string& column) {
  const Definition& d = row.definition;
  if (column == "name") return d.name;
  if (column == "op_type") return d.op_type;
  if (column == "file") return row.file;
  if (column == "dtypes") return dtypes_of(d);
  if (column == "tags") return d.tags;
  if (column == "models") return row.models;
  if (column == "deployments") return deployments_of(row);
  if (column == "model_count") return static_cast<double>(row.models.size());
  if (column == "deployment_count") return static_cast<double>(row.met.size());
  for (const auto& a : d.axes)
    if (a.name == column && a.value) return static_cast<double>(*a.value);
  return {};
}

void keep_rows(Listing& listing, const std::string& text) {
  const RowCondition condition(text, listing.columns);
  std::erase_if(listing.rows, [&](const ListedDefinition& row) {
    return !condition.holds([&](const std::string& column) { return cell_of(row, column); });
  });
  set_columns(listing);
}

std::string listing_table(const Listing& listing) {
  std::vector<std::string> axes;  // those that have a value
  for (const auto& a : listing.axes)
    if (std::any_of(listing.rows.begin(), listing.rows.end(), [&](const auto& row) {
          return !std::holds_alternative<std::monostate>(cell_of(row, a));
        }))
      axes.push_back(a);
  const bool is_wide = axes.size() > kMostAxisColumns;
  std::vector<Strings> lines = {{"op_type", "name"}};
  lines[0].insert(lines[0].end(), {"models", "deployments"});
  if (is_wide)
    lines[0].emplace_back("axes");
  else
    lines[0].insert(lines[0].end(), axes.begin(), axes.end());
  for (const auto& row : listing.rows) {
    Strings line = {row.definition.op_type, row.definition.name,
                    text_of(cell_of(row, "model_count")),
                    text_of(cell_of(row, "deployment_count"))};
    if (is_wide)
      line.push_back(axes_text(row.definition));
    else
      for (const auto& a : axes) line.push_back(text_of(cell_of(row, a)));
    lines.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(lines[0].size(), 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i)
      text += line[i] + std::string(widths[i] + 2 - line[i].size(), ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string listing_csv(const Listing& listing) {
  std::string out;
  for (std::size_t i = 0; i < listing.columns.size(); ++i)
    out += (i ? "," : "") + quoted(listing.columns[i]);
  out += "\r\n";
  for (const auto& row : listing.rows) {
    for (std::size_t i = 0; i < listing.columns.size(); ++i)
      out += (i ? "," : "") + quoted(text_of(cell_of(row, listing.columns[i])));
    out += "\r\n";
  }
  return out;
}

Json listing_json(const Listing& listing) {
  Json out = Json::array();
  for (const auto& row : listing.rows) {
    Json axes = Json::object();
    for (const auto& a : row.definition.axes) axes[a.name] = a.value ? Json(*a.value) : Json();
    out.push_back({{"name", row.definition.name},
                   {"op_type", row.definition.op_type},
                   {"file", row.file},
                   {"axes", std::move(axes)},
                   {"dtypes", dtypes_of(row.definition)},
                   {"tags", row.definition.tags},
                   {"models", row.models},
                   {"deployments", row.met}});
  }
  return out;
}

}  // namespace kdex
