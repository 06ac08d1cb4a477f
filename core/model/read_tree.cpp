// read_tree.h: a walk over the live module objects that the driver leaves.
#include "core/model/read_tree.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "core/model/views.h"

namespace kdex {
namespace {

using py::ClassView;
using py::Machine;
using py::Name;
using py::View;
using Kind = py::View::Kind;

constexpr std::size_t kManyAttributes =
    64;  // an object with more (a whole configuration) is given by its class alone

}  // namespace

/// What the machine made, as plain data, with the origins that it reaches.
class TreeReader::Reader {
 public:
  Reader(Machine& machine, ModuleTree& out) : machine_(machine), out_(out) {
    out_.origins.assign(1, Origin{});
    for (const char* n : {"_parameters",
                          "_buffers",
                          "_modules",
                          "_non_persistent_buffers_set",
                          "_backward_hooks",
                          "_backward_pre_hooks",
                          "_forward_hooks",
                          "_forward_pre_hooks",
                          "_forward_hooks_with_kwargs",
                          "_forward_hooks_always_called",
                          "_forward_pre_hooks_with_kwargs",
                          "_state_dict_hooks",
                          "_state_dict_pre_hooks",
                          "_load_state_dict_pre_hooks",
                          "_load_state_dict_post_hooks",
                          "_is_full_backward_hook",
                          "training",
                          "call_super_init",
                          "dump_patches",
                          "_kdex_keeps_call",
                          "_kdex_call"})
      skip_.insert(machine_.name(n).id);
  }

  void modules(View model) {
    visit(model, "", -1);
    // Modules that lie in a module's own dicts and lists run as the others do, only torch does not
    // know of them.
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      const auto [o, index] = objects_[i];
      o.each_attribute([&, index = index](Name attribute, View held) {
        if (skip_.contains(attribute.id)) return;
        auto child = [&](View v, const std::string& name) {
          if (!v.has_attributes() || seen_.contains(v.identity()) || !dict_attr(v, modules_name_))
            return;
          const std::string& above = out_.modules[static_cast<std::size_t>(index)].path;
          const std::size_t first = out_.modules.size();
          visit(v, (above.empty() ? "" : above + ".") + std::string(attribute.text) + "." + name,
                index);
          for (std::size_t m = first; m < out_.modules.size(); ++m) out_.modules[m].held = true;
        };
        if (held.is(Kind::dict))
          held.each_entry(
              [&](std::uint32_t place, View key, View v) { child(v, key_text(key, place)); });
        else if (held.is(Kind::list))
          for (std::uint32_t n = 0; n < held.size(); ++n) child(held.item(n), std::to_string(n));
      });
    }
  }

  View object(std::size_t module) const {
    for (const auto& [o, index] : objects_)
      if (static_cast<std::size_t>(index) == module) return o;
    return {};
  }

  Module apart(View o) {
    Module m;
    const ClassFacts& f = facts(o.type());
    m.class_name = f.name;
    parameters(o, m);
    attributes(o, f, dict_attr(o, modules_name_), m);
    return m;
  }

  void result(View result);
  void result_at(std::size_t place, View result, ModuleTree& tree);

 private:
  void resolved(std::size_t place, View result, ModuleTree& tree) {
    const View all = result.entry("resolved");
    if (!all.is(Kind::dict)) return;
    machine_.showing(place, [&] {
      all.each_entry([&](std::uint32_t, View key, View v) {
        if (key.is(Kind::text)) tree.resolved.emplace(std::string(key.text()), value(v, 1));
      });
    });
  }

  /// A dict's key as a name: texts and integers; by its place where it is something else.
  static std::string key_text(View key, std::uint32_t place) {
    if (key.is(Kind::text)) return std::string(key.text());
    return std::to_string(key.is(Kind::integer) ? key.integer() : std::int64_t{place});
  }

  Value value(View v, int depth) {
    if (!v.is_object() || v.is(Kind::text)) return fresh_value(v, depth);
    // one configuration or list is an attribute of many modules
    const auto key = std::make_pair(v.identity(), depth);
    if (const auto it = values_.find(key); it != values_.end()) {
      Value out = it->second;
      out.origin = origin(v.origin());
      return out;
    }
    Value out = fresh_value(v, depth);
    if (!out.items.empty() || !out.attrs.empty()) values_.emplace(key, out);
    return out;
  }

  std::string dtype(View v) {
    std::string s = v.str();
    return s.starts_with("torch.") ? s.substr(6) : s;
  }

