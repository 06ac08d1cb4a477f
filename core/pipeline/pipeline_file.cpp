// Reading of pipeline files: every key is one of the table's options, every error has its place.
#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/base/options.h"
#include "core/base/text.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/options.h"
#include "core/pipeline/yaml_document.h"
#include "core/plugin/settings.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using Parts = std::vector<std::string>;

/// A key of a map as it was written, and what stands there.
struct Entry {
  std::string key;
  YAML::Node node;
};

std::vector<YAML::Node> items_of(const YAML::Node& list) {
  std::vector<YAML::Node> out;
  for (const auto& item : list) out.push_back(item);
  return out;
}

class Reader {
 public:
  explicit Reader(std::string file)
      : file_(std::move(file)), folder_(fs::absolute(file_).parent_path().string()) {}

  Pipeline read(const YAML::Node& root) {
    draft_ = default_draft();
    std::map<const PipelineOption*, std::vector<Entry>> given;
    for (const auto& entry : entries(root, "the pipeline")) {
      if (const PipelineOption* option = pipeline_option(entry.key))
        given[option].push_back(entry);
      else if (!read_family_option(root, entry))
        unknown_key(root, entry.key, "the pipeline", all_keys(""));
    }
    std::vector<Entry> checkpoints, deployments;
    for (const auto& option : pipeline_options()) {
      const auto found = given.find(&option);
      if (found == given.end()) continue;
      if (option.option.key == "checkpoints")
        checkpoints = found->second;
      else if (option.option.key == "deployments")
        deployments = found->second;
      else
        read_option(option, found->second, draft_);
    }
    Pipeline& p = draft_.pipeline;
    p.deployments = draft_.deployment.all();
    for (const auto& entry : deployments) p.deployments = read_deployments(entry);
    for (const auto& entry : checkpoints) read_checkpoints(entry);
    return std::move(p);
  }

 private:
  [[noreturn]] void fail(const YAML::Node& n, const std::string& what,
                         const std::string& hint = "") const {
    throw Error(what, place(file_, n.Mark()), hint);
  }

  std::vector<Entry> entries(const YAML::Node& map, const std::string& what) const {
    if (!map.IsMap()) fail(map, what + " must be a map of keys");
    std::vector<Entry> out;
    for (const auto& pair : map) {
      if (!pair.first.IsScalar()) fail(pair.first, "a key must be a plain word");
      out.push_back({pair.first.Scalar(), pair.second});
    }
    return out;
  }

  /// The keys of the table; of deployments alone where `of` says so.
  static Parts all_keys(const std::string& of) {
    Parts keys;
    for (const auto& p : pipeline_options())
      if (of.empty() || of == p.of) keys.push_back(p.option.key);
    return keys;
  }

  [[noreturn]] void unknown_key(const YAML::Node& map, const std::string& key,
                                const std::string& what, const Parts& known) const {
    std::string hint = did_you_mean(key, known);
    if (hint.empty()) {
      hint = "the keys are";
      for (const auto& k : known) hint += " " + k;
    }
    for (const auto& pair : map)
      if (pair.first.IsScalar() && pair.first.Scalar() == key)
        fail(pair.first, "unknown key '" + printable(key, 200) + "' in " + what, hint);
    throw Error("unknown key '" + printable(key, 200) + "' in " + what, file_, hint);
  }

  /// The text of a scalar; "" where it is empty.
  std::string scalar(const Entry& e, const YAML::Node& n) const {
    if (n.Scalar().find('\0') != std::string::npos)
      fail(n, "'" + e.key + "' holds a NUL character");
    return n.Scalar();
  }

  std::string text(const Entry& e, const YAML::Node& n) const {
    if (!n.IsScalar() || n.Scalar().empty()) fail(n, "'" + e.key + "' must be a text");
    return scalar(e, n);
  }

  /// ~ is expanded, and what is relative to the file's folder becomes absolute.
  std::string located(const std::string& path) const {
    const std::string p = expand_home(path);
    if (p.starts_with("/")) return fs::path(p).lexically_normal().string();
    return (fs::path(folder_) / p).lexically_normal().string();
  }

  /// The parts of a plain value or list, of the option's type.
  Parts parts(const Option& o, const Entry& e) const {
    const std::string expected = "'" + e.key + "' must be " + expected_value(o);
    std::vector<YAML::Node> nodes;
    if (e.node.IsScalar())
      nodes.push_back(e.node);
    else if (e.node.IsSequence() && is_list(o))
      nodes = items_of(e.node);
    if (nodes.empty()) fail(e.node, expected + (is_list(o) ? ", or a list of them" : ""));
    const bool is_path = o.type == Option::Type::path || o.type == Option::Type::paths;
    Parts out;
    for (const auto& n : nodes) {
      if (!n.IsScalar()) fail(n, expected);
      const std::string value = scalar(e, n);
      for (const auto& part : e.node.IsScalar() ? parts_of(o, value) : Parts{value}) {
        if (!is_value(o, part))
          fail(n, expected + ", not '" + printable(part, 200) + "'",
               o.choices.empty() ? "" : did_you_mean(part, o.choices));
        out.push_back(is_path ? located(part) : part);
      }
    }
    return out;
  }

