// Implementation of core/dataset/history.h.
#include "core/dataset/history.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/definition/json.h"

namespace kdex {
namespace {

std::string file_of(const std::string& dataset) { return dataset + "/.kdex/history.json"; }

}  // namespace

void History::add(const std::string& definition, const std::string& model,
                  const std::string& written_by) {
  Entry& entry = definitions[definition];
  const auto at = std::lower_bound(entry.models.begin(), entry.models.end(), model);
  if (at == entry.models.end() || *at != model) entry.models.insert(at, model);
  if (!written_by.empty()) entry.written_by = written_by;
}

std::set<std::string> written_names(const History& history) {
  std::set<std::string> out;
  for (const auto& [name, entry] : history.definitions)
    if (!entry.written_by.empty()) out.insert(name);
  return out;
}

History read_history(const std::string& dataset, std::string* problem) {
  History out;
  const std::string file = file_of(dataset);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return out;
  try {
    const auto json = parse_json(read_file(file), file);
    for (const auto& [name, d] : json.at("definitions").items()) {
      History::Entry& entry = out.definitions[name];
      entry.written_by = d.at("written_by").get<std::string>();
      entry.models = d.at("models").get<std::vector<std::string>>();
      std::sort(entry.models.begin(), entry.models.end());
    }
    out.dialect = json.at("dialect").get<std::string>();
    out.runs = json.at("runs").get<std::vector<std::string>>();
    return out;
  } catch (const Error& e) {
    if (problem) *problem = e.what();
  } catch (const nlohmann::ordered_json::exception&) {
    if (problem) *problem = file + ": not in the format that kdex writes";
  }
  return {};
}

void write_history(const DatasetLock& lock, const History& history) {
  nlohmann::ordered_json definitions = nlohmann::ordered_json::object();
  for (const auto& [name, d] : history.definitions)
    definitions[name] = {{"written_by", d.written_by}, {"models", d.models}};
  write_file_atomically(file_of(lock.dataset()),
                        dump_json({{"kdex_history", 1},
                                   {"dialect", history.dialect},
                                   {"runs", history.runs},
                                   {"definitions", std::move(definitions)}}));
}

}  // namespace kdex
