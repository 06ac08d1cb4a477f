// One option, declared once: the pipeline file, the command line, `--help` and docs/pipeline.md are
// made from the same declaration. Used by kdex's own stages and by families. Knows no parser.
#pragma once

#include <string>
#include <vector>

namespace kdex {

/// A setting of a stage or a family.
struct Option {
  enum class Type {
    boolean,   ///< true or false; as a flag without a value: true
    integer,   ///< a whole number from `least` to `most`
    integers,  ///< a list of them
    text,      ///< any text
    texts,     ///< a list of texts
    choice,    ///< one of `choices`
    path,      ///< a file or folder; in a pipeline file relative to that file
    paths,     ///< a list of them
  };
  std::string key;                   ///< in a pipeline file: "page_sizes"
  std::string flag;                  ///< on the command line, without dashes: "page-size"
  std::vector<std::string> aliases;  ///< further flags (FlashInfer-Bench's names)
  Type type = Type::text;
  std::string default_value;  ///< as it is written; lists with commas; empty: none
  std::string help;           ///< one line
  std::vector<std::string> choices = {};
  long least = 1, most = 1L << 31;  ///< bounds of integers
};

}  // namespace kdex
