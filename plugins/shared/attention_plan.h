// What the plans of attention families have in common: how keys are split among CTAs, tensor maps
// of keys and values, and the launches of kernels/gqa, which latent attention's ragged form takes
// too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kdex/kernel_authoring.h>

namespace kdex_shared {
namespace sdk = kdex::sdk;
using kdex::Expr;

/// Keys that a split takes, and the most splits that all sequences may have.
struct KvSplits {
  Expr split_size, items;
};
/// How `keys` keys of `sequences` sequences are split when each split has `groups` CTAs: the least
/// time in units of one CTA's keys. A CTA costs about 100 keys beside its own, the combination as
/// much, and CTAs that have the device for themselves run up to `faster` / 100 times as fast.
/// `slots`: CTAs that the device holds. `set`: keys of a split, in place of the choice.
inline KvSplits add_kv_splits(kdex::KernelPlan& p, const Expr& keys, const Expr& sequences,
                              std::int64_t groups, const Expr& slots, int faster,
                              std::optional<std::int64_t> set) {
  const Expr sequences_at_least = max(1, sequences),
             length = sdk::named_value(p, "length", ceil_div(max(keys, 1), sequences_at_least));
  auto size_of = [&](const Expr& splits) {
    return max(128, ceil_div(ceil_div(length, splits), 64) * 64);
  };
  auto cost_of = [&](const Expr& split_size) {
    const Expr splits = ceil_div(length, split_size), ctas = sequences_at_least * groups * splits,
               alone = min(faster, max(100, slots * 100 / ctas));
    return ceil_div(ctas, slots) * (min(split_size, length) * 100 / alone + 100) +
           select(splits > 1, 100 + 2 * splits, 0);
  };
  Expr split_size;
  if (set) {
    split_size = sdk::named_value(p, "split_size", *set);
  } else {
    // The least cost and then the fewest splits, which are in the lower eight bits.
    std::optional<Expr> least;
    for (int n : {1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128}) {
      const Expr score =
          sdk::named_value(p, "score_" + sdk::text(n), cost_of(size_of(n)) * 256 + n);
      least = least ? min(*least, score) : score;
    }
    const Expr splits = sdk::named_value(p, "splits", *least % 256);
    split_size = sdk::named_value(p, "split_size", size_of(splits));
  }
  return {split_size, sdk::named_value(p, "items", ceil_div(keys, split_size) + sequences)};
}

/// Keys and values by TMA: tensor maps of both as [tokens, elements of a token] with boxes of 64
/// elements and `box` tokens, which come first among the launch's arguments. The unit's constant
/// TMA_BOX_ROWS is `box`.
inline void add_key_boxes(kdex::KernelPlan& p, kdex::KernelLaunch& l, const std::string& dtype,
                          const std::pair<std::string, std::int64_t>& keys,
                          const std::pair<std::string, std::int64_t>& values, const Expr& tokens,
                          std::int64_t box) {
  for (const auto& [map, of] : {std::pair{"m_k", &keys}, std::pair{"m_v", &values}})
    p.maps.push_back(
        {map, of->first, dtype, {of->second, max(1, tokens)}, {of->second * 2}, {64, box}});
  l.arguments.insert(l.arguments.begin(), {sdk::map_argument("m_k"), sdk::map_argument("m_v")});
}

/// The rows of an e4m3 cache that a batch uses as 16 bits, before a kernel that takes no other.
class Dequantizer {
 public:
  /// `dtype`: of the result; `tokens`: of all pages that the batch uses, page after page.
  Dequantizer(kdex::KernelPlan& plan, std::string dtype, std::int64_t page, Expr tokens)
      : plan_(plan), dtype_(std::move(dtype)), page_(page), tokens_(std::move(tokens)) {}

  /// A buffer `to` with `from`'s rows of `width` elements, times the scalar input `scale` (none:
  /// 1). The first call makes the buffer `order`, which is the result's kv_indices.
  void cache(const std::string& from, const std::string& to, std::int64_t width,
             const std::string& scale) {
    convert(from, to, width, page_, tokens_, scale, ordered_ ? "" : "order");
    ordered_ = true;
  }
  /// The same of `rows` rows that lie one after the other.
  void rows(const std::string& from, const std::string& to, std::int64_t width, const Expr& rows) {
    convert(from, to, width, 0, rows, "", "");
  }

