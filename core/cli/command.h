// One command of the program: its name, what it does, its options, an example. Holds no logic of
// its own.
#pragma once

#include <string>
#include <vector>

namespace kdex::cli {

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
/// One of them. Throws kdex::Error with the closest name for an unknown one.
const Command& command(const std::string& name);

int run_command(const std::vector<std::string>&);
int extract_command(const std::vector<std::string>&);
int modules_command(const std::vector<std::string>&);
int calls_command(const std::vector<std::string>&);
int explain_command(const std::vector<std::string>&);
int list_command(const std::vector<std::string>&);
int diff_command(const std::vector<std::string>&);
int merge_command(const std::vector<std::string>&);
int export_command(const std::vector<std::string>&);
int tests_command(const std::vector<std::string>&);
int check_command(const std::vector<std::string>&);
int doctor_command(const std::vector<std::string>&);
int completion_command(const std::vector<std::string>&);
int models_command(const std::vector<std::string>&);
int plugins_command(const std::vector<std::string>&);
int validate_command(const std::vector<std::string>&);
int kernels_command(const std::vector<std::string>&);
int workloads_command(const std::vector<std::string>&);
int stage_command(const std::vector<std::string>&);
int options_command(const std::vector<std::string>&);
int eval_command(const std::vector<std::string>&);
int new_family_command(const std::vector<std::string>&);
int new_stage_command(const std::vector<std::string>&);

}  // namespace kdex::cli
