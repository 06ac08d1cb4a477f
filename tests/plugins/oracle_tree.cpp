// Reading of module trees from JSON. An oracle's aggregate lists path patterns with layer numbers;
// its trees hold the modules that have attributes, and their parents.
#include "oracle_tree.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/engine/roles.h"
#include "core/paths.h"

namespace kdex_test {
namespace {

using json = nlohmann::ordered_json;
using kdex::Value;

Value text(Value::Kind kind, std::string s) {
  Value v;
  v.kind = kind;
  v.s = std::move(s);
  return v;
}

/// "Tensor[2, 3]:float32" -> tensor, "AttentionType.DECODER" -> enumeration, {"class":..} ->
/// object.
Value to_value(const json& j) {
  Value v;
  if (j.is_boolean()) {
    v.kind = Value::Kind::boolean;
    v.i = j.get<bool>();
  } else if (j.is_number_integer()) {
    v.kind = Value::Kind::integer;
    v.i = j.get<std::int64_t>();
  } else if (j.is_number()) {
    v.kind = Value::Kind::real;
    v.f = j.get<double>();
  } else if (j.is_string()) {
    auto s = j.get<std::string>();
    auto close = s.find("]:");
    if (s.rfind("Tensor[", 0) == 0 && close != std::string::npos) {
      v.kind = Value::Kind::tensor;
      v.s = s.substr(close + 2);
      for (const auto& d : json::parse("[" + s.substr(7, close - 7) + "]"))
        v.items.push_back(to_value(d));
    } else {
      v = text(Value::Kind::string, s);
    }
  } else if (j.is_array()) {
    v.kind = Value::Kind::list;
    for (const auto& x : j) v.items.push_back(to_value(x));
  } else if (j.is_object()) {
    v.kind = Value::Kind::object;
    if (j.contains("class")) v.s = j["class"].get<std::string>();
    const json& attrs = j.contains("attrs") ? j["attrs"] : j;
    for (const auto& [k, x] : attrs.items())
      if (k != "class") v.attrs.emplace_back(k, to_value(x));
  }
  return v;
}

kdex::Parameter to_parameter(const std::string& name, const json& shape, const std::string& dtype) {
  kdex::Parameter p{name, {}, dtype};
  for (const auto& d : shape) p.shape.push_back(to_value(d));
  return p;
}

/// Bases that the families ask for and that an oracle's listing does not tell.
std::vector<std::string> bases_of(const std::string& role, const std::string& cls) {
  if (role == "linear") return {"sglang.srt.layers.linear.LinearBase"};
  if (role == "embedding" || role == "lm_head")
    return {"sglang.srt.layers.vocab_parallel_embedding.VocabParallelEmbedding"};
  if (cls.find("ScaledWordEmbedding") != std::string::npos)
    return {"torch.nn.modules.sparse.Embedding"};
  if (cls == "HFCompatibleRMSNorm") return {"sglang.srt.layers.layernorm.RMSNorm"};
  return {};
}

std::vector<std::string> split(const std::string& s, char by) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (;;) {
    auto end = s.find(by, start);
    parts.push_back(s.substr(start, end - start));
    if (end == std::string::npos) return parts;
    start = end + 1;
  }
}

/// "0-2,5" -> 0 1 2 5; "" -> nothing.
std::vector<int> numbers(const std::string& ranges) {
  std::vector<int> out;
  if (ranges.empty()) return out;
  for (const auto& r : split(ranges, ',')) {
    auto dash = r.find('-');
    int first = std::stoi(r),
        last = dash == std::string::npos ? first : std::stoi(r.substr(dash + 1));
    for (int i = first; i <= last; ++i) out.push_back(i);
  }
  return out;
}

std::string with_layer(const std::string& pattern, int layer) {
  std::string out;
  bool first = true;
  for (char c : pattern)
    if (c == '*') {
      out += first ? std::to_string(layer) : "0";
      first = false;
    } else {
      out += c;
    }
  return out;
}

struct Builder {
  kdex::ModuleTree& tree;
  std::map<std::string, std::size_t> at;        // path -> index
  std::map<std::string, std::string> class_of;  // pattern -> class, from the oracle's tree

  static std::string pattern(const std::string& path) {
    std::string out;
    for (const auto& p : split(path, '.')) {
      if (!out.empty()) out += '.';
      out += !p.empty() && p.find_first_not_of("0123456789") == std::string::npos ? "*" : p;
    }
    return out;
  }

