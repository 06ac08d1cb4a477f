// A YAML file as a tree, with every node's place. Knows no key.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

namespace kdex {

/// "p.yaml:3:5"; the file alone where the mark says nothing.
std::string place(const std::string& file, const YAML::Mark& mark);

/// Parses one document. Throws kdex::Error with the place for text that is not YAML in UTF-8, more
/// than one document, keys that are defined twice, aliases that lead into themselves, more than 50
/// levels, and more than 200,000 nodes with the aliases written out.
YAML::Node load_yaml(const std::string& text, const std::string& file);

}  // namespace kdex
