// kdex eval: one Python file in the abstract machine.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <kdex/error.h>

#include "core/cli/command.h"
#include "core/model/extract.h"
#include "core/pipeline/run.h"

namespace kdex::cli {

int eval_command(const std::vector<std::string>& arguments) {
  po::options_description o("options");
  o.add_options()("seconds", po::value<std::string>()->default_value("120"),
                  "the longest that it may run");
  po::variables_map v;
  std::vector<std::string> rest;
  const Command& self = command("eval");
  if (parse(self, arguments, o, v, rest)) return done;
  if (rest.size() != 1)
    throw Error("one Python file is needed", "kdex eval",
                std::string("for example: ") + self.example);
  std::error_code error;
  if (!std::filesystem::is_regular_file(rest[0], error))
    throw Error("is no file", rest[0], "give a Python file");
  Limits limits;
  const std::string& seconds = v["seconds"].as<std::string>();
  char* end = nullptr;
  limits.seconds = std::strtod(seconds.c_str(), &end);
  if (end == seconds.c_str() || *end != '\0' || !(limits.seconds > 0 && limits.seconds < 1e6))
    throw Error("must be a number over 0 and under 1000000, not '" + seconds + "'", "--seconds");
  int status = done;
  std::string out, err;
  on_threads(1, 1, [&](std::size_t) { status = eval_file(rest[0], out, err, limits); });
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
  std::fwrite(err.data(), 1, err.size(), stderr);
  return status;
}

}  // namespace kdex::cli
