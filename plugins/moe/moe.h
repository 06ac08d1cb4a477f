// What the moe family finds, and its forms.
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

/// What a form's router is given.
enum class Router {
  logits,    // the logits alone
  deepseek,  // logits and a bias, in groups
  given,     // the choice itself: the router is a kernel of its own
};
/// Which of the forms.
struct Kind {
  Weights weights = Weights::half;
  Router router = Router::logits;
  bool shared = false;    // experts that every token takes are among the rows
  bool one_rank = false;  // the form has no other rank's experts
  bool fi_trace = false;  // FlashInfer's own form

  bool operator==(const Kind&) const = default;
  /// FlashInfer's form of FP8 in blocks, whose router always has a bias and a factor.
  bool is_own_fp8() const {
    return fi_trace && weights == Weights::fp8_block && router != Router::given;
  }
  bool has_float_logits() const { return router == Router::deepseek || is_own_fp8(); }
  /// The dataset's grouped form has neither top_k nor constraints; its ungrouped one has both.
  bool is_dataset_ds() const {
    return !fi_trace && weights == Weights::fp8_block && router == Router::deepseek && !shared;
  }
};
const std::vector<kdex::Form>& forms();
/// The form of this kind; nullptr where there is none.
const kdex::Form* form_of(const Kind& kind);

/// Tokens, and how they spread over the experts: balanced, skewed and worst.
kdex::Workloads workloads(const Kind& kind);
/// Bytes of the weights of experts that no token of a call takes.
double unread(const Kind& kind, const kdex::Params& params, const kdex::CallInputs& inputs);
/// The first expert that the rank of a workload holds: of one in the middle, where there are
/// several.
std::int64_t first_expert(const kdex::Params& params);

/// How kernels/moe computes a form of this kind on `chip`.
kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning);

}  // namespace kdex_moe
