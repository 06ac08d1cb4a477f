// What one step of a model's forward launches: kernel calls in order. Plain data; knows neither the
// evaluator nor a kernel family.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <kdex/module_tree.h>

namespace kdex {

/// What a step serves. Sizes are tokens.
struct Step {
  std::string mode = "decode";  ///< one of step_modes()
  std::int64_t batch = 37;      ///< decode: requests
  std::int64_t seq_len = 1009;  ///< decode: tokens a request, the new one included
  std::vector<std::int64_t> extend_lens = {101, 139, 171};  ///< extend: new tokens of each request
  std::vector<std::int64_t> prefix_lens;  ///< extend: cached tokens of each; empty: none
  bool sampled = false;      ///< speculation: requests sample, and do not take the likeliest token
  bool elementwise = false;  ///< with torch's elementwise functions, copies and fills
  std::int64_t queries = 1;  ///< of each request that decodes, in a forward of the step: several
                             ///< where drafts are made or verified. The engine's, set by its run

  /// Whether it computes prompts, alone or beside requests that decode.
  bool is_prefill() const {
    return mode.starts_with("extend") || mode.starts_with("spec-prefill") || mode == "mixed";
  }
  bool is_speculative() const { return mode.starts_with("spec-"); }
  /// Whether it runs the draft model, and not the one that is served.
  bool runs_draft() const { return mode.starts_with("spec-draft") || mode == "spec-prefill-draft"; }
};

/// A tensor that a call was given, or gave back.
struct Operand {
  std::string name;   ///< the function's own, "weight"; "b.0" in a list; its place, "0", where the
                      ///< function's names are not known; "result" of what it gives back
  std::string dtype;  ///< short: "bf16", "fp8e4m3", "f32", "i64", ...
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in elements; empty: it lies in one piece
  std::string owner;  ///< the parameter or cache that it lies in, "model.layers.*.mlp.gate.weight",
                      ///< "kv_pool.k_buffer.*"; "": memory of the step's own

  /// Whether it lies in a cache of keys and values, the model's or its draft's.
  bool in_cache() const {
    return owner.starts_with("kv_pool.") || owner.starts_with("draft_kv_pool.");
  }
};

/// One of several calls that are listed as one.
struct CallPart {
  std::int64_t count = 0;
  std::vector<std::string> tensors;
};

/// Launches of one function with the same operands at the same place of the source. Layer numbers
/// in `path` are `*`.
struct KernelCall {
  std::string function;  ///< dotted name at which the call leaves the engine's sources
  std::string kind;      ///< "torch", "triton", "jit", "library", "collective", "attention"
  std::string role;      ///< what it does: a word of core/engine/kernels/README.md; "": not known
  std::string path;      ///< of the module that runs: "model.layers.*.mlp.gate_up_proj"
  std::int64_t count = 0;
  std::string layers;                ///< "0-31"; "" outside of layers
  std::vector<std::string> tensors;  ///< operands and results, each distinct one once, sorted:
                                     ///< "bf16[37,4096]"
  std::vector<Operand> operands;     ///< in the order of the call, results last
  std::vector<std::pair<std::string, std::string>>
      arguments;       ///< what else it was given, by name: numbers, texts, types
  std::string stream;  ///< "1", "2", … in order of first use; "": the current one of the thread
  std::vector<SourcePlace> where;  ///< the lines that led there, innermost first
  std::vector<CallPart> parts;     ///< calls of a library's function that follow one another: each
                                   ///< alone; `count` is the first's. Empty: one call
  bool elementwise = false;        ///< one of torch's elementwise, copying or filling functions
};

/// A function that no rule names: what it gives back is unknown.
struct UnknownFunction {
  std::string function;
  std::int64_t count = 0;
  SourcePlace where;  ///< of the first call
};

/// A branch on a size of the step: at other sizes it goes the other way.
struct Regime {
  std::string size;        ///< what is compared: "num_tokens"; of a computed one its formula
  std::string relation;    ///< "<", "<=", "==", "!=", ">=", ">"
  std::int64_t bound = 0;  ///< what it is compared with
  std::int64_t value = 0;  ///< the size in this step
  bool holds = false;      ///< the way that this step went
  std::int64_t count = 0;  ///< how often the step came there
  SourcePlace where;

  /// "num_tokens <= 2048".
  std::string text() const { return size + " " + relation + " " + std::to_string(bound); }
};

struct CallTrace {
  Step step;
  bool ok = false;
  bool refused = false;  ///< by the engine; otherwise kdex itself failed
  std::string stage, error_type, error;
  std::vector<std::string> where;
  std::vector<KernelCall> calls;  ///< in order of first appearance
  std::vector<UnknownFunction> unknown;
  std::vector<std::string> assumptions;  ///< "file:line: condition: reason"
  std::vector<std::string> reads;        ///< device values that the host read, with the answer
  std::vector<Regime> regimes;           ///< in order of first appearance
  double run_seconds = 0;
};

}  // namespace kdex
