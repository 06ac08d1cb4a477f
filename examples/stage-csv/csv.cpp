// A stage that writes a dataset's definitions as a CSV table: one definition a row, every axis a
// column. Example of docs/writing-a-stage.md.
#include <set>
#include <string>
#include <vector>

#include <kdex/error.h>
#include <kdex/stage.h>

namespace {

using Row = std::vector<std::string>;

/// A cell as RFC 4180 has it: quoted where it holds the separator, a quote or a line break.
std::string cell(const std::string& text, char separator) {
  if (text.find_first_of(std::string("\"\r\n") + separator) == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string line(const Row& row, char separator) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i)
    out += (i == 0 ? "" : std::string(1, separator)) + cell(row[i], separator);
  return out + "\n";
}

std::string joined(const std::set<std::string>& parts) {
  std::string out;
  for (const auto& p : parts) out += (out.empty() ? "" : " ") + p;
  return out;
}

// [models]
/// The checkpoints that have it: of this run, and those that earlier runs left as tags.
std::string models_of(const kdex::StageDefinition& d, const kdex::StageContext& run) {
  std::set<std::string> names;
  for (auto i : d.models) names.insert(run.models[i].checkpoint.name);
  for (const auto& tag : d.definition.tags)
    if (names.empty() && tag.starts_with("model:")) names.insert(tag.substr(6));
  return joined(names);
}
// [models]

// [origins]
/// The config fields and deployment settings that an origin leads back to.
void add_fields(const std::vector<kdex::Origin>& origins, kdex::OriginId id,
                std::set<std::string>& fields) {
  const kdex::Origin& o = origins[id];
  if (o.kind == kdex::Origin::Kind::config_field || o.kind == kdex::Origin::Kind::deployment)
    fields.insert(o.text);
  for (auto input : o.inputs) add_fields(origins, input, fields);
}
// [origins]

// [stage]
class CsvStage : public kdex::Stage {
 public:
  kdex::StageInfo info() const override {
    return {.name = "csv",
            .version = "0.1.0",
            .summary = "write the definitions as a CSV table, every axis a column",
            .needs = {"definitions/"},
            .writes = {"csv/"},
            .options = {
                {.key = "file",
                 .type = kdex::Option::Type::text,
                 .default_value = "definitions.csv",
                 .help = "the name of the file in csv/"},
                {.key = "separator",
                 .type = kdex::Option::Type::choice,
                 .default_value = "comma",
                 .help = "what parts the cells",
                 .choices = {"comma", "semicolon", "tab"}},
                {.key = "origins",
                 .type = kdex::Option::Type::boolean,
                 .default_value = "false",
                 .help = "a second column for each axis: the config fields that it comes from"},
            }};
  }

  void check(const kdex::OptionValues& options) const override {
    const std::string& file = options.text("file");
    if (file.find('/') != std::string::npos || !file.ends_with(".csv"))
      throw kdex::Error("must be the name of a .csv file, not '" + file + "'", "file");
  }

  kdex::StageResult run(const kdex::StageContext& context) const override {
    kdex::StageResult result;
    if (context.definitions.empty()) result.errors.push_back("there are no definitions");
    result.files = {{"csv/" + context.options.text("file"), table(context)}};
    result.text = std::to_string(context.definitions.size()) + " definitions written to " +
                  context.dataset + "/" + result.files[0].path + "\n";
    return result;
  }
  // [stage]

 private:
  static char separator_of(const kdex::OptionValues& options) {
    const std::string& name = options.text("separator");
    return name == "tab" ? '\t' : name == "semicolon" ? ';' : ',';
  }

  static std::string table(const kdex::StageContext& context) {
    const char separator = separator_of(context.options);
    const bool with_origins = context.options.boolean("origins");
    std::set<std::string> axes;
    for (const auto& d : context.definitions)
      for (const auto& a : d.definition.axes) axes.insert(a.name);
    Row head = {"op_type", "name", "models"};
    for (const auto& name : axes) {
      head.push_back(name);
      if (with_origins) head.push_back(name + " from");
    }
    std::string out = line(head, separator);
    for (const auto& d : context.definitions) {
      Row row = {d.definition.op_type, d.definition.name, models_of(d, context)};
      for (const auto& name : axes) add_axis(d, name, with_origins, row);
      out += line(row, separator);
    }
    return out;
  }

  /// The cell of one axis: its value, "var", or nothing where the definition does not have it.
  static void add_axis(const kdex::StageDefinition& d, const std::string& name, bool with_origins,
                       Row& row) {
    std::string value, from;
    for (const auto& a : d.definition.axes) {
      if (a.name != name) continue;
      value = a.value ? std::to_string(*a.value) : "var";
      std::set<std::string> fields;
      add_fields(d.origins, a.origin, fields);
      from = joined(fields);
    }
    row.push_back(value);
    if (with_origins) row.push_back(from);
  }
};

}  // namespace

// [export]
KDEX_STAGE(CsvStage)
// [export]
