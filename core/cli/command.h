// One command of the program: its name, what it does, its options, an example. Holds no logic of
// its own.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace kdex::cli {

namespace po = boost::program_options;

/// Exit statuses of every command.
inline constexpr int done = 0, done_with_errors = 1, bad_input = 2;

struct Command {
  const char* name;
  const char* arguments;  // "PIPELINE.yaml [options]"
  const char* summary;    // one line
  const char* example;
  int (*run)(const std::vector<std::string>& arguments);
};

/// All commands, in the order of the help text.
const std::vector<Command>& commands();
const Command& command(const std::string& name);

/// Parses `arguments`; positional ones go to `rest`. Prints the help and returns true where --help
/// was given. Throws kdex::Error for an unknown option, with the closest one.
bool parse(const Command& command, const std::vector<std::string>& arguments,
           po::options_description options, po::variables_map& values,
           std::vector<std::string>& rest);

/// The number that an option's text writes. Throws kdex::Error where it is none, or not from
/// `least` to `most`.
std::int64_t whole_number(const std::string& text, const std::string& option, std::int64_t least,
                          std::int64_t most);

int run_command(const std::vector<std::string>&);
int extract_command(const std::vector<std::string>&);
int modules_command(const std::vector<std::string>&);
int explain_command(const std::vector<std::string>&);
int models_command(const std::vector<std::string>&);
int plugins_command(const std::vector<std::string>&);
int validate_command(const std::vector<std::string>&);
int kernels_command(const std::vector<std::string>&);
int workloads_command(const std::vector<std::string>&);
int eval_command(const std::vector<std::string>&);
int new_family_command(const std::vector<std::string>&);

}  // namespace kdex::cli