  void read_option(const PipelineOption& p, const std::vector<Entry>& given, PipelineDraft& draft) {
    const std::string& key = p.option.key;
    Parts all;
    for (const auto& e : given) {
      if (key == "kernels") {
        read_settings(e, key, draft.pipeline.stage_settings);
      } else if (key == "family_options") {
        for (const auto& family : entries(e.node, "'family_options'"))
          read_settings(family, family.key, draft.pipeline.family_settings);
      } else if (key == "stage_options") {
        for (const auto& stage : entries(e.node, "'stage_options'"))
          read_settings(stage, stage.key, draft.pipeline.stage_settings);
      } else if (key == "families") {
        read_named(e, "a family", all, draft.pipeline.family_settings, draft.pipeline.places);
      } else if (key == "stages") {
        read_named(e, "a stage", all, draft.pipeline.stage_settings, draft.pipeline.places);
      } else if (key == "engine_args") {
        read_engine_args(e, all);
      } else {
        const Parts more = parts(p.option, e);
        all.insert(all.end(), more.begin(), more.end());
      }
    }
    if (!p.set || all.empty()) return;
    try {
      p.set(draft, all);
    } catch (const Error& e) {
      if (!e.where.empty()) throw;
      fail(given[0].node, "'" + given[0].key + "' " + e.what_happened, e.what_to_do);
    }
  }

  /// A plain scalar that is JSON (a number, true) is that, any other a text.
  static nlohmann::ordered_json json_of(const YAML::Node& n) {
    auto out = n.IsMap() ? nlohmann::ordered_json::object() : nlohmann::ordered_json::array();
    if (n.IsScalar()) {
      const bool plain = n.Tag() == "?" && nlohmann::ordered_json::accept(n.Scalar());
      return plain ? nlohmann::ordered_json::parse(n.Scalar()) : nlohmann::ordered_json(n.Scalar());
    }
    if (n.IsNull()) return nullptr;
    if (n.IsMap())
      for (const auto& pair : n) out[pair.first.Scalar()] = json_of(pair.second);
    else
      for (const auto& item : n) out.push_back(json_of(item));
    return out;
  }

  void read_engine_args(const Entry& e, Parts& all) const {
    if (!e.node.IsMap()) fail(e.node, "'engine_args' must be a map of server arguments");
    for (const auto& pair : e.node) {
      if (!pair.first.IsScalar() || pair.first.Scalar().empty() || pair.second.IsNull())
        fail(pair.second, "a server argument must be 'name: value'");
      const YAML::Node& value = pair.second;  // lists and maps travel as JSON
      all.push_back(pair.first.Scalar() + "=" +
                    (value.IsScalar() ? value.Scalar() : json_of(value).dump()));
    }
  }

  /// `{option: value}` for the options of a family or stage, which are looked up when the run
  /// starts.
  void read_settings(const Entry& e, const std::string& owner,
                     std::vector<OptionSetting>& settings) const {
    if (!e.node.IsMap()) fail(e.node, "'" + e.key + "' must be a map {OPTION: value}");
    for (const auto& option : entries(e.node, "'" + e.key + "'"))
      add_setting(option, owner, settings);
  }

  void add_setting(const Entry& e, const std::string& owner,
                   std::vector<OptionSetting>& settings) const {
    std::string value;
    if (e.node.IsSequence()) {
      for (const auto& part : e.node) value += (value.empty() ? "" : ",") + text(e, part);
    } else if (e.node.IsScalar()) {
      value = scalar(e, e.node);
    } else {
      fail(e.node, "'" + e.key + "' must be a value or a list of values");
    }
    settings.push_back(
        {owner, e.key, value, place(file_, e.node.Mark()) + ": '" + e.key + "'", folder_});
  }

  /// Names, or maps of a name and values for the options of what it names. `what`: "a family".
  void read_named(const Entry& e, const std::string& what, Parts& names,
                  std::vector<OptionSetting>& settings,
                  std::map<std::string, std::string>& places) const {
    const Option any{.key = e.key, .flag = "", .type = Option::Type::texts};
    if (!e.node.IsSequence() || e.node.size() == 0) {
      names = parts(any, e);
      for (const auto& name : names) places[name] = place(file_, e.node.Mark());
      return;
    }
    for (const auto& item : e.node) {
      if (!item.IsMap()) {
        names.push_back(text(e, item));
        places[names.back()] = place(file_, item.Mark());
        continue;
      }
      const YAML::Node name = item["name"];
      if (!name) fail(item, what + " must be a name or {name: NAME, option: value}");
      names.push_back(text(e, name));
      places[names.back()] = place(file_, name.Mark());
      for (const auto& option : entries(item, what))
        if (option.key != "name") add_setting(option, names.back(), settings);
    }
  }

