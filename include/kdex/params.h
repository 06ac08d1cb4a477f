// Parameters of a form: typed values with their origins, and texts that contain them. A form's
// names, tags, dtypes and constants are such texts; one that is a pattern can be read back.
// Knows neither definitions nor a family.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/error.h>
#include <kdex/value.h>

namespace kdex {

struct Definition;

/// An integer of the module tree together with where it came from.
struct Dim {
  std::int64_t value = 0;
  OriginId origin = 0;
  std::string rule = {};  // how it follows from what `origin` leads to ("hidden_size / 128"), where
                          // it is not that itself
};

namespace sdk {
/// A float as Python's repr writes it: 1e-06, 1e-05, 0.001, 50.0.
inline std::string python_float(double v) {
  char buffer[40];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;  // the shortest that reads back
  std::string s(buffer, end);
  double size = v < 0 ? -v : v;
  if (size >= 1e-4 && size < 1e16) {
    end = std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::fixed).ptr;
    s.assign(buffer, end);
  }
  if (s.find_first_of(".en") == std::string::npos) s += ".0";
  return s;
}
}  // namespace sdk

/// The value of one parameter. Two are equal where their values are; origins say where one came
/// from and do not count.
struct ParamValue {
  enum class Kind { integer, real, boolean, text };
  Kind kind = Kind::integer;
  std::int64_t i = 0;  ///< integer; boolean: 0 or 1
  double f = 0;        ///< real
  std::string s;       ///< text: a dtype, a choice or any text
  OriginId origin = 0;
  std::string rule;  ///< as in Dim

  ParamValue() = default;
  ParamValue(Dim d) : i(d.value), origin(d.origin), rule(std::move(d.rule)) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) ParamValue(T v) : i(static_cast<std::int64_t>(v)) {}
  template <std::floating_point T>
  ParamValue(T v) : kind(Kind::real), f(v) {}
  template <std::same_as<bool> T>
  ParamValue(T v) : kind(Kind::boolean), i(v ? 1 : 0) {}
  ParamValue(std::string v) : kind(Kind::text), s(std::move(v)) {}
  ParamValue(std::string_view v) : kind(Kind::text), s(v) {}
  ParamValue(const char* v) : kind(Kind::text), s(v) {}

  bool operator==(const ParamValue& o) const {
    return kind == o.kind && i == o.i && f == o.f && s == o.s;
  }
  /// 8, 1e-06, True, bfloat16: as Python writes it, texts without quotes.
  std::string python() const {
    switch (kind) {
      case Kind::integer:
        return std::to_string(i);
      case Kind::real:
        return sdk::python_float(f);
      case Kind::boolean:
        return i ? "True" : "False";
      default:
        return s;
    }
  }
};

/// What a form is asked for: values by name. The accessors throw kdex::Error where the parameter
/// is not there or of another kind, which is a mistake in the form.
class Params {
 public:
  using Entry = std::pair<std::string, ParamValue>;

  Params() = default;
  Params(std::initializer_list<Entry> values) : values_(values) {}

  /// Adds a parameter or replaces its value.
  Params& set(std::string_view name, ParamValue value) {
    for (auto& [key, v] : values_)
      if (key == name) {
        v = std::move(value);
        return *this;
      }
    values_.emplace_back(std::string(name), std::move(value));
    return *this;
  }
  /// The value, or nullptr.
  const ParamValue* find(std::string_view name) const {
    for (const auto& [key, v] : values_)
      if (key == name) return &v;
    return nullptr;
  }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::int64_t integer(std::string_view name) const {
    return need(name, ParamValue::Kind::integer).i;
  }
  double real(std::string_view name) const { return need(name, ParamValue::Kind::real).f; }
  bool flag(std::string_view name) const { return need(name, ParamValue::Kind::boolean).i != 0; }
  const std::string& text(std::string_view name) const {
    return need(name, ParamValue::Kind::text).s;
  }
  const std::vector<Entry>& values() const { return values_; }

  /// Tags of a definition beside those that its form writes: further models and deployments that
  /// have this kernel too. Each is written behind those of its key.
  std::vector<std::string> further_tags;

 private:
  const ParamValue& need(std::string_view name, ParamValue::Kind kind) const {
    const ParamValue* v = find(name);
    if (v == nullptr) throw Error("there is no parameter '" + std::string(name) + "'", "form");
    if (v->kind != kind)
      throw Error("the parameter '" + std::string(name) + "' is of another kind", "form");
    return *v;
  }
  std::vector<Entry> values_;
};

/// The declaration of a parameter.
struct Param {
  enum class Kind { size, integer, real, boolean, choice, dtype, text };
  std::string name;
  Kind kind = Kind::size;
  std::optional<ParamValue> otherwise;  ///< the value where nothing gives one
  bool may_be_absent = false;           ///< without a value and without a default
  std::vector<std::string> choices;     ///< of a choice
  /// Reads the parameter where no axis, dtype, tag or constant of the form holds it: a form that
  /// has it in its name or description alone. Nothing where the definition does not say.
  std::function<std::optional<ParamValue>(const Definition&)> from;