 private:
  void convert(const std::string& from, const std::string& to, std::int64_t width,
               std::int64_t page, const Expr& rows, const std::string& scale,
               const std::string& order) {
    const std::int64_t chunk = width % 16 == 0 ? 16 : 1;
    const std::size_t unit = sdk::add_unit(plan_, "gqa/dequantize.cu", "gqa_dequantize",
                                           {{"KDEX_DTYPE", *sdk::dtype_constant(dtype_)},
                                            {"ROW", sdk::text(width)},
                                            {"ROW_CHUNK", sdk::text(chunk)},
                                            {"PAGE_SIZE", sdk::text(page)}});
    plan_.buffers.push_back({to, max(1, rows) * width * 2});
    if (!order.empty()) plan_.buffers.push_back({order, max(1, rows / page) * 4});
    auto& l = sdk::add_launch(plan_, unit, rows > 0);
    l.grid[0] = min(kdex::device_sms() * 8, ceil_div(rows * (width / chunk), 256));
    l.block = 256;
    l.arguments = {sdk::tensor_argument(from),
                   page > 0 ? sdk::tensor_argument("kv_indices") : sdk::null_argument(),
                   scale.empty() ? sdk::real_argument("1.0f") : sdk::scalar_argument(scale),
                   sdk::tensor_argument(to),
                   order.empty() ? sdk::null_argument() : sdk::tensor_argument(order),
                   sdk::int_argument(rows)};
  }

  kdex::KernelPlan& plan_;
  std::string dtype_;
  std::int64_t page_;
  Expr tokens_;
  bool ordered_ = false;
};

/// The constant SINKS of a dtype; nothing where no kernel takes it.
inline std::optional<std::string> sinks_constant(const std::string& dtype) {
  if (dtype == "float16") return "1";
  if (dtype == "bfloat16") return "2";
  if (dtype == "float32") return "3";
  return std::nullopt;
}

/// Attention with query heads in groups of one key head; `page` 0: keys are packed.
struct Attention {
  std::string dtype;  // of the output, and of what no flag below says to be e4m3
  std::int64_t qo_heads = 0, kv_heads = 0, qk_dim = 0, vo_dim = 0, page = 0;
  bool prefill = false, last_page_len = false;
  std::int64_t window_left = -1;
  std::string logit_cap = "0";
  std::string sinks = "0";                      // the kernels' constant
  bool fp8_cache = false, fp8_queries = false;  // e4m3; the cache with scalars k_scale, v_scale
  std::string q = "q", k = "k", v = "v", pages = "kv_indices";  // inputs or buffers

  std::int64_t ratio() const { return qo_heads / kv_heads; }
  /// Widths of rows in shared memory.
  std::int64_t qk_row() const { return (qk_dim + 63) / 64 * 64; }
  std::int64_t vo_row() const { return (vo_dim + 63) / 64 * 64; }
};

/// Which of kernels/gqa.
enum class AttentionKernel {
  decode,
  decode_fp8,
  prefill,
  prefill_wgmma,
  prefill_wgmma_wide,
  any_head_dim
};

/// wgmma's two on sm_90a, mma.sync straight from global memory where widths are whole slabs of 64,
/// else the one for any head_dim; decode: its own for widths of a multiple of 16 up to 256, which
/// for an e4m3 cache is another. The others take such a cache as 16 bits.
inline AttentionKernel choose(const Attention& a, const kdex::Chip& chip) {
  const bool narrow = a.qk_dim <= 256 && a.vo_dim <= 256,
             by_16 = a.qk_dim % 16 == 0 && a.vo_dim % 16 == 0, hopper = chip.is_hopper();
  using enum AttentionKernel;
  if (!a.prefill) return !narrow || !by_16 ? any_head_dim : a.fp8_cache ? decode_fp8 : decode;
  if (hopper && a.qk_dim > 256 && a.qk_dim % 128 == 0 && a.vo_dim % 128 == 0)
    return prefill_wgmma_wide;
  if (narrow && hopper && by_16 && a.vo_row() <= a.qk_row()) return prefill_wgmma;
  return narrow && a.qk_dim == a.qk_row() && a.vo_dim == a.vo_row() ? prefill : any_head_dim;
}

/// Writes the launches of one Attention into a plan that is available.
class AttentionPlanner {
 public:
  AttentionPlanner(kdex::KernelPlan& plan, const Attention& attention, const kdex::Chip& chip,
                   const kdex::Tuning& tuning)
      : plan_(plan), a_(attention), chip_(chip), tuning_(tuning) {}

