// The kernels of latent attention: kernels/mla over the paged latent cache, kernels/gqa's prefill
// for the expanded ragged form.
#include <algorithm>
#include <cmath>
#include <limits>

#include <kdex/authoring.h>

#include "mla.h"
#include "plugins/shared/attention_plan.h"

namespace kdex_mla {
namespace sdk = kdex::sdk;
using kdex::Expr;

namespace {

kdex::KernelPlan ragged(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                        const kdex::Tuning& tuning) {
  const std::int64_t heads = params.integer("num_qo_heads"), kv = params.integer("num_kv_heads"),
                     qk = params.integer("qk_dim"), vo = params.integer("vo_dim");
  if (!sdk::dtype_constant(params.text("dtype")))
    return sdk::no_kernel("mla: q, k and v must be all bfloat16 or all float16");
  if (qk > 512 || qk <= 0)
    return sdk::no_kernel("mla: qk_dim " + sdk::text(qk) + " is not 1 to 512");
  if (vo > 512 || vo <= 0)
    return sdk::no_kernel("mla: vo_dim " + sdk::text(vo) + " is not 1 to 512");
  if (kv <= 0 || heads % kv != 0)
    return sdk::no_kernel("mla: num_qo_heads is not a multiple of num_kv_heads");
  kdex_shared::Attention a;
  a.dtype = params.text("dtype");
  a.qo_heads = heads, a.kv_heads = kv, a.qk_dim = qk, a.vo_dim = vo;
  a.prefill = true;
  if (kind.limited) {
    a.window_left = params.integer("window_left");
    if (params.real("logit_cap") > 0) a.logit_cap = sdk::python_float(params.real("logit_cap"));
  }
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  kdex_shared::AttentionPlanner(p, a, chip, tuning).add();
  return p;
}

/// Latent attention over a paged cache; `scaled`: of a quantized one, with scales of the latent, of
/// groups of its columns and of the rotary part.
struct PagedLatent {
  std::string dtype;
  std::int64_t heads = 0, ckv = 0, kpe = 0, page = 0;
  bool prefill = false, last_page_len = false, scaled = false;
  bool fp8_cache = false, fp8_queries = false;  // e4m3, the cache with scalars k_scale, v_scale
  std::int64_t window_left = -1;
  std::string logit_cap = "0";

