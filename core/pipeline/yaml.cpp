// Reading of pipeline files: every key known, every error with its place.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/cuda/build.h"
#include "core/definition/json.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/pipeline.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

std::string place(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

/// Watches the events of a file before a tree is made of it: aliases that lead into themselves, too
/// much nesting, too many nodes, keys that stand twice.
class Guard : public YAML::EventHandler {
 public:
  explicit Guard(std::string file) : file_(std::move(file)) {}
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& m, YAML::anchor_t) override { scalar(m, ""); }
  void OnAlias(const YAML::Mark& m, YAML::anchor_t a) override {
    for (const auto& o : open_)
      if (o.anchor == a)
        throw Error("the alias stands inside what it names: a cycle", place(file_, m));
    weight(m, sizes_[a]);
    scalar(m, "");
  }
  void OnScalar(const YAML::Mark& m, const std::string&, YAML::anchor_t a,
                const std::string& value) override {
    if (a != 0) sizes_[a] = 1;
    scalar(m, value);
  }
  void OnSequenceStart(const YAML::Mark& m, const std::string&, YAML::anchor_t a,
                       YAML::EmitterStyle::value) override {
    start(m, a, false);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& m, const std::string&, YAML::anchor_t a,
                  YAML::EmitterStyle::value) override {
    start(m, a, true);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    YAML::anchor_t anchor;
    bool map, at_key;
    std::size_t before;
    std::set<std::string> keys;
  };
  void weight(const YAML::Mark& m, std::size_t n) {
    nodes_ += n;
    if (nodes_ > 200'000)
      throw Error("the file has more than 200000 nodes with its aliases written out",
                  place(file_, m));
  }
  void scalar(const YAML::Mark& m, const std::string& value) {
    weight(m, 1);
    if (open_.empty() || !open_.back().map) return;
    auto& o = open_.back();
    if (o.at_key && !value.empty() && !o.keys.insert(value).second)
      throw Error("the key '" + printable(value, 200) + "' stands twice", place(file_, m));
    o.at_key = !o.at_key;
  }
  void start(const YAML::Mark& m, YAML::anchor_t a, bool map) {
    weight(m, 1);
    if (open_.size() > 50) throw Error("is nested deeper than 50 levels", place(file_, m));
    open_.push_back({a, map, true, nodes_, {}});
  }
  void end() {
    Open o = std::move(open_.back());
    open_.pop_back();
    if (o.anchor != 0) sizes_[o.anchor] = nodes_ - o.before + 1;
    if (!open_.empty() && open_.back().map) open_.back().at_key = !open_.back().at_key;
  }
  std::string file_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::size_t> sizes_;
  std::size_t nodes_ = 0;
};

YAML::Node load_yaml(const std::string& text, const std::string& file) {
  // UTF-16 and UTF-32 begin with a mark that the YAML reader knows.
  const bool wide = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
                    text.starts_with(std::string_view("\0\0\xFE\xFF", 4));
  if (!wide && (!is_utf8(text) || text.find('\0') != std::string::npos))
    throw Error("is not text in UTF-8", file, "give a pipeline in YAML");
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    Guard guard(file);
    if (!parser.HandleNextDocument(guard))
      throw Error("is empty", file, "give at least sources and checkpoints");
    if (parser)
      throw Error("holds more than one document", file,
                  "keep one, and drop what follows '---' or '...'");
    return YAML::Load(text);
  } catch (const YAML::Exception& e) {
    throw Error("is not YAML: " + e.msg, place(file, e.mark));
  }
}

