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

/// Keys that a split takes, and how many splits of all sequences there may be.
struct KvSplits {
  Expr chunk, items;
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
  auto chunk_of = [&](const Expr& splits) {
    return max(128, ceil_div(ceil_div(length, splits), 64) * 64);
  };
  auto cost_of = [&](const Expr& chunk) {
    const Expr splits = ceil_div(length, chunk), ctas = sequences_at_least * groups * splits,
               alone = min(faster, max(100, slots * 100 / ctas));
    return ceil_div(ctas, slots) * (min(chunk, length) * 100 / alone + 100) +
           select(splits > 1, 100 + 2 * splits, 0);
  };
  Expr chunk;
  if (set) {
    chunk = sdk::named_value(p, "chunk", *set);
  } else {
    // The least cost and then the fewest splits, which are in the lower eight bits.
    std::optional<Expr> least;
    for (int n : {1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128}) {
      const Expr score =
          sdk::named_value(p, "score_" + sdk::text(n), cost_of(chunk_of(n)) * 256 + n);
      least = least ? min(*least, score) : score;
    }
    const Expr splits = sdk::named_value(p, "splits", *least % 256);
    chunk = sdk::named_value(p, "chunk", chunk_of(splits));
  }
  return {chunk, sdk::named_value(p, "items", ceil_div(keys, chunk) + sequences)};
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

/// Attention with query heads in groups of one key head; `page` 0: keys are packed.
struct Attention {
  std::string dtype;
  std::int64_t qo_heads = 0, kv_heads = 0, qk_dim = 0, vo_dim = 0, page = 0;
  bool prefill = false, last_page_len = false;
  std::int64_t window_left = -1;
  std::string logit_cap = "0";
  std::string k = "k", v = "v";

  std::int64_t ratio() const { return qo_heads / kv_heads; }
  /// Widths of rows in shared memory.
  std::int64_t qk_row() const { return (qk_dim + 63) / 64 * 64; }
  std::int64_t vo_row() const { return (vo_dim + 63) / 64 * 64; }
};

/// Which of kernels/gqa.
enum class AttentionKernel { decode, prefill, prefill_wgmma, prefill_wgmma_wide, any_head_dim };

/// wgmma's two on sm_90a, mma.sync straight from global memory where widths are whole slabs of 64,
/// else the one for any head_dim; decode: its own for widths of a multiple of 16 up to 256.
inline AttentionKernel choose(const Attention& a, const kdex::Chip& chip) {
  const bool narrow = a.qk_dim <= 256 && a.vo_dim <= 256,
             by_16 = a.qk_dim % 16 == 0 && a.vo_dim % 16 == 0, hopper = chip.is_hopper();
  using enum AttentionKernel;
  if (!a.prefill) return narrow && by_16 ? decode : any_head_dim;
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
      const auto word = tuning_.word("KERNEL", {"decode", "any_head_dim"});
      return !word ? choose(a_, chip_) : *word == "decode" ? decode : any_head_dim;
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
    switch (kernel()) {
      case AttentionKernel::decode:
        return add_decode();
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

 private:
  std::size_t unit(const std::string& name, const sdk::Constants& more = {}) {
    sdk::Constants all = {{"KDEX_DTYPE", *sdk::dtype_constant(a_.dtype)},
                          {"NUM_QO_HEADS", sdk::text(a_.qo_heads)},
                          {"NUM_KV_HEADS", sdk::text(a_.kv_heads)},
                          {"HEAD_DIM_QK", sdk::text(a_.qk_dim)},
                          {"HEAD_DIM_VO", sdk::text(a_.vo_dim)},
                          {"PAGE_SIZE", sdk::text(a_.page)},
                          {"HAS_LAST_PAGE_LEN", a_.last_page_len ? "1" : "0"},
                          {"WINDOW_LEFT", sdk::text(a_.window_left)},
                          {"LOGIT_CAP", a_.logit_cap}};
    all.insert(all.end(), more.begin(), more.end());
    return sdk::add_unit(plan_, "gqa/" + name + ".cu", "gqa_" + name, std::move(all));
  }
  static kdex::KernelArgument given(bool is_there, const char* name) {
    return is_there ? sdk::tensor_argument(name) : sdk::null_argument();
  }
  /// q, keys, values, where sequences begin, the factor of the logits.
  std::vector<kdex::KernelArgument> inputs(bool query_rows) const {
    std::vector<kdex::KernelArgument> out = {sdk::tensor_argument("q"), sdk::tensor_argument(a_.k),
                                             sdk::tensor_argument(a_.v)};
    if (query_rows) out.push_back(given(a_.prefill, "qo_indptr"));
    out.insert(out.end(),
               {sdk::tensor_argument("kv_indptr"), given(a_.page > 0, "kv_indices"),
                given(a_.last_page_len, "kv_last_page_len"), sdk::scalar_argument("sm_scale")});
    return out;
  }
  static void append(kdex::KernelLaunch& l, std::vector<kdex::KernelArgument> more) {
    l.arguments.insert(l.arguments.end(), more.begin(), more.end());
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
    if (dynamic) plan_.buffers = {{"taken", 4, true}};  // CTAs take items from a counter
    append(l, {sdk::tensor_argument("output"), sdk::tensor_argument("lse"), given(dynamic, "taken"),
               sdk::int_argument(sequences_), sdk::int_argument(items_)});
    if (box > 0)
      add_key_boxes(
          plan_, l, a_.dtype, {a_.k, a_.kv_heads * a_.qk_dim}, {a_.v, a_.kv_heads * a_.vo_dim},
          a_.page ? kdex::axis("num_pages") * kdex::axis("page_size") : kdex::axis("total_kv"),
          box);
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
               sdk::int_argument(a_.prefill ? Expr(0) : chunk_)});
    if (!a_.prefill) combine();
  }

