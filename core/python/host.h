// What of the outside an isolate may see: files under named roots, an environment, nothing else.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kdex::py {

class Interp;

struct Host {
  /// Virtual root ("/model") and the real folder behind it. A path is readable where it lies under
  /// a virtual root and its real path, links followed, lies under that root's folder or in
  /// `linked`.
  std::vector<std::pair<std::string, std::string>> files;
  /// Real files and folders, canonical, that links below the roots may lead to as well.
  std::vector<std::string> linked;
  std::map<std::string, std::string> environ;
  /// Distribution → version, for what counts as installed.
  std::map<std::string, std::string> versions;
  /// Where sys.stderr goes; empty: nowhere.
  std::function<void(std::string_view)> err;
};

/// Gives the isolate its view of the outside (kept by reference) and fills `_kdex.environ`.
/// Without it there are no files and no variables.
void set_host(Interp& in, const Host* host);

}  // namespace kdex::py
