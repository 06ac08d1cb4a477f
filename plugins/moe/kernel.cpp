// The kernels of mixtures of experts (kernels/moe): route, place tokens in slots, two grouped
// products, sum. Tiles hold BLOCK_M tokens of one expert; BLOCK_M follows the tokens an expert gets
// on average. For many of them (grouped, sm_90a) items of up to 256 tokens go to clusters of two
// CTAs.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <kdex/kernel_authoring.h>

#include "moe.h"
#include "plugins/shared/swap_ab_tiles.h"

namespace kdex_moe {
namespace sdk = kdex::sdk;
using kdex::BoolExpr;
using kdex::Expr;

namespace {

/// One layer's experts.
struct Layer {
  Weights weights = Weights::half;  ///< their numbers are WEIGHT_FORMAT of kernels/moe
  std::string x_dtype, out_dtype;   ///< of tokens; of the result
  std::string logits = "2";         ///< LOGITS_DTYPE
  std::string routing, activation;  ///< ROUTING and ACTIVATION of kernels/moe
  std::string weight_on_input = "0";
  std::int64_t experts = 0, rows = 0;  ///< all, and those whose weights are here
  std::int64_t top_k = 0, shared = 0, hidden = 0, inter = 0, groups = 1, topk_groups = 1;
  std::vector<std::string> inputs;  ///< names

  bool fp8() const { return weights == Weights::fp8_block || weights == Weights::fp8_tensor; }
  bool fp4() const { return weights == Weights::nvfp4; }
  bool has(std::string_view name) const {
    return std::find(inputs.begin(), inputs.end(), name) != inputs.end();
  }
  /// Bytes of a value that a product reads; experts that a token goes to.
  std::int64_t each() const { return fp8() ? 1 : 2; }
  std::int64_t choices() const { return top_k + shared; }
  std::int64_t up_columns() const { return (inter + 127) / 128; }
  std::int64_t down_columns() const { return (hidden + 255) / 256; }
};

/// A variant of the launches: tokens of a tile; `few`: CTAs share K; `grouped` 1: tiles of
/// grouped_wgmma.cuh over tokens copied to their slots, 2: over tokens where they are.
struct Tile {
  int block_m;
  bool few = false;
  int grouped = 0;
};

/// What the chip lets a layer have, and what a tuning sets of it.
struct Configuration {
  bool swap_ab = false;          ///< TMA and wgmma for every tile
  std::int64_t dequantized = 0;  ///< bytes of NVFP4 weights in 16 bits; 0: never done
  int up_split = 1, down_split = 1;
  std::int64_t places = 0;  ///< CTAs that the device holds
  std::optional<int> grouped, block_m;
  std::vector<Tile> tiles;
  bool may_group() const { return (swap_ab || dequantized > 0) && grouped.value_or(1) != 0; }
};

Configuration choose(const Layer& x, const kdex::Chip& chip, const kdex::Tuning& tuning) {
  Configuration c;
  // FP4 takes TMA and wgmma for many tokens alone, with weights widened before: up to 4 GiB.
  c.swap_ab = chip.is_hopper() && !x.fp4();
  const std::int64_t bytes = x.rows * 4 * x.inter * x.hidden;
  if (x.fp4() && chip.is_hopper() && bytes <= std::int64_t{4} << 30) c.dequantized = bytes;
  c.places =
      chip.sms * (x.fp4() ? kdex_shared::swap_ab_nvfp4_tile(chip, 16).ctas : std::int64_t{1});
  // CTAs that share k, where one token's tiles leave SMs free.
  const std::int64_t step = x.fp8() || x.fp4() ? 128 : 64;
  auto share = [&](std::int64_t columns, std::int64_t k) {
    for (int s : {8, 4, 2})
      if (chip.is_hopper() && x.choices() * columns * s <= c.places &&
          (k + step - 1) / step / s >= 2)
        return s;
    return 1;
  };
  c.up_split = share(x.up_columns(), x.hidden), c.down_split = share(x.down_columns(), x.inter);

  if (auto g = tuning.number("GROUPED"))
    c.grouped = static_cast<int>(std::min<std::int64_t>(*g, 2));
  if (x.fp4())
    if (auto dequantize = tuning.number("DEQUANTIZE")) c.grouped = *dequantize ? 2 : 0;
  if (auto b = tuning.number("BLOCK_M"))
    c.block_m = static_cast<int>(std::clamp<std::int64_t>(*b, 1, 256));
  if (c.block_m && !c.grouped) c.grouped = 0;
  if (c.grouped.value_or(0) != 0 && !c.may_group())
    throw kdex::Error("this layer has no grouped tiles on " + chip.arch, "GROUPED");

  const bool split = c.up_split > 1 || c.down_split > 1;
  if (c.grouped.value_or(0) != 0) {
    c.tiles = {{64, false, *c.grouped}};
  } else if (c.block_m) {
    c.tiles = {{*c.block_m}};
    if (split && *c.block_m == 16) c.tiles.push_back({16, true});
  } else {
    c.tiles = {{16}, {32}};
    if (!c.swap_ab) c.tiles.push_back({64});
    if (x.fp4()) c.tiles.push_back({96});
    if (split) c.tiles.push_back({16, true});
    if (c.may_group()) {
      if (c.swap_ab && x.weights == Weights::fp8_block) c.tiles.push_back({64, false, 1});
      c.tiles.push_back({64, false, 2});
    } else if (c.swap_ab) {
      c.tiles.push_back({64});
    }
  }
  return c;
}

const Expr sms = kdex::device_sms(), seq_len = kdex::axis("seq_len"),
           hidden_size = kdex::axis("hidden_size"), inter_size = kdex::axis("intermediate_size");

class Planner {
 public:
  Planner(kdex::KernelPlan& plan, const Layer& layer, const Configuration& c,
          const kdex::Chip& chip)
      : plan_(plan), x_(layer), c_(c), chip_(chip) {}

