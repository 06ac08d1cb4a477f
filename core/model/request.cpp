// core/model/request.h.
#include "core/model/request.h"

#include <filesystem>
#include <system_error>

#include "core/base/digest.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using py::Machine;
using py::View;

/// Where links in a checkpoint's folder may lead: the blobs of the Hugging Face cache that it is a
/// snapshot of, and what its configuration is when that is a link itself.
std::vector<std::string> linked_files(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) return out;
  for (const char* name : {"config.json", "params.json", "hf_quant_config.json"})
    if (const fs::path file = fs::canonical(real / name, error); !error)
      out.push_back(file.string());
  const fs::path blobs = real.parent_path().parent_path() / "blobs";
  if (real.parent_path().filename() == "snapshots" &&
      fs::is_directory(fs::symlink_status(blobs, error)))
    out.push_back(blobs.string());
  return out;
}

/// Where the engine sees the checkpoint. It looks for names in its path, so the path ends in the
/// checkpoint's.
std::string path_of(const Checkpoint& c) {
  const fs::path name = fs::path(c.name).lexically_normal().relative_path();
  for (const auto& part : name)
    if (part == "..") return "/model";
  return name.empty() || name == "." ? "/model" : "/model/" + name.string();
}

/// Where the engine sees a server argument's folder (a draft model's, say), empty where the text
/// names none with a configuration.
std::string path_of(const std::string& argument, const std::string& text) {
  std::error_code error;
  if (text.empty() || !fs::is_regular_file(fs::path(text) / "config.json", error)) return "";
  const fs::path full = fs::canonical(text, error);
  return error ? "" : "/" + argument + "/" + full.filename().string();
}

}  // namespace

std::vector<RequestEntry> shared_request_of(Machine& m, const std::string& platform, Tree& tree) {
  const View facts =
      m.json(tree.platforms, "platforms.json", Origin::Kind::platform).entry(platform);
  std::vector<std::pair<std::string, View>> architectures, names;
  for (const auto& model : tree.models())
    architectures.emplace_back(model.architecture, m.text(model.module));
  for (const auto& [name, argument] : tree.engine().arguments)
    names.emplace_back(name, m.text(argument));
  return {{"platform", facts.is(View::Kind::absent) ? m.text(platform) : facts},
          {"architectures", m.dict(architectures)},
          {"arguments", m.dict(names)}};
}

std::string shared_key(const std::string& platform, Tree& source) {
  const Tree& tree = source;
  std::string all;
  auto add = [&](std::string_view text) {
    all += std::to_string(text.size()) + ":";
    all += text;
  };
  for (const std::string* text :
       {&platform, &tree.platforms, &tree.engine().driver, &tree.engine().folder})
    add(*text);
  for (const auto& root : tree.sources.roots) add(root);
  for (const auto& name : tree.sources.installed) add(name);
  for (const auto* map : {&tree.versions, &tree.sources.versions, &tree.engine().arguments})
    for (const auto& [name, value] : *map) {
      add(name);
      add(value);
    }
  for (const auto& model : source.models()) {
    add(model.architecture);
    add(model.module);
  }
  return hex(digest("sha256", all));
}

std::vector<RequestEntry> request_of(Machine& m, const Checkpoint& checkpoint, const Deployment& d,
                                     const std::vector<int>& page_sizes, Tree& tree,
                                     Purpose purpose) {
  auto number = [&](const char* name, std::int64_t n) {
    return std::pair(std::string(name), m.number(name, n, Origin::Kind::deployment));
  };
  std::vector<std::pair<std::string, View>> arguments;
  for (const auto& [name, text] : server_arguments_of(tree, d)) {
    const std::string folder = path_of(name, text);
    arguments.emplace_back(name, m.text(folder.empty() ? text : folder));
  }
  std::vector<RequestEntry> request = {{"checkpoint", m.text(path_of(checkpoint))},
                                       number("tp", d.tp),
                                       number("ep", d.ep),
                                       number("attention_dp", d.attention_dp),
                                       {"engine_args", m.dict(arguments)}};
  for (auto& entry : shared_request_of(m, d.platform, tree)) request.push_back(std::move(entry));
  if (page_sizes.size() > 1)
    request.emplace_back("page_size", m.choice("page_size", {page_sizes.begin(), page_sizes.end()},
                                               Origin::Kind::deployment));
  else if (page_sizes.front() > 0)
    request.push_back(number("page_size", page_sizes.front()));
  if (purpose == Purpose::base) request.emplace_back("base", m.truth(true));
  if (d.draft) request.emplace_back("draft", m.truth(true));
  return request;
}

std::map<std::string, std::string> server_arguments_of(const SourceTree& source,
                                                       const Deployment& d) {
  auto out = d.engine_args;
  const auto& names = source.engine().arguments;
  if (const auto name = names.find("draft_checkpoint");
      name != names.end() && !d.draft_checkpoint.empty())
    out[name->second] = d.draft_checkpoint;
  return out;
}

py::Host host_of(const Tree& tree, const Checkpoint& checkpoint, const Deployment& deployment) {
  py::Host host;
  std::error_code error;
  fs::path folder(checkpoint.folder);
  if (fs::is_regular_file(folder, error)) folder = folder.parent_path();
  host.files = {{path_of(checkpoint), folder.string()}};
  host.linked = linked_files(folder);
  for (const auto& [name, text] : server_arguments_of(tree, deployment))
    if (const std::string seen = path_of(name, text); !seen.empty()) {
      host.files.emplace_back(seen, text);
      for (auto& file : linked_files(text)) host.linked.push_back(std::move(file));
    }
  host.versions = tree.versions;
  return host;
}

}  // namespace kdex
