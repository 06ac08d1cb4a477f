// Implementation of core/plugin/settings.h.
#include "core/plugin/settings.h"

#include <algorithm>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/text.h"

namespace kdex {
namespace {

using Type = Option::Type;

std::string with_dashes(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

const char* type_name(Type t) {
  switch (t) {
    case Type::boolean:
      return "true|false";
    case Type::integer:
      return "integer";
    case Type::integers:
      return "integers";
    case Type::number:
      return "number";
    case Type::texts:
      return "texts";
    case Type::choice:
      return "choice";
    case Type::path:
      return "path";
    case Type::paths:
      return "paths";
    default:
      return "text";
  }
}

}  // namespace

OptionSetting parse_setting(const std::string& text, const std::string& place,
                            const std::string& owner) {
  const auto eq = text.find('=');
  const std::string name = text.substr(0, eq);
  const auto dot = name.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == name.size())
    throw Error("must be " + owner + ".OPTION=VALUE, not '" + text + "'", place,
                "`kdex plugins --options " + owner + "` lists the options");
  return {name.substr(0, dot), name.substr(dot + 1),
          eq == std::string::npos ? "true" : text.substr(eq + 1), place + " " + name, ""};
}

FamilyOption option_named(const LoadedPlugins& families, std::string_view name) {
  const std::string flag = with_dashes(name);
  for (const auto& f : families.families)
    for (const auto& o : f.info.options)
      if ((!o.flag.empty() && o.flag == flag) ||
          std::find(o.aliases.begin(), o.aliases.end(), flag) != o.aliases.end())
        return {&f, &o};
  return {};
}

void apply_settings(LoadedPlugins& families, const std::vector<OptionSetting>& settings) {
  for (const auto& s : settings) {
    const auto family = std::find_if(families.families.begin(), families.families.end(),
                                     [&](const auto& f) { return f.info.name == s.owner; });
    if (family == families.families.end()) {
      std::vector<std::string> names;
      for (const auto& f : families.families) names.push_back(f.info.name);
      const std::string hint = did_you_mean(s.owner, names);
      throw Error("unknown family '" + s.owner + "'", s.place,
                  hint.empty() ? "the families are " + joined(names, ", ") : hint);
    }
    set_option(family->options, family->info.options, "the family " + s.owner, s);
  }
}

std::string options_table(const std::string& owner, const std::vector<Option>& options) {
  std::string out;
  for (const auto& o : options) {
    out += owner + "." + o.key + "  " +
           (o.type == Type::choice ? joined(o.choices, ", ") : type_name(o.type)) +
           (o.default_value.empty() ? "" : ", default " + o.default_value) + "\n    " + o.help +
           "\n";
    std::vector<std::string> flags = o.aliases;
    if (!o.flag.empty()) flags.insert(flags.begin(), o.flag);
    for (const auto& f : flags) {
      std::string key = f;
      std::replace(key.begin(), key.end(), '-', '_');
      out += "    also --" + f + ", and " + key + " in a pipeline file\n";
    }
  }
  return out;
}

}  // namespace kdex