  void add() {
    plan_.summary = std::string(c_.swap_ab ? "TMA and wgmma" : "mma.sync") +
                    " on tiles of 256 weight rows, tokens sorted by expert";
    values();
    buffers();
    if (c_.swap_ab || c_.dequantized > 0) maps();
    for (const Tile& t : c_.tiles) launches(t);
  }

 private:
  /// Up to this many tokens an expert, on average.
  BoolExpr up_to(int average) const { return seq_len * x_.top_k <= average * x_.experts; }

  void values() {
    Expr grouped = 0;  // from some tokens an expert on; packed FP4 has none
    if (c_.grouped)
      grouped = *c_.grouped;
    else if (c_.swap_ab)
      grouped = select(up_to(24), 0,
                       x_.weights == Weights::fp8_block ? select(up_to(96), 2, 1) : Expr(2));
    else if (c_.dequantized > 0)
      grouped = select(up_to(128), 0, 2);
    grouped_ = sdk::named_value(plan_, "wide_tiles", grouped);
    const Expr many = x_.fp4() ? select(up_to(48), 64, 96) : Expr(64);
    block_m_ =
        sdk::named_value(plan_, "nt",
                         select(grouped_ != 0, 64,
                                c_.block_m ? Expr(*c_.block_m)
                                           : select(up_to(12), 16, select(up_to(24), 32, many))));
    entries_ = sdk::named_value(plan_, "entries", seq_len * x_.choices());
    slots_ = sdk::named_value(
        plan_, "slots",
        ceil_div(entries_ + min(x_.rows, entries_) * (block_m_ - 1), block_m_) * block_m_);
    tiles_ = sdk::named_value(plan_, "tiles", max(1, min(slots_ / block_m_, entries_)));
    if (!splits()) return;
    BoolExpr few = block_m_ == 16;
    if (c_.up_split > 1) few = few && tiles_ * (x_.up_columns() * c_.up_split) <= c_.places;
    if (c_.down_split > 1) few = few && tiles_ * (x_.down_columns() * c_.down_split) <= c_.places;
    few_ = sdk::named_value(plan_, "few", select(few, 1, 0));
  }
  bool splits() const { return c_.up_split > 1 || c_.down_split > 1; }

