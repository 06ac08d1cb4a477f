// What the engine's files do with attributes and layers, found in their text: which attributes code
// reads where a model runs, and whether a layer is called or only its weight is read.
// Private to core/model; must not know any engine, nor what an attribute means.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <kdex/module_tree.h>

#include "core/base/once.h"
#include "core/python/sources.h"
#include "core/source/mentions.h"

namespace kdex {

/// Files of one source tree, each walked once for all threads.
class SourceUses {
 public:
  /// `sources` is kept by reference.
  explicit SourceUses(py::Sources& sources) : sources_(sources) {}

  struct File {
    std::string shown, text;
    Once walked;
    std::vector<source::FunctionText> functions;
  };
  using Files = std::vector<std::shared_ptr<File>>;

  /// The files of these names, as ModuleTree::files has them; those that cannot be read are left
  /// out.
  Files of_files(const std::vector<std::string>& shown);
  /// The file of a module by its dotted name; null where there is none.
  std::shared_ptr<File> of_module(const std::string& dotted);
  static const std::vector<source::FunctionText>& functions(File& file);
  /// The files that a function of the module `registry` imports which is registered under `name`
  /// (its decorator is given the name), and what these import of their own package. An empty name
  /// stands for all of them.
  Files registered(const std::string& registry, const std::string& name);

  /// Whether a function that `forward` leads to reads an attribute of this name of what may be an
  /// object of `classes` (bare names; empty: of any object): of self in a method of theirs, or of a
  /// variable, but not of what an object of another class holds. Functions are followed by their
  /// bare names, so that the answer may be a yes too many.
  static bool read_by_forward(const Files& files, const std::vector<std::string>& classes,
                              const std::string& attribute);

  /// Where an attribute of this name is set by what is no method of `classes` (bare names).
  static std::optional<SourcePlace> set_by_others(const Files& files,
                                                  const std::vector<std::string>& classes,
                                                  const std::string& attribute);

 private:
  py::Sources& sources_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<File>> files_;  // by the name shown
};

/// What becomes of a layer that its parent holds as an attribute.
struct LayerUse {
  bool called = true;     // by a call, or handed on to what may call it
  bool product = false;   // not called; its weight is an operand of a plain product
  std::string out_dtype;  // which that product is asked to give
  SourcePlace place;      // of the product, or where the weight is read
};

/// `own`: files of the parent's class and bases, whose bare names are `classes`; `above`: those and
/// the files of all classes that hold the parent; `truths`: the parent's attributes that are a
/// truth, by which branches of its methods are never run.
LayerUse use_of_layer(const SourceUses::Files& own, const std::vector<std::string>& classes,
                      const SourceUses::Files& above, const std::string& attribute,
                      const std::map<std::string, bool>& truths = {});

/// Keyword arguments of the calls of a layer that methods of `classes` hold as `attribute`, each
/// with the text of its value.
std::vector<std::pair<std::string, std::string>> keywords_of_calls(
    const SourceUses::Files& own, const std::vector<std::string>& classes,
    const std::string& attribute);

/// The out_dtype that a product with self.weight is asked for in methods of `classes`; "" where
/// none is.
std::string product_dtype(const SourceUses::Files& own, const std::vector<std::string>& classes);

}  // namespace kdex
