// The origins of a definition's axes as trees of text. Knows the file's form (origins.cpp), not
// where origins come from.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <kdex/error.h>

#include "core/report/report.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

/// One line of a tree and what stands below it.
struct Line {
  std::string text;
  std::vector<std::size_t> below;
};

class Printer {
 public:
  Printer(const Json& origins, bool full) : origins_(origins), full_(full) {}

  std::string axis(std::size_t origin) {
    out_.clear();
    shown_.assign(origins_.size(), false);
    print(origin, "  ", true, 0);
    return out_;
  }

 private:
  const Json& at(std::size_t id) const { return origins_.at(id); }
  std::string kind(std::size_t id) const { return at(id).at("kind").get<std::string>(); }
  std::string text(std::size_t id) const { return at(id).value("text", ""); }
  std::vector<std::size_t> inputs(std::size_t id) const {
    const Json& o = at(id);
    return o.contains("inputs") ? o["inputs"].get<std::vector<std::size_t>>()
                                : std::vector<std::size_t>{};
  }
  bool is_operation(std::size_t id, const char* op) const {
    return kind(id) == "operation" && text(id) == op && inputs(id).size() == 2;
  }
  /// What a value was before the names that it went through.
  std::size_t behind_ways(std::size_t id) const {
    while (kind(id) == "way" && inputs(id).size() == 1) id = inputs(id)[0];
    return id;
  }
  bool is_number(std::size_t id, std::int64_t n) const {
    const Json& o = at(behind_ways(id));
    return o.contains("value") && o["value"].is_number_integer() && o["value"] == n;
  }
  static std::string number(const Json& o) {
    return o.contains("value") ? o["value"].dump() : std::string();
  }
  std::string source(std::size_t id) const {
    std::string s = at(id).value("source", "");
    if (s.starts_with("/model/")) s.erase(0, 7);  // the folder of the checkpoint in the machine
    return s.empty() ? s : "   " + s;
  }

  /// (x + n - 1) // n * n: x, and what it is rounded up to a multiple of. False for anything else.
  bool rounding(std::size_t id, std::size_t& x, std::size_t& n) const {
    if (!is_operation(id, "*")) return false;
    const std::size_t quotient = behind_ways(inputs(id)[0]);
    n = inputs(id)[1];
    if (!is_operation(quotient, "//") || inputs(quotient)[1] != n) return false;
    const std::size_t less = behind_ways(inputs(quotient)[0]);
    if (!is_operation(less, "-") || !is_number(inputs(less)[1], 1)) return false;
    const std::size_t sum = behind_ways(inputs(less)[0]);
    if (!is_operation(sum, "+") || inputs(sum)[1] != n) return false;
    x = inputs(sum)[0];
    return true;
  }

  /// The operands of a sum, product, greatest or least that is written as one.
  void operands(std::size_t id, std::vector<std::size_t>& into) const {
    for (std::size_t input : inputs(id)) {
      const std::size_t inner = behind_ways(input);
      const bool same = kind(inner) == "operation" && text(inner) == text(id) &&
                        at(inner).value("source", "") == at(id).value("source", "");
      if (same && (text(id) == "sum" || text(id) == "+" || text(id) == "*" || text(id) == "max" ||
                   text(id) == "min"))
        operands(inner, into);
      else
        into.push_back(input);
    }
  }

  /// The names that a literal came through, the literal's own first.
  std::string names(std::size_t id) const {
    std::string out;
    for (; kind(id) == "way" && inputs(id).size() == 1; id = inputs(id)[0]) {
      const std::string name = described_way(id);
      out = name + (out.empty() ? "" : ", " + out);
    }
    return out.empty() ? out : " (" + out + ")";
  }
  std::string described_way(std::size_t id) const {
    const std::string way = at(id).value("way", "");
    return (way == "constant" ? "" : way + " ") + text(id);
  }

  Line operation(std::size_t id) const {
    Line line;
    std::size_t x = 0, n = 0;
    if (!full_ && rounding(id, x, n)) {
      std::size_t inner_x = 0, inner_n = 0;  // rounded again: nothing changes
      while (rounding(behind_ways(x), inner_x, inner_n) && inner_n == n) x = inner_x;
      line.text = "round up to " + number(at(behind_ways(n)));
      line.below = {x, n};
    } else {
      line.text = text(id);
      if (full_)
        line.below = inputs(id);
      else
        operands(id, line.below);
    }
    if (at(id).contains("value")) line.text += " = " + number(at(id));
    return line;
  }

  Line line_of(std::size_t id, std::size_t through) const {
    const Json& o = at(id);
    const std::string k = kind(id), t = text(id);
    Line line;
    if (k == "operation") {
      line = operation(id);
    } else if (k == "literal") {
      line.text = "written as " + t + names(through);
    } else {
      line.below = inputs(id);
      if (k == "unknown")
        line.text = "origin not recorded";
      else if (k == "config")
        line.text = "config field " + t;
      else if (k == "deployment")
        line.text = "deployment setting " + t;
      else if (k == "platform")
        line.text = "platform fact " + t;
      else if (k == "form")
        line.text = (line.below.empty() ? "the form: " : "") + t;
      else
        line.text = described_way(id);
      if (o.contains("value")) line.text += " = " + number(o);
      if (k == "deployment" && !line.below.empty()) line.text += ", as the engine set it";
    }
    line.text += source(id);
    return line;
  }

  void print(std::size_t from, const std::string& indent, bool last, int depth) {
    const std::size_t id = full_ ? from : behind_ways(from);
    const Line line = line_of(id, from);
    const bool again = shown_.at(id) && !line.below.empty();
    shown_[id] = true;
    out_ += indent + (last ? "`- " : "|- ") + line.text + (again ? "   (as above)" : "") + "\n";
    if (again || depth > most_origin_depth) return;
    for (std::size_t i = 0; i < line.below.size(); ++i)
      print(line.below[i], indent + (last ? "   " : "|  "), i + 1 == line.below.size(), depth + 1);
  }

  const Json& origins_;
  bool full_;
  std::vector<bool> shown_;
  std::string out_;
};

/// The calls that launch a definition: function and module, steps, and the lines that led there,
/// innermost first; a few of them without `full`.
std::string calls_text(const Json& calls, bool full) {
  constexpr std::size_t few = 4;
  std::string out = calls.empty() ? "" : "  launched by\n";
  for (const auto& c : calls) {
    out += "    " + c.at("fn").get<std::string>() + "  " + c.at("path").get<std::string>() + "\n";
    for (const auto& s : c.at("steps"))
      out += "      " + std::to_string(s.at("launches").get<std::int64_t>()) + " x  " +
             s.at("mode").get<std::string>() + ": " + s.at("sizes").get<std::string>() + "\n";
    const auto& where = c.at("where");
    for (std::size_t i = 0; i < where.size() && (full || i < few); ++i)
      out += (i == 0 ? "      at " : "         ") + where[i].get<std::string>() + "\n";
  }
  return out;
}

}  // namespace

std::string explain_text(const Json& j, bool full) {
  std::string out;
  try {
    Printer printer(j.at("origins"), full);
    for (const auto& [name, axis] : j.at("axes").items()) {
      out += "  " + name + " = " + std::to_string(axis.at("value").get<std::int64_t>()) + "\n";
      out += printer.axis(axis.at("origin").get<std::size_t>());
    }
    if (j.contains("calls")) out += calls_text(j["calls"], full);
  } catch (const Json::exception&) {
    throw Error("the file of origins is not in the format that kdex writes", "",
                "run the pipeline again");
  }
  return out;
}

}  // namespace kdex
