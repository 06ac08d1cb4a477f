// What a run stands on: the program, the source packages, the settings, the machine that the engine
// was told of, and when. Data only: filled by core/pipeline.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kdex {

/// A package whose sources a run reads.
struct SourcePackage {
  std::string name;     ///< import name
  std::string version;  ///< as its packaging says; "" where it does not
  std::string commit;   ///< of a git checkout, else ""
  std::string folder;   ///< that holds the package
  std::string given;    ///< the path as the user wrote it; "": found by kdex
  std::size_t files = 0;
  std::string sha256;  ///< of the paths and contents of its Python files
};

struct RunRecord {
  using Texts = std::vector<std::pair<std::string, std::string>>;  ///< name, JSON

  std::string id;       ///< "20261130T132140Z-1a2b3c4d"; "" for a run that reads no models
  std::string kdex;     ///< its version
  std::string started;  ///< "2026-11-30T13:21:40Z"
  std::string engine;
  std::vector<SourcePackage> sources;
  Texts settings;   ///< of the pipeline, each with its value or its default
  Texts platforms;  ///< facts of the machines that the deployments name
};

}  // namespace kdex