  void add_decode() {
    // Two CTAs on an SM where its shared memory holds two rings of at least two tiles.
    const std::int64_t limit = chip_.shared_limit, row = a_.qk_row();
    const std::int64_t warps = 2 * 4 * 64 * row <= limit ? 4 : 2, tile = warps * 16 * 2 * row * 2;
    const std::int64_t fit = limit > 110 * 1024 ? (limit / 2 - 1024) / tile : limit / tile;
    const std::int64_t stages =
        tuning_.number_or("NUM_STAGES", std::clamp<std::int64_t>(fit, 2, 4));
    if (stages * tile > limit) {
      plan_ = sdk::no_kernel("gqa: head_dim " + sdk::text(a_.qk_dim) + " needs " +
                             sdk::text(stages * tile) + " bytes of shared memory, " + chip_.arch +
                             " has " + sdk::text(limit));
      return;
    }
    plan_.summary = "mma.sync over a ring of asynchronous copies, KV splits on many CTAs, combined";
    auto& l = decode_launch(
        unit("decode", {{"NUM_WARPS", sdk::text(warps)}, {"NUM_STAGES", sdk::text(stages)}}),
        32 * warps, 2, 200, inputs(false));
    l.shared = stages * tile;
    append(l, {sdk::tensor_argument("partial_out"), sdk::tensor_argument("partial_lse"),
               sdk::tensor_argument("first_item"), sdk::tensor_argument("output"),
               sdk::tensor_argument("lse"), sdk::int_argument(batch_), sdk::int_argument(chunk_)});
    combine();
  }

  /// A launch over KV splits, 16 query heads of one key head a CTA, `ctas` of which an SM holds.
  kdex::KernelLaunch& decode_launch(std::size_t unit, std::int64_t threads, std::int64_t ctas,
                                    int faster, std::vector<kdex::KernelArgument> arguments) {
    const std::int64_t row_blocks = (a_.ratio() + 15) / 16;
    const KvSplits splits =
        add_kv_splits(plan_, kdex::axis("num_kv_indices") * kdex::axis("page_size"), batch_,
                      a_.kv_heads * row_blocks, kdex::device_sms() * ctas, faster,
                      tuning_.number("KV_SPLIT_SIZE"));
    chunk_ = splits.chunk, items_ = splits.items;
    const Expr heads = kdex::axis("num_qo_heads");
    plan_.buffers = {{"partial_out", items_ * heads * kdex::axis("head_dim") * 4},
                     {"partial_lse", items_ * heads * 4},
                     {"first_item", batch_ * 4}};
    auto& l = sdk::add_launch(plan_, unit, batch_ > 0);
    l.grid = {items_, kv_heads_, row_blocks};
    l.block = threads;
    l.arguments = std::move(arguments);
    return l;
  }
  void combine() {
    auto& l = sdk::add_launch(plan_, unit("combine"), batch_ > 0);
    l.grid[0] = ceil_div(batch_ * kdex::axis("num_qo_heads"), 4);
    l.block = 128;
    l.arguments = {sdk::tensor_argument("partial_out"),
                   sdk::tensor_argument("partial_lse"),
                   sdk::tensor_argument("first_item"),
                   sdk::tensor_argument("kv_indptr"),
                   given(a_.last_page_len, "kv_last_page_len"),
                   sdk::tensor_argument("output"),
                   sdk::tensor_argument("lse"),
                   sdk::int_argument(batch_),
                   sdk::int_argument(chunk_)};
  }

  kdex::KernelPlan& plan_;
  const Attention& a_;
  const kdex::Chip& chip_;
  const kdex::Tuning& tuning_;
  const Expr batch_ = kdex::axis("batch_size"), kv_heads_ = kdex::axis("num_kv_heads");
  Expr sequences_, items_, chunk_;
};

}  // namespace kdex_shared
