// The program: finds the command, turns errors into one line and an exit status.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <unistd.h>

#include "core/cli/command.h"
#include "core/error.h"

#ifndef KDEX_VERSION
#define KDEX_VERSION "0.1.0"
#endif

namespace {

void print_help() {
  std::printf("kdex %s: kernel definitions from an LLM serving engine's sources\n\nusage: kdex COMMAND [options]\n\n", KDEX_VERSION);
  for (const auto& c : kdex::cli::commands()) std::printf("  %-11s %s\n", c.name, c.summary);
  std::printf("\n`kdex COMMAND --help` gives the options and an example.\nExit status: 0 done, 1 done with errors that the report lists, 2 bad input.\n");
}

std::string one_line(std::string s) {
  for (char& c : s)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return s;
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    if (arguments.size() > 1) return kdex::cli::command(arguments[1]).run({"--help"});
    print_help();
    return arguments.empty() ? kdex::cli::bad_input : kdex::cli::done;
  }
  if (arguments[0] == "--version") {
    std::printf("kdex %s\n", KDEX_VERSION);
    return kdex::cli::done;
  }
  return kdex::cli::command(arguments[0]).run({arguments.begin() + 1, arguments.end()});
}

}  // namespace

int main(int count, char** values) {
  int status = kdex::cli::bad_input;
  try {
    status = dispatch(std::vector<std::string>(values + 1, values + count));
  } catch (const kdex::Error& e) {
    std::fprintf(stderr, "kdex: %s\n", one_line(e.what()).c_str());
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "kdex: out of memory\n");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "kdex: %s\n", one_line(e.what()).c_str());
  }
  std::error_code error;
  std::filesystem::remove_all(std::filesystem::temp_directory_path(error) / ("kdex-" + std::to_string(::getpid())), error);
  if (std::fflush(stdout) != 0 && status == kdex::cli::done) status = kdex::cli::done_with_errors;
  return status;
}
