// What the gqa family finds, and its forms.
#pragma once

#include <kdex/authoring.h>

namespace kdex_gqa {

/// One grouped-query attention core, per rank.
struct Attention {
  std::size_t module = 0;
  kdex::sdk::Dim num_qo_heads, num_kv_heads, head_dim;
  std::int64_t window_left = -1;  // keys before the query's own that it sees; -1: all
  double logit_cap = 0;           // 0: none
  std::string sinks_dtype;        // of a logit for each query head that has no value; "": none
  bool fp8_cache = false;         // keys and values are cached as e4m3, with a factor each
  bool fp8_decode_queries = false, fp8_prefill_queries = false;  // cast to e4m3 before the kernel
};

struct Found {
  std::vector<Attention> attentions;
  kdex::sdk::Notes notes;
  std::vector<std::size_t> claimed;
};
Found find_attentions(const kdex::ModelView& view);

/// Which of the forms; every combination that forms() holds.
struct Kind {
  bool paged = false;      // keys lie in pages, else packed
  bool prefill = false;    // several queries a sequence, else one
  bool last_page = false;  // the last page of a sequence may be part full, and an input says so
  bool fi_trace = false;   // FlashInfer's own form
  bool sinks = false;      // a logit of each query head joins the softmax's sum
  bool fp8_cache = false;  // pages hold e4m3, with a factor for keys and one for values
  bool fp8_queries = false;
  bool rows_are_sequences() const { return !prefill; }
};
const std::vector<kdex::Form>& forms();
/// The form of this kind; nullptr where there is none.
const kdex::Form* form_of(const Kind& kind);

/// How kernels/*.cu compute a form of this kind on `chip`.
kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning);

}  // namespace kdex_gqa
