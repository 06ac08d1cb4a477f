// kdex validate: a dataset held against FlashInfer-Bench's rules.
#include "core/dataset/validate.h"

#include <cstdio>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cli/command.h"

namespace kdex::cli {

int validate_command(const std::vector<std::string>& arguments) {
  po::options_description o("options");
  po::variables_map v;
  std::vector<std::string> rest;
  const Command& self = command("validate");
  if (parse(self, arguments, o, v, rest)) return done;
  if (rest.size() != 1)
    throw Error("one dataset folder is needed", "kdex validate",
                std::string("for example: ") + self.example);
  Validation r = validate_dataset(rest[0]);
  for (const auto& e : r.errors) std::printf("%s\n", printable(e).c_str());
  std::printf("%d definitions, %d solutions, %d workload lines, %d trace lines: %zu errors\n",
              r.definitions, r.solutions, r.workloads, r.traces, r.errors.size());
  return r.errors.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