  /// The kernel of choose(), or the one that the tuning names.
  AttentionKernel kernel() const {
    using enum AttentionKernel;
    if (!a_.prefill) {
      const auto word = tuning_.word("KERNEL", {"decode", "decode_fp8", "any_head_dim"});
      if (!word) return choose(a_, chip_);
      if (*word == "decode_fp8" && !a_.fp8_cache)
        throw kdex::Error("decode_fp8 needs a cache of e4m3", "KERNEL");
      return *word == "decode" ? decode : *word == "decode_fp8" ? decode_fp8 : any_head_dim;
    }
    const auto word =
        tuning_.word("KERNEL", {"prefill", "prefill_wgmma", "prefill_wgmma_wide", "any_head_dim"});
    if (!word) return choose(a_, chip_);
    if (word->starts_with("prefill_wgmma") && !chip_.is_hopper())
      throw kdex::Error(*word + " needs sm_90a", "KERNEL");
    return *word == "prefill"         ? prefill
           : *word == "prefill_wgmma" ? prefill_wgmma
           : *word == "any_head_dim"  ? any_head_dim
                                      : prefill_wgmma_wide;
  }

  void add() {
    const AttentionKernel chosen = kernel();
    if (!a_.fp8_cache || chosen == AttentionKernel::decode_fp8) return add(chosen);
    dequantize();
    add(chosen);
    if (plan_.available) plan_.summary += ", over the cache as 16 bits";
  }

 private:
  void add(AttentionKernel chosen) {
    switch (chosen) {
      case AttentionKernel::decode:
        return add_decode(false);
      case AttentionKernel::decode_fp8:
        return add_decode(true);
      case AttentionKernel::any_head_dim:
        return add_any_head_dim();
      case AttentionKernel::prefill:
        return add_prefill();
      case AttentionKernel::prefill_wgmma:
        return add_prefill_wgmma();
      case AttentionKernel::prefill_wgmma_wide:
        return add_prefill_wgmma_wide();
    }
  }
  /// The constants of combine.cu, which those that see keys have too.
  sdk::Constants of_results() const {
    return {{"KDEX_DTYPE", *sdk::dtype_constant(a_.dtype)},
            {"NUM_QO_HEADS", sdk::text(a_.qo_heads)},
            {"HEAD_DIM_VO", sdk::text(a_.vo_dim)},
            {"PAGE_SIZE", sdk::text(a_.page)},
            {"HAS_LAST_PAGE_LEN", a_.last_page_len ? "1" : "0"},
            {"WINDOW_LEFT", sdk::text(a_.window_left)},
            {"SINKS", a_.sinks}};
  }
  std::size_t unit(const std::string& name, const sdk::Constants& more = {}) {
    sdk::Constants all = of_results();
    all.insert(all.end(), {{"NUM_KV_HEADS", sdk::text(a_.kv_heads)},
                           {"HEAD_DIM_QK", sdk::text(a_.qk_dim)},
                           {"LOGIT_CAP", a_.logit_cap}});
    all.insert(all.end(), more.begin(), more.end());
    return sdk::add_unit(plan_, "gqa/" + name + ".cu", "gqa_" + name, std::move(all));
  }
  static kdex::KernelArgument given(bool is_there, const std::string& name) {
    return is_there ? sdk::tensor_argument(name) : sdk::null_argument();
  }
  /// q, keys, values, where sequences begin, the factor of the logits.
  std::vector<kdex::KernelArgument> inputs(bool query_rows) const {
    std::vector<kdex::KernelArgument> out = {sdk::tensor_argument(a_.q), sdk::tensor_argument(a_.k),
                                             sdk::tensor_argument(a_.v)};
    if (query_rows) out.push_back(given(a_.prefill, "qo_indptr"));
    out.insert(out.end(),
               {sdk::tensor_argument("kv_indptr"), given(a_.page > 0, a_.pages),
                given(a_.last_page_len, "kv_last_page_len"), sdk::scalar_argument("sm_scale")});
    if (a_.fp8_cache)
      out.insert(out.end(), {sdk::scalar_argument("k_scale"), sdk::scalar_argument("v_scale")});
    if (a_.sinks != "0") out.push_back(sdk::tensor_argument("sinks"));
    return out;
  }
  static void append(kdex::KernelLaunch& l, std::vector<kdex::KernelArgument> more) {
    l.arguments.insert(l.arguments.end(), more.begin(), more.end());
  }

