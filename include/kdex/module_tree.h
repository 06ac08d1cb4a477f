// Checkpoint, deployment, and what the engine built of them: the module tree, or its refusal.
// Plain data; knows neither the evaluator nor a kernel family.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kdex/value.h>

namespace kdex {

/// A place in the engine's sources.
struct SourcePlace {
  std::string file;  // relative to its source tree
  int line = 0;      // 1-based; 0 where it is not known
};

/// A tensor that a module owns itself (nn.Parameter), as registered by the constructor.
struct Parameter {
  std::string name;
  Rows<Value> shape;  // integers, each with its origin
  std::string dtype;  // torch's name, e.g. "bfloat16"
};

/// An attribute that is not as the class's own constructor leaves it where optional arguments have
/// their defaults, and that code reads where the module runs.
struct Departure {
  std::string attribute;           // "logit_cap"; "moe_runner_config.swiglu_limit" of an object
  Value value;                     // of an object its class alone
  Value neutral;                   // the constructor's; none where it sets no such attribute
  SourcePlace set;                 // where it is set, or the call that built the module
  std::vector<std::string> facts;  // the role's facts that tell it; empty: none does
};

/// One nn.Module object of the tree, in the order of torch's named_modules.
struct Module {
  std::string path;              // "model.layers.0.self_attn"; "" is the model itself
  std::string class_name;        // "QKVParallelLinear"
  std::string module;            // dotted: "engine.layers.linear"
  std::vector<std::string> mro;  // qualified names, the class itself first
  int parent = -1;               // index into ModuleTree::modules
  bool held = false;    // no submodule: a dict or a list of its parent holds it, and named_modules
                        // does not list it
  SourcePlace defined;  // where its class stands
  SourcePlace created;  // the call that built it, where known
  std::vector<Parameter> params;
  std::vector<std::pair<std::string, Value>> attrs;  // instance and class attributes that are data
  std::string role;  // what it does, in words that all engines share: <kdex/roles.h>; "" for others
  std::vector<std::pair<std::string, Value>>
      facts;                          // the role's facts, with the attributes' origins
  std::vector<Departure> departures;  // of a module with a role; a form covers them or is not its

  const Value* attr(std::string_view name) const {
    for (const auto& [key, value] : attrs)
      if (key == name) return &value;
    return nullptr;
  }
  /// The fact `name` of this module (<kdex/roles.h>), or nullptr where the engine does not say it.
  const Value* fact(std::string_view name) const {
    for (const auto& [key, value] : facts)
      if (key == name) return &value;
    return nullptr;
  }
  const Parameter* param(std::string_view name) const {
    for (const auto& p : params)
      if (p.name == name) return &p;
    return nullptr;
  }
  /// True where the class or one of its bases has this bare name, e.g. is_a("LinearBase").
  bool is_a(std::string_view class_name_) const {
    for (const auto& q : mro)
      if (q.size() >= class_name_.size() && q.ends_with(class_name_) &&
          (q.size() == class_name_.size() || q[q.size() - class_name_.size() - 1] == '.'))
        return true;
    return false;
  }
};

/// A branch that was taken although its condition was unknown.
struct Assumption {
  SourcePlace place;
  std::string condition;  // the source text of the condition
  std::string reason;     // what made it unknown
  bool taken = false;     // which side
};

/// A checkpoint: a folder or a file with a Hugging Face config.json.
struct Checkpoint {
  std::string name;    // "meta-llama/Llama-3.1-8B" or the folder's name
  std::string folder;  // where config.json (and hf_quant_config.json) lie
};

/// How a checkpoint is served.
struct Deployment {
  int tp = 1;
  int ep = 1;
  int attention_dp = 1;
  int page_size = 0;  // of the KV cache, as asked of the engine; 0: the engine chooses
  std::vector<int> page_sizes = {
      1};  // to write definitions for: for families, what the engine resolved
  bool prefill = true;
  bool decode = true;
  std::string platform = "h200";
  std::map<std::string, std::string> engine_args;  // server arguments of the engine
  std::string draft_checkpoint;  // folder of a draft model for speculative decoding; "": none
  bool draft = false;            // the model is the deployment's draft, and not what it serves
};

/// What the engine logged at warning or above while it resolved and built.
struct LogLine {
  std::string level;  // "WARNING"
  SourcePlace place;
  std::string text;
  int count = 1;  // how often the place said this
};

/// A server argument that was asked for and that the engine resolved to something else.
struct ChangedArgument {
  std::string name, asked, resolved;
};

/// What the engine's constructors built, or why the engine refused.
struct ModuleTree {
  bool ok = false;
  bool refused = false;  // not ok by the engine's own word, which is a result; else by a bound or a
                         // fault of kdex's own
  // status ok
  std::string architecture;        // "LlamaForCausalLM"
  std::string model_class;         // "engine.models.llama.LlamaForCausalLM"
  std::string hf_config_class;     // "LlamaConfig"
  std::string quant_config_class;  // "" without quantization
  std::string dtype;               // "bfloat16"
  std::vector<Module> modules;
  std::map<std::string, Value> resolved;             // server arguments as the engine resolved them
  std::map<std::string, std::string> argument_help;  // what they mean, in the engine's own words
  std::vector<std::pair<std::string, Value>> config;  // all of the checkpoint's configuration
  // status refused or failed
  std::string stage;       // "constructor", "resolve_server_args", "checkpoint", "internal", ...
  std::string error_type;  // "ValueError"
  std::string error;
  std::vector<std::string> where;  // "file:line function: source", innermost last
  // both
  std::vector<LogLine> log;
  std::vector<ChangedArgument> changed;
  std::vector<std::string> broken;   // model files that the engine leaves out: file, line and caret
  std::vector<std::string> remarks;  // what the engine filled in where the checkpoint is silent
  std::vector<Assumption> assumptions;
  std::int64_t unknowns = 0;       // unknown values that were made
  std::vector<Origin> origins;     // [0] is "none"
  std::vector<std::string> files;  // source files that were reached
  double parse_seconds = 0, run_seconds = 0;
  std::int64_t python_calls = 0;

  const Module* find(std::string_view path) const {
    for (const auto& m : modules)
      if (m.path == path) return &m;
    return nullptr;
  }
};

}  // namespace kdex