/// Typed reading of one map: every key declared, the rest refused.
class Fields {
 public:
  Fields(const YAML::Node& node, std::string file, std::string what)
      : node_(node), file_(std::move(file)), what_(std::move(what)) {
    if (!node.IsMap()) fail(node, what_ + " must be a map of keys");
  }
  using Action = std::function<void(const YAML::Node&)>;
  void on(const std::string& key, Action action) { actions_[key] = std::move(action); }
  /// Is asked for keys without an action; false: the key is unknown.
  std::function<bool(const std::string& key, const YAML::Node&)> otherwise;
  void read() {
    std::vector<std::string> known;
    for (const auto& [key, action] : actions_) known.push_back(key);
    for (const auto& pair : node_) {
      if (!pair.first.IsScalar()) fail(pair.first, "a key must be a plain word");
      const std::string key = pair.first.Scalar();
      auto it = actions_.find(key);
      if (it == actions_.end()) {
        key_ = key;
        if (otherwise && otherwise(key, pair.second)) continue;
        std::string hint = did_you_mean(key, known);
        if (hint.empty()) {
          hint = "the keys are";
          for (const auto& k : known) hint += " " + k;
        }
        throw Error("unknown key '" + printable(key, 200) + "' in " + what_,
                    place(file_, pair.first.Mark()), hint);
      }
      key_ = key;
      it->second(pair.second);
    }
  }
  [[noreturn]] void fail(const YAML::Node& n, const std::string& what) const {
    throw Error(what, place(file_, n.Mark()));
  }
  std::string string(const YAML::Node& n) const {
    if (!n.IsScalar() || n.Scalar().empty()) fail(n, "'" + key_ + "' must be a string");
    if (n.Scalar().find('\0') != std::string::npos) fail(n, "'" + key_ + "' holds a NUL character");
    return n.Scalar();
  }
  std::vector<std::string> strings(const YAML::Node& n) const {
    if (n.IsScalar()) return {string(n)};
    if (!n.IsSequence()) fail(n, "'" + key_ + "' must be a string or a list of strings");
    std::vector<std::string> out;
    for (const auto& item : n) out.push_back(string(item));
    return out;
  }
  bool boolean(const YAML::Node& n) const {
    bool value = false;
    if (!n.IsScalar() || !YAML::convert<bool>::decode(n, value))
      fail(n, "'" + key_ + "' must be true or false" + shown(n));
    return value;
  }
  int integer(const YAML::Node& n, int most = 4096) const {
    int value = 0;
    if (!n.IsScalar() || !YAML::convert<int>::decode(n, value) || value < 1 || value > most)
      fail(n, "'" + key_ + "' must be an integer from 1 to " + std::to_string(most) + shown(n));
    return value;
  }
  std::vector<int> integers(const YAML::Node& n) const {
    if (n.IsScalar()) return {integer(n)};
    if (!n.IsSequence() || n.size() == 0)
      fail(n, "'" + key_ + "' must be an integer or a list of them");
    std::vector<int> out;
    for (const auto& item : n) out.push_back(integer(item));
    return out;
  }
  std::string one_of(const YAML::Node& n, const std::vector<std::string>& allowed) const {
    std::string value = string(n);
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
      std::string list;
      for (const auto& a : allowed) list += (list.empty() ? "" : ", ") + a;
      throw Error("'" + key_ + "' must be one of " + list + ", not '" + printable(value, 200) + "'",
                  place(file_, n.Mark()), did_you_mean(value, allowed));
    }
    return value;
  }

 private:
  static std::string shown(const YAML::Node& n) {
    return n.IsScalar() ? ", not '" + printable(n.Scalar(), 200) + "'" : "";
  }
  YAML::Node node_;
  std::string file_, what_, key_;
  std::map<std::string, Action> actions_;
};

void set_modes(Deployment& d, const std::vector<std::string>& modes) {
  d.prefill = std::find(modes.begin(), modes.end(), "prefill") != modes.end();
  d.decode = std::find(modes.begin(), modes.end(), "decode") != modes.end();
}

std::vector<std::string> read_modes(const Fields& f, const YAML::Node& n) {
  std::vector<std::string> out;
  if (n.IsScalar()) return {f.one_of(n, {"prefill", "decode"})};
  if (!n.IsSequence() || n.size() == 0)
    f.fail(n, "'execution_modes' must be a list of prefill and decode");
  for (const auto& item : n) out.push_back(f.one_of(item, {"prefill", "decode"}));
  return out;
}

