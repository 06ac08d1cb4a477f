// A FlashInfer-Bench Definition as a value type, with the provenance that kdex adds beside it.
// Knows neither Python nor plugins; JSON forms and rules are in json.h and rules.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kdex {

/// One axis: constant (value set) or variable.
struct Axis {
  std::string name;
  std::optional<std::int64_t> value;  // set: const; unset: var
  std::string description;
  std::uint32_t origin = 0;  // index into the module tree's origins; 0: not from a model
  std::string setting;       // the deployment setting that the value is, where no module holds it
  std::string
      rule;  // how the value follows from `origin`; without an origin: a constant of the form
};

/// A tensor (shape of axis names) or, without a shape, a scalar.
struct TensorSpec {
  std::string name;
  std::optional<std::vector<std::string>> shape;  // unset: scalar
  std::string dtype;  // "bfloat16", "float32", "int32", "float8_e4m3fn", ...
  std::string description;
};

/// A Definition of the FlashInfer-Trace dataset. Order of inputs is the calling order.
struct Definition {
  std::string name;
  std::string op_type;
  std::vector<std::string> tags;
  /// Those of `tags` that say where the kernel was met: a model, sizes of its deployment, the dtype
  /// of a layer. One definition has those of all; the other tags belong to what it is. Not written.
  std::vector<std::string> met;
  std::string description;
  std::vector<Axis> axes;
  std::vector<std::string> constraints;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::string reference;  // Python source with a top-level `def run`
  /// Top-level keys in the order to write them; empty: name, description, op_type, tags, axes,
  /// constraints, inputs, outputs, reference. Keys that are left out follow in that order.
  std::vector<std::string> key_order;
};

}  // namespace kdex
