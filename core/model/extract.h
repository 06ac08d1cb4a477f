// The one call that turns sources + checkpoint + deployment into a module tree.
// Implemented on the abstract machine; callers see data only. Thread-safe: calls share nothing
// mutable but the parse cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kdex/module_tree.h>

namespace kdex {
namespace engine {
struct Engine;
}

/// The engine's and Transformers' sources on disk (site-packages, unpacked wheels or git
/// checkouts).
struct SourceRoots {
  std::vector<std::string> folders;
  std::string engine;  // its name; "" for the one whose package the folders hold
};

/// Bounds on one extraction; a bound that is hit is a clear error, never a crash.
struct Limits {
  std::int64_t steps = 400'000'000;
  std::int64_t memory_bytes = std::int64_t{1430} << 20;
  double seconds = 120;
};

/// Parsed sources shared by extractions; thread-safe.
class SourceTree {
 public:
  /// `cache_folder` empty: no parse cache on disk. Throws kdex::Error where no root holds an
  /// engine, or several do and none is named.
  static std::shared_ptr<SourceTree> open(const SourceRoots& roots,
                                          const std::string& cache_folder);
  virtual ~SourceTree() = default;
  virtual const engine::Engine& engine() const = 0;
};

/// Whether the deployment is the user's own, or the one of tp 1 that another is compared with:
/// there the server arguments that the deployment's own settings state are left out.
enum class Purpose : std::uint8_t { own, base };

/// Builds the model. Never throws for what the engine or the checkpoint does: see
/// ModuleTree::stage.
ModuleTree extract_modules(SourceTree& source, const Checkpoint& checkpoint,
                           const Deployment& deployment, const Limits& limits = {},
                           Purpose purpose = Purpose::own);

/// The same at each of these page sizes (Deployment::page_size, none twice). Sizes with which the
/// engine does the same, but for the number itself, share one build.
std::vector<ModuleTree> extract_modules(SourceTree& source, const Checkpoint& checkpoint,
                                        const Deployment& deployment,
                                        const std::vector<int>& page_sizes, const Limits& limits,
                                        Purpose purpose);

/// Asks the engine's own argument parser for the deployment's server arguments, without a model.
/// Throws kdex::Error with the parser's words, and a near name, where it refuses them or where they
/// contradict the deployment.
void check_server_arguments(SourceTree& source, const Checkpoint& checkpoint,
                            const Deployment& deployment, const Limits& limits = {});

/// Whether the deployment's server arguments ask for speculative decoding.
bool speculates(const SourceTree& source, const Deployment& deployment);
/// The folder of the draft model that they name; "": the target has its own heads, or there is
/// none.
std::string draft_folder(const SourceTree& source, const Deployment& deployment);
/// Whether a resolved server argument, by kdex's name for it, is on.
bool is_switched_on(const SourceTree& source, const ModuleTree& tree, const std::string& setting);
/// How many requests the engine runs at once; none where its arguments do not bound them.
std::optional<std::int64_t> most_requests(const SourceTree& source, const ModuleTree& tree);

/// The deployment with what the engine made of it: page size and parallel sizes.
Deployment as_resolved(const SourceTree& source, const ModuleTree& tree, Deployment deployment);
/// Where a resolved server argument of this value came from; 0 where the engine states none.
OriginId origin_of_setting(const SourceTree& source, const ModuleTree& tree,
                           const std::string& setting, std::int64_t value);

/// One architecture of the engine's registry.
struct ArchitectureEntry {
  std::string architecture;  // class name, "LlamaForCausalLM"
  std::string module;        // dotted, "engine.models.llama"
  SourcePlace place;         // of the class
};
std::vector<ArchitectureEntry> list_architectures(SourceTree& source);

/// Runs a Python file in the abstract machine; print output goes to `out`, a traceback to `err`.
/// Returns 0, or 1 where an exception was not caught.
int eval_file(const std::string& file, std::string& out, std::string& err,
              const Limits& limits = {});

}  // namespace kdex