  void buffers() {
    const Expr none = 0;
    plan_.buffers = {
        {"local", entries_ * 4},
        {"place", entries_ * 4},
        {"count", x_.rows * 4, true},
        {"weight", entries_ * 4},
        {"slot", entries_ * 4},
        {"tile_row", select(grouped_ != 0, 8 * (x_.rows + 1), slots_ / block_m_ * 4)},
        {"tile_count", 4},
        {"x", select(grouped_ == 2, x_.fp4() ? seq_len : none, slots_) * hidden_size * x_.each()},
        {"x_scale", x_.weights == Weights::fp8_block
                        ? select(grouped_ == 2, 0, hidden_size / 128 * slots_ * 4)
                        : none},
        {"slot_weight", slots_ * 4},
        {"h", slots_ * inter_size * x_.each()},
        {"h_scale", x_.fp8() ? ceil_div(inter_size, 128) * slots_ * 4 : none},
        {"y", slots_ * hidden_size * 2}};
    if (c_.may_group()) plan_.buffers.push_back({"source", select(grouped_ == 2, slots_ * 4, 0)});
    if (c_.dequantized > 0)
      plan_.buffers.push_back({"wide", select(grouped_ != 0, c_.dequantized, 0)});
  }

  void maps() {
    const std::string dtype = x_.fp4() ? x_.out_dtype : x_.x_dtype;
    const Expr box = x_.fp8() ? 128 : 64,
               of_16_bits = select(block_m_ % 64 == 0, 64, select(block_m_ % 32 == 0, 32, 16));
    auto map = [&](const char* name, const std::string& tensor, const Expr& columns,
                   const Expr& rows, const Expr& box_rows) {
      plan_.maps.push_back(
          {name, tensor, dtype, {columns, rows}, {columns * x_.each()}, {box, box_rows}});
    };
    const bool wide = c_.dequantized > 0;
    map("m_w1", wide ? "wide" : "gemm1_weights", hidden_size, x_.rows * 2 * x_.inter, 128);
    map("m_x", "x", hidden_size, slots_, block_m_);
    map("m_w2", wide ? "wide" : "gemm2_weights", inter_size, x_.rows * x_.hidden, 128);
    map("m_h", "h", inter_size, slots_, block_m_);
    map("m_h_out", "h", inter_size, slots_, x_.fp8() ? block_m_ : of_16_bits);
    plan_.maps.push_back(
        {"m_y", "y", x_.out_dtype, {hidden_size, slots_}, {hidden_size * 2}, {64, of_16_bits}});
  }

  static kdex::KernelArgument t(const char* name) { return sdk::tensor_argument(name); }
  kdex::KernelArgument given(const char* name) const {
    return x_.has(name) ? t(name) : sdk::null_argument();
  }
  static std::pair<std::string, std::string> constant(const char* name, std::int64_t value) {
    return {name, sdk::text(value)};
  }
  std::pair<std::string, std::string> dtype_constant() const {
    return {"KDEX_DTYPE", *sdk::dtype_constant(x_.out_dtype)};
  }
  std::pair<std::string, std::string> format_of(const Tile& tile) const {
    const bool dequantized = x_.fp4() && tile.grouped > 0;
    return constant("WEIGHT_FORMAT", dequantized ? 4 : static_cast<int>(x_.weights));
  }

  kdex::KernelLaunch& launch(const Tile& tile, std::size_t unit) {
    BoolExpr when = seq_len > 0 && block_m_ == tile.block_m;
    if (splits()) when = when && (tile.few ? few_ != 0 : few_ == 0);
    if (c_.may_group() && tile.block_m == 64) when = when && grouped_ == tile.grouped;
    return sdk::add_launch(plan_, unit, when);
  }

  void launches(const Tile& tile) {
    route(tile);
    place(tile);
    dequantize(tile, "gemm1_weights", "gemm1_weights_scale", 2 * x_.inter * (x_.hidden / 8));
    up(tile);
    dequantize(tile, "gemm2_weights", "gemm2_weights_scale", x_.hidden * (x_.inter / 8));
    down(tile);
    sum(tile);
  }