  /// Slabs of 64 columns of a row of the cache.
  std::int64_t slabs() const { return (ckv + kpe + 63) / 64; }
};

/// Tiles of kernels/mla/attend_wgmma.cu (`wgmma`: 64 rows, heads of query tokens) or attend.cu
/// (16).
struct Configuration {
  bool wgmma = false;
  std::int64_t block_kv = 64, stages = 2;
  std::int64_t tile = 0;  ///< bytes of a stage
  std::int64_t rest = 0;  ///< other bytes of shared memory
  std::int64_t rows() const { return wgmma ? 64 : 16; }
  std::int64_t shared() const { return stages * tile + rest; }
};

/// 64 rows of wgmma, though most are idle below 64 heads, take less than 16 of mma.sync from 8
/// heads on; a wider row leaves wgmma too few registers.
Configuration choose(const PagedLatent& x, const kdex::Chip& chip, const kdex::Tuning& tuning) {
  const std::int64_t limit = chip.shared_limit, slabs = x.slabs();
  // Queries, two warpgroups' probabilities, alignment.
  const std::int64_t of_64_rows = (slabs - (slabs > 9 ? 4 : 1) + 2) * 8192 + 1024;
  Configuration c;
  c.wgmma = !x.scaled && chip.is_hopper() && (x.prefill || x.heads >= (slabs > 9 ? 17 : 8)) &&
            2 * 8192 * slabs + of_64_rows <= limit - 2048;
  if (const auto kernel = tuning.word("KERNEL", {"attend", "attend_wgmma"})) {
    c.wgmma = *kernel == "attend_wgmma";
    if (c.wgmma && (x.scaled || !chip.is_hopper()))
      throw kdex::Error("attend_wgmma needs sm_90a and a cache without scales", "KERNEL");
  }
  // 64 keys a step where two tiles fit; with scales, which are in a table beside the tile, or a
  // wider row they take too many registers.
  const bool many = limit > 160 * 1024 && !x.scaled && slabs <= 9;
  if (!c.wgmma) c.block_kv = tuning.number_or("BLOCK_KV", many ? 64 : 32);
  c.tile = c.block_kv * slabs * 128 + (x.scaled ? c.block_kv * (x.ckv / 16 + 1) * 4 : 0);
  c.rest = c.wgmma ? of_64_rows : 64 / c.block_kv * 16 * (c.block_kv + 8) * 4;  // (logits)
  if (!c.wgmma)
    c.stages = tuning.number_or("NUM_STAGES",
                                std::clamp<std::int64_t>((limit - 1024 - c.rest) / c.tile, 2, 6));
  return c;
}

class Planner {
 public:
  Planner(kdex::KernelPlan& plan, const PagedLatent& latent, const Configuration& c,
          const kdex::Tuning& tuning)
      : plan_(plan),
        x_(latent),
        c_(c),
        tuning_(tuning),
        common_{{"KDEX_DTYPE", *sdk::dtype_constant(x_.dtype)},
                {"NUM_QO_HEADS", sdk::text(x_.heads)},
                {"HEAD_DIM_CKV", sdk::text(x_.ckv)},
                {"PAGE_SIZE", sdk::text(x_.page)},
                {"HAS_LAST_PAGE_LEN", x_.last_page_len ? "1" : "0"},
                {"WINDOW_LEFT", sdk::text(x_.window_left)}} {}

  void add() {
    plan_.summary = (c_.wgmma ? "wgmma, 64 rows (heads of query tokens) a block"
                              : "mma.sync over a ring of latent tiles shared by sixteen heads") +
                    std::string(x_.prefill ? "" : ", KV splits, combined") +
                    (x_.fp8_cache ? ", over the cache as 16 bits" : "");
    batch_ = x_.prefill ? sdk::named_value(plan_, "sequences", kdex::axis("len_indptr") - 1)
                        : kdex::axis("batch_size");
    if (x_.fp8_cache) dequantize();
    if (x_.prefill)
      query_rows();
    else
      splits();
    attend();
    if (!x_.prefill) combine();
  }

 private:
  static kdex::KernelArgument given(bool is_there, const std::string& name) {
    return is_there ? sdk::tensor_argument(name) : sdk::null_argument();
  }

  /// From here on the batch's latents and queries are 16 bits; k_scale and v_scale are the
  /// kernels'.
  void dequantize() {
    const Expr pages = kdex::axis("num_kv_indices");
    kdex_shared::Dequantizer to(plan_, x_.dtype, x_.page, pages * kdex::axis("page_size"));
    to.cache(ckv_, "latents", x_.ckv, "");
    to.cache(kpe_, "ropes", x_.kpe, "");
    ckv_ = "latents", kpe_ = "ropes", pages_ = "order", page_axis_ = "num_kv_indices";
    if (!x_.fp8_queries) return;
    const Expr rows = x_.prefill ? kdex::axis("total_q") : batch_;
    to.rows(q_nope_, "nope_queries", x_.heads * x_.ckv, rows);
    to.rows(q_pe_, "rope_queries", x_.heads * x_.kpe, rows);
    q_nope_ = "nope_queries", q_pe_ = "rope_queries";
  }
  void query_rows() {
    const Expr total_q = kdex::axis("total_q"), heads = kdex::axis("num_qo_heads");
    items_ = sdk::named_value(plan_, "items", ceil_div(total_q * heads, c_.rows()) + batch_);
    // CTAs take items from a counter.
    if (c_.wgmma) plan_.buffers.push_back({"taken", 4, true});
  }
  void splits() {
    const Expr heads = kdex::axis("num_qo_heads");
    const auto splits = kdex_shared::add_kv_splits(
        plan_, kdex::axis("num_kv_indices") * kdex::axis("page_size"), batch_, row_blocks(),
        kdex::device_sms(), 120, tuning_.number("KV_SPLIT_SIZE"));
    split_size_ = splits.split_size, items_ = splits.items;
    plan_.buffers.insert(plan_.buffers.end(),
                         {{"partial_out", items_ * heads * kdex::axis("head_dim_ckv") * 4},
                          {"partial_lse", items_ * heads * 4}});
  }
  std::int64_t row_blocks() const { return (x_.heads + c_.rows() - 1) / c_.rows(); }

