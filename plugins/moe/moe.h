// What the moe family finds, and the definition of it.
#pragma once

#include <kdex/authoring.h>

namespace kdex_moe {

enum class Weights { half, fp8_block, fp8_tensor, nvfp4 };

/// How a token's experts and their weights come from the router's logits.
enum class Routing {
  deepseek,        // sigmoid, bias, groups, normalized over the chosen
  renorm,          // softmax over the chosen logits (the same as softmax, top-k, normalize)
  plain_softmax,   // softmax over all, not normalized again
  sigmoid,         // sigmoid of the chosen
  sigmoid_renorm,  // the same, normalized
  llama4,          // sigmoid of the chosen, on the expert's input
  precomputed,     // the router is a kernel of its own: expert numbers and weights are inputs
};

/// One layer of routed experts, per rank.
struct Experts {
  std::size_t module = 0;
  kdex::sdk::Dim num_experts;  // routed experts of all ranks
  kdex::sdk::Dim rows;         // experts that this rank holds, shared ones included
  kdex::sdk::Dim top_k;        // routed experts of a token
  kdex::sdk::Dim hidden_size, intermediate_size;
  kdex::sdk::Dim shared;  // fused shared experts among the rows
  Weights weights = Weights::half;
  Routing routing = Routing::renorm;
  kdex::sdk::Dim n_group{1, 0, "the routing has no groups"},
      topk_group{1, 0, "the routing has no groups"};
  bool naive = false;  // renorm: the engine names it softmax, top-k, normalize
  std::string activation = "silu";
  std::string dtype = "bfloat16";
};

struct Found {
  std::vector<Experts> experts;
  kdex::sdk::Notes notes;
  std::vector<std::size_t> claimed;
};
Found find_experts(const kdex::ModelView& view);

/// Empty where the family has no form for this routing with these weights.
std::optional<kdex::Definition> define(const Experts& experts, const kdex::ModelView& view);

/// How kernels/*.cu compute `d` on `chip`; see Family::kernel.
kdex::KernelPlan plan(const kdex::Definition& d, const kdex::Chip& chip,
                      const kdex::Tuning& tuning);

}  // namespace kdex_moe
