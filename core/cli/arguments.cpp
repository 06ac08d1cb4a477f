// Implementation of core/cli/arguments.h.
#include "core/cli/arguments.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/options.h"

namespace kdex::cli {
namespace {

using Type = Option::Type;
using Strings = std::vector<std::string>;

std::string dashed(const std::string& flag) { return (flag.size() == 1 ? "-" : "--") + flag; }

/// All flags of an option, its own first; none where it is not on the command line.
Strings flags_of(const Option& o) {
  if (o.flag.empty()) return {};
  Strings out = {o.flag};
  out.insert(out.end(), o.aliases.begin(), o.aliases.end());
  return out;
}

const Option* option_of(const std::vector<Option>& options, const std::string& flag) {
  for (const auto& o : options) {
    const Strings flags = flags_of(o);
    if (std::find(flags.begin(), flags.end(), flag) != flags.end()) return &o;
  }
  return nullptr;
}

/// Whether an argument is an option and not a value; "-3" is a value.
bool is_option(const std::string& a) {
  return a.size() > 1 && a[0] == '-' && std::isdigit(static_cast<unsigned char>(a[1])) == 0;
}

/// The flag of "--flag=value", "-f", "-fvalue" without dashes; `value`: what is joined to it.
std::string split_flag(const std::string& argument, std::optional<std::string>& value) {
  if (argument[1] != '-') {
    if (argument.size() > 2) value = argument.substr(argument[2] == '=' ? 3 : 2);
    return argument.substr(1, 1);
  }
  const auto eq = argument.find('=');
  if (eq != std::string::npos) value = argument.substr(eq + 1);
  return argument.substr(2, eq == std::string::npos ? eq : eq - 2);
}

bool is_boolean_word(const std::string& text) {
  const Option any{.key = "", .flag = "", .aliases = {}, .type = Type::boolean};
  return is_value(any, text);
}

/// A flag that was given, with its values as they stand on the command line.
struct Given {
  const Option* option;
  std::string flag;  ///< with dashes
  Strings values;
};

class Reader {
 public:
  Reader(const Command& command, const Strings& arguments, const std::vector<Option>& options)
      : command_(command), arguments_(arguments), options_(options) {}

  /// False where the help is asked for.
  bool read() {
    for (; at_ < arguments_.size(); ++at_) {
      const std::string& a = arguments_[at_];
      if (a == "--help" || a == "-h") return false;
      if (a == "--") {
        rest.insert(rest.end(), arguments_.begin() + static_cast<std::ptrdiff_t>(at_) + 1,
                    arguments_.end());
        return true;
      }
      if (is_option(a))
        take_option(a);
      else
        rest.push_back(a);
    }
    return true;
  }

  /// Takes the last values of lists that have more than one, until `count` are left over.
  void give_back(std::size_t count) {
    for (auto it = given.rbegin(); it != given.rend() && rest.size() < count; ++it)
      while (rest.size() < count && is_list(*it->option) && it->values.size() > 1) {
        rest.push_back(it->values.back());
        it->values.pop_back();
      }
  }

  Strings rest;
  std::vector<Given> given;

 private:
  bool value_follows() const {
    return at_ + 1 < arguments_.size() && !is_option(arguments_[at_ + 1]);
  }

  void take_option(const std::string& argument) {
    std::optional<std::string> joined;
    const std::string flag = split_flag(argument, joined);
    const Option* o = option_of(options_, flag);
    if (o == nullptr) unknown(flag);
    Given g{o, dashed(flag), {}};
    if (joined) {
      g.values.push_back(*joined);
    } else if (o->type == Type::boolean) {
      // one that is on by default is only given to turn it off
      const bool has_value =
          value_follows() && (o->default_value == "true" || is_boolean_word(arguments_[at_ + 1]));
      g.values.push_back(has_value ? arguments_[++at_] : "true");
    } else if (!value_follows()) {
      throw Error("needs a value", g.flag, o->help);
    } else {
      do g.values.push_back(arguments_[++at_]);
      while (is_list(*o) && value_follows());
    }
    given.push_back(std::move(g));
  }