  Value fresh_value(View v, int depth) {
    Value out;
    out.origin = origin(v.origin());
    switch (v.kind()) {
      case Kind::absent:
      case Kind::none:
        return out;
      case Kind::boolean:
        out.kind = Value::Kind::boolean;
        out.i = v.boolean();
        return out;
      case Kind::integer:
        out.kind = Value::Kind::integer;
        out.i = v.integer();
        return out;
      case Kind::real:
        out.kind = Value::Kind::real;
        out.f = v.real();
        return out;
      default:
        return object_value(v, depth, out);
    }
  }

  Value object_value(View v, int depth, Value& out) {
    const ClassView cls = v.type();
    if (cls.is("Enum")) {
      out.kind = Value::Kind::enumeration;
      const View member = v.get(enum_name_);
      out.s = cls.name() + "." + (member.is(Kind::text) ? std::string(member.text()) : "?");
      return out;
    }
    switch (v.kind()) {
      case Kind::text:
        out.kind = Value::Kind::string;
        out.s = v.text();
        return out;
      case Kind::boxed: {
        Value inner = value(v.unboxed(), depth);
        if (!inner.origin) inner.origin = out.origin;
        return inner;
      }
      case Kind::big_integer:
        out.kind = Value::Kind::string;
        out.s = v.repr();
        return out;
      case Kind::unknown:
        out.kind = Value::Kind::unknown;
        out.s = v.text();
        return out;
      case Kind::list:
      case Kind::tuple:
        out.kind = Value::Kind::list;
        for (std::uint32_t i = 0; i < v.size() && depth < 3 && i < 4096; ++i)
          out.items.push_back(value(v.item(i), depth + 1));
        return out;
      case Kind::set:
        out.kind = Value::Kind::list;
        if (depth < 3)
          v.each_element([&](View e) {
            out.items.push_back(value(e, depth + 1));
            return out.items.size() < 4096;
          });
        return out;
      case Kind::function:
      case Kind::builtin:
        out.kind = Value::Kind::function;
        out.s = v.text();
        return out;
      case Kind::method:
        return value(v.function(), depth);
      case Kind::type:
        out.kind = Value::Kind::type;
        out.s = v.as_class().qualified();
        return out;
      case Kind::dict:
        out.kind = Value::Kind::object;
        out.s = "dict";
        if (depth < 3 && v.size() <= kManyAttributes)  // also one within another, a list, an object
          v.each_entry([&](std::uint32_t place, View key, View held) {
            out.attrs.emplace_back(key_text(key, place), value(held, depth + 1));
          });
        return out;
      default:
        return instance_value(v, depth, out);
    }
  }

  /// An object by its class and attributes; dtypes and tensors by what they say.
  Value instance_value(View v, int depth, Value& out) {
    const ClassView cls = v.type();
    const std::string class_name = cls.name();
    if (class_name == "dtype") {
      out.kind = Value::Kind::dtype;
      out.s = dtype(v);
      return out;
    }
    if (cls.is("Tensor")) {
      out.kind = Value::Kind::tensor;
      if (const View dt = v.get(dtype_); !dt.is(Kind::absent)) out.s = dtype(dt);
      if (const View shape = v.get(shape_); shape.is(Kind::tuple))
        for (std::uint32_t i = 0; i < shape.size(); ++i)
          out.items.push_back(value(shape.item(i), 3));
      return out;
    }
    out.kind = Value::Kind::object;
    out.s = class_name;
    if (depth >= 1) return out;
    if (const auto d = dict_attr(v, parameters_name_))  // a module that another one refers to
      d->each_entry([&](std::uint32_t, View key, View held) {
        if (key.is(Kind::text)) out.attrs.emplace_back(std::string(key.text()), value(held, 1));
      });
    if (cls.slot_count() <= kManyAttributes)
      v.each_slot([&](Name n, View held) {
        out.attrs.emplace_back(std::string(n.text), value(held, depth + 1));
      });
    if (v.attribute_count() <= kManyAttributes)
      v.each_attribute([&](Name n, View held) {
        if (!skip_.contains(n.id))
          out.attrs.emplace_back(std::string(n.text), value(held, depth + 1));
      });
    return out;
  }

  OriginId origin(std::uint32_t id) {
    if (!id) return 0;
    if (auto it = origins_.find(id); it != origins_.end()) return it->second;
    // inputs first, without recursion: a chain may be long
    std::vector<std::uint32_t> stack{id};
    while (!stack.empty()) {
      const std::uint32_t at = stack.back();
      if (origins_.contains(at)) {
        stack.pop_back();
        continue;
      }
      std::uint32_t inputs[2];
      const std::uint32_t count = machine_.origin_inputs(at, inputs);
      bool ready = true;
      for (std::uint32_t i = 0; i < count; ++i)
        if (!origins_.contains(inputs[i])) {
          stack.push_back(inputs[i]);
          ready = false;
        }
      if (!ready) continue;
      stack.pop_back();
      Origin o = machine_.origin(at);
      if (machine_.is_choice(at)) choices_.emplace_back(at, out_.origins.size());
      for (OriginId& input : o.inputs) input = origins_[input];
      out_.origins.push_back(std::move(o));
      origins_[at] = static_cast<OriginId>(out_.origins.size() - 1);
    }
    return origins_[id];
  }

