// What the mla family finds, and its forms.
#pragma once

#include <kdex/authoring.h>

namespace kdex_mla {

/// One attention core of a latent-attention block, per rank.
struct Latent {
  std::size_t module = 0;
  bool absorbed = false;  // works on the latent cache; else the expanded, multi-head form
  kdex::sdk::Dim num_qo_heads;
  kdex::sdk::Dim ckv, kpe;        // absorbed: latent width, rotary width
  kdex::sdk::Dim qk, vo;          // expanded: width of queries and keys, of values
  std::int64_t window_left = -1;  // keys before the query's own that it sees; -1: all
  double logit_cap = 0;           // 0: none
  bool fp8_cache = false;         // latents are cached as e4m3, with a factor as keys and as values
  bool fp8_decode_queries = false, fp8_prefill_queries = false;  // cast to e4m3 before the kernel
  bool is_limited() const { return window_left >= 0 || logit_cap > 0; }
};

struct Found {
  std::vector<Latent> latents;
  kdex::sdk::Notes notes;
  std::vector<std::size_t> claimed;
};
Found find_latents(const kdex::ModelView& view);

/// Which of the forms; every combination that forms() holds.
struct Kind {
  bool paged = false;      // absorbed, over a paged cache of latents; else expanded and packed
  bool prefill = false;    // several queries a sequence, else one
  bool last_page = false;  // the last page of a sequence may be part full, and an input says so
  bool scaled = false;     // the cache comes with the scales of a quantized one
  bool fi_trace = false;   // FlashInfer's own form
  bool limited = false;    // by a window, a cap of the logits or both
  bool fp8_cache = false;  // pages hold e4m3, with a factor as keys and one as values
  bool fp8_queries = false;
  /// Whether window and cap are parameters.
  bool has_limits() const { return limited || fp8_cache; }
};
const std::vector<kdex::Form>& forms();
/// The form of this kind; nullptr where there is none.
const kdex::Form* form_of(const Kind& kind);

/// How kernels/*.cu compute a form of this kind on `chip`.
kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning);

}  // namespace kdex_mla
