// What the mla family finds, and the definitions of it.
#pragma once

#include <kdex/authoring.h>

namespace kdex_mla {

/// One attention core of a latent-attention block, per rank.
struct Latent {
  std::size_t module = 0;
  bool absorbed = false;  // works on the latent cache; else the expanded, multi-head form
  kdex::sdk::Dim num_qo_heads;
  kdex::sdk::Dim ckv, kpe;  // absorbed: latent width, rotary width
  kdex::sdk::Dim qk, vo;    // expanded: width of queries and keys, of values
};

struct Found {
  std::vector<Latent> latents;
  kdex::sdk::Notes notes;
  std::vector<std::size_t> claimed;
};
Found find_latents(const kdex::ModelView& view);

enum class Form { paged_decode, paged_prefill, ragged_prefill };
/// `page_size` is not used by the ragged form.
kdex::Definition define(const Latent& latent, Form form, std::int64_t page_size,
                        const kdex::ModelView& view);

/// How kernels/*.cu compute `d` on `chip`; see Family::kernel.
kdex::KernelPlan plan(const kdex::Definition& d, const kdex::Chip& chip,
                      const kdex::Tuning& tuning);

}  // namespace kdex_mla
