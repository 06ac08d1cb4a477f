// kdex validate: a dataset held against FlashInfer-Bench's rules, with what its validator warns of.
#include "core/dataset/validate.h"

#include <cstdio>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cli/arguments.h"

namespace kdex::cli {

int validate_command(const std::vector<std::string>& arguments) {
  const Command& self = command("validate");
  const auto a = read_arguments(self, arguments, {}, 1);
  if (!a) return done;
  if (a->rest.size() != 1)
    throw Error("expected one dataset folder", "kdex validate",
                std::string("for example: ") + self.example);
  Validation r = validate_dataset(a->rest[0]);
  for (const auto& e : r.errors) std::printf("%s\n", printable(e).c_str());
  for (const auto& w : warning_lines(r.warnings)) std::printf("%s\n", printable(w).c_str());
  std::printf(
      "%d definitions, %d solutions, %d workload lines, %d trace lines: %zu errors, %zu warnings\n",
      r.definitions, r.solutions, r.workloads, r.traces, r.errors.size(), r.warnings.size());
  return r.errors.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
