// exporters/shared/table_stage.h.
#include "exporters/shared/table_stage.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>

#include <kdex/error.h>

namespace kdex::exporters {
namespace {

/// Letters and digits, small.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)))
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Of "owner/Name-8B": "name8b".
std::string last_part(const std::string& name) {
  const auto slash = name.rfind('/');
  return plain(slash == std::string::npos ? name : name.substr(slash + 1));
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : between) + w;
  return out;
}

}  // namespace

StageInfo TableStage::info() const {
  StageInfo out{.name = "export-" + form(),
                .version = "0.1.0",
                .summary = summary(),
                .needs = {"definitions/"},
                .writes = {"exports/"}};
  out.options = own_options();
  if (!reads()) return out;
  out.options.push_back({.key = "table",
                         .type = Option::Type::path,
                         .help = "hold this table against the kernels, and write nothing"});
  out.options.push_back({.key = "part",
                         .type = Option::Type::text,
                         .help = "the table's name of the model, where it has several"});
  out.options.push_back({.key = "format",
                         .type = Option::Type::choice,
                         .default_value = "text",
                         .help = "of what is said of a table",
                         .choices = {"text", "json"}});
  return out;
}

void TableStage::check(const OptionValues& options) const {
  check_own(options);
  if (!reads() || options.text("table").empty()) return;
  StageContext before;  // a table that cannot be read is told before anything runs
  before.options = options;
  (void)read(options.text("table"), before);
}

StageResult TableStage::run(const StageContext& context) const {
  std::size_t others = 0;
  const std::vector<Kernel> kernels = kernels_of(context, &others);
  if (reads() && !context.options.text("table").empty()) return check_table(context, kernels);
  StageResult result;
  if (context.definitions.empty()) {
    result.errors.push_back("there are no definitions");
    return result;
  }
  if (kernels.empty())
    result.notes.push_back(
        "no definition says which checkpoint has it; a run of kdex leaves that in the dataset");
  write(context, kernels, result);
  for (const auto& file : result.files) result.text += context.dataset + "/" + file.path + "\n";
  return result;
}

StageResult TableStage::check_table(const StageContext& context,
                                    const std::vector<Kernel>& kernels) const {
  StageResult result;
  const Table table = read(context.options.text("table"), context);
  std::vector<Kernel> taken;
  for (const auto& k : kernels)
    if (!of_whole_model() || k.tp == 1) taken.push_back(k);
  if (taken.empty()) {
    result.errors.push_back(of_whole_model() && !kernels.empty()
                                ? "the table has sizes of tp 1, and no deployment is of tp 1"
                                : "no kernel is run");
    return result;
  }
  const Comparison c = compare(table.rows, rows(taken, context));
  const std::string name =
      context.options.text("table") + (table.name.empty() ? "" : " \"" + table.name + "\"");
  result.text = context.options.text("format") == "json" ? comparison_json(c, name)
                                                         : comparison_text(c, name);
  return result;
}

Table TableStage::read(const std::string& path, const StageContext&) const {
  throw Error("tables of this form are not read", path);
}

std::vector<Row> TableStage::rows(const std::vector<Kernel>&, const StageContext&) const {
  return {};
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.eof() && file.fail()) throw Error("cannot be read", path);
  return text;
}

std::string part_for(const std::vector<std::string>& keys, const std::string& asked,
                     const std::string& checkpoint) {
  if (asked.empty() && checkpoint.empty() && !keys.empty()) return keys.front();
  std::vector<std::string> fitting;
  const std::string wanted = last_part(asked.empty() ? checkpoint : asked);
  for (const auto& key : keys) {
    if (key == asked || key == checkpoint) return key;
    const std::string k = last_part(key);
    if (!k.empty() && (wanted.starts_with(k) || k.starts_with(wanted))) fitting.push_back(key);
  }
  if (fitting.size() == 1) return fitting[0];
  throw Error(
      (fitting.empty() ? "no model of the table is '" : "several models of the table fit '") +
          (asked.empty() ? checkpoint : asked) + "'",
      "part", "name one of: " + joined(fitting.empty() ? keys : fitting, ", "));
}

std::string left_out(const std::vector<Kernel>& kernels, const std::string& why) {
  std::map<std::string, int> counts;
  for (const auto& k : kernels) ++counts[k.definition->definition.op_type + " of " + k.values];
  std::string list;
  for (const auto& [what, n] : counts)
    list += (list.empty() ? "" : ", ") + std::to_string(n) + " " + what;
  return "left out, " + why + ": " + list;
}

Row product_row(const Kernel& kernel) {
  return {.kind = kernel.kind,
          .sizes = kernel.sizes,
          .layers = {layer_of(kernel)},
          .launched = kernel.launched};
}

}  // namespace kdex::exporters
