// Reads the result of an engine's driver, live objects of the abstract machine, into plain data.
// Private to core/model; must not know any model, nor what an attribute means.
#pragma once

#include <cstddef>
#include <memory>

#include <kdex/module_tree.h>

#include "core/python/machine.h"

namespace kdex {

class TreeReader {
 public:
  /// Both are kept by reference.
  TreeReader(py::Machine& machine, ModuleTree& tree);
  ~TreeReader();
  /// Fills the tree from the dict that the driver's build() gave: what was built, or the refusal.
  void result(py::View result);
  /// The same for a run whose numbers are those of another place (Machine::choice): what differs in
  /// `tree`, a copy of the one that was read.
  void result_at(std::size_t place, py::View result, ModuleTree& tree);
  /// The live object of a module of the tree; absent where it has no attributes.
  py::View object(std::size_t module) const;
  /// Parameters and attributes of a module that is none of the tree.
  Module apart(py::View module);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace kdex