  /// From here on the batch's keys, values and queries are 16 bits.
  void dequantize() {
    const Expr pages = kdex::axis("num_kv_indices");
    Dequantizer to(plan_, a_.dtype, a_.page, pages * kdex::axis("page_size"));
    to.cache(a_.k, "keys", a_.kv_heads * a_.qk_dim, "k_scale");
    to.cache(a_.v, "values", a_.kv_heads * a_.vo_dim, "v_scale");
    a_.k = "keys", a_.v = "values", a_.pages = "order", a_.fp8_cache = false;
    tokens_ = "num_kv_indices";
    if (!a_.fp8_queries) return;
    to.rows(a_.q, "queries", a_.qo_heads * a_.qk_dim, a_.prefill ? kdex::axis("total_q") : batch_);
    a_.q = "queries", a_.fp8_queries = false;
  }

  /// A prefill launch over items of `rows` query rows; its grid is the caller's.
  kdex::KernelLaunch& prefill_launch(std::size_t unit, int rows, int threads) {
    const Expr total_q = kdex::axis("total_q");
    sequences_ = sdk::named_value(plan_, "sequences", kdex::axis("len_indptr") - 1);
    items_ = sdk::named_value(plan_, "items", ceil_div(total_q * a_.ratio(), rows) + sequences_);
    auto& l = sdk::add_launch(plan_, unit, total_q > 0);
    l.block = threads;
    l.arguments = inputs(true);
    return l;
  }

  void add_prefill() {
    plan_.summary = "mma.sync, 64 query rows a block";
    auto& l = prefill_launch(unit("prefill"), 64, 128);
    l.grid = {kv_heads_, items_, 1};
    append(l, {sdk::tensor_argument("output"), sdk::tensor_argument("lse"),
               sdk::int_argument(sequences_)});
  }

  void add_prefill_wgmma() {
    const std::int64_t qk = a_.qk_row(), vo = a_.vo_row(), keys = qk > 192 || vo > 128 ? 64 : 128;
    // Smaller pages would be too many boxes.
    std::int64_t box = a_.page == 0 ? keys : a_.page >= 16 ? std::min(a_.page, keys) : 0;
    box = tuning_.number_or("TMA_BOX_ROWS", box);
    const bool dynamic = tuning_.number_or("DYNAMIC_ITEMS", 1) != 0;
    plan_.summary = "wgmma, 128 query rows a block";
    auto& l = prefill_launch(unit("prefill_wgmma", {{"TMA_BOX_ROWS", sdk::text(box)}}), 128, 384);
    l.grid[0] = min(kdex::device_sms(), items_ * kv_heads_);
    l.shared = (qk > 128 ? 1 : 2) * 128 * qk * 2 + 2 * keys * (qk + vo) * 2 + 1024;
    // CTAs take items from a counter.
    if (dynamic) plan_.buffers.push_back({"taken", 4, true});
    append(l, {sdk::tensor_argument("output"), sdk::tensor_argument("lse"), given(dynamic, "taken"),
               sdk::int_argument(sequences_), sdk::int_argument(items_)});
    if (box > 0)
      add_key_boxes(
          plan_, l, a_.dtype, {a_.k, a_.kv_heads * a_.qk_dim}, {a_.v, a_.kv_heads * a_.vo_dim},
          a_.page ? kdex::axis(tokens_) * kdex::axis("page_size") : kdex::axis("total_kv"), box);
  }