  [[noreturn]] void unknown(const std::string& flag) const {
    Strings names;
    for (const auto& o : options_)
      for (const auto& f : flags_of(o)) names.push_back(dashed(f));
    const std::string hint = did_you_mean(dashed(flag), names);
    const std::string name = std::string("kdex ") + command_.name;
    throw Error("unknown option '" + dashed(flag) + "'", name,
                hint.empty() ? "see " + name + " --help" : hint);
  }

  const Command& command_;
  const Strings& arguments_;
  const std::vector<Option>& options_;
  std::size_t at_ = 0;
};

/// The parts of one flag's values. An empty list is an error, for "none" would be read as "all".
Strings checked_parts(const Given& g) {
  Strings parts;
  for (const auto& value : g.values)
    for (const auto& part : parts_of(*g.option, value)) parts.push_back(part);
  const bool is_empty =
      std::all_of(parts.begin(), parts.end(), [](const std::string& p) { return p.empty(); });
  if (is_empty) throw Error(g.flag + " is empty", "", "leave it out, or give a value");
  check_value(*g.option, parts, g.flag);
  return parts;
}

/// "N", "PATH...", "h100|h200": what stands behind a flag.
std::string value_name(const Option& o) {
  if (o.type == Type::boolean) return o.default_value == "true" ? " [true|false]" : "";
  std::string name = "TEXT";
  if (!o.choices.empty()) {
    name.clear();
    for (const auto& c : o.choices) name += (name.empty() ? "" : "|") + c;
  } else if (o.type == Type::integer || o.type == Type::integers || o.type == Type::number) {
    name = "N";
  } else if (o.type == Type::path || o.type == Type::paths) {
    name = "PATH";
  }
  return " " + name + (is_list(o) ? "..." : "");
}

/// `text` in lines of at most `width`, each after the first indented.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += " ";
      ++column;
    }
    out += word;
    column += word.size();
    start = end + 1;
  }
  return out;
}

}  // namespace

std::optional<Arguments> read_arguments(const Command& command, const Strings& arguments,
                                        const std::vector<Option>& options,
                                        std::size_t positional) {
  Reader reader(command, arguments, options);
  if (!reader.read()) {
    std::printf("kdex %s %s\n\n%s.\n\noptions:\n%s\nExample:\n  %s\n", command.name,
                command.arguments, command.summary, options_help(options).c_str(), command.example);
    return std::nullopt;
  }
  reader.give_back(positional);
  Arguments out;
  out.rest = reader.rest;
  out.values = OptionValues(options);
  for (const auto& g : reader.given) {
    Strings& parts = out.parts_[g.option->key];
    if (!parts.empty() && !is_list(*g.option)) throw Error("is given twice", g.flag);
    for (const auto& part : checked_parts(g)) parts.push_back(part);
    std::string value;
    for (const auto& p : parts) value += (value.empty() ? "" : ",") + p;
    out.values.set(g.option->key, value);
  }
  return out;
}

std::string options_help(const std::vector<Option>& options) {
  constexpr std::size_t kIndent = 30, kWidth = 100;
  std::string out;
  auto add = [&](std::string left, const std::string& help) {
    if (left.size() + 2 > kIndent)
      left += "\n" + std::string(kIndent, ' ');
    else
      left.resize(kIndent, ' ');
    out += left + wrapped(help, kIndent, kWidth) + "\n";
  };
  for (const auto& o : options) {
    if (o.flag.empty()) continue;
    std::string left = " ";
    std::string also;
    for (const auto& a : o.aliases)
      if (a.size() == 1)
        left += " -" + a + ",";
      else
        also += " " + dashed(a);
    std::string help = o.help;
    if (!o.default_value.empty() && o.default_value != "false")
      help += " (default: " + o.default_value + ")";
    if (!also.empty()) help += "; also" + also;
    add(left + " --" + o.flag + value_name(o), help);
  }
  add("  -h, --help", "print this text");
  return out;
}

}  // namespace kdex::cli
