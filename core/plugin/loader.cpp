// Loading of plugin libraries through Boost.DLL, with a trial in a child process.
#include "core/plugin/loader.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/import.hpp>
#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <utility>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/paths.h"
#include "core/plugin/info.h"

namespace kdex {
namespace {

namespace dll = boost::dll;
namespace fs = std::filesystem;

struct Opened {
  std::shared_ptr<Family> family;
  FamilyInfo family_info;
  std::shared_ptr<Stage> stage;
  StageInfo stage_info;
};

/// "" where the library was built against this SDK, else why not.
std::string abi_fault(dll::shared_library& library, const char* symbol) {
  const char* abi = library.get<const char* const>(symbol);
  if (abi != nullptr && std::strcmp(abi, abi::string()) == 0) return "";
  const std::string theirs =
      abi == nullptr ? "none" : one_line(std::string(abi, strnlen(abi, 200)));
  return "built against another SDK (its ABI is '" + theirs + "', this kdex has '" + abi::string() +
         "'); build it again against this kdex";
}

/// Keeps a library open to the end of the process: values whose code it holds (plans, exceptions)
/// may outlive its family.
void keep_open(const dll::shared_library& library) {
  static auto* all = new std::vector<dll::shared_library>;  // never destroyed
  all->push_back(library);
}

/// Makes the object of class T that the library exports.
template <class T>
std::shared_ptr<T> make_object(const dll::shared_library& library, const char* symbol) {
  auto create = dll::import_alias<std::shared_ptr<T>()>(library, symbol);
  std::shared_ptr<T> object = create();
  if (!object) throw Error("create() returned no object");
  return object;
}

/// Opens the library and makes its family and its stage, or says why not. May crash with a bad
/// library.
std::string open_library(const fs::path& file, Opened& out) {
  boost::system::error_code error;
  dll::shared_library library(file.string(), error,
                              dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  if (error) return "cannot be loaded: " + one_line(error.message());
  const bool has_family =
      library.has(KDEX_FAMILY_ABI_SYMBOL) && library.has(KDEX_FAMILY_CREATE_SYMBOL);
  const bool has_stage =
      library.has(KDEX_STAGE_ABI_SYMBOL) && library.has(KDEX_STAGE_CREATE_SYMBOL);
  if (!has_family && !has_stage)
    return "not a kdex plugin: it exports neither " KDEX_FAMILY_CREATE_SYMBOL
           " nor " KDEX_STAGE_CREATE_SYMBOL
           " (see docs/writing-a-family.md and docs/writing-a-stage.md)";
  std::string fault;
  if (has_family) fault = abi_fault(library, KDEX_FAMILY_ABI_SYMBOL);
  if (has_stage && fault.empty()) fault = abi_fault(library, KDEX_STAGE_ABI_SYMBOL);
  if (!fault.empty()) return fault;
  keep_open(library);
  try {
    if (has_family) {
      out.family = make_object<Family>(library, KDEX_FAMILY_CREATE_SYMBOL);
      out.family_info = out.family->info();
      (void)out.family->forms();
      fault = family_fault(out.family_info);
    }
    if (has_stage && fault.empty()) {
      out.stage = make_object<Stage>(library, KDEX_STAGE_CREATE_SYMBOL);
      out.stage_info = out.stage->info();
      fault = stage_fault(out.stage_info);
    }
  } catch (const std::exception& e) {
    fault = "threw while loading: " + one_line(e.what());
  } catch (...) {
    fault = "threw something that is not an exception while loading";
  }
  if (!fault.empty()) out = {};
  return fault;
}

/// Opens libraries in a child process; a reason where that crashes, hangs or exits by itself.
std::string try_in_child(const std::vector<fs::path>& files) {
  pid_t child = fork();
  if (child < 0)
    return "cannot be checked: cannot start a child process: " + std::string(std::strerror(errno));
  if (child == 0) {
    for (int s : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM}) std::signal(s, SIG_DFL);
    alarm(10);
    // What a library prints while it is tried belongs nowhere.
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0) _exit(3);
    for (const auto& file : files) {
      Opened opened;
      open_library(file, opened);
    }
    _exit(42);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return "cannot be checked: lost the child process: " + std::string(std::strerror(errno));
  if (WIFSIGNALED(status)) {
    int s = WTERMSIG(status);
    if (s == SIGALRM) return "did not finish loading within 10 seconds";
    return std::string("crashes while loading (") + strsignal(s) + ")";
  }
  if (WEXITSTATUS(status) != 42)
    return "ends the process while loading (exit status " + std::to_string(WEXITSTATUS(status)) +
           ")";
  return "";
}

/// The libraries of a folder, by name.
std::vector<fs::path> libraries_of(const std::string& folder, LoadedPlugins& out) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".so") files.push_back(it->path());
  if (error) {
    out.refused.push_back({folder, "the folder cannot be read: " + error.message()});
    files.clear();
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// "" where neither its family nor its stage has the name of another.
std::string name_fault(const Opened& opened, const LoadedPlugins& loaded) {
  if (opened.family)
    if (const auto* other = loaded.find(opened.family_info.name))
      return "a family named '" + opened.family_info.name + "' is already loaded from " +
             other->library;
  if (opened.stage)
    for (const auto& s : loaded.stages)
      if (s.info.name == opened.stage_info.name)
        return "a stage named '" + s.info.name + "' is already loaded from " + s.library;
  return "";
}

/// Loads one library; a reason where it is refused. `tried`: it has been opened in a child process.
std::string load_library(const fs::path& file, const fs::path& real, bool tried,
                         LoadedPlugins& out) {
  Opened opened;
  std::string fault = tried ? "" : try_in_child({real});
  if (fault.empty()) fault = open_library(real, opened);
  if (fault.empty()) fault = name_fault(opened, out);
  if (!fault.empty()) return fault;
  std::error_code error;
  const bool own = fs::equivalent(real.parent_path(), plugin_folder(), error);
  if (opened.family) {
    OptionValues defaults(opened.family_info.options);
    out.families.push_back({std::move(opened.family), std::move(opened.family_info), file.string(),
                            std::move(defaults), own});
  }
  if (opened.stage)
    out.stages.push_back(
        {std::move(opened.stage), std::move(opened.stage_info), file.string(), own});
  return "";
}

}  // namespace

LoadedPlugins load_plugins(const std::vector<std::string>& folders) {
  LoadedPlugins out;
  std::vector<fs::path> seen;
  for (const auto& folder : folders) {
    std::vector<fs::path> files, reals;
    for (const auto& file : libraries_of(folder, out)) {
      std::error_code error;
      const auto real = fs::canonical(file, error);
      if (error) {
        out.refused.push_back({file.string(), "the file cannot be read: " + error.message()});
        continue;
      }
      if (std::find(seen.begin(), seen.end(), real) != seen.end())
        continue;  // one folder named twice
      seen.push_back(real);
      files.push_back(file), reals.push_back(real);
    }
    // One trial of them all; where that ends badly, each is tried alone, to name the one.
    const bool tried = reals.size() > 1 && try_in_child(reals).empty();
    for (std::size_t i = 0; i < files.size(); ++i)
      if (std::string why = load_library(files[i], reals[i], tried, out); !why.empty())
        out.refused.push_back({files[i].string(), std::move(why)});
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.info.name < b.info.name; };
  std::sort(out.families.begin(), out.families.end(), by_name);
  std::sort(out.stages.begin(), out.stages.end(), by_name);
  return out;
}

LoadedPlugins load_all_plugins(const std::vector<std::string>& plugins_path) {
  std::vector<std::string> folders = {plugin_folder()};
  folders.insert(folders.end(), plugins_path.begin(), plugins_path.end());
  return load_plugins(folders);
}

}  // namespace kdex
