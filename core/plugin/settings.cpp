// Implementation of core/plugin/settings.h.
#include "core/plugin/settings.h"

#include <algorithm>
#include <charconv>

#include <kdex/error.h>

#include "core/base/closest.h"

namespace kdex {
namespace {

using Type = Option::Type;

std::string with_dashes(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& p : parts) out += (out.empty() ? "" : ", ") + p;
  return out;
}

bool is_number_of(const Option& o, std::string_view text) {
  long n = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  return r.ec == std::errc() && r.ptr == text.data() + text.size() && n >= o.least && n <= o.most;
}

/// What a value of this option must be, "" where `value` is one.
std::string wanted(const Option& o, const std::string& value) {
  const auto is_in = [&](std::initializer_list<const char*> words) {
    return std::find(words.begin(), words.end(), value) != words.end();
  };
  const std::string bounds = std::to_string(o.least) + " to " + std::to_string(o.most);
  switch (o.type) {
    case Type::boolean:
      return is_in({"true", "false", "yes", "no", "on", "off", "1", "0"}) ? "" : "true or false";
    case Type::integer:
      return is_number_of(o, value) ? "" : "an integer from " + bounds;
    case Type::integers: {
      OptionValues one;
      one.set("", value);
      const auto parts = one.texts("");
      const bool all = std::all_of(parts.begin(), parts.end(),
                                   [&](const auto& p) { return is_number_of(o, p); });
      return all && !parts.empty() ? "" : "integers from " + bounds;
    }
    case Type::choice:
      return std::find(o.choices.begin(), o.choices.end(), value) != o.choices.end()
                 ? ""
                 : "one of " + joined(o.choices);
    default:
      return value.empty() ? "a text" : "";
  }
}

const char* type_name(Type t) {
  switch (t) {
    case Type::boolean:
      return "true|false";
    case Type::integer:
      return "integer";
    case Type::integers:
      return "integers";
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

FamilySetting parse_setting(const std::string& text, const std::string& place) {
  const auto eq = text.find('=');
  const std::string name = text.substr(0, eq);
  const auto dot = name.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == name.size())
    throw Error("must be FAMILY.OPTION=VALUE, not '" + text + "'", place,
                "`kdex plugins --options FAMILY` lists the options");
  return {name.substr(0, dot), name.substr(dot + 1),
          eq == std::string::npos ? "true" : text.substr(eq + 1), place + " " + name};
}

FamilyOption option_named(const LoadedFamilies& families, std::string_view name) {
  const std::string flag = with_dashes(name);
  for (const auto& f : families.families)
    for (const auto& o : f.info.options)
      if ((!o.flag.empty() && o.flag == flag) ||
          std::find(o.aliases.begin(), o.aliases.end(), flag) != o.aliases.end())
        return {&f, &o};
  return {};
}

void apply_settings(LoadedFamilies& families, const std::vector<FamilySetting>& settings) {
  for (const auto& s : settings) {
    const auto family = std::find_if(families.families.begin(), families.families.end(),
                                     [&](const auto& f) { return f.info.name == s.family; });
    if (family == families.families.end()) {
      std::vector<std::string> names;
      for (const auto& f : families.families) names.push_back(f.info.name);
      const std::string hint = did_you_mean(s.family, names);
      throw Error("unknown family '" + s.family + "'", s.place,
                  hint.empty() ? "the families are " + joined(names) : hint);
    }
    const auto& declared = family->info.options;
    const auto option = std::find_if(declared.begin(), declared.end(),
                                     [&](const Option& o) { return o.key == s.key; });
    if (option == declared.end()) {
      std::vector<std::string> keys;
      for (const auto& o : declared) keys.push_back(o.key);
      const std::string hint = did_you_mean(s.key, keys);
      throw Error("the family " + s.family + " has no option '" + s.key + "'", s.place,
                  !hint.empty()  ? hint
                  : keys.empty() ? "it has no options"
                                 : "its options are " + joined(keys));
    }
    if (const std::string must_be = wanted(*option, s.value); !must_be.empty())
      throw Error("must be " + must_be + ", not '" + s.value + "'", s.place);
    family->options.set(s.key, s.value);
  }
}

std::string options_table(const FamilyInfo& info) {
  std::string out;
  for (const auto& o : info.options) {
    out += info.name + "." + o.key + "  " +
           (o.type == Type::choice ? joined(o.choices) : type_name(o.type)) +
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
