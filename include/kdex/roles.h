// Roles of modules and the facts of each role: the words that engines and kernel families share.
// An engine's folder (core/engine/<name>/roles.json) says which of its classes have which role and
// where each fact stands; a family matches roles and facts and knows no class of an engine.
//
// A fact is a Value with the origin of the attribute that it was read from. A fact that the engine
// does not say, or that is of another kind than stated here, is absent. Sizes are positive integers
// of this rank at the deployment, in elements. Kinds:
//   size     a positive integer               text    a string (or the name of an object or type)
//   integer  any integer                      tensor  items: the shape, s: torch's dtype name
//   number   an integer or a real             names   a list of strings
//   truth    a boolean or an integer          module  object; i: index into ModuleTree::modules
#pragma once

#include <string_view>

namespace kdex::role {

/// A softmax attention core with a KV cache.
///   num_q_heads, num_kv_heads, num_v_heads   integer; heads of this rank
///   head_dim, v_head_dim   integer; width of a query and key head, of a value head
///   window_left     size; keys before its own that a query sees; absent: all
///   logit_cap       number; > 0: logits become cap * tanh(logit / cap)
///   mask            text: "causal", "causal_decode" (whether a prompt is masked is decided
///                   elsewhere) or "full"; absent: causal
///   mask_name       text: the engine's own word for it, for messages
///   cross           truth: keys come from another sequence
///   chunked         truth: a query sees its own chunk only
///   sinks           names: parameters that join the sum of the softmax
///   kv_cache_dtype  text: dtype of the cache as the engine resolved it ("auto", "fp8_e4m3", ...)
///   decode_backend, prefill_backend          text: the engine's word for what computes it
///   decode_query_dtype, prefill_query_dtype  text: what queries are cast to before; absent: not
///   dense           truth: that code lets a query see all keys that mask and window leave
///   indexer         module: chooses the keys that a query sees
///   called_with     names: keyword arguments that its block calls it with, but for those that are
///                   None ("sinks", ...)
inline constexpr std::string_view attention = "attention";

/// An attention core in a block of latent attention (MLA). The facts of `attention`, and
///   latent_rank  size; width of the cached latent
///   rope_dim     size; width of the rotary part beside it
///   block        module: the attention block that holds this core
inline constexpr std::string_view latent_attention = "latent_attention";

/// Attention of an encoder: every token sees every other, and there is no KV cache.
///   num_q_heads, num_kv_heads, head_dim   size
inline constexpr std::string_view encoder_attention = "encoder_attention";

/// A linear attention core (gated delta rule, KDA, lightning attention).
///   num_q_heads, num_k_heads, num_v_heads   size; heads of this rank
///   head_q_dim, head_k_dim, head_v_dim      size
///   activation   text: of the convolution
inline constexpr std::string_view linear_attention = "linear_attention";

/// A selective state space (Mamba 1 and 2). Sizes are those of all ranks.
///   num_heads, head_dim, state_size, num_groups, intermediate_size, conv_kernel   size
///   activation   text
inline constexpr std::string_view state_space = "state_space";

/// A matrix product with a weight.
///   weight        tensor [N, K], as stored: packed where a byte holds two values
///   stored_as     names: parameters that hold the weight in another layout, where `weight` is
///                 absent
///   out_features, in_features   size: N and K of this rank, whatever the weight's layout
///   scales        tensor: of the weight
///   bias          truth
///   dtype         text: of the activations, where the weight's is another
///   method        text: class of the engine's quantization method
///   quantized     truth: by `method`
///   weight_only   truth: a 4-bit weight is run by a kernel that leaves the activations in 16 bits
///   output_dtype  text: where it is not that of the activations
///   use           text: absent where the layer is called; "product": its weight is an operand of a
///                 plain product elsewhere; "weight": its weight is read, the layer is never called
///   use_place     text: "file:line" of that
inline constexpr std::string_view linear = "linear";

/// A router's weight: logits of experts. The facts of `linear`.
inline constexpr std::string_view gate = "gate";

/// The projection to the vocabulary. The facts of `linear`.
inline constexpr std::string_view head = "head";

/// A table of vectors.   weight   tensor [rows, width]
inline constexpr std::string_view embedding = "embedding";

/// The step from hidden states to logits; holds no weight. It runs the embedding's weight where no
/// module has the role `head`.
inline constexpr std::string_view logits = "logits";

/// Root-mean-square normalization: y = x / sqrt(mean(x^2) + eps) * (weight + weight_offset).
///   weight            tensor [width]; absent: ones
///   hidden_size       size; the width where there is no weight
///   eps               number
///   weight_offset     number: 0 or 1
///   residual          truth: layers of this class take a residual to add first
///   variance_size     size; elements that the mean is taken over, where fewer
///   rounds_early      truth: rounds to the model's dtype before the weight
///   residual_float32  truth
///   quantizes_output  truth: gives FP8 values for the product that follows
///   differs           text: another kernel than the formula above, and why ("it ...")
inline constexpr std::string_view norm = "norm";

/// Routed experts with their weights. Facts of the weights:
///   num_experts          size; of all ranks, fused shared ones included
///   num_local_experts    size; held by this rank
///   num_shared_experts   size; fused shared experts among them
///   num_routed_experts   size; those that the router sees, where the engine says it
///   top_k                size; experts of a token, fused shared ones included
///   hidden_size, intermediate_size   size; of this rank
///   gate_up       tensor [experts, 2 * intermediate, hidden]      down   tensor [experts, hidden,
///                 intermediate], as stored
///   gate_up_scales, gate_up_block_scales   tensor
///   dtype, method, quantized, weight_only, bias   as of `linear`
///   activation    text: "silu", "gelu", ...
///   gated         truth: the activation is of one half, times the other
///   activation_changes   object: settings that change the activation, name → number
///   scaling_factor       number: the output's
///   weights_on_input     truth: the routing's weights scale the experts' inputs
///   method_module        module: a child that is the quantization method, no kernel of its own
/// and of the routing, which also a block has that multiplies by stacks of its own (no role):
///   router            module that chooses; itself where it has the settings; absent: not known
///   routing_method    text: FlashInfer's RoutingMethodType ("Renormalize", "DeepSeekV3", ...)
///   routing_function  text: a function of the model's own
///   scoring           text: "softmax", "sigmoid", ... as the engine says
///   grouped_scoring   text: the scores that it takes where choices are grouped
///   grouped, renormalize   truth
///   routing_bias      any kind: a bias is added to the scores for the choice
///   routing_bias_rows integer; its length where the router owns it
///   n_group, topk_group   integer
inline constexpr std::string_view experts = "experts";

/// The choice of experts from logits; holds no weight. Its facts are those of the experts.
inline constexpr std::string_view router = "router";

/// Rotary position embedding.
///   head_dim, rotary_dim   size
///   base         number
///   split_half   truth: pairs are (i, i + rotary_dim / 2); else neighbours (2 i, 2 i + 1)
inline constexpr std::string_view rotary = "rotary";

/// The activation of a gated feed-forward layer.   activation   text: "silu" or "gelu"
inline constexpr std::string_view activation = "activation";

}  // namespace kdex::role