const std::vector<std::string> platforms = {"h100", "h200", "b200"};

Deployment read_deployment(const YAML::Node& node, const std::string& file,
                           const Deployment& defaults) {
  Deployment d = defaults;
  Fields f(node, file, "a deployment");
  f.on("tp", [&](const YAML::Node& n) { d.tp = f.integer(n); });
  f.on("ep", [&](const YAML::Node& n) { d.ep = f.integer(n); });
  f.on("attention_dp", [&](const YAML::Node& n) { d.attention_dp = f.integer(n); });
  f.on("page_sizes", [&](const YAML::Node& n) { d.page_sizes = f.integers(n); });
  f.on("page_size", [&](const YAML::Node& n) { d.page_sizes = f.integers(n); });
  f.on("platform", [&](const YAML::Node& n) { d.platform = f.one_of(n, platforms); });
  f.on("execution_modes", [&](const YAML::Node& n) { set_modes(d, read_modes(f, n)); });
  f.on("engine_args", [&](const YAML::Node& n) {
    if (!n.IsMap()) f.fail(n, "'engine_args' must be a map of server arguments");
    for (const auto& pair : n) {
      if (!pair.first.IsScalar() || pair.first.Scalar().empty() || !pair.second.IsScalar())
        f.fail(pair.second, "a server argument must be 'name: value'");
      d.engine_args[pair.first.Scalar()] = pair.second.Scalar();
    }
  });
  f.read();
  return d;
}

std::vector<Deployment> read_deployments(const YAML::Node& node, const std::string& file,
                                         const Deployment& defaults) {
  if (!node.IsSequence() || node.size() == 0)
    throw Error("'deployments' must be a list with at least one deployment",
                place(file, node.Mark()));
  std::vector<Deployment> out;
  for (const auto& item : node) out.push_back(read_deployment(item, file, defaults));
  return out;
}

/// Expands ~ and makes the path relative to the pipeline file's folder absolute.
std::string located(const std::string& path, const std::string& file) {
  std::string p = expand_home(path);
  if (!p.empty() && p[0] == '/') return fs::path(p).lexically_normal().string();
  return (fs::absolute(file).parent_path() / p).lexically_normal().string();
}

struct Reader {
  std::string file;
  Pipeline p;
  Deployment defaults;
  std::optional<YAML::Node> deployments, checkpoints;
  std::optional<LoadedFamilies> loaded;  // only where a key is not one of kdex's own

