// The list of commands, and the parsing that they share.
#include "core/cli/command.h"

#include <charconv>
#include <cstdio>
#include <sstream>

#include <kdex/error.h>

#include "core/base/closest.h"

namespace kdex::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> list = {
      {"run", "PIPELINE.yaml [options]", "run a whole pipeline file",
       "kdex run pipelines/quickstart.yaml --families mla,gqa --jobs 4", run_command},
      {"extract", "--source DIR... --checkpoint DIR|FILE|HF-id --out DIR [options]",
       "extract one checkpoint's definitions",
       "kdex extract --source ~/site-packages --checkpoint meta-llama/Llama-3.1-8B --tp 8 "
       "--page-size 1 64 --out dataset",
       extract_command},
      {"modules", "--source DIR... --checkpoint DIR|FILE|HF-id [options]",
       "print the module tree that the engine builds",
       "kdex modules --checkpoint Qwen/Qwen3-30B-A3B --tp 8 --format json", modules_command},
      {"explain", "NAME... [--dataset DIR]",
       "trace each axis of a definition back to source lines and config fields",
       "kdex explain gemm_n6144_k4096 --dataset dataset", explain_command},
      {"models", "[NAME] [--source DIR...]",
       "list the architectures of the source tree, or find one", "kdex models deepseek_v3",
       models_command},
      {"plugins", "[--plugins-path DIR...]",
       "list the kernel families found, and why one was refused", "kdex plugins", plugins_command},
      {"validate", "DATASET", "check every JSON file of a dataset against FlashInfer-Bench's rules",
       "kdex validate dataset", validate_command},
      {"kernels", "list|plan|build|verify|bench DATASET [options]",
       "compile the CUDA kernels of a dataset's definitions; check and time them on a GPU",
       "kdex kernels build dataset --arch sm_90a --jobs 4", kernels_command},
      {"workloads", "DATASET [options]", "write valid random inputs for a dataset's definitions",
       "kdex workloads dataset --definitions gqa_paged", workloads_command},
      {"eval", "FILE.py", "run a Python file in the abstract machine",
       "kdex eval tests/python/test_enum.py", eval_command},
      {"new-family", "NAME [--out DIR]", "write a kernel family that builds and is loaded",
       "kdex new-family rope --out rope", new_family_command},
  };
  return list;
}

const Command& command(const std::string& name) {
  for (const auto& c : commands())
    if (name == c.name) return c;
  std::vector<std::string> names;
  for (const auto& c : commands()) names.emplace_back(c.name);
  std::string hint = did_you_mean(name, names);
  throw Error("unknown command '" + name + "'", "kdex",
              hint.empty() ? "`kdex --help` lists them" : hint);
}

bool parse(const Command& command, const std::vector<std::string>& arguments,
           po::options_description options, po::variables_map& values,
           std::vector<std::string>& rest) {
  options.add_options()("help,h", "print this text");
  po::options_description all;
  all.add(options).add_options()("positional", po::value<std::vector<std::string>>(&rest));
  po::positional_options_description positional;
  positional.add("positional", -1);
  try {
    using namespace po::command_line_style;
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .positional(positional)
                  .style(unix_style & ~allow_guessing)
                  .run(),
              values);
    if (values.count("help") != 0) {
      std::ostringstream text;
      text << options;
      std::printf("kdex %s %s\n\n%s.\n\n%s\nExample:\n  %s\n", command.name, command.arguments,
                  command.summary, text.str().c_str(), command.example);
      return true;
    }
    po::notify(values);
  } catch (const po::unknown_option& e) {
    std::vector<std::string> names;
    for (const auto& o : options.options()) names.push_back("--" + o->long_name());
    std::string hint = did_you_mean(e.get_option_name(), names);
    throw Error("unknown option '" + e.get_option_name() + "'", std::string("kdex ") + command.name,
                hint.empty() ? std::string("see kdex ") + command.name + " --help" : hint);
  } catch (const po::error& e) {
    throw Error(e.what(), std::string("kdex ") + command.name,
                std::string("see kdex ") + command.name + " --help");
  }
  return false;
}

std::int64_t whole_number(const std::string& text, const std::string& option, std::int64_t least,
                          std::int64_t most) {
  std::int64_t n = 0;
  const char* end = text.data() + text.size();
  auto [stop, fault] = std::from_chars(text.data(), end, n);
  if (fault != std::errc() || stop != end || n < least || n > most)
    throw Error("must be an integer from " + std::to_string(least) + " to " + std::to_string(most) +
                    ", not '" + text + "'",
                option);
  return n;
}

}  // namespace kdex::cli
