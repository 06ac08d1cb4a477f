// Loading of family libraries through Boost.DLL, with a trial in a child process.
#include "core/plugin/loader.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/import.hpp>
#include <boost/dll/shared_library.hpp>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/paths.h"

namespace kdex {
namespace {

namespace dll = boost::dll;
namespace fs = std::filesystem;

std::string one_line(std::string s) {
  for (char& c : s)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return s;
}

/// Fit for a file's name.
bool is_plain(const std::string& n) {
  return !n.empty() && std::all_of(n.begin(), n.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

struct Opened {
  std::shared_ptr<Family> family;
  FamilyInfo info;
};

/// Keeps a library open to the end of the process: values whose code it holds (plans, exceptions)
/// may outlive its family.
void keep_open(const dll::shared_library& library) {
  static auto* all = new std::vector<dll::shared_library>;  // never destroyed
  all->push_back(library);
}

/// Opens the library and makes its family, or says why not. May crash with a bad library.
std::string open_library(const fs::path& file, Opened& out) {
  boost::system::error_code error;
  dll::shared_library library(file.string(), error,
                              dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  if (error) return "the library cannot be loaded: " + one_line(error.message());
  if (!library.has(KDEX_FAMILY_ABI_SYMBOL) || !library.has(KDEX_FAMILY_CREATE_SYMBOL))
    return "it is not a kdex family: it exports no " KDEX_FAMILY_ABI_SYMBOL
           " and " KDEX_FAMILY_CREATE_SYMBOL " (see docs/writing-a-family.md)";
  const char* abi = library.get<const char* const>(KDEX_FAMILY_ABI_SYMBOL);
  if (abi == nullptr || std::strcmp(abi, abi::string()) != 0) {
    std::string theirs = abi == nullptr ? "none" : one_line(std::string(abi, strnlen(abi, 200)));
    return "it was built against another SDK (its ABI is '" + theirs + "', this kdex has '" +
           abi::string() + "'); build it again against this kdex";
  }
  try {
    auto create = dll::import_alias<std::shared_ptr<Family>()>(library, KDEX_FAMILY_CREATE_SYMBOL);
    keep_open(library);
    out.family = create();
    if (!out.family) return "its family object could not be made";
    out.info = out.family->info();
    (void)out.family->forms();
  } catch (const std::exception& e) {
    out.family.reset();
    return "it threw while loading: " + one_line(e.what());
  } catch (...) {
    out.family.reset();
    return "it threw something that is no exception while loading";
  }
  const auto& n = out.info.name;
  if (!is_plain(n))
    return "its info() gives no usable name ('" + one_line(n) + "'): letters, digits, '_' and '-'";
  if (!out.info.author.empty() && !is_plain(out.info.author))
    return "its info() gives no usable author ('" + one_line(out.info.author) +
           "'): letters, digits, '_' and '-'";
  return "";
}

/// Opens the library in a child process; a reason where that crashes, hangs or exits by itself.
std::string try_in_child(const fs::path& file) {
  pid_t child = fork();
  if (child < 0)
    return "no child process could be started to try it: " + std::string(std::strerror(errno));
  if (child == 0) {
    for (int s : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM}) std::signal(s, SIG_DFL);
    alarm(10);
    // What a library prints while it is tried belongs nowhere.
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0) _exit(3);
    {
      Opened opened;
      open_library(file, opened);
    }
    _exit(42);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return "the child process that tried it was lost: " + std::string(std::strerror(errno));
  if (WIFSIGNALED(status)) {
    int s = WTERMSIG(status);
    if (s == SIGALRM) return "it did not finish loading within 10 seconds";
    return std::string("it crashes while loading (") + strsignal(s) + ")";
  }
  if (WEXITSTATUS(status) != 42)
    return "it ends the process while loading (exit status " + std::to_string(WEXITSTATUS(status)) +
           ")";
  return "";
}

}  // namespace

LoadedFamilies load_families(const std::vector<std::string>& folders) {
  LoadedFamilies out;
  std::vector<fs::path> seen;
  for (const auto& folder : folders) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".so") files.push_back(it->path());
    if (error) {
      out.refused.push_back({folder, "the folder cannot be read: " + error.message()});
      continue;
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      auto real = fs::canonical(file, error);
      if (error) {
        out.refused.push_back({file.string(), "the file cannot be read: " + error.message()});
        error.clear();
        continue;
      }
      if (std::find(seen.begin(), seen.end(), real) != seen.end())
        continue;  // one folder named twice
      seen.push_back(real);
      std::string reason = try_in_child(real);
      Opened opened;
      if (reason.empty()) reason = open_library(real, opened);
      if (reason.empty())
        if (const auto* other = out.find(opened.info.name))
          reason =
              "a family named '" + opened.info.name + "' is already loaded from " + other->library;
      if (!reason.empty()) {
        out.refused.push_back({file.string(), std::move(reason)});
        continue;
      }
      OptionValues defaults(opened.info.options);
      const bool own = fs::equivalent(real.parent_path(), plugin_folder(), error);
      out.families.push_back({std::move(opened.family), std::move(opened.info), file.string(),
                              std::move(defaults), own});
    }
  }
  std::sort(out.families.begin(), out.families.end(),
            [](const auto& a, const auto& b) { return a.info.name < b.info.name; });
  return out;
}

}  // namespace kdex
