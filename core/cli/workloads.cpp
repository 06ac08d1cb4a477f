// kdex workloads: valid random inputs of a dataset's definitions.
#include <cstdio>
#include <filesystem>

#include <kdex/error.h>

#include "core/cli/options.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/kernels.h"

namespace kdex::cli {

int workloads_command(const std::vector<std::string>& arguments) {
  using Strings = std::vector<std::string>;
  po::options_description o("options");
  o.add_options()("definitions", po::value<Strings>()->composing()->multitoken(),
                  "only these definitions or op types")(
      "seed", po::value<std::string>()->default_value("0"),
      "another seed gives other workloads beside those there");
  po::variables_map v;
  Strings rest;
  const Command& self = command("workloads");
  if (parse(self, arguments, o, v, rest)) return done;
  if (rest.size() != 1)
    throw Error("one dataset folder is needed", "kdex workloads",
                std::string("for example: ") + self.example);
  const std::string dataset = dataset_of(expand_home(rest[0]));
  std::error_code error;
  if (!std::filesystem::is_directory(dataset, error))
    throw Error("there is no such folder", dataset, "give the folder that holds definitions/");
  const auto seed =
      static_cast<std::uint64_t>(whole_number(v["seed"].as<std::string>(), "--seed", 0, INT64_MAX));
  WorkloadsReport r = write_workloads(
      dataset, v.count("definitions") ? split(v["definitions"].as<Strings>()) : Strings{}, seed);
  std::printf("%d workloads of %d definitions, %d of them new\n", r.workloads, r.definitions,
              r.added);
  for (const auto& e : r.skipped) std::fprintf(stderr, "kdex: %s\n", e.c_str());
  return r.skipped.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