  /// A family may declare an option under a name of its own at the top level.
  bool read_family_option(const YAML::Node& root, const Entry& e) {
    if (!families_) {
      Parts folders;
      if (const YAML::Node more = root["plugins_path"])
        folders = parts(pipeline_option("plugins_path")->option, {"plugins_path", more});
      families_ = load_all_plugins(folders);
    }
    const FamilyOption found = option_named(*families_, e.key);
    if (!found) return false;
    add_setting({found.option->key, e.node}, found.family->info.name,
                draft_.pipeline.family_settings);
    draft_.pipeline.family_settings.back().place =
        place(file_, e.node.Mark()) + ": '" + e.key + "'";
    return true;
  }

  std::vector<Deployment> read_deployments(const Entry& e) {
    if (!e.node.IsSequence() || e.node.size() == 0)
      fail(e.node, "'deployments' must be a list of at least one deployment");
    std::vector<Deployment> out;
    for (const auto& item : e.node) {
      PipelineDraft one;
      one.deployment = draft_.deployment;
      for (const auto& entry : entries(item, "a deployment")) {
        const PipelineOption* option = pipeline_option(entry.key);
        if (option == nullptr || std::string(option->of) != "deployment")
          unknown_key(item, entry.key, "a deployment", all_keys("deployment"));
        read_option(*option, {entry}, one);
      }
      for (auto& d : one.deployment.all()) out.push_back(std::move(d));
    }
    return out;
  }

  void read_checkpoints(const Entry& e) {
    const bool is_one = e.node.IsScalar() || e.node.IsMap();
    if (!is_one && !e.node.IsSequence()) fail(e.node, "'checkpoints' must be a list");
    std::vector<YAML::Node> items;
    if (is_one)
      items.push_back(e.node);
    else
      items = items_of(e.node);
    for (const auto& item : items) read_checkpoint(e, item);
  }

  void read_checkpoint(const Entry& e, const YAML::Node& item) {
    std::string path, name;
    std::vector<Deployment> own = draft_.pipeline.deployments;
    if (item.IsScalar()) {
      path = scalar(e, item);
    } else {
      for (const auto& entry : entries(item, "a checkpoint")) {
        if (entry.key == "path")
          path = text(entry, entry.node);
        else if (entry.key == "name")
          name = text(entry, entry.node);
        else if (entry.key == "deployments")
          own = read_deployments(entry);
        else
          unknown_key(item, entry.key, "a checkpoint", {"path", "name", "deployments"});
      }
      if (path.empty()) fail(item, "a checkpoint needs 'path'");
    }
    try {
      Checkpoint c = find_checkpoint(path, folder_);
      if (!name.empty()) c.name = name;
      draft_.pipeline.checkpoints.push_back({c, own});
    } catch (const Error& error) {
      if (!draft_.pipeline.keep_going) fail(item, error.what());
      draft_.pipeline.unknown_checkpoints.push_back(place(file_, item.Mark()) + ": " +
                                                    error.what());
    }
  }

  std::string file_, folder_;
  PipelineDraft draft_;
  std::optional<LoadedPlugins> families_;  // only where a key is not one of kdex's own
};

/// Replaces a key of the file, under whatever name it is there.
void override_key(YAML::Node& root, const std::string& key, const YAML::Node& value) {
  const PipelineOption* option = pipeline_option(key);
  Parts same;
  for (const auto& pair : root)
    if (option != nullptr && pair.first.IsScalar() &&
        pipeline_option(pair.first.Scalar()) == option)
      same.push_back(pair.first.Scalar());
  for (const auto& name : same) root.remove(name);
  root[key] = value;
}

void apply_override(YAML::Node& root, const std::string& file, const std::string& text) {
  const auto eq = text.find('=');
  if (eq == std::string::npos || eq == 0)
    throw Error("must be key=value, not '" + text + "'", "--set", "for example: --set jobs=4");
  const std::string key = text.substr(0, eq), given = text.substr(eq + 1);
  const std::string where = "--set " + text;
  const YAML::Node value = load_yaml(given.empty() ? "\"\"" : given, where);
  try {  // alone first, so that its errors do not seem to be the file's
    YAML::Node alone(YAML::NodeType::Map);
    alone[key] = value;
    Reader(file).read(alone);
  } catch (const Error& e) {
    throw Error(e.what_happened, where, e.what_to_do);
  }
  override_key(root, key, value);
}

bool has(const std::vector<std::string>& list, const char* name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

Pipeline load_pipeline(const std::string& file, const std::vector<std::string>& overrides) {
  YAML::Node root = load_yaml(read_file(file, 4u << 20), file);
  if (!root.IsMap()) throw Error("must be a map of keys", file + ":1:1");
  try {
    for (const auto& text : overrides) apply_override(root, file, text);
    Pipeline p = Reader(file).read(root);
    if (p.checkpoints.empty() && p.model_names.empty() && !p.unknown_checkpoints.empty())
      throw Error(p.unknown_checkpoints[0]);
    if (has(p.stages, "extract") && p.checkpoints.empty() && p.model_names.empty())
      throw Error("has neither 'checkpoints' nor 'model_names'", file,
                  "say which models to extract");
    return p;
  } catch (const YAML::Exception& e) {
    throw Error(e.msg, place(file, e.mark));
  }
}

}  // namespace kdex