  void attend() {
    // Smaller pages would be too many boxes.
    const std::int64_t box = c_.wgmma && x_.page >= 16 ? std::min<std::int64_t>(x_.page, 64) : 0;
    sdk::Constants constants = common_;
    constants.emplace_back("HEAD_DIM_KPE", sdk::text(x_.kpe));
    constants.emplace_back("LOGIT_CAP", x_.logit_cap);
    constants.emplace_back("PREFILL", x_.prefill ? "1" : "0");
    constants.emplace_back("KV_SCALES", x_.fp8_cache ? "1" : "0");
    if (c_.wgmma)
      constants.emplace_back("TMA_BOX_ROWS", sdk::text(box));
    else
      constants.insert(constants.end(), {{"BLOCK_KV", sdk::text(c_.block_kv)},
                                         {"NUM_STAGES", sdk::text(c_.stages)},
                                         {"SCALED_CACHE", x_.scaled ? "1" : "0"}});
    const std::size_t unit =
        c_.wgmma ? sdk::add_unit(plan_, "mla/attend_wgmma.cu", "mla_attend_wgmma", constants)
                 : sdk::add_unit(plan_, "mla/attend.cu", "mla_attend", constants);
    const Expr items = c_.wgmma && !x_.prefill ? items_ * row_blocks() : items_;
    auto& l = sdk::add_launch(plan_, unit, (x_.prefill ? kdex::axis("total_q") : batch_) > 0);
    l.grid = {c_.wgmma && x_.prefill ? min(kdex::device_sms(), items) : items,
              c_.wgmma || x_.prefill ? 1 : row_blocks(), 1};
    l.block = c_.wgmma ? 384 : 256;
    l.shared = c_.shared();
    l.arguments = {sdk::tensor_argument(q_nope_),     sdk::tensor_argument(q_pe_),
                   sdk::tensor_argument(ckv_),        sdk::tensor_argument(kpe_),
                   given(x_.prefill, "qo_indptr"),    sdk::tensor_argument("kv_indptr"),
                   sdk::tensor_argument(pages_),      given(x_.last_page_len, "kv_last_page_len"),
                   sdk::scalar_argument("sm_scale"),  given(!x_.prefill, "partial_out"),
                   given(!x_.prefill, "partial_lse"), sdk::tensor_argument("output"),
                   sdk::tensor_argument("lse")};
    if (c_.wgmma) l.arguments.push_back(given(x_.prefill, "taken"));
    l.arguments.push_back(sdk::int_argument(batch_));
    l.arguments.push_back(sdk::int_argument(split_size_));
    if (c_.wgmma) l.arguments.push_back(sdk::int_argument(items));
    if (x_.fp8_cache)
      l.arguments.insert(l.arguments.end(),
                         {sdk::scalar_argument("k_scale"), sdk::scalar_argument("v_scale")});
    if (x_.scaled)
      l.arguments.insert(
          l.arguments.end(),
          {sdk::tensor_argument("ckv_scale_arr"), sdk::int_argument(kdex::axis("ckv_scale_groups")),
           sdk::scalar_argument("ckv_scale"), sdk::scalar_argument("kpe_scale")});
    if (box > 0)
      kdex_shared::add_key_boxes(plan_, l, x_.dtype, {ckv_, x_.ckv}, {kpe_, x_.kpe},
                                 kdex::axis(page_axis_) * kdex::axis("page_size"), box);
  }

