// layer_uses.h: asks SourceUses once for each class and each attribute of a parent.
#include "core/model/layer_uses.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <kdex/roles.h>

namespace kdex {
namespace {

/// Files and bare names of a module's class and its bases.
struct Classes {
  SourceUses::Files files;
  std::vector<std::string> names;
};

class Pass {
 public:
  Pass(SourceUses& uses, ModuleTree& tree) : uses_(uses), tree_(tree) {}

  void run() {
    for (Module& m : tree_.modules) {
      if (m.role == role::attention || m.role == role::latent_attention) called_with(m);
      if (m.role != role::linear && m.role != role::head && m.role != role::gate) continue;
      if (m.role == role::gate) own_product(m);
      as_layer(m);
    }
  }

 private:
  static void add(Module& m, const char* fact, std::string text) {
    if (m.fact(fact) != nullptr) return;
    Value v;
    v.kind = Value::Kind::string;
    v.s = std::move(text);
    m.facts.emplace_back(fact, std::move(v));
  }
  static void add_dtype(Module& m, const std::string& out_dtype) {
    if (!out_dtype.empty()) add(m, "output_dtype", out_dtype.substr(out_dtype.rfind('.') + 1));
  }

  const Classes& classes_of(const Module& m) {
    auto [it, fresh] = classes_.try_emplace(m.mro.empty() ? "" : m.mro.front());
    if (!fresh) return it->second;
    for (const auto& q : m.mro) {
      const auto dot = q.rfind('.');
      it->second.names.push_back(q.substr(dot + 1));
      if (dot == std::string::npos || q.starts_with("torch.") || q.starts_with("builtins."))
        continue;
      auto file = uses_.of_module(q.substr(0, dot));
      auto& files = it->second.files;
      if (file && std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    }
    return it->second;
  }

  /// A class that multiplies by its own weight.
  void own_product(Module& m) {
    const Classes& own = classes_of(m);
    auto [it, fresh] = own_.try_emplace(m.mro.empty() ? "" : m.mro.front());
    if (fresh) it->second = product_dtype(own.files, own.names);
    add_dtype(m, it->second);
  }

  /// The parent and the attribute by which it holds the module; null where it is in a list.
  std::pair<const Module*, std::string> held_as(const Module& m) const {
    std::string name = m.path.substr(m.path.rfind('.') + 1);
    if (m.parent < 0 || name.empty() || name.find_first_not_of("0123456789") == std::string::npos)
      return {nullptr, ""};
    const Module& parent = tree_.modules[static_cast<std::size_t>(m.parent)];
    return {parent.mro.empty() ? nullptr : &parent, std::move(name)};
  }

  /// The names that a call hands on by `keyword=text`: none where the text is an attribute of the
  /// parent's that is None, those of a dictionary for `**text`.
  static std::vector<std::string> handed_on(const Module& parent, const std::string& keyword,
                                            const std::string& text) {
    if (text == "None") return {};
    const std::string name = text.starts_with("self.") ? text.substr(5) : "";
    if (name.empty() || name.find('.') != std::string::npos) return {keyword};
    if (parent.param(name) != nullptr) return {keyword};
    const Value* v = parent.attr(name);
    if (v == nullptr || v->is_none()) return {};
    if (keyword != "**" || v->kind != Value::Kind::object) return {keyword};
    std::vector<std::string> keys;
    for (const auto& [key, held] : v->attrs) keys.push_back(key);
    return keys;
  }

  void called_with(Module& m) {
    const auto [parent, name] = held_as(m);
    if (parent == nullptr) return;
    auto [it, fresh] = keywords_.try_emplace({parent->mro.front(), name});
    if (fresh) {
      const Classes& own = classes_of(*parent);
      it->second = keywords_of_calls(own.files, own.names, name);
    }
    Value names;
    names.kind = Value::Kind::list;
    std::set<std::string> given;
    for (const auto& [keyword, value] : it->second)
      for (const auto& each : handed_on(*parent, keyword, value)) {
        if (!given.insert(each).second) continue;
        Value one;
        one.kind = Value::Kind::string;
        one.s = each;
        names.items.push_back(std::move(one));
      }
    if (!names.items.empty()) m.facts.emplace_back("called_with", std::move(names));
  }

  void as_layer(Module& m) {
    const auto [holder, name] = held_as(m);
    if (holder == nullptr) return;
    const Module& parent = *holder;
    std::map<std::string, bool> truths;
    std::string key = parent.mro.front();
    for (const auto& [attribute, v] : parent.attrs)
      if (v.kind == Value::Kind::boolean) {
        truths.emplace(attribute, v.i != 0);
        key += " " + attribute + (v.i != 0 ? "=1" : "=0");
      }
    auto [it, fresh] = known_.try_emplace({std::move(key), name});
    if (fresh) {
      const Classes& own = classes_of(parent);
      it->second = use_of_layer(own.files, own.names, above(parent), name, truths);
    }
    const LayerUse& use = it->second;
    if (use.called) return;
    add(m, "use", use.product ? "product" : "weight");
    add(m, "use_place", use.place.file + ":" + std::to_string(use.place.line));
    add_dtype(m, use.out_dtype);
  }

  SourceUses::Files above(const Module& parent) {
    SourceUses::Files out;
    for (const Module* at = &parent;; at = &tree_.modules[static_cast<std::size_t>(at->parent)]) {
      for (const auto& file : classes_of(*at).files)
        if (std::find(out.begin(), out.end(), file) == out.end()) out.push_back(file);
      if (at->parent < 0) return out;
    }
  }

  SourceUses& uses_;
  ModuleTree& tree_;
  std::map<std::string, Classes> classes_;
  std::map<std::string, std::string> own_;
  std::map<std::pair<std::string, std::string>, LayerUse> known_;
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<std::string, std::string>>>
      keywords_;
};

}  // namespace

void find_layer_uses(SourceUses& uses, ModuleTree& tree) { Pass(uses, tree).run(); }

}  // namespace kdex
