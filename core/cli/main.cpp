// The program: finds the command, turns errors into one line and an exit status.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/version.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

#include <kdex/abi.h>
#include <kdex/error.h>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/engine/engine.h"
#include "core/paths.h"

#ifndef KDEX_VERSION
#define KDEX_VERSION "0.1.0"
#endif

namespace {

volatile std::sig_atomic_t pipe_is_broken = 0;

void print_help() {
  std::printf(
      "kdex %s: kernel definitions from an LLM serving engine's sources\n\nusage: kdex COMMAND "
      "[options]\n\n",
      KDEX_VERSION);
  for (const auto& c : kdex::cli::commands()) std::printf("  %-11s %s\n", c.name, c.summary);
  std::printf(
      "\n`kdex COMMAND --help` gives the options and an example.\nExit status: 0 done, 1 done with "
      "errors that the report lists, 2 bad input.\n");
}

/// With the SDK that plugins must be built against, and the libraries of this build.
void print_version() {
  std::string boost = BOOST_LIB_VERSION;
  std::replace(boost.begin(), boost.end(), '_', '.');
  std::printf("kdex %s\n%s\nBoost %s, nlohmann_json %d.%d.%d, yaml-cpp %s; compiled by %s %s\n",
              KDEX_VERSION, kdex::abi::string(), boost.c_str(), NLOHMANN_JSON_VERSION_MAJOR,
              NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, KDEX_YAML_CPP_VERSION,
#ifdef __clang__
              "Clang",
#else
              "GCC",
#endif
              __VERSION__);
}

void complain(std::string_view what) {
  const std::string line = kdex::printable(what);
  std::fprintf(
      stderr, "%s%s\n",
      line.starts_with("kdex ") || line.starts_with("kdex:") ? "" : "kdex: ", line.c_str());
}

/// What the system does to a process by signal or behind its back becomes an error that is told.
void prepare_process() {
  // Without the three standard streams a file would get one of their numbers, and the messages with
  // it.
  for (int fd = 0; fd < 3; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
  ::signal(SIGXFSZ, SIG_IGN);  // a file over the size limit: the write fails
  // A reader that went away: the write fails, and nobody is left to be told.
  ::signal(SIGPIPE, [](int) { pipe_is_broken = 1; });
  // The standard library ends the process where memory is short inside of a function that may not
  // throw.
  std::set_terminate([] {
    static const char text[] =
        "kdex: out of memory, or an internal error; free memory, raise the limits, or give fewer "
        "--jobs\n";
    (void)!::write(2, text, sizeof text - 1);
    ::_exit(kdex::cli::bad_input);
  });
}

/// KDEX_HOME must name a prefix; without its data nothing works, and every message would be of
/// something else.
void check_home() {
  const char* home = std::getenv("KDEX_HOME");
  std::error_code error;
  if (home != nullptr && *home != '\0' &&
      !std::filesystem::is_directory(std::filesystem::path(home) / "share" / "kdex", error))
    throw kdex::Error("KDEX_HOME is not a prefix of kdex: it has no share/kdex", home,
                      "unset it, or give the folder that kdex was installed to");
}

/// A third party's engine that cannot be used is named before anything else is said.
void report_refused_engines() {
  const char* more = std::getenv("KDEX_ENGINES");
  if (more == nullptr || *more == '\0') return;
  for (const auto& r : kdex::engine::known_engines().refused)
    complain("engine refused: " + r.reason);
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" ||
      arguments[0] == "help") {
    if (arguments.size() > 1) return kdex::cli::command(arguments[1]).run({"--help"});
    print_help();
    return arguments.empty() ? kdex::cli::bad_input : kdex::cli::done;
  }
  if (arguments[0] == "--version") {
    print_version();
    return kdex::cli::done;
  }
  const auto& command = kdex::cli::command(arguments[0]);
  check_home();
  report_refused_engines();
  return command.run({arguments.begin() + 1, arguments.end()});
}

}  // namespace

int main(int count, char** values) {
  int status = kdex::cli::bad_input;
  prepare_process();
  try {
    status = dispatch(std::vector<std::string>(values + 1, values + count));
  } catch (const kdex::Error& e) {
    complain(e.what());
  } catch (const std::bad_alloc&) {
    complain("out of memory; free some, raise the limits, or give fewer --jobs");
  } catch (const std::filesystem::filesystem_error& e) {
    complain(kdex::Error(e.code().message(), e.path1().string()).what());
  } catch (const std::exception& e) {
    complain(std::string("internal error: ") + e.what() + "; please report this");
  } catch (...) {
    complain("internal error: unknown exception type; please report this");
  }
  kdex::remove_temporary_folder();
  errno = 0;
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && status == kdex::cli::done) {
    if (errno != EPIPE && pipe_is_broken == 0)
      complain(std::string("cannot write to standard output: ") +
               (errno != 0 ? std::strerror(errno) : "an earlier write failed"));
    status = kdex::cli::done_with_errors;
  }
  return status;
}
