// What tests of several rooms need: a folder that goes with the test, and what a text says.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace kdex {

/// A new folder, removed with all that is in it at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = std::filesystem::temp_directory_path() / "kdex-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    at = name;
  }
  ~ScratchFolder() {
    std::error_code error;
    std::filesystem::remove_all(at, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  /// Writes a file below the folder, whose own folders need not be there.
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((at / name).parent_path());
    std::ofstream(at / name) << text;
  }

  std::filesystem::path at;
};

inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace kdex