  std::size_t get(const std::string& path) {
    if (auto it = at.find(path); it != at.end()) return it->second;
    int parent = -1;
    if (!path.empty()) {
      auto dot = path.rfind('.');
      parent = static_cast<int>(get(dot == std::string::npos ? "" : path.substr(0, dot)));
    }
    kdex::Module m;
    m.path = path;
    m.parent = parent;
    if (auto it = class_of.find(pattern(path)); it != class_of.end()) {
      m.class_name = it->second;
      m.mro = {it->second};
    }
    tree.modules.push_back(std::move(m));
    return at[path] = tree.modules.size() - 1;
  }
};

void read_entry(Builder& b, const std::string& role, const json& e) {
  const std::string cls = e.at("class"), module = e.at("module");
  const json& dims = e.at("dims");
  for (const auto& [pattern, where] : e.at("paths").items()) {
    auto layers = numbers(where.at(1).get<std::string>());
    if (layers.empty()) layers.push_back(0);
    for (int layer : layers) {
      auto i = b.get(with_layer(pattern, layer));
      int parent = b.tree.modules[i].parent;
      auto& m = b.tree.modules[i];
      m.class_name = cls;
      m.module = module;
      m.mro = {module + "." + cls};
      for (auto& base : bases_of(role, cls)) m.mro.push_back(base);
      if (role == "norm" && dims.value("weight_is_param", true) && dims.contains("weight"))
        m.params.push_back(to_parameter("weight", dims["weight"], dims.value("weight_dtype", "")));
      json mla;
      for (const auto& [k, v] : dims.items()) {
        if (k == "params") {
          for (const auto& [name, sd] : v.items())
            m.params.push_back(to_parameter(name, sd.at(0), sd.at(1)));
        } else if (k == "runner_config") {
          m.attrs.emplace_back("moe_runner_config", to_value(v));
        } else if (k == "mla") {
          mla = v;
        } else if (k == "quant_method" && v.is_string()) {
          m.attrs.emplace_back(k, text(Value::Kind::object, v));
        } else if (k == "routing_method_type" && v.is_string()) {
          m.attrs.emplace_back(k, text(Value::Kind::enumeration, v));
        } else if (role == "norm" && (k == "weight" || k == "bias")) {
          continue;
        } else {
          m.attrs.emplace_back(k, to_value(v));
        }
      }
      if (role == "topk") m.attrs.emplace_back("topk_config", to_value(dims));
      if (mla.is_object() && parent >= 0) {
        auto& block = b.tree.modules[static_cast<std::size_t>(parent)];
        if (block.attr("kv_lora_rank") == nullptr)
          for (const auto& [k, v] : mla.items()) block.attrs.emplace_back(k, to_value(v));
      }
    }
  }
}

void read_modules(Builder& b, const json& j) {
  for (const auto& e : j.at("modules")) {
    auto i = b.get(e.at("path"));
    auto& m = b.tree.modules[i];
    m.class_name = e.at("class");
    m.module = e.at("module");
    m.mro = {m.module + "." + m.class_name};
    if (e.contains("mro")) m.mro = e["mro"].get<std::vector<std::string>>();
    if (e.contains("params"))
      for (const auto& [name, sd] : e["params"].items())
        m.params.push_back(to_parameter(name, sd.at(0), sd.at(1)));
    if (e.contains("attrs"))
      for (const auto& [name, v] : e["attrs"].items()) m.attrs.emplace_back(name, to_value(v));
  }
}

}  // namespace

void give_roles(kdex::ModuleTree& tree) {
  static const auto table =
      kdex::engine::RoleTable::load(kdex::data_folder() + "/core/engine/sglang/roles.json");
  table.apply(tree);
}

bool exists(const std::string& path) { return std::filesystem::exists(path); }

ReadTree read_tree(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw kdex::Error("the file cannot be read", file);
  json j = json::parse(in, nullptr, false);
  if (j.is_discarded()) throw kdex::Error("the file is not JSON", file);
  ReadTree out;
  auto& t = out.tree;
  t.ok = j.value("status", "") == "ok";
  out.checkpoint.name = j.value("config", std::filesystem::path(file).stem().string());
  out.deployment.tp = j.value("tp", 1);
  out.deployment.ep = j.value("ep", 1);
  if (j.contains("parallel")) out.deployment.attention_dp = j["parallel"].value("attn_dp_size", 1);
  if (!t.ok) {
    t.error = j.value("error", "");
    return out;
  }
  t.architecture = j.value("architecture", "");
  t.model_class = j.value("model_class", "");
  t.dtype = j.value("dtype", "");
  if (t.dtype.rfind("torch.", 0) == 0) t.dtype.erase(0, 6);
  Builder b{t, {}, {}};
  if (j.contains("aggregate")) {
    for (const auto& row : j["tree"]) b.class_of.emplace(row.at(0), row.at(1));
    b.get("");
    for (const auto& [role, entries] : j["aggregate"].items())
      for (const auto& e : entries) read_entry(b, role, e);
    for (const auto& row :
         j["tree"])  // modules without attributes that one matcher or other asks for
      if (row.at(0).get<std::string>().find('*') == std::string::npos ||
          row.at(1).get<std::string>().find("Indexer") != std::string::npos)
        b.get(with_layer(row.at(0), 0));
  } else {
    read_modules(b, j);
  }
  if (t.dtype.empty())
    for (const auto& m : t.modules)
      if (const auto* p = m.param("weight");
          p != nullptr && (p->dtype == "bfloat16" || p->dtype == "float16")) {
        t.dtype = p->dtype;
        break;
      }
  give_roles(t);
  return out;
}

}  // namespace kdex_test
