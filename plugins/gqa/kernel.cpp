// The CUDA kernels of grouped-query attention (kernels/gqa). Decode: KV splits, then a
// combine. Prefill: one pass over a sequence's keys for each block of query rows. A head of a
// multiple of 16 up to 256 has kernels of its own (in prefill without wgmma: 64, 128, 192 and 256);
// every other size up to 512 takes one that shares a row's columns among the warps (384 and 512
// another for prefill on sm_90a).
#include <cmath>
#include <limits>

#include <kdex/kernel_authoring.h>

#include "gqa.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;

kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  (void)tuning;
  const bool paged = kind.paged, prefill = kind.prefill, last = kind.last_page;
  const std::optional<std::int64_t> hq = params.integer("num_qo_heads"),
                                    hkv = params.integer("num_kv_heads"),
                                    width = params.integer("head_dim"),
                                    page = paged ? params.integer("page_size") : 0;
  const auto dtype = sdk::dtype_constant(params.text("dtype"));
  if (!dtype) return sdk::no_kernel("gqa: q, k and v must be all bfloat16 or all float16");
  if (*width > 512 || *width <= 0)
    return sdk::no_kernel("gqa: head_dim " + sdk::text(*width) + " is not 1 to 512");
  if (*hkv <= 0 || *hq % *hkv != 0)
    return sdk::no_kernel("gqa: num_qo_heads " + sdk::text(*hq) +
                          " is not a multiple of num_kv_heads " + sdk::text(*hkv));
  if (paged && (*page <= 0 || (*page & (*page - 1)) != 0))
    return sdk::no_kernel("gqa: page_size " + sdk::text(*page) + " is not a power of two");
  const std::int64_t window = params.integer("window_left");
  const double cap = params.real("logit_cap");
  if (window > std::numeric_limits<std::int32_t>::max() || !std::isfinite(cap))
    return sdk::no_kernel("gqa: no kernel takes this window or cap of the logits");

  const std::int64_t ratio = *hq / *hkv;
  const int shared = chip.shared_limit;
  const std::int64_t padded = (*width + 63) / 64 * 64;  // a row in shared memory
  kdex::KernelPlan p;
  p.available = true;
  p.early = chip.is_hopper();
  using Constants = std::vector<std::pair<std::string, std::string>>;
  auto unit = [&](const char* file, const char* entry, const Constants& more = {}) {
    Constants all = {
        {"KDEX_DTYPE", *dtype},
        {"NUM_QO_HEADS", sdk::text(*hq)},
        {"NUM_KV_HEADS", sdk::text(*hkv)},
        {"HEAD_DIM_QK", sdk::text(*width)},
        {"HEAD_DIM_VO", sdk::text(*width)},
        {"PAGE_SIZE", paged ? sdk::text(*page) : "0"},
        {"HAS_LAST_PAGE_LEN", last ? "1" : "0"},
        {"WINDOW_LEFT", sdk::text(window >= 0 ? static_cast<std::int64_t>(window) : -1)},
        {"LOGIT_CAP", cap > 0 ? sdk::python_float(cap) : "0"}};
    all.insert(all.end(), more.begin(), more.end());
    return sdk::add_unit(p, file, entry, std::move(all));
  };
  const kdex::TensorSpec keys_spec{paged ? "k_cache" : "k", {}, params.text("dtype"), ""},
      values_spec{paged ? "v_cache" : "v", {}, params.text("dtype"), ""};
  const auto *k = &keys_spec, *v = &values_spec;
  auto given = [&](std::string_view name) {
    const bool is_there = name == "qo_indptr"          ? prefill
                          : name == "kv_indices"       ? paged
                          : name == "kv_last_page_len" ? last
                                                       : true;
    return is_there ? sdk::tensor_argument(std::string(name)) : sdk::null_argument();
  };
  const std::string keys_in_use = "num_kv_indices * page_size";
  auto combine = [&] {
    kdex::KernelLaunch l;
    l.entry = "gqa_combine";
    l.unit = unit("gqa/combine.cu", "gqa_combine");
    l.when = "batch_size > 0";
    l.grid[0] = "ceil_div(batch_size * num_qo_heads, 4)";
    l.block = "128";
    l.arguments = {sdk::tensor_argument("partial_out"), sdk::tensor_argument("partial_lse"),
                   sdk::tensor_argument("first_item"),  given("kv_indptr"),
                   given("kv_last_page_len"),           sdk::tensor_argument("output"),
                   sdk::tensor_argument("lse"),         sdk::int_argument("batch_size"),
                   sdk::int_argument("chunk")};
    p.launches.push_back(std::move(l));
  };
  const std::int64_t row_blocks = (ratio + 15) / 16;
  if (prefill && chip.is_hopper() && *width % 128 == 0 && *width > 256) {
    const std::int64_t slabs =
        *width / 64;  // queries (three are in registers), probabilities, keys, values
    p.summary = "wgmma, 64 query rows a block, the columns shared by two warpgroups";
    p.values = {{"sequences", "len_indptr - 1"},
                {"items", "ceil_div(total_q * " + sdk::text(ratio) + ", 64) + sequences"}};
    kdex::KernelLaunch l;
    l.entry = "gqa_prefill_wgmma_wide";
    l.unit = unit("gqa/prefill_wgmma_wide.cu", "gqa_prefill_wgmma_wide");
    l.when = "total_q > 0";
    l.grid = {"items", "num_kv_heads", "1"};
    l.block = "384";
    l.shared = sdk::text((slabs - 3 + 1 + 2 * slabs) * 8192 + 1024);
    l.arguments = {sdk::tensor_argument("q"),
                   sdk::tensor_argument(k->name),
                   sdk::tensor_argument(v->name),
                   given("qo_indptr"),
                   given("kv_indptr"),
                   given("kv_indices"),
                   given("kv_last_page_len"),
                   sdk::scalar_argument("sm_scale"),
                   sdk::tensor_argument("output"),
                   sdk::tensor_argument("lse"),
                   sdk::int_argument("sequences")};
    p.launches.push_back(std::move(l));
    return p;
  }
  if (*width > 256 || *width % 16 != 0 || (prefill && !chip.is_hopper() && *width != padded)) {
    // As many tiles of keys in flight as fit; two blocks on a multiprocessor where a row is narrow.
    const std::int64_t row = 2 * padded * 2, per_sm = *width > 256 ? 1 : 2;
    auto logits = [](std::int64_t keys) { return 64 / keys * 16 * (keys + 8) * 4; };
    const std::int64_t keys = 2 * 32 * row + logits(32) <= shared ? 32 : 16;
    const std::int64_t stages = std::max<std::int64_t>(
        2, std::min<std::int64_t>(6, (shared / per_sm - 1024 - logits(keys)) / (keys * row)));
    p.summary = "mma.sync, 16 rows a block over a ring of asynchronous copies" +
                std::string(prefill ? "" : ", KV splits, combined");
    const std::string batch = prefill ? "sequences" : "batch_size";
    if (prefill) {
      p.values = {{"sequences", "len_indptr - 1"},
                  {"items", "ceil_div(total_q * " + sdk::text(ratio) + ", 16) + sequences"},
                  {"chunk", "0"}};
    } else {
      sdk::add_parts(p, keys_in_use, batch, *hkv * row_blocks, per_sm == 1 ? "sms" : "sms * 2",
                     per_sm == 1 ? 120 : 200);
      p.buffers = {{"partial_out", "items * num_qo_heads * head_dim * 4", false},
                   {"partial_lse", "items * num_qo_heads * 4", false},
                   {"first_item", "batch_size * 4", false}};
    }
    auto part = [&](const char* name) {
      return prefill ? sdk::null_argument() : sdk::tensor_argument(name);
    };
    kdex::KernelLaunch l;
    l.entry = "gqa_any_head_dim";
    l.unit = unit("gqa/any_head_dim.cu", "gqa_any_head_dim",
                  {{"PREFILL", prefill ? "1" : "0"},
                   {"BLOCK_KV", sdk::text(keys)},
                   {"NUM_STAGES", sdk::text(stages)}});
    l.when = (prefill ? "total_q" : batch) + " > 0";
    l.grid = {"items", "num_kv_heads", prefill ? "1" : sdk::text(row_blocks)};
    l.block = "256";
    l.shared = sdk::text(stages * keys * row + logits(keys));
    l.arguments = {sdk::tensor_argument("q"),
                   sdk::tensor_argument(k->name),
                   sdk::tensor_argument(v->name),
                   given("qo_indptr"),
                   given("kv_indptr"),
                   given("kv_indices"),
                   given("kv_last_page_len"),
                   sdk::scalar_argument("sm_scale"),
                   part("partial_out"),
                   part("partial_lse"),
                   part("first_item"),
                   sdk::tensor_argument("output"),
                   sdk::tensor_argument("lse"),
                   sdk::int_argument(batch),
                   sdk::int_argument("chunk")};
    p.launches.push_back(std::move(l));
    if (!prefill) combine();
    return p;
  }
  if (prefill) {
    const bool wide = chip.is_hopper();
    const int keys = padded > 128 ? 64 : 128;
    const std::string rows = wide ? "128" : "64";
    const bool boxes = wide && (!paged || *page >= 16);  // smaller pages would be too many boxes
    const std::int64_t box = !boxes ? 0 : paged ? std::min<std::int64_t>(*page, keys) : keys;
    p.summary = wide ? "wgmma, 128 query rows a block" : "mma.sync, 64 query rows a block";
    p.values = {
        {"sequences", "len_indptr - 1"},
        {"items", "ceil_div(total_q * " + sdk::text(ratio) + ", " + rows + ") + sequences"}};
    kdex::KernelLaunch l;
    l.entry = wide ? "gqa_prefill_wgmma" : "gqa_prefill";
    l.unit =
        wide ? unit("gqa/prefill_wgmma.cu", "gqa_prefill_wgmma", {{"TMA_BOX_ROWS", sdk::text(box)}})
             : unit("gqa/prefill.cu", "gqa_prefill");
    l.when = "total_q > 0";
    if (wide)
      l.grid[0] = "min(sms, items * num_kv_heads)";
    else
      l.grid = {"num_kv_heads", "items", "1"};
    l.block = wide ? "384" : "128";
    l.shared = wide ? sdk::text((padded > 128 ? 1 : 2) * 128 * padded * 2 +
                                2 * keys * 2 * padded * 2 + 1024)
                    : "0";
    if (wide) p.buffers = {{"taken", "4", true}};
    l.arguments = {sdk::tensor_argument("q"),
                   sdk::tensor_argument(k->name),
                   sdk::tensor_argument(v->name),
                   given("qo_indptr"),
                   given("kv_indptr"),
                   given("kv_indices"),
                   given("kv_last_page_len"),
                   sdk::scalar_argument("sm_scale"),
                   sdk::tensor_argument("output"),
                   sdk::tensor_argument("lse")};
    if (wide) l.arguments.push_back(sdk::tensor_argument("taken"));
    l.arguments.push_back(sdk::int_argument("sequences"));
    if (wide) l.arguments.push_back(sdk::int_argument("items"));
    if (boxes)
      sdk::add_key_boxes(p, l, *k, *hkv * *width, *v, *hkv * *width,
                         paged ? "num_pages * page_size" : "total_kv", box);
    p.launches.push_back(std::move(l));
    return p;
  }
  // Two blocks share a multiprocessor where its shared memory holds two rings of at least two
  // tiles.
  const std::int64_t warps = 2 * 4 * 64 * padded <= shared ? 4 : 2;
  const std::int64_t tile = warps * 16 * 2 * padded * 2;
  const std::int64_t stages = std::max<std::int64_t>(
      2, shared > 110 * 1024 ? std::min<std::int64_t>(4, (shared / 2 - 1024) / tile)
                             : std::min<std::int64_t>(4, shared / tile));
  if (stages * tile > shared)
    return sdk::no_kernel("gqa: head_dim " + sdk::text(*width) + " needs " +
                          sdk::text(stages * tile) + " bytes of shared memory, " + chip.arch +
                          " has " + sdk::text(shared));
  p.summary = "mma.sync over a ring of asynchronous copies, KV splits on many CTAs, combined";
  sdk::add_parts(p, keys_in_use, "batch_size", *hkv * row_blocks, "sms * 2", 200);
  p.buffers = {{"partial_out", "items * num_qo_heads * head_dim * 4", false},
               {"partial_lse", "items * num_qo_heads * 4", false},
               {"first_item", "batch_size * 4", false}};
  kdex::KernelLaunch part;
  part.entry = "gqa_decode";
  part.unit = unit("gqa/decode.cu", "gqa_decode",
                   {{"NUM_WARPS", sdk::text(warps)}, {"NUM_STAGES", sdk::text(stages)}});
  part.when = "batch_size > 0";
  part.grid = {"items", "num_kv_heads", sdk::text(row_blocks)};
  part.block = sdk::text(32 * warps);
  part.shared = sdk::text(stages * tile);
  part.arguments = {sdk::tensor_argument("q"),
                    sdk::tensor_argument(k->name),
                    sdk::tensor_argument(v->name),
                    given("kv_indptr"),
                    given("kv_indices"),
                    given("kv_last_page_len"),
                    sdk::scalar_argument("sm_scale"),
                    sdk::tensor_argument("partial_out"),
                    sdk::tensor_argument("partial_lse"),
                    sdk::tensor_argument("first_item"),
                    sdk::tensor_argument("output"),
                    sdk::tensor_argument("lse"),
                    sdk::int_argument("batch_size"),
                    sdk::int_argument("chunk")};
  p.launches.push_back(std::move(part));
  combine();
  return p;
}

}  // namespace kdex_gqa