  void add_prefill_wgmma_wide() {
    plan_.summary = "wgmma, 64 query rows a block, the columns shared by two warpgroups";
    auto& l = prefill_launch(unit("prefill_wgmma_wide"), 64, 384);
    l.grid = {items_, kv_heads_, 1};
    // Slabs of queries (three are in registers), probabilities, keys, values.
    l.shared = (2 * a_.qk_dim / 64 - 3 + a_.vo_dim / 64 + 1) * 8192 + 1024;
    append(l, {sdk::tensor_argument("output"), sdk::tensor_argument("lse"),
               sdk::int_argument(sequences_)});
  }

  void add_any_head_dim() {
    // As many tiles of keys in flight as fit; two CTAs on an SM where a row is narrow.
    const std::int64_t row = (a_.qk_row() + a_.vo_row()) * 2, limit = chip_.shared_limit,
                       ctas = a_.qk_dim > 256 || a_.vo_dim > 256 ? 1 : 2;
    auto logits = [](std::int64_t keys) { return 64 / keys * 16 * (keys + 8) * 4; };
    const std::int64_t keys =
        tuning_.number_or("BLOCK_KV", 2 * 32 * row + logits(32) <= limit ? 32 : 16);
    const std::int64_t fit = (limit / ctas - 1024 - logits(keys)) / (keys * row);
    const std::int64_t stages =
        tuning_.number_or("NUM_STAGES", std::clamp<std::int64_t>(fit, 2, 6));
    plan_.summary = "mma.sync, 16 rows a block over a ring of asynchronous copies" +
                    std::string(a_.prefill ? "" : ", KV splits, combined");
    const std::size_t u = unit("any_head_dim", {{"PREFILL", a_.prefill ? "1" : "0"},
                                                {"BLOCK_KV", sdk::text(keys)},
                                                {"NUM_STAGES", sdk::text(stages)}});
    kdex::KernelLaunch& l = a_.prefill
                                ? prefill_launch(u, 16, 256)
                                : decode_launch(u, 256, ctas, ctas == 1 ? 120 : 200, inputs(true));
    if (a_.prefill) l.grid = {items_, kv_heads_, 1};
    l.shared = stages * keys * row + logits(keys);
    append(l, {given(!a_.prefill, "partial_out"), given(!a_.prefill, "partial_lse"),
               given(!a_.prefill, "first_item"), sdk::tensor_argument("output"),
               sdk::tensor_argument("lse"), sdk::int_argument(a_.prefill ? sequences_ : batch_),
               sdk::int_argument(a_.prefill ? Expr(0) : split_size_)});
    if (!a_.prefill) combine();
  }

  void add_decode(bool fp8) {
    // Two CTAs on an SM where its shared memory holds two rings of at least two tiles.
    const std::int64_t limit = chip_.shared_limit,
                       warp_tile = fp8 ? fp8_tile() : 16 * 2 * a_.qk_row() * 2,
                       warps = 2 * 4 * warp_tile <= limit ? 4 : 2, tile = warps * warp_tile;
    const std::int64_t fit = limit > 110 * 1024 ? (limit / 2 - 1024) / tile : limit / tile;
    const std::int64_t stages =
        tuning_.number_or("NUM_STAGES", std::clamp<std::int64_t>(fit, 2, 4));
    if (stages * tile > limit) {
      plan_ = sdk::no_kernel("gqa: head_dim " + sdk::text(a_.qk_dim) + " needs " +
                             sdk::text(stages * tile) + " bytes of shared memory, " + chip_.arch +
                             " has " + sdk::text(limit));
      return;
    }
    plan_.summary = "mma.sync over a ring of asynchronous copies" +
                    std::string(fp8 ? " of e4m3" : "") + ", KV splits on many CTAs, combined";
    sdk::Constants more = {{"NUM_WARPS", sdk::text(warps)}, {"NUM_STAGES", sdk::text(stages)}};
    if (fp8) more.emplace_back("FP8_QUERIES", a_.fp8_queries ? "1" : "0");
    auto& l =
        decode_launch(unit(fp8 ? "decode_fp8" : "decode", more), 32 * warps, 2, 200, inputs(false));
    l.shared = stages * tile;
    append(l, {sdk::tensor_argument("partial_out"), sdk::tensor_argument("partial_lse"),
               sdk::tensor_argument("first_item"), sdk::tensor_argument("output"),
               sdk::tensor_argument("lse"), sdk::int_argument(batch_),
               sdk::int_argument(split_size_)});
    combine();
  }
  /// Bytes of a warp's tile of e4m3 keys and values: slabs of 128 columns.
  std::int64_t fp8_tile() const {
    const std::int64_t keys = a_.qk_dim > 192 || a_.vo_dim > 192 ? 16 : 32;
    return keys * 128 * ((a_.qk_dim + 127) / 128 + (a_.vo_dim + 127) / 128);
  }