  void top(const YAML::Node& root) {
    Fields f(root, file, "the pipeline");
    auto paths = [&](const YAML::Node& n) {
      std::vector<std::string> out;
      for (const auto& s : f.strings(n)) out.push_back(located(s, file));
      return out;
    };
    auto add = [](std::vector<std::string>& to, std::vector<std::string> more) {
      to.insert(to.end(), more.begin(), more.end());
    };
    f.on("model_name", [&](const YAML::Node& n) { add(p.model_names, f.strings(n)); });
    f.on("model_names", [&](const YAML::Node& n) { add(p.model_names, f.strings(n)); });
    f.on("checkpoints", [&](const YAML::Node& n) { checkpoints.emplace(n); });
    f.on("deployments", [&](const YAML::Node& n) { deployments.emplace(n); });
    f.on("repos_config", [&](const YAML::Node& n) {
      add(p.sources, sources_of_repos_config(located(f.string(n), file)));
    });
    f.on("sglang_path", [&](const YAML::Node& n) { add(p.sources, {located(f.string(n), file)}); });
    f.on("sources", [&](const YAML::Node& n) { add(p.sources, paths(n)); });
    f.on("output_dir", [&](const YAML::Node& n) { p.output_dir = located(f.string(n), file); });
    f.on("execution_modes", [&](const YAML::Node& n) { set_modes(defaults, read_modes(f, n)); });
    f.on("page_sizes", [&](const YAML::Node& n) { defaults.page_sizes = f.integers(n); });
    f.on("platform", [&](const YAML::Node& n) { defaults.platform = f.one_of(n, platforms); });
    f.on("include_quantized", [&](const YAML::Node& n) { p.include_quantized = f.boolean(n); });
    f.on("deduplicate", [&](const YAML::Node& n) { p.deduplicate = f.boolean(n); });
    f.on("add_tags", [&](const YAML::Node& n) { p.add_tags = f.boolean(n); });
    f.on("dialect", [&](const YAML::Node& n) {
      p.dialect = f.one_of(n, {"official", "fi_trace"});
    });
    f.on("families", [&](const YAML::Node& n) { read_families(f, n); });
    f.on("family_options", [&](const YAML::Node& n) {
      if (!n.IsMap()) f.fail(n, "'family_options' must be a map of families");
      for (const auto& family : n) {
        if (!family.first.IsScalar() || !family.second.IsMap())
          f.fail(family.second, "must be 'FAMILY: {option: value}'");
        for (const auto& pair : family.second) add_setting(f, family.first.Scalar(), pair);
      }
    });
    // A family may declare an option under a name of its own at the top level.
    f.otherwise = [&](const std::string& key, const YAML::Node& n) {
      if (!loaded) {
        std::vector<std::string> folders = {plugin_folder()};
        if (const YAML::Node more = root["plugins_path"])
          for (const auto& folder : paths(more)) folders.push_back(folder);
        loaded = load_families(folders);
      }
      const FamilyOption found = option_named(*loaded, key);
      if (!found) return false;
      p.family_settings.push_back({found.family->info.name, found.option->key, value_text(f, n),
                                   place(file, n.Mark()) + ": '" + key + "'"});
      return true;
    };
    f.on("plugins_path", [&](const YAML::Node& n) { p.plugins_path = paths(n); });
    f.on("jobs", [&](const YAML::Node& n) { p.jobs = f.integer(n, 1024); });
    f.on("stages", [&](const YAML::Node& n) {
      p.stages.clear();
      const std::vector<std::string> known = {"extract", "workloads", "kernels"};
      if (n.IsScalar())
        p.stages.push_back(f.one_of(n, known));
      else if (!n.IsSequence())
        f.fail(n, "'stages' must be a list of stages");
      else
        for (const auto& item : n) p.stages.push_back(f.one_of(item, known));
    });
    f.on("kernels", [&](const YAML::Node& n) {
      Fields k(n, file, "kernels");
      k.on("arch", [&](const YAML::Node& a) {
        p.kernel_archs.clear();
        for (const auto& name : k.strings(a)) {
          try {
            p.kernel_archs.push_back(cuda::arch_name(name));
          } catch (const Error& e) {
            k.fail(a, e.what_happened + "; " + e.what_to_do);
          }
        }
      });
      k.read();
    });
    f.read();
  }

  /// A scalar as it is written, a list with commas.
  static std::string value_text(const Fields& f, const YAML::Node& n) {
    if (n.IsScalar()) return n.Scalar();
    std::string out;
    for (const auto& part : f.strings(n)) out += (out.empty() ? "" : ",") + part;
    return out;
  }

  template <class Pair>
  void add_setting(const Fields& f, const std::string& family, const Pair& pair) {
    if (!pair.first.IsScalar()) f.fail(pair.first, "a key must be a plain word");
    const std::string key = pair.first.Scalar();
    p.family_settings.push_back({family, key, value_text(f, pair.second),
                                 place(file, pair.second.Mark()) + ": '" + key + "'"});
  }

  /// Names, or maps of a name and values for the family's options.
  void read_families(const Fields& f, const YAML::Node& n) {
    if (!n.IsSequence()) {
      p.families = f.strings(n);
      return;
    }
    p.families.clear();
    for (const auto& item : n) {
      if (!item.IsMap()) {
        p.families.push_back(f.string(item));
        continue;
      }
      const YAML::Node name = item["name"];
      if (!name) f.fail(item, "a family must be a name or {name: NAME, option: value}");
      p.families.push_back(f.string(name));
      for (const auto& pair : item)
        if (pair.first.Scalar() != "name") add_setting(f, p.families.back(), pair);
    }
  }