  void route(const Tile& tile) {
    auto& l = launch(tile, sdk::add_unit(plan_, "moe/route.cu", "moe_route",
                                         {constant("NUM_EXPERTS", x_.experts),
                                          constant("NUM_LOCAL_EXPERTS", x_.rows),
                                          constant("NUM_SHARED_EXPERTS", x_.shared),
                                          constant("TOP_K", x_.top_k),
                                          constant("N_GROUP", x_.groups),
                                          constant("TOPK_GROUP", x_.topk_groups),
                                          {"ROUTING", x_.routing},
                                          {"LOGITS_DTYPE", x_.logits}}));
    const bool scaled = x_.routing == "0" && x_.has("routed_scaling_factor");
    l.grid[0] = ceil_div(seq_len, 4);
    l.block = 128;
    l.arguments = {
        given("routing_logits"),
        given("routing_bias"),
        given("topk_ids"),
        given("topk_weights"),
        t("local"),
        t("place"),
        t("count"),
        t("weight"),
        sdk::int_argument(seq_len),
        x_.has("local_expert_offset") ? sdk::scalar_argument("local_expert_offset")
                                      : sdk::int_argument(0),
        scaled ? sdk::scalar_argument("routed_scaling_factor") : sdk::real_argument("1.0f")};
  }

  void place(const Tile& tile) {
    const bool gathers = tile.grouped == 2;
    auto& l = launch(tile, sdk::add_unit(plan_, "moe/place.cu", "moe_place",
                                         {dtype_constant(),
                                          constant("NUM_LOCAL_EXPERTS", x_.rows),
                                          constant("NUM_SHARED_EXPERTS", x_.shared),
                                          constant("TOP_K", x_.top_k),
                                          constant("HIDDEN_SIZE", x_.hidden),
                                          constant("BLOCK_M", tile.block_m),
                                          format_of(tile),
                                          {"WEIGHT_ON_INPUT", x_.weight_on_input},
                                          constant("GROUPED", tile.grouped)}));
    l.grid[0] = gathers && !x_.fp4() ? min(sms, ceil_div(entries_, 256))
                                     : min(8 * sms, ceil_div(entries_, 8));
    l.block = 256;
    l.arguments = {t("hidden_states"),
                   given("hidden_states_scale"),
                   t("local"),
                   t("place"),
                   t("count"),
                   t("weight"),
                   t("slot"),
                   t("tile_row"),
                   t("tile_count"),
                   t("x"),
                   t(gathers ? "source" : "x_scale"),
                   t("slot_weight"),
                   sdk::int_argument(seq_len),
                   sdk::int_argument(slots_)};
  }

  /// NVFP4 weights in 16 bits first, where the tile wants them so.
  void dequantize(const Tile& tile, const char* values, const char* scale, std::int64_t eighths) {
    if (!x_.fp4() || tile.grouped == 0) return;
    auto& l = launch(tile, sdk::add_unit(plan_, "moe/nvfp4_dequantize.cu", "moe_nvfp4_dequantize",
                                         {dtype_constant()}));
    l.grid = {(eighths + 1023) / 1024, x_.rows, 1};
    l.block = 256;
    l.arguments = {t(values), t(scale), t("count"), t("wide"), sdk::int_argument(eighths)};
  }

  bool by_tma(const Tile& tile) const { return c_.swap_ab || tile.grouped > 0; }
  bool packed(const Tile& tile) const { return x_.fp4() && tile.grouped == 0; }