  /// A launch over KV splits, 16 query heads of one key head a CTA, `ctas` of which an SM holds.
  kdex::KernelLaunch& decode_launch(std::size_t unit, std::int64_t threads, std::int64_t ctas,
                                    int faster, std::vector<kdex::KernelArgument> arguments) {
    const std::int64_t row_blocks = (a_.ratio() + 15) / 16;
    const Expr tokens = kdex::axis("num_kv_indices") * kdex::axis("page_size");
    const KvSplits splits =
        add_kv_splits(plan_, tokens, batch_, a_.kv_heads * row_blocks, kdex::device_sms() * ctas,
                      faster, tuning_.number("KV_SPLIT_SIZE"));
    split_size_ = splits.split_size, items_ = splits.items;
    splits_ = sdk::named_value(plan_, "mean_splits",
                               ceil_div(ceil_div(max(tokens, 1), max(1, batch_)), split_size_));
    const Expr heads = kdex::axis("num_qo_heads");
    plan_.buffers.insert(plan_.buffers.end(),
                         {{"partial_out", items_ * heads * kdex::axis("head_dim") * 4},
                          {"partial_lse", items_ * heads * 4},
                          {"first_item", batch_ * 4}});
    auto& l = sdk::add_launch(plan_, unit, batch_ > 0);
    l.grid = {items_, kv_heads_, row_blocks};
    l.block = threads;
    l.arguments = std::move(arguments);
    return l;
  }
  /// A warp a head, or four where there are many splits for each CTA of the split kernel, as with
  /// few key heads: elsewhere more CTAs of this one only keep the next call's from an SM.
  void combine() {
    const std::int64_t row_blocks = (a_.ratio() + 15) / 16;
    const kdex::BoolExpr many = splits_ > 8 * a_.kv_heads * row_blocks;
    combine(1, batch_ > 0 && !many);
    combine(4, batch_ > 0 && many);
  }
  void combine(int warps, const kdex::BoolExpr& when) {
    sdk::Constants constants = of_results();
    constants.emplace_back("WARPS_PER_HEAD", sdk::text(warps));
    auto& l = sdk::add_launch(
        plan_, sdk::add_unit(plan_, "gqa/combine.cu", "gqa_combine", std::move(constants)), when);
    l.grid[0] = ceil_div(batch_ * kdex::axis("num_qo_heads") * warps, 4);
    l.block = 128;
    l.arguments = {sdk::tensor_argument("partial_out"), sdk::tensor_argument("partial_lse"),
                   sdk::tensor_argument("first_item"), sdk::tensor_argument("kv_indptr"),
                   given(a_.last_page_len, "kv_last_page_len")};
    if (a_.sinks != "0") l.arguments.push_back(sdk::tensor_argument("sinks"));
    append(l, {sdk::tensor_argument("output"), sdk::tensor_argument("lse"),
               sdk::int_argument(batch_), sdk::int_argument(split_size_)});
  }

  kdex::KernelPlan& plan_;
  Attention a_;  ///< as the next launch takes it
  const kdex::Chip& chip_;
  const kdex::Tuning& tuning_;
  const Expr batch_ = kdex::axis("batch_size"), kv_heads_ = kdex::axis("num_kv_heads");
  const char* tokens_ = "num_pages";              ///< the axis that counts pages of a_.k and a_.v
  Expr sequences_, items_, split_size_, splits_;  ///< splits_: of a sequence of mean length
};

}  // namespace kdex_shared
