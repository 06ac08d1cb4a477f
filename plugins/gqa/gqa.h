// What the gqa family finds, and the definitions of it.
#pragma once

#include <kdex/authoring.h>

namespace kdex_gqa {

/// One grouped-query attention core, per rank.
struct Attention {
  std::size_t module = 0;
  kdex::sdk::Dim num_qo_heads, num_kv_heads, head_dim;
  std::int64_t window_left = -1;  // keys before the query's own that it sees; -1: all
  double logit_cap = 0;           // 0: none
};

struct Found {
  std::vector<Attention> attentions;
  kdex::sdk::Notes notes;
  std::vector<std::size_t> claimed;
};
Found find_attentions(const kdex::ModelView& view);

enum class Form { paged_decode, paged_prefill, ragged_prefill };
/// `page_size` is not used by the ragged form.
kdex::Definition define(const Attention& attention, Form form, std::int64_t page_size,
                        const kdex::ModelView& view);

/// How kernels/*.cu compute `d` on `chip`; see Family::kernel.
kdex::KernelPlan plan(const kdex::Definition& d, const kdex::Chip& chip,
                      const kdex::Tuning& tuning);

}  // namespace kdex_gqa
