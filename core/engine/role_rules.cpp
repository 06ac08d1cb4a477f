// Reads a roles.json into rules. Every key that it does not know is an error, with its place.
#include "core/engine/role_rules.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include <kdex/error.h>

namespace kdex::engine {
namespace {

using Json = nlohmann::ordered_json;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

class RuleReader {
 public:
  explicit RuleReader(std::string file) : file_(std::move(file)) {}

  RoleTable::Rules read(const std::string& text) {
    const Json j = Json::parse(text, nullptr, false);
    if (!j.is_object()) fail("is not a JSON object");
    keys(j, {"about", "kept", "sets", "modules"});
    RoleTable::Rules out;
    if (j.contains("kept")) out.kept = strings(j["kept"], "'kept'");
    if (j.contains("sets")) {
      if (!j["sets"].is_object()) fail("'sets' must be an object");
      sets_ = j["sets"];
    }
    if (!j.contains("modules") || !j["modules"].is_array()) fail("'modules' must be a list");
    for (const auto& e : j["modules"]) {
      where_ = "modules[" + std::to_string(out.entries.size()) + "]";
      out.entries.push_back(entry(e));
    }
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(what, where_.empty() ? file_ : file_ + ": " + where_,
                "core/engine/README.md describes roles.json");
  }

  void keys(const Json& j, std::initializer_list<std::string_view> known) const {
    if (!j.is_object()) fail("expected an object, got " + j.dump());
    for (const auto& [key, value] : j.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        fail("unknown key '" + key + "'");
  }

  std::string string(const Json& j, const char* what) const {
    if (!j.is_string() || j.get_ref<const std::string&>().empty())
      fail(std::string(what) + " must be a text, not " + j.dump());
    return j.get<std::string>();
  }

  std::vector<std::string> strings(const Json& j, const char* what) const {
    std::vector<std::string> out;
    if (j.is_array())
      for (const auto& s : j) out.push_back(string(s, what));
    else
      out.push_back(string(j, what));
    return out;
  }

  /// `j` itself, or each of its elements.
  template <class F>
  void each(const Json& j, F f) const {
    if (j.is_array())
      for (const auto& x : j) f(x);
    else
      f(j);
  }

  RoleTable::Entry entry(const Json& j) {
    keys(j, {"about", "role", "classes", "when", "places", "sets", "facts", "tells", "beside",
             "run_by"});
    RoleTable::Entry e;
    if (j.contains("role")) e.role = string(j["role"], "'role'");
    if (!e.role.empty()) where_ += " (" + e.role + ")";
    places_.clear();
    if (j.contains("places")) {
      if (!j["places"].is_object()) fail("'places' must be an object");
      for (const auto& [name, p] : j["places"].items()) e.places.push_back(place(name, p));
    }
    for (const auto& p : e.places) places_.push_back(p.name);
    if (!j.contains("classes")) fail("'classes' is missing");
    if (j["classes"].is_object()) {
      for (const auto& [pattern, facts_of] : j["classes"].items()) {
        ClassRule rule{pattern, {}};
        facts(facts_of, rule.facts);
        e.classes.push_back(std::move(rule));
      }
    } else {
      for (auto& pattern : strings(j["classes"], "'classes'"))
        e.classes.push_back({std::move(pattern), {}});
    }
    if (j.contains("when")) conditions(j["when"], e.when);
    if (j.contains("facts")) facts(j["facts"], e.facts);
    if (j.contains("sets"))
      for (const auto& name : strings(j["sets"], "'sets'")) {
        if (!sets_.contains(name)) fail("there is no set '" + name + "'");
        facts(sets_[name], e.facts);
      }
    if (j.contains("tells")) {
      if (!j["tells"].is_object()) fail("'tells' must be an object of fact → attributes");
      for (const auto& [fact, attributes] : j["tells"].items())
        e.tells.emplace_back(fact, strings(attributes, "an attribute"));
    }
    if (j.contains("run_by")) {
      keys(j["run_by"], {"registry", "names"});
      if (!j["run_by"].contains("registry")) fail("'run_by' has no 'registry'");
      e.run_by.registry = string(j["run_by"]["registry"], "'registry'");
      if (j["run_by"].contains("names"))
        each(j["run_by"]["names"], [&](const Json& p) { e.run_by_names.push_back(path(p)); });
    }
    if (j.contains("beside")) {
      if (!j["beside"].is_object()) fail("'beside' must be an object of attribute → why");
      for (const auto& [pattern, why] : j["beside"].items()) {
        string(why, "the reason of 'beside'");
        e.beside.push_back(pattern);
      }
    }
    return e;
  }

  Place place(const std::string& name, const Json& j) const {
    Place p;
    p.name = name;
    const Json* finds = &j;
    if (j.is_object()) {
      keys(j, {"find", "inside"});
      if (!j.contains("find")) fail("place '" + name + "' has no 'find'");
      finds = &j["find"];
      if (j.contains("inside")) p.inside = string(j["inside"], "'inside'");
    }
    for (const auto& text : strings(*finds, "a place")) {
      std::istringstream words(text);
      std::string verb, what, more;
      words >> verb >> what >> more;
      Place::Find f;
      using Where = Place::Find::Where;
      f.what = what;
      if (verb == "self" && (what.empty() || (what == "with" && !more.empty()))) {
        f.where = Where::self;
        f.with = more;
      } else if (verb == "parent" && what.empty()) {
        f.where = Where::parent;
      } else if (verb == "sibling" && !what.empty()) {
        f.where = Where::sibling;
      } else if (verb == "child" && what == "named" && !more.empty()) {
        f.where = Where::child_named;
        f.what = more;
      } else if (verb == "child" && !what.empty()) {
        f.where = Where::child;
      } else if (verb == "attribute" && !what.empty()) {
        f.where = Where::attribute;
      } else {
        fail("place '" + name + "': expected self, self with ATTRIBUTE, parent, sibling CLASS, " +
             "child CLASS, child named NAME or attribute NAME, not '" + text + "'");
      }
      p.finds.push_back(std::move(f));
    }
    return p;
  }

  Path path(const Json& j) const {
    std::string text = string(j, "a path");
    Path p;
    if (const auto slash = text.find('/'); slash != std::string::npos) {
      const std::string base = text.substr(0, slash);
      text.erase(0, slash + 1);
      const auto known = std::find(places_.begin(), places_.end(), base);
      if (known != places_.end()) {
        p.base = Path::place;
        p.at = static_cast<std::size_t>(known - places_.begin());
      } else if (base == "parent") {
        p.base = Path::parent;
      } else if (base == "resolved") {
        p.base = Path::resolved;
      } else if (base == "fact") {
        p.base = Path::fact;
      } else {
        fail("there is no place '" + base + "'");
      }
    }
    if (text.starts_with("param:")) {
      p.parameter = true;
      text.erase(0, 6);
      p.names.push_back(text);
    } else {
      std::istringstream names(text);
      for (std::string name; std::getline(names, name, '.');) p.names.push_back(name);
    }
    if (p.names.empty() || p.names[0].empty()) fail("a path names nothing: " + j.dump());
    return p;
  }

  void conditions(const Json& j, std::vector<Condition>& out) const {
    static const std::map<std::string, Condition::Is> known = {
        {"exists", Condition::Is::exists}, {"absent", Condition::Is::absent},
        {"found", Condition::Is::found},   {"set", Condition::Is::set},
        {"unset", Condition::Is::unset},   {"true", Condition::Is::yes},
        {"not_true", Condition::Is::no},   {"size", Condition::Is::size},
        {"is", Condition::Is::matches},    {"is_not", Condition::Is::lacks}};
    each(j, [&](const Json& c) {
      if (!c.is_object() || c.empty()) fail("a condition must be an object, not " + c.dump());
      for (const auto& [key, value] : c.items()) {
        const auto is = known.find(key);
        if (is == known.end()) fail("unknown condition '" + key + "'");
        if (is->second == Condition::Is::matches || is->second == Condition::Is::lacks) {
          if (!value.is_object()) fail("'" + key + "' must be an object of path → texts");
          for (const auto& [p, texts] : value.items())
            out.push_back({is->second, path(p), strings(texts, "a text")});
        } else {
          const bool whole = is->second == Condition::Is::found;  // a place, not what stands in it
          each(value, [&](const Json& p) {
            out.push_back({is->second, path(whole ? Json(string(p, "a place") + "/*") : p), {}});
          });
        }
      }
    });
  }

  Value constant(const Json& j) const {
    Value v;
    if (j.is_boolean()) {
      v.kind = Value::Kind::boolean;
      v.i = j.get<bool>() ? 1 : 0;
    } else if (j.is_number_integer()) {
      v.kind = Value::Kind::integer;
      v.i = j.get<std::int64_t>();
    } else if (j.is_number()) {
      v.kind = Value::Kind::real;
      v.f = j.get<double>();
    } else {
      v.kind = Value::Kind::string;
      v.s = string(j, "a constant");
    }
    return v;
  }

  Source source(const Json& j) const {
    Source s;
    if (j.is_string()) {
      s.path = path(j);
      return s;
    }
    keys(j, {"path", "value", "names", "numbers", "of", "rank", "dim", "not_dtype", "plus", "if"});
    if (j.contains("path")) {
      s.path = path(j["path"]);
    } else if (j.contains("value")) {
      s.from = Source::From::constant;
      s.constant = constant(j["value"]);
    } else if (j.contains("names")) {
      s.from = Source::From::names;
      s.patterns = strings(j["names"], "'names'");
      if (j.contains("of")) s.path = path(string(j["of"], "'of'") + "/*");
    } else if (j.contains("numbers")) {
      s.from = Source::From::numbers;
      each(j["numbers"], [&](const Json& p) { s.collected.push_back(path(p)); });
    } else {
      fail("expected path, value, names or numbers in " + j.dump());
    }
    const auto whole = [&](const char* key) {
      if (!j.contains(key)) return -1;
      if (!j[key].is_number_integer() || j[key] < 0 || j[key] > 16)
        fail(std::string("'") + key + "' must be a small number");
      return j[key].get<int>();
    };
    s.rank = whole("rank");
    s.dim = whole("dim");
    if (j.contains("not_dtype")) s.not_dtype = string(j["not_dtype"], "'not_dtype'");
    if (j.contains("plus")) {
      if (!j["plus"].is_number_integer()) fail("'plus' must be a whole number");
      s.plus = j["plus"].get<std::int64_t>();
    }
    if (j.contains("if")) conditions(j["if"], s.conditions);
    return s;
  }

  void facts(const Json& j, std::vector<Fact>& out) const {
    static const std::map<std::string, Fact::Type> types = {
        {"size", Fact::Type::size},     {"integer", Fact::Type::integer},
        {"number", Fact::Type::number}, {"text", Fact::Type::text},
        {"name", Fact::Type::name},     {"truth", Fact::Type::truth},
        {"tensor", Fact::Type::tensor}, {"names", Fact::Type::names},
        {"module", Fact::Type::module}, {"any", Fact::Type::any}};
    if (!j.is_object()) fail("facts must be an object, not " + j.dump());
    for (const auto& [name, f] : j.items()) {
      Fact fact;
      fact.name = name;
      if (!f.is_object()) {  // a constant
        Source s;
        s.from = Source::From::constant;
        s.constant = constant(f);
        fact.sources.push_back(std::move(s));
        out.push_back(std::move(fact));
        continue;
      }
      for (const auto& [key, value] : f.items()) {
        if (key == "map") {
          if (!value.is_object()) fail("'map' of '" + name + "' must be an object");
          for (const auto& [pattern, becomes] : value.items())
            fact.map.emplace_back(pattern, string(becomes, "a mapped text"));
          continue;
        }
        const auto type = types.find(key);
        if (type == types.end()) fail("fact '" + name + "': unknown kind '" + key + "'");
        if (!fact.sources.empty()) fail("fact '" + name + "' has two kinds");
        fact.type = type->second;
        if (fact.type == Fact::Type::module) {
          const std::string at = string(value, "a module's place");
          if (std::find(places_.begin(), places_.end(), at) == places_.end() && at != "parent")
            fail("fact '" + name + "': there is no place '" + at + "'");
          fact.sources.push_back(source(at + "/*"));
        } else {
          each(value, [&](const Json& s) { fact.sources.push_back(source(s)); });
        }
      }
      if (fact.sources.empty()) fail("fact '" + name + "' has no kind");
      out.push_back(std::move(fact));
    }
  }

  std::string file_, where_;
  Json sets_ = Json::object();
  std::vector<std::string> places_;  // of the entry
};

}  // namespace

RoleTable::Rules read_role_rules(const std::string& text, const std::string& file) {
  return RuleReader(file).read(text);
}

bool fits(std::string_view pattern, std::string_view text) {
  const auto same = [](std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
  };
  const bool open = pattern.starts_with('*'), rest = pattern.size() > 1 && pattern.ends_with('*');
  if (open) pattern.remove_prefix(1);
  if (rest) pattern.remove_suffix(1);
  if (!open && !rest) return same(pattern, text);
  if (pattern.size() > text.size()) return false;
  if (open && !rest) return same(pattern, text.substr(text.size() - pattern.size()));
  if (rest && !open) return same(pattern, text.substr(0, pattern.size()));
  for (std::size_t i = 0; i + pattern.size() <= text.size(); ++i)
    if (same(pattern, text.substr(i, pattern.size()))) return true;
  return false;
}

bool is_class(std::string_view pattern, std::string_view qualified) {
  if (pattern == "*") return true;
  if (pattern.starts_with('*'))
    return qualified.substr(qualified.rfind('.') + 1).ends_with(pattern.substr(1));
  return qualified.ends_with(pattern) && (qualified.size() == pattern.size() ||
                                          qualified[qualified.size() - pattern.size() - 1] == '.');
}

}  // namespace kdex::engine