  struct ClassFacts {
    std::string name, module;
    std::vector<std::string> mro;
    SourcePlace defined;
    std::vector<std::pair<Name, View>>
        data;  // class attributes that are data, the nearest class first
  };
  const ClassFacts& facts(ClassView cls) {
    auto [it, fresh] = classes_.try_emplace(cls.id());
    ClassFacts& f = it->second;
    if (!fresh) return f;
    f.name = cls.name();
    f.module = cls.module();
    f.defined = cls.defined();
    std::unordered_set<const void*> seen;
    for (std::uint32_t i = 0; i < cls.mro_size(); ++i) {
      const ClassView c = cls.mro(i);
      f.mro.push_back(c.qualified());
      if (!c.in_python()) continue;
      c.each_name([&](Name n, View v) {
        if (n.text.starts_with("__") || skip_.contains(n.id) || !seen.insert(n.id).second) return;
        const bool data = !v.is_object() || v.is(Kind::text) || v.is(Kind::list) ||
                          v.is(Kind::tuple) || v.type().is("Enum") || v.type().name() == "dtype";
        if (data) f.data.emplace_back(n, v);
      });
    }
    return f;
  }

  /// An attribute that is a dict; nothing otherwise.
  static std::optional<View> dict_attr(View o, Name name) {
    const View v = o.attribute(name);
    return v.is(Kind::dict) ? std::optional(v) : std::nullopt;
  }