  ParamValue::Kind value_kind() const {
    switch (kind) {
      case Kind::size:
      case Kind::integer:
        return ParamValue::Kind::integer;
      case Kind::real:
        return ParamValue::Kind::real;
      case Kind::boolean:
        return ParamValue::Kind::boolean;
      default:
        return ParamValue::Kind::text;
    }
  }
  /// The value that `text` writes; nothing where it is none of this kind.
  std::optional<ParamValue> parse(std::string_view text) const {
    const char *begin = text.data(), *end = text.data() + text.size();
    switch (value_kind()) {
      case ParamValue::Kind::integer: {
        std::int64_t v = 0;
        auto r = std::from_chars(begin, end, v);
        if (text.empty() || r.ec != std::errc() || r.ptr != end) return std::nullopt;
        return ParamValue(v);
      }
      case ParamValue::Kind::real: {
        double v = 0;
        auto r = std::from_chars(begin, end, v);
        if (text.empty() || r.ec != std::errc() || r.ptr != end) return std::nullopt;
        return ParamValue(v);
      }
      case ParamValue::Kind::boolean:
        if (text == "True") return ParamValue(true);
        if (text == "False") return ParamValue(false);
        return std::nullopt;
      default:
        if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
          return std::nullopt;
        return ParamValue(text);
    }
  }
};

/// A text of a form: a pattern with parameters in braces, or a function of all parameters.
///   "rmsnorm_h{hidden_size}"   an integer in decimal, a float as Python's repr, a text as it is
///   "bias:{bias:yes|no}"       a boolean by two words, the one for true first
/// A pattern with at most one parameter can be read back.
class Text {
 public:
  Text() = default;
  Text(const char* pattern) { parse(pattern); }
  Text(std::string_view pattern) { parse(pattern); }
  Text(const std::string& pattern) { parse(pattern); }
  template <class F>
  requires std::invocable<F, const Params&> Text(F f) : function_(std::move(f)) {}

  /// True for a pattern without parameters, which `literal` then is.
  bool is_literal() const { return !function_ && holes_.empty(); }
  const std::string& literal() const { return tail_; }
  /// The names of a pattern's parameters; none for a function.
  std::vector<std::string> params() const {
    std::vector<std::string> names;
    for (const auto& h : holes_) names.push_back(h.param);
    return names;
  }
  /// True where each of the pattern's parameters has a value.
  bool can_write(const Params& p) const {
    return std::all_of(holes_.begin(), holes_.end(), [&](const Hole& h) { return p.has(h.param); });
  }
  /// The text for these parameters. Throws kdex::Error where one is missing.
  std::string write(const Params& p) const {
    if (function_) return function_(p);
    std::string out;
    for (const auto& h : holes_) {
      out += h.before;
      if (!h.yes.empty() || !h.no.empty()) {
        out += p.flag(h.param) ? h.yes : h.no;
        continue;
      }
      const ParamValue* v = p.find(h.param);
      if (v == nullptr) throw Error("there is no parameter '" + h.param + "'", "form");
      out += v->python();
    }
    return out + tail_;
  }
  /// True for a pattern with one parameter.
  bool is_readable() const { return !function_ && holes_.size() == 1; }
  const std::string& param() const { return holes_.front().param; }
  /// What of `text` stands for the one parameter, in Param::parse's words; nothing where the rest
  /// differs.
  std::optional<std::string> read(std::string_view text) const {
    const Hole& h = holes_.front();
    if (!text.starts_with(h.before)) return std::nullopt;
    text.remove_prefix(h.before.size());
    if (!text.ends_with(tail_)) return std::nullopt;
    text.remove_suffix(tail_.size());
    if (h.yes.empty() && h.no.empty()) return std::string(text);
    return text == h.yes ? "True" : text == h.no ? "False" : std::string(text);
  }

 private:
  struct Hole {
    std::string before, param, yes, no;
  };
  void parse(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
      const auto open = pattern.find('{', at);
      if (open == std::string_view::npos) {
        tail_ = pattern.substr(at);
        return;
      }
      const auto close = pattern.find('}', open);
      if (close == std::string_view::npos)
        throw Error("'{' without '}' in \"" + std::string(pattern) + "\"", "form");
      Hole h;
      h.before = pattern.substr(at, open - at);
      auto inside = pattern.substr(open + 1, close - open - 1);
      if (const auto colon = inside.find(':'); colon != std::string_view::npos) {
        const auto words = inside.substr(colon + 1);
        const auto bar = words.find('|');
        if (bar == std::string_view::npos)
          throw Error("two words are expected in \"" + std::string(pattern) + "\"", "form");
        h.yes = words.substr(0, bar), h.no = words.substr(bar + 1);
        inside = inside.substr(0, colon);
      }
      h.param = inside;
      holes_.push_back(std::move(h));
      at = close + 1;
    }
  }
  std::vector<Hole> holes_;
  std::string tail_;  // behind the last parameter
  std::function<std::string(const Params&)> function_;
};

/// When a part of a form is there; empty: always.
using Condition = std::function<bool(const Params&)>;

}  // namespace kdex
