// source_uses.h.
#include "core/model/source_uses.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/base/files.h"

namespace kdex {
namespace {

using source::FunctionText;
using source::Mention;

constexpr std::size_t kMostNames = 400;  // that are followed back towards forward

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// A function that is done before the model runs: it builds layers, or fills their weights.
bool comes_before(const std::string& name) {
  const auto has_part = [&](const char* part) { return name.find(part) != std::string::npos; };
  return name == "__init__" || name == "__new__" || name == "__post_init__" ||
         has_part("load_weight") || has_part("weight_loader") || has_part("create_weights") ||
         has_part("after_loading");
}

bool reads(const FunctionText& f, const std::vector<std::string>& classes,
           const std::string& attribute) {
  return std::any_of(f.mentions.begin(), f.mentions.end(), [&](const Mention& m) {
    if (m.attribute != attribute || m.use == Mention::Use::stored || m.use == Mention::Use::deleted)
      return false;
    if (classes.empty()) return true;
    if (m.object == "self") return has(classes, f.class_name);
    return m.object.find('.') == std::string::npos;
  });
}

/// The last part of what a call calls: "torch.mm" → "mm".
std::string_view last_part(std::string_view text) {
  const auto dot = text.rfind('.');
  return dot == std::string_view::npos ? text : text.substr(dot + 1);
}

/// Whether a mention lies in a branch that is never run.
bool is_dead(const Mention& m, const std::map<std::string, bool>& truths) {
  return std::any_of(m.if_self.begin(), m.if_self.end(), [&](const auto& branch) {
    const auto truth = truths.find(branch.first);
    return truth != truths.end() && truth->second != branch.second;
  });
}

bool is_plain_product(const std::string& called) {
  const auto name = last_part(called);
  return name == "linear" || name == "mm" || name == "matmul" || name == "addmm";
}

}  // namespace

SourceUses::Files SourceUses::of_files(const std::vector<std::string>& shown) {
  Files out;
  const std::lock_guard lock(mutex_);
  for (const auto& name : shown) {
    auto& file = files_[name];
    if (!file) {
      file = std::make_shared<File>();
      file->shown = name;
      file->text = sources_.text(name);
    }
    if (!file->text.empty()) out.push_back(file);
  }
  return out;
}

std::shared_ptr<SourceUses::File> SourceUses::of_module(const std::string& dotted) {
  py::FoundModule found;
  if (!sources_.find(dotted, found) || found.path.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  auto& file = files_[found.shown];
  if (!file || file->text.empty()) {
    file = std::make_shared<File>();
    file->shown = found.shown;
    try {
      file->text = read_file(found.path, std::size_t{16} << 20);
    } catch (const std::exception&) {
      return nullptr;
    }
  }
  return file;
}

const std::vector<FunctionText>& SourceUses::functions(File& file) {
  file.walked.run([&] { file.functions = source::functions_of(file.text); });
  return file.functions;
}

SourceUses::Files SourceUses::registered(const std::string& registry, const std::string& name) {
  Files out;
  const auto add = [&](const std::string& dotted) {
    auto file = of_module(dotted);
    if (file && std::find(out.begin(), out.end(), file) == out.end()) out.push_back(file);
  };
  const auto file = of_module(registry);
  if (!file) return out;
  std::vector<std::string> found;
  for (const FunctionText& f : functions(*file)) {
    const bool is = std::any_of(f.decorators.begin(), f.decorators.end(), [&](const auto& d) {
      return d.find('"' + name + '"') != std::string::npos;
    });
    if (f.decorators.empty() || (!name.empty() && !is)) continue;
    found.insert(found.end(), f.imports.begin(), f.imports.end());
  }
  for (const auto& module : found) {
    const auto imported = of_module(module);
    if (!imported) continue;
    add(module);
    const std::string package = module.substr(0, module.rfind('.') + 1);
    for (const FunctionText& f : functions(*imported))
      for (const auto& other : f.imports)
        if (other.starts_with(package)) add(other);
  }
  return out;
}

bool SourceUses::read_by_forward(const Files& files, const std::vector<std::string>& classes,
                                 const std::string& attribute) {
  std::vector<std::string> open;
  std::set<std::string> seen;
  const auto reached = [&](const std::string& name) {
    if (name.empty() || comes_before(name) || !seen.insert(name).second) return;
    open.push_back(name);
    if (name.starts_with("forward") || name == "__call__") std::swap(open.front(), open.back());
  };
  for (const auto& file : files) {
    if (file->text.find(attribute) == std::string::npos) continue;
    for (const FunctionText& f : functions(*file))
      if (reads(f, classes, attribute)) reached(f.name);
  }
  while (!open.empty()) {
    if (open.front().starts_with("forward") || open.front() == "__call__") return true;
    const std::string name = std::move(open.back());
    open.pop_back();
    if (name.starts_with("forward") || name == "__call__" || seen.size() > kMostNames) return true;
    for (const auto& file : files) {
      if (file->text.find(name) == std::string::npos) continue;
      for (const FunctionText& f : functions(*file))
        if (f.names.contains(name)) reached(f.name);
    }
  }
  return false;
}

std::optional<SourcePlace> SourceUses::set_by_others(const Files& files,
                                                     const std::vector<std::string>& classes,
                                                     const std::string& attribute) {
  for (const auto& file : files) {
    if (file->text.find(attribute) == std::string::npos) continue;
    for (const FunctionText& f : functions(*file)) {
      if (has(classes, f.class_name)) continue;
      for (const Mention& m : f.mentions)
        if (m.attribute == attribute && m.use == Mention::Use::stored && m.object != "self")
          return SourcePlace{file->shown, m.line};
    }
  }
  return std::nullopt;
}

LayerUse use_of_layer(const SourceUses::Files& own, const std::vector<std::string>& classes,
                      const SourceUses::Files& above, const std::string& attribute,
                      const std::map<std::string, bool>& truths) {
  using Use = Mention::Use;
  LayerUse out;
  bool weight = false, listed = false;
  const auto look = [&](const SourceUses::Files& files, bool anywhere) {
    for (const auto& file : files) {
      if (file->text.find(attribute) == std::string::npos) continue;
      for (const FunctionText& f : SourceUses::functions(*file)) {
        if (!anywhere && !has(classes, f.class_name)) continue;
        for (const Mention& m : f.mentions) {
          if (m.attribute != attribute || (has(classes, f.class_name) && is_dead(m, truths)))
            continue;
          // questions and stores say nothing of how it runs, a place in a list next to nothing
          listed |= m.use == Use::listed;
          if (m.use == Use::called || m.use == Use::value ||
              (m.use == Use::through && (m.next == "forward" || m.next == "apply")))
            return true;
          if (m.use != Use::through || m.next != "weight") continue;
          const bool plain = is_plain_product(m.argument_of);
          if (weight && (out.product || !plain)) continue;
          weight = true;
          out.product = plain;
          out.out_dtype = plain ? m.out_dtype : "";
          out.place = {file->shown, m.line};
        }
      }
    }
    return false;
  };
  if (look(own, false) || (!weight && (listed || look(above, true))) || !weight) return {};
  out.called = false;
  return out;
}

std::vector<std::pair<std::string, std::string>> keywords_of_calls(
    const SourceUses::Files& own, const std::vector<std::string>& classes,
    const std::string& attribute) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& file : own)
    for (const FunctionText& f : SourceUses::functions(*file)) {
      if (!has(classes, f.class_name)) continue;
      for (const Mention& m : f.mentions)
        if (m.attribute == attribute)
          for (const auto& keyword : m.keywords)
            if (std::find(out.begin(), out.end(), keyword) == out.end()) out.push_back(keyword);
    }
  return out;
}

std::string product_dtype(const SourceUses::Files& own, const std::vector<std::string>& classes) {
  for (const auto& file : own)
    for (const FunctionText& f : SourceUses::functions(*file)) {
      if (!has(classes, f.class_name) || comes_before(f.name)) continue;
      for (const Mention& m : f.mentions)
        if (m.object == "self" && m.attribute == "weight" && !m.out_dtype.empty())
          return m.out_dtype;
    }
  return "";
}

}  // namespace kdex