  void combine() {
    auto& l = sdk::add_launch(plan_, sdk::add_unit(plan_, "mla/combine.cu", "mla_combine", common_),
                              batch_ > 0);
    l.grid[0] = batch_ * kdex::axis("num_qo_heads");
    l.block = (x_.ckv / 4 + 31) / 32 * 32;
    l.arguments = {sdk::tensor_argument("partial_out"), sdk::tensor_argument("partial_lse"),
                   sdk::tensor_argument("kv_indptr"),   given(x_.last_page_len, "kv_last_page_len"),
                   sdk::tensor_argument("output"),      sdk::tensor_argument("lse"),
                   sdk::int_argument(split_size_)};
  }

  kdex::KernelPlan& plan_;
  const PagedLatent& x_;
  const Configuration& c_;
  const kdex::Tuning& tuning_;
  sdk::Constants common_;
  // Inputs, or buffers with the same in 16 bits; the axis that counts the cache's pages.
  std::string q_nope_ = "q_nope", q_pe_ = "q_pe", ckv_ = "ckv_cache", kpe_ = "kpe_cache",
              pages_ = "kv_indices", page_axis_ = "num_pages";
  Expr batch_, items_, split_size_;  ///< sequences; items of all of them; keys of a split
};

}  // namespace

kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  if (!kind.paged) return ragged(params, kind, chip, tuning);
  const std::int64_t heads = params.integer("num_qo_heads"), ckv = params.integer("head_dim_ckv"),
                     kpe = params.integer("head_dim_kpe"), page = params.integer("page_size");
  if (!sdk::dtype_constant(params.text("dtype")))
    return sdk::no_kernel("mla: q and the caches must be all bfloat16 or all float16");
  if (ckv % 64 != 0 || ckv > 512 || ckv <= 0)
    return sdk::no_kernel("mla: head_dim_ckv " + sdk::text(ckv) +
                          " is not a multiple of 64 up to 512");
  if (kpe % 16 != 0 || kpe > 128 || kpe <= 0)
    return sdk::no_kernel("mla: head_dim_kpe " + sdk::text(kpe) +
                          " is not a multiple of 16 up to 128");
  if (page <= 0 || (page & (page - 1)) != 0)
    return sdk::no_kernel("mla: page_size " + sdk::text(page) + " is not a power of two");

  PagedLatent x;
  x.dtype = params.text("dtype");
  x.heads = heads, x.ckv = ckv, x.kpe = kpe, x.page = page;
  x.prefill = kind.prefill, x.last_page_len = kind.last_page, x.scaled = kind.scaled;
  x.fp8_cache = kind.fp8_cache, x.fp8_queries = kind.fp8_queries;
  if (kind.has_limits()) {
    x.window_left = std::max<std::int64_t>(params.integer("window_left"), -1);
    const double cap = params.real("logit_cap");
    if (x.window_left > std::numeric_limits<std::int32_t>::max() || !std::isfinite(cap))
      return sdk::no_kernel("mla: no kernel takes this window or cap of the logits");
    if (cap > 0) x.logit_cap = sdk::python_float(cap);
  }
  const Configuration configuration = choose(x, chip, tuning);
  if (configuration.shared() > chip.shared_limit)
    return sdk::no_kernel("mla: two tiles of the cache need " + sdk::text(configuration.shared()) +
                          " bytes of shared memory, " + chip.arch + " has " +
                          sdk::text(chip.shared_limit));
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  Planner(p, x, configuration, tuning).add();
  return p;
}

}  // namespace kdex_mla
