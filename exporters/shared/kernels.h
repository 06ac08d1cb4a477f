// What tables of kernel shapes tell apart, read from definitions: products with their N and K,
// experts, norms, attention; each of one checkpoint at one deployment. Knows the names of axes and
// tensors that definitions have; knows no form of a table.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <kdex/stage.h>

namespace kdex::exporters {

/// Sizes by name, in the order that they are written.
using Sizes = std::vector<std::pair<std::string, std::int64_t>>;

/// What a kernel does, for tables.
enum class Kind { product, batched_product, experts, norm, rotary, attention, latent_attention };

/// One kernel of a checkpoint at a deployment. Sizes are of one rank.
struct Kernel {
  Kind kind = Kind::product;
  const StageDefinition* definition = nullptr;
  std::string checkpoint, deployment;  ///< "tp8 ep8"
  int tp = 1;                          ///< that the sizes are of
  /// By kind:
  ///   product          N, K
  ///   batched_product  B, N, K
  ///   experts          E (held), experts (all), hidden, intermediate, gate_up, top_k; those that
  ///                    share each token are counted in all but top_k; `shared` is their number
  ///   norm             N
  ///   rotary           head_dim, rotary_dim
  ///   attention, latent_attention   hq, hkv, dqk, dv
  Sizes sizes;
  std::string split;      ///< the size that tensor parallelism divides: "N"; "": none does
  std::string values;     ///< of weights or caches: "bfloat16", "fp8_block", "fp8_tensor", "nvfp4"
  bool residual = false;  ///< norm: adds to a residual first
  bool prefill = false;   ///< attention: of prompts
  bool paged = false;     ///< attention: over a paged cache
  bool sinks = false;     ///< attention
  bool neighbours = false;  ///< rotary: pairs are neighbours, else halves
  bool launched = true;     ///< false: built, but no step of this deployment launches it

  /// 0 where there is none.
  std::int64_t size(std::string_view name) const;
};

/// The kernels of the definitions, in their order and that of checkpoints and deployments. Page
/// sizes make no difference: deployments that differ in them alone are one. Definitions of other
/// kinds are left out, and counted in `others` where it is given.
std::vector<Kernel> kernels_of(const StageContext& context, std::size_t* others = nullptr);

/// The config fields that the sizes of the checkpoint's definitions come from, with their values.
Sizes config_of(const StageContext& context, const std::string& checkpoint);

/// The checkpoints of these kernels, each once, in their order.
std::vector<std::string> checkpoints_of(const std::vector<Kernel>& kernels);

/// "N=4096 K=14336".
std::string text_of(const Sizes& sizes);

}  // namespace kdex::exporters