  void visit(View o, const std::string& path, int parent) {
    if (!o.is_object() || !seen_.insert(o.identity()).second) return;
    if (path.size() > 20'000)
      throw py::LimitError("modules lie within each other too deeply", true);
    const ClassFacts& f = facts(o.type());
    const int index = static_cast<int>(out_.modules.size());
    out_.modules.emplace_back();
    if (o.has_attributes()) objects_.emplace_back(o, index);
    Module m;
    m.path = path;
    m.class_name = f.name;
    m.module = f.module;
    m.mro = f.mro;
    m.parent = parent;
    m.defined = f.defined;
    m.created = o.created();
    parameters(o, m);
    const std::optional<View> children = dict_attr(o, modules_name_);
    attributes(o, f, children, m);
    out_.modules[static_cast<std::size_t>(index)] = std::move(m);
    if (children)
      children->each_entry([&](std::uint32_t, View key, View v) {
        if (key.is(Kind::text) && v.has_attributes())
          visit(v, (path.empty() ? "" : path + ".") + std::string(key.text()), index);
      });
  }

  void parameters(View o, Module& m) {
    if (const auto d = dict_attr(o, parameters_name_))
      d->each_entry([&](std::uint32_t, View key, View v) {
        if (!key.is(Kind::text) || !v.is_object()) return;
        Value t = value(v, 0);
        m.params.push_back({std::string(key.text()), std::move(t.items), std::move(t.s)});
      });
  }

  /// Buffers, attributes, children by their class, and class attributes; the first of a name.
  void attributes(View o, const ClassFacts& f, const std::optional<View>& children, Module& m) {
    std::unordered_set<const void*> names;
    auto add = [&](Name n, View v) {
      if (names.insert(n.id).second) m.attrs.emplace_back(std::string(n.text), value(v, 0));
    };
    if (const auto d = dict_attr(o, buffers_name_))
      d->each_entry([&](std::uint32_t, View key, View v) {
        if (key.is(Kind::text)) add(machine_.name(key.text()), v);
      });
    o.each_attribute([&](Name n, View v) {
      if (!skip_.contains(n.id)) add(n, v);
    });
    if (children)
      children->each_entry([&](std::uint32_t, View key, View v) {
        if (!key.is(Kind::text) || !v.is_object() ||
            !names.insert(machine_.name(key.text()).id).second)
          return;
        Value child;
        child.kind = Value::Kind::object;
        child.s = v.type().name();
        m.attrs.emplace_back(std::string(key.text()), std::move(child));
      });
    for (const auto& [n, v] : f.data) add(n, v);
  }

  Machine& machine_;
  ModuleTree& out_;
  std::unordered_set<const void*> skip_;       // names, by id
  std::unordered_set<const void*> seen_;       // objects
  std::vector<std::pair<View, int>> objects_;  // the modules, with their places in the tree
  std::unordered_map<const void*, ClassFacts> classes_;
  std::unordered_map<std::uint32_t, OriginId> origins_;
  std::vector<std::pair<std::uint32_t, std::size_t>> choices_;  // origins whose value has a place
  std::map<std::pair<const void*, int>, Value> values_;         // of the objects met, at each depth
  const Name shape_ = machine_.name("shape"), dtype_ = machine_.name("dtype"),
             parameters_name_ = machine_.name("_parameters"),
             modules_name_ = machine_.name("_modules"), buffers_name_ = machine_.name("_buffers"),
             enum_name_ = machine_.name("_name_");
};

namespace {

int number_of(View dict, const char* name) {
  const View v = dict.entry(name);
  return v.is(Kind::integer) ? static_cast<int>(v.integer()) : 0;
}

void texts_of(View list, std::vector<std::string>& out) {
  if (list.is(Kind::list))
    for (std::uint32_t i = 0; i < list.size(); ++i)
      if (list.item(i).is(Kind::text)) out.emplace_back(list.item(i).text());
}

/// What a run must tell beside the model itself.
void read_told(View result, ModuleTree& tree) {
  if (const View log = result.entry("log"); log.is(Kind::list))
    for (std::uint32_t i = 0; i < log.size(); ++i) {
      const View line = log.item(i);
      if (line.is(Kind::dict))
        tree.log.push_back({text_of(line, "level"),
                            {text_of(line, "file"), number_of(line, "line")},
                            text_of(line, "text"),
                            number_of(line, "count")});
    }
  if (const View changed = result.entry("changed"); changed.is(Kind::list))
    for (std::uint32_t i = 0; i < changed.size(); ++i) {
      std::vector<std::string> row;
      if (const View v = changed.item(i); v.is(Kind::tuple))
        for (std::uint32_t k = 0; k < v.size(); ++k) row.push_back(v.item(k).str());
      if (row.size() == 3) tree.changed.push_back({row[0], row[1], row[2]});
    }
  if (const View help = result.entry("argument_help"); help.is(Kind::dict))
    help.each_entry([&](std::uint32_t, View name, View text) {
      if (name.is(Kind::text) && text.is(Kind::text))
        tree.argument_help.emplace(name.text(), text.text());
    });
  texts_of(result.entry("broken"), tree.broken);
  texts_of(result.entry("remarks"), tree.remarks);
}

}  // namespace

void TreeReader::Reader::result(View result) {
  ModuleTree& tree = out_;
  tree.ok = text_of(result, "status") == "ok";
  tree.architecture = text_of(result, "architecture");
  tree.model_class = text_of(result, "model_class");
  tree.hf_config_class = text_of(result, "hf_config_class");
  tree.quant_config_class = text_of(result, "quant_config_class");
  if (const View v = result.entry("dtype"); v.is(Kind::text))
    tree.dtype = v.text();
  else if (!v.is(Kind::absent) && !v.is(Kind::none))
    tree.dtype = dtype(v);
  if (tree.dtype.starts_with("torch.")) tree.dtype = tree.dtype.substr(6);
  resolved(0, result, tree);
  read_told(result, tree);
  if (!tree.ok) {
    tree.refused = text_of(result, "status") == "refused";
    tree.stage = text_of(result, "stage");
    tree.error_type = text_of(result, "error_type");
    tree.error = text_of(result, "error");
    if (const View e = result.entry("exception"); e.is(Kind::exception)) tree.where = e.traceback();
    return;
  }
  if (const View config = result.entry("hf_config"); config.is_object() && config.has_attributes())
    config.each_attribute(
        [&](py::Name n, View v) { tree.config.emplace_back(std::string(n.text), value(v, 0)); });
  const View model = result.entry("model");
  if (!model.is_object()) {
    tree.ok = false;
    tree.stage = "internal";
    tree.error_type = "InternalError";
    tree.error = "the engine's driver gave no model";
    return;
  }
  modules(model);
}

void TreeReader::Reader::result_at(std::size_t place, View result, ModuleTree& tree) {
  values_.clear();  // lists may hold numbers that have a place
  tree.resolved.clear();
  resolved(place, result, tree);
  machine_.showing(place, [&] {
    for (const auto& [from, to] : choices_) {
      Origin o = machine_.origin(from);
      o.inputs = std::move(tree.origins[to].inputs);
      tree.origins[to] = std::move(o);
    }
  });
}

TreeReader::TreeReader(Machine& machine, ModuleTree& tree)
    : reader_(std::make_unique<Reader>(machine, tree)) {}
TreeReader::~TreeReader() = default;
void TreeReader::result(View result) { reader_->result(result); }
void TreeReader::result_at(std::size_t place, View result, ModuleTree& tree) {
  reader_->result_at(place, result, tree);
}
View TreeReader::object(std::size_t module) const { return reader_->object(module); }
Module TreeReader::apart(View module) { return reader_->apart(module); }

}  // namespace kdex
