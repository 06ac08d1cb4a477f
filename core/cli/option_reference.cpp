// kdex options: every option of pipeline files and of kdex's own stages, from the tables that
// declare them. docs/pipeline.md holds what --markdown prints.
#include <algorithm>
#include <cstdio>

#include "core/base/options.h"
#include "core/base/text.h"
#include "core/cli/options.h"
#include "core/pipeline/stage.h"

namespace kdex::cli {
namespace {

using Type = Option::Type;
using Strings = std::vector<std::string>;

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

Strings codes(Strings words) {
  for (auto& w : words) w = code(w);
  return words;
}

/// What is written for the option in a pipeline file.
std::string value_text(const Option& o) {
  if (!o.choices.empty()) return (is_list(o) ? "a list of " : "") + alternatives(codes(o.choices));
  switch (o.type) {
    case Type::boolean:
      return "`true` or `false`";
    case Type::integer:
      return "an integer";
    case Type::integers:
      return "a list of integers";
    case Type::number:
      return "a number";
    case Type::texts:
      return "a list of texts";
    case Type::path:
      return "a path";
    case Type::paths:
      return "a list of paths";
    case Type::text:
    case Type::choice:
      break;
  }
  return "a text";
}

std::string default_text(const Option& o) {
  if (o.default_value.empty()) return "";
  return code(is_list(o) ? "[" + joined(parts_of(o, o.default_value)) + "]" : o.default_value);
}

/// The flags as they are written on the command line.
Strings written_flags(const Option& o) {
  Strings out;
  if (o.flag.empty()) return out;
  out.push_back("--" + o.flag);
  for (const auto& a : o.aliases) out.push_back((a.size() == 1 ? "-" : "--") + a);
  return out;
}

/// A cell of a table may hold no '|'.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return text;
}

std::string row(const Strings& cells) {
  std::string out = "|";
  for (const auto& c : cells) out += (c.empty() ? "" : " " + cell(c)) + " |";
  return out + "\n";
}

std::string markdown() {
  std::string out =
      "| key | command line | value | default | what it is | read by |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const auto& p : pipeline_options()) {
    const Option& o = p.option;
    out += row({code(o.key), joined(codes(written_flags(o))),
                p.written[0] != '\0' ? p.written : value_text(o), default_text(o), o.help, p.of});
  }
  return out;
}

/// Stages with their options; those that have the same ones stand together.
std::vector<std::pair<Strings, std::vector<Option>>> stages_by_options() {
  std::vector<std::pair<Strings, std::vector<Option>>> out;
  const auto is_same = [](const Option& a, const Option& b) {
    return a.key == b.key && a.help == b.help;
  };
  for (const auto& s : own_stages()) {
    const auto& o = s.info.options;
    if (!out.empty() &&
        std::equal(o.begin(), o.end(), out.back().second.begin(), out.back().second.end(), is_same))
      out.back().first.push_back(s.info.name);
    else
      out.push_back({{s.info.name}, o});
  }
  return out;
}

std::string stages_markdown() {
  std::string out = "| stage | does | needs | writes |\n| --- | --- | --- | --- |\n";
  const auto words = [](Strings list) {
    for (auto& w : list)
      if (w.find_first_of("/.") != std::string::npos) w = code(w);
    return joined(list);
  };
  for (const auto& s : own_stages())
    out += row({code(s.info.name), s.info.summary, words(s.info.needs), words(s.info.writes)});
  out += "\n| stage | option | value | default | what it is |\n| --- | --- | --- | --- | --- |\n";
  for (const auto& [names, options] : stages_by_options())
    for (const auto& o : options)
      out += row({joined(codes(names)), code(o.key), value_text(o), default_text(o), o.help});
  return out;
}

std::string text(const std::string& title, const std::vector<Option>& options) {
  std::string out = title + "\n";
  for (const auto& o : options) {
    out += "  " + o.key;
    if (const Strings flags = written_flags(o); !flags.empty()) out += " (" + joined(flags) + ")";
    out += ": " + o.help;
    if (!o.default_value.empty()) out += " (default: " + o.default_value + ")";
    out += "\n";
  }
  return out;
}

}  // namespace

int options_command(const Strings& arguments) {
  const Command& self = command("options");
  const auto a = read_arguments(self, arguments,
                                {{.key = "markdown",
                                  .flag = "markdown",
                                  .type = Type::choice,
                                  .help = "print a table of docs/pipeline.md",
                                  .choices = {"options", "stages"}}});
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  const std::string table = a->values.text("markdown");
  if (table == "options") std::fputs(markdown().c_str(), stdout);
  if (table == "stages") std::fputs(stages_markdown().c_str(), stdout);
  if (!table.empty()) return done;
  std::vector<Option> all;
  for (const auto& p : pipeline_options()) all.push_back(p.option);
  std::fputs(text("pipeline files and commands:", all).c_str(), stdout);
  for (const auto& s : own_stages())
    if (!s.info.options.empty())
      std::fputs(("\n" + text("stage " + s.info.name + ":", s.info.options)).c_str(), stdout);
  return done;
}

}  // namespace kdex::cli
