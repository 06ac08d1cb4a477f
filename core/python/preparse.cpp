// Build tool: parses every Python file below the given folders into a parse cache that kdex reads
// with its own files. usage: kdex_preparse OUT FOLDER...
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/python/sources.h"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc < 3) {
    std::fprintf(stderr, "usage: kdex_preparse OUT FOLDER...\n");
    return 2;
  }
  fs::remove_all(argv[1]);
  fs::create_directories(argv[1]);
  for (int i = 2; i < argc; ++i)
    for (const auto& e : fs::recursive_directory_iterator(argv[i])) {
      if (e.path().extension() != ".py") continue;
      std::string name, bytes;
      if (!kdex::py::Sources::cache_entry(e.path().string(), name, bytes)) {
        std::fprintf(stderr, "%s: cannot be parsed\n", e.path().c_str());
        return 1;
      }
      std::ofstream(std::string(argv[1]) + "/" + name, std::ios::binary) << bytes;
    }
  return 0;
}