  /// A launch of a product; the constants of the tile are followed by `more`.
  kdex::KernelLaunch& product(const Tile& tile, const std::string& name, std::int64_t columns,
                              int split, const sdk::Constants& more) {
    const std::string path = tile.grouped   ? "grouped"
                             : packed(tile) ? "nvfp4"
                             : by_tma(tile) ? "swap_ab"
                                            : "tiled";
    std::int64_t stages = 4,
                 shared = 4 * (128 * 128 + 256 * 128 + 512) + 2 * 64 * 128 + 1024;  // grouped
    if (packed(tile)) {
      const auto n = kdex_shared::swap_ab_nvfp4_tile(chip_, tile.block_m);
      stages = n.stages, shared = n.shared;
    } else if (tile.grouped == 0) {
      const std::int64_t m = tile.block_m;
      const auto s = kdex_shared::swap_ab_tile(by_tma(tile), chip_, m);
      stages = s.stages, shared = s.shared;
      if (!by_tma(tile)) shared = std::max({shared, m * 136 * 2, 8 * m * 4 + m * 144});
    }
    sdk::Constants all = {dtype_constant(), constant("HIDDEN_SIZE", x_.hidden),
                          constant("INTERMEDIATE_SIZE", x_.inter), format_of(tile)};
    if (name == "up" || path == "grouped" || path == "nvfp4")
      all.push_back(constant("NUM_LOCAL_EXPERTS", x_.rows));
    if (tile.grouped == 0) all.push_back(constant("BLOCK_M", tile.block_m));
    if (path != "tiled") all.push_back(constant("NUM_STAGES", stages));
    if (path == "swap_ab" || path == "nvfp4")
      all.push_back(constant("SPLIT_K", tile.few ? split : 1));
    all.insert(all.end(), more.begin(), more.end());
    auto& l = launch(tile, sdk::add_unit(plan_, "moe/" + name + "_" + path + ".cu", "moe_" + name,
                                         std::move(all)));
    if (tile.grouped)
      l.grid[0] = max(1, sms / 2) * 2;
    else if (!by_tma(tile))
      l.grid = {columns * (tile.few ? split : 1), tiles_, 1};
    else
      l.grid[0] = tile.few && split > 1 ? tiles_ * (columns * split) : min(sms, tiles_ * columns);
    l.block = by_tma(tile) ? 384 : 256;
    l.shared = shared;
    return l;
  }
  kdex::KernelArgument operand(const Tile& tile, const char* map, const char* tensor) const {
    return by_tma(tile) ? sdk::map_argument(map) : t(tensor);
  }
  static void append(kdex::KernelLaunch& l, std::vector<kdex::KernelArgument> more) {
    l.arguments.insert(l.arguments.end(), more.begin(), more.end());
  }

  void up(const Tile& tile) {
    sdk::Constants more = {constant("NUM_SHARED_EXPERTS", x_.shared),
                           {"WEIGHT_ON_INPUT", x_.weight_on_input},
                           {"ACTIVATION", x_.activation}};
    if (tile.grouped) more.push_back(constant("GATHER", tile.grouped == 2));
    auto& l = product(tile, "up", x_.up_columns(), c_.up_split, more);
    l.arguments = {operand(tile, "m_w1", "gemm1_weights")};
    if (tile.grouped == 2)
      append(l, {t(x_.fp4() ? "x" : "hidden_states"), t("count"), t("source"),
                 sdk::int_argument(seq_len), given("hidden_states_scale")});
    else
      append(l, {operand(tile, "m_x", "x"), t(packed(tile) ? "gemm1_weights_scale" : "x_scale")});
    append(l, {given(x_.fp4()                            ? "output1_scale_scalar"
                     : x_.weights == Weights::fp8_tensor ? "output1_scales_scalar"
                                                         : "gemm1_weights_scale"),
               given(x_.fp4() ? "output1_scale_gate_scalar" : "output1_scales_gate_scalar")});
    if (!packed(tile))  // no form of packed experts has them
      append(l, {given("gemm1_alpha"), given("gemm1_beta"), given("gemm1_clamp_limit")});
    append(l, {t("slot_weight"), t("tile_row"), t("tile_count")});
    if (by_tma(tile)) l.arguments.push_back(sdk::map_argument("m_h_out"));
    append(l, {t("h"), t("h_scale"), sdk::int_argument(slots_)});
  }

  void down(const Tile& tile) {
    auto& l = product(tile, "down", x_.down_columns(), c_.down_split, {});
    l.arguments = {operand(tile, "m_w2", "gemm2_weights"),
                   operand(tile, "m_h", "h"),
                   t(packed(tile) ? "gemm2_weights_scale" : "h_scale"),
                   given(x_.fp4()                            ? "output2_scale_scalar"
                         : x_.weights == Weights::fp8_tensor ? "output2_scales_scalar"
                                                             : "gemm2_weights_scale"),
                   t("tile_row"),
                   t("tile_count")};
    if (by_tma(tile)) l.arguments.push_back(sdk::map_argument("m_y"));
    append(l, {t("y"), sdk::int_argument(slots_)});
  }

