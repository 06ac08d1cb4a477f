// kdex validate: a dataset or one definition held against FlashInfer-Bench's rules, with what its
// validator warns of.
#include "core/dataset/validate.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cli/arguments.h"
#include "core/definition/json.h"

namespace kdex::cli {
namespace {

using Json = nlohmann::ordered_json;

/// {"definitions", "solutions", "workloads", "traces": numbers, "errors": [text], "warnings":
/// [{"definition", "check", "message"}]}
Json as_json(const Validation& r) {
  Json errors = Json::array(), warnings = Json::array();
  for (const auto& e : r.errors) errors.push_back(printable(e));
  for (const auto& w : r.warnings)
    warnings.push_back(
        {{"definition", w.definition}, {"check", w.check}, {"message", printable(w.message)}});
  return {{"definitions", r.definitions}, {"solutions", r.solutions}, {"workloads", r.workloads},
          {"traces", r.traces},           {"errors", errors},         {"warnings", warnings}};
}

}  // namespace

int validate_command(const std::vector<std::string>& arguments) {
  const Command& self = command("validate");
  const auto a = read_arguments(self, arguments,
                                {{.key = "format",
                                  .flag = "format",
                                  .type = Option::Type::choice,
                                  .default_value = "text",
                                  .help = "text: for people; json",
                                  .choices = {"text", "json"}}},
                                1);
  if (!a) return done;
  if (a->rest.size() != 1)
    throw Error("expected one dataset folder or file of a definition", "kdex validate",
                std::string("for example: ") + self.example);
  const std::string& what = a->rest[0];
  std::error_code error;
  const Validation r = std::filesystem::is_regular_file(what, error) ? validate_definition(what)
                                                                     : validate_dataset(what);
  if (a->values.text("format") == "json") {
    std::fputs(dump_json(as_json(r)).c_str(), stdout);
    return r.errors.empty() ? done : done_with_errors;
  }
  for (const auto& e : r.errors) std::printf("%s\n", printable(e).c_str());
  for (const auto& w : warning_lines(r.warnings)) std::printf("%s\n", printable(w).c_str());
  std::printf(
      "%d definitions, %d solutions, %d workload lines, %d trace lines: %zu errors, %zu warnings\n",
      r.definitions, r.solutions, r.workloads, r.traces, r.errors.size(), r.warnings.size());
  return r.errors.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