  void rest() {
    p.deployments = {defaults};
    if (deployments) p.deployments = read_deployments(*deployments, file, defaults);
    if (!checkpoints) return;
    if (!checkpoints->IsSequence())
      throw Error("'checkpoints' must be a list", place(file, checkpoints->Mark()));
    for (const auto& item : *checkpoints) {
      std::string path, name;
      std::vector<Deployment> own = p.deployments;
      if (item.IsScalar()) {
        path = item.Scalar();
        if (path.find('\0') != std::string::npos)
          throw Error("the path holds a NUL character", place(file, item.Mark()));
      } else {
        Fields f(item, file, "a checkpoint");
        f.on("path", [&](const YAML::Node& n) { path = f.string(n); });
        f.on("name", [&](const YAML::Node& n) { name = f.string(n); });
        f.on("deployments",
             [&](const YAML::Node& n) { own = read_deployments(n, file, defaults); });
        f.read();
        if (path.empty()) f.fail(item, "a checkpoint needs 'path'");
      }
      try {
        Checkpoint c = find_checkpoint(path, fs::absolute(file).parent_path().string());
        if (!name.empty()) c.name = name;
        p.checkpoints.push_back({c, own});
      } catch (const Error& e) {
        throw Error(e.what(), place(file, item.Mark()));
      }
    }
  }
};

}  // namespace

Pipeline load_pipeline(const std::string& file, const std::vector<std::string>& overrides) {
  Reader reader{file, {}, {}, {}, {}, {}};
  const std::string text = read_file(file, 4u << 20);
  YAML::Node root = load_yaml(text, file);
  if (!root.IsMap()) throw Error("must be a map of keys", file + ":1:1");
  try {
    for (const auto& o : overrides) {
      auto eq = o.find('=');
      if (eq == std::string::npos || eq == 0)
        throw Error("must be key=value, not '" + o + "'", "--set", "for example: --set jobs=4");
      YAML::Node value =
          load_yaml(o.substr(eq + 1).empty() ? "\"\"" : o.substr(eq + 1), "--set " + o);
      root[o.substr(0, eq)] = value;
      try {  // alone first, so that its errors do not seem to be the file's
        YAML::Node alone(YAML::NodeType::Map);
        alone[o.substr(0, eq)] = value;
        Reader one{file, {}, {}, {}, {}, {}};
        one.top(alone);
        one.rest();
      } catch (const Error& e) {
        throw Error(e.what_happened, "--set " + o, e.what_to_do);
      }
    }
    reader.top(root);
    reader.rest();
  } catch (const YAML::Exception& e) {
    throw Error(e.msg, place(file, e.mark));
  }
  if (reader.p.checkpoints.empty() && reader.p.model_names.empty())
    throw Error("names neither 'checkpoints' nor 'model_names'", file,
                "say which models to extract");
  return reader.p;
}

namespace {
nlohmann::ordered_json repos_json(const std::string& file) {
  auto j = parse_json(read_file(file, 4u << 20), file);
  if (!j.is_object()) throw Error("must be a JSON object", file);
  return j;
}
}  // namespace

std::vector<std::string> sources_of_repos_config(const std::string& file) {
  auto j = repos_json(file);
  if (j.contains("repositories") && j["repositories"].is_object() &&
      j["repositories"].contains("sglang")) {
    const auto& s = j["repositories"]["sglang"];
    if (s.is_object() && s.contains("path") && s["path"].is_string())
      return {expand_home(s["path"].get<std::string>())};
  }
  throw Error("has no repositories.sglang.path", file, "give FlashInfer-Bench's repos_config.json");
}

std::string dataset_of_repos_config(const std::string& file) {
  auto j = repos_json(file);
  if (j.contains("definitions_dir") && j["definitions_dir"].is_string())
    return expand_home(j["definitions_dir"].get<std::string>());
  return "";
}

}  // namespace kdex