  void sum(const Tile& tile) {
    auto& l = launch(tile, sdk::add_unit(plan_, "moe/sum.cu", "moe_sum",
                                         {dtype_constant(),
                                          constant("NUM_SHARED_EXPERTS", x_.shared),
                                          constant("TOP_K", x_.top_k),
                                          constant("HIDDEN_SIZE", x_.hidden),
                                          {"WEIGHT_ON_INPUT", x_.weight_on_input}}));
    l.grid = {seq_len, (x_.hidden + 1023) / 1024, 1};
    l.block = 128;
    l.arguments = {t("y"), t("slot"), t("weight"), t("output")};
  }

  kdex::KernelPlan& plan_;
  const Layer& x_;
  const Configuration& c_;
  const kdex::Chip& chip_;
  Expr grouped_, block_m_, entries_, slots_, tiles_, few_;
};

/// ROUTING of kernels/moe/route.cu.
const char* routing_of(const kdex::Params& p, const Kind& kind) {
  if (kind.router == Router::given) return "5";
  if (kind.router == Router::deepseek) return "0";
  const std::string& r = p.text("routing");
  return r == "renorm" ? "1" : r == "default" ? "2" : r == "sigmoid_renorm" ? "4" : "3";
}

Layer layer_of(const kdex::Params& p, const Kind& kind) {
  Layer x;
  x.weights = kind.weights;
  x.out_dtype = p.text("dtype");
  x.x_dtype = kind.weights == Weights::half    ? x.out_dtype
              : kind.weights == Weights::nvfp4 ? "int8"
                                               : "float8_e4m3fn";
  if (p.has("logits_dtype"))
    if (auto dtype = sdk::dtype_constant(p.text("logits_dtype"))) x.logits = *dtype;
  x.routing = routing_of(p, kind);
  const std::string& activation = p.text("activation");
  x.activation = activation == "silu" ? "0" : activation == "gelu" ? "1" : "2";
  if (kind.router == Router::logits && p.text("routing") == "llama4") x.weight_on_input = "1";
  x.rows = p.integer(p.has("rows") ? "rows" : "num_experts");
  x.experts = kind.router != Router::given ? p.integer("num_experts") : x.rows;
  x.top_k = p.integer("top_k");
  if (kind.shared) x.shared = p.integer("shared");
  x.hidden = p.integer("hidden_size"), x.inter = p.integer("intermediate_size");
  if (kind.router == Router::deepseek)
    x.groups = p.integer("n_group"), x.topk_groups = p.integer("topk_group");
  if (const kdex::Form* form = form_of(kind))
    for (const auto& input : form->inputs) x.inputs.push_back(input.name);
  return x;
}

/// Why no kernel takes this layer; "" where one does.
std::string why_not(const Layer& x, const kdex::Params& p) {
  if (!sdk::dtype_constant(x.out_dtype)) return "the output must be bfloat16 or float16";
  if (p.has("logits_dtype") && p.text("logits_dtype") != "float32" &&
      !sdk::dtype_constant(p.text("logits_dtype")))
    return "the logits must be float32, bfloat16 or float16";
  if (x.rows <= 0 || x.experts <= 0 || x.top_k <= 0)
    return "the number of experts, or of those chosen, is 0";
  // Scales in blocks of 128 want whole blocks; else a row is read 16 bytes at a time, and scales of
  // FP4 four.
  const std::int64_t whole = std::array{8, 128, 16, 64}.at(static_cast<std::size_t>(x.weights));
  for (auto [name, value] : {std::pair{"hidden_size ", x.hidden}, {"intermediate_size ", x.inter}})
    if (value <= 0 || value % whole != 0)
      return (name + sdk::text(value)) + " is not a multiple of " + sdk::text(whole);
  if (x.top_k > 32) return "top_k " + sdk::text(x.top_k) + " is over 32 (a warp routes a token)";
  if (x.experts > 1024)
    return sdk::text(x.experts) + " experts are over 1024 (a warp routes a token)";
  if (x.groups <= 0 || x.groups > 32 || x.experts % x.groups != 0)
    return sdk::text(x.groups) + " groups do not divide the experts, or are over 32";
  return "";
}

}  // namespace

kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  const Layer x = layer_of(params, kind);
  if (std::string why = why_not(x, params); !why.empty()) return sdk::no_kernel("moe: " + why);
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  const Configuration configuration = choose(x, chip, tuning);
  Planner(p, x, configuration, chip).add();
  return p;
}

}  // namespace kdex_moe
