// kdex list: the definitions of a dataset as a table, those that fulfil a condition.
#include <cstdio>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cli/options.h"
#include "core/dataset/listing.h"
#include "core/definition/json.h"

namespace kdex::cli {

int list_command(const std::vector<std::string>& arguments) {
  const Command& self = command("list");
  const auto a = read_arguments(
      self, arguments,
      {{.key = "where",
        .flag = "where",
        .help = "a condition: columns (name, op_type, file, dtypes, tags, models, deployments, "
                "model_count, deployment_count, every axis) compared by = != < <= > >= ~ (a "
                "pattern) and in (...), with + - * / %, and, or, not, parentheses"},
       {.key = "format",
        .flag = "format",
        .type = Option::Type::choice,
        .default_value = "table",
        .help = "table: for people; csv: every column; json",
        .choices = {"table", "json", "csv"}}},
      1);
  if (!a) return done;
  Listing listing = list_dataset(existing_dataset(self, a->rest));
  if (a->has("where")) keep_rows(listing, a->values.text("where"));
  const std::string format = a->values.text("format");
  const std::string text = format == "json"  ? dump_json(listing_json(listing))
                           : format == "csv" ? listing_csv(listing)
                                             : listing_table(listing);
  std::fputs(text.c_str(), stdout);
  for (const auto& line : listing.unreadable)
    std::fprintf(stderr, "kdex: not read: %s\n", printable(line).c_str());
  return listing.unreadable.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
