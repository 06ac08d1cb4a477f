// The CUDA kernels of mixtures of experts (kernels/moe): route, place tokens in slots, two grouped
// products, sum. Tiles hold BLOCK_M tokens of one expert; BLOCK_M follows the tokens an expert gets
// on average. For many of them (grouped, sm_90a) items of up to 256 tokens go to clusters of two
// CTAs.
#include <kdex/kernel_authoring.h>

#include "moe.h"

namespace kdex_moe {
namespace sdk = kdex::sdk;

namespace {

/// ROUTING of kernels/moe/route.cu; empty for a routing that it does not have.
std::optional<std::string> routing_of(const kdex::Definition& d) {
  if (sdk::input(d, "topk_ids")) return "5";
  if (sdk::reference_number(d, "N_GROUP")) return "0";
  const std::string r = sdk::reference_constant(d, "ROUTING");
  if (r == "\"renorm\"") return "1";
  if (r == "\"default\"") return "2";
  if (r == "\"sigmoid\"" || r == "\"llama4\"") return "3";
  if (r == "\"sigmoid_renorm\"") return "4";
  return std::nullopt;
}

std::optional<std::string> activation_of(const kdex::Definition& d) {
  const std::string a = sdk::reference_constant(d, "ACTIVATION");
  if (a.empty() || a == "\"silu\"") return "0";
  if (a == "\"gelu\"") return "1";
  if (a == "\"gelu_tanh\"") return "2";
  return std::nullopt;
}

}  // namespace

kdex::KernelPlan plan(const kdex::Definition& d, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  (void)tuning;
  if (d.op_type != "moe") return {};
  const auto *x = sdk::input(d, "hidden_states"), *w1 = sdk::input(d, "gemm1_weights"),
             *w2 = sdk::input(d, "gemm2_weights"), *logits = sdk::input(d, "routing_logits"),
             *ids = sdk::input(d, "topk_ids");
  auto hidden = sdk::const_value(d, "hidden_size"),
       inter = sdk::const_value(d, "intermediate_size");
  if (!x || !w1 || !w2 || !w1->shape || w1->shape->empty() || !hidden || !inter ||
      d.outputs.size() != 1 || (!logits && !ids))
    return sdk::no_kernel("moe: tensors or axes of the form are missing");
  // 16-bit, FP8 in blocks, FP8 with a scale an expert, NVFP4.
  const bool fp4 = x->dtype == "int8", fp8 = x->dtype == "float8_e4m3fn",
             blocks = sdk::input(d, "gemm1_weights_scale") != nullptr;
  if (w1->dtype != x->dtype || w2->dtype != x->dtype ||
      (!fp8 && !fp4 && !sdk::dtype_constant(x->dtype)))
    return sdk::no_kernel("moe: there is no kernel for " + x->dtype + " tokens with " + w1->dtype +
                          " experts");
  if (fp4)
    for (const char* name :
         {"hidden_states_scale", "gemm1_weights_scale", "gemm2_weights_scale",
          "output1_scale_scalar", "output1_scale_gate_scalar", "output2_scale_scalar"})
      if (const auto* s = sdk::input(d, name);
          !s ||
          s->dtype != (std::string_view(name).ends_with("_scalar") ? "float32" : "float8_e4m3fn"))
        return sdk::no_kernel(
            "moe: int8 experts are NVFP4's alone, with scales of float8_e4m3fn and a factor an "
            "expert");
  if (fp8 && !blocks && !sdk::input(d, "output1_scales_scalar"))
    return sdk::no_kernel("moe: FP8 experts come without scales");
  if (logits && logits->dtype != "float32" && !sdk::dtype_constant(logits->dtype))
    return sdk::no_kernel("moe: the logits must be float32, bfloat16 or float16");
  auto dtype = sdk::dtype_constant(d.outputs[0].dtype);
  if (!dtype) return sdk::no_kernel("moe: the output must be bfloat16 or float16");
  const auto rows = sdk::const_value(d, w1->shape->at(0));
  const auto experts = sdk::has_axis(d, "num_experts") ? sdk::const_value(d, "num_experts") : rows;
  auto number = [&](const char* name, std::int64_t otherwise) {
    auto v = sdk::reference_number(d, name);
    return v ? static_cast<std::int64_t>(*v) : otherwise;
  };
  const std::int64_t top_k = number("TOP_K", sdk::const_value(d, "top_k").value_or(0)),
                     shared_experts = number("SHARED", 0);
  auto routing = routing_of(d), activation = activation_of(d);
  if (!rows || !experts || top_k <= 0)
    return sdk::no_kernel("moe: the number of experts, or of those chosen, is not a constant");
  if (!routing)
    return sdk::no_kernel(
        "moe: the reference's routing is not known (no line ROUTING = or N_GROUP =)");
  if (!activation)
    return sdk::no_kernel("moe: the activation " + sdk::reference_constant(d, "ACTIVATION") +
                          " is not known");
  if (*routing == "5" && !sdk::input(d, "topk_weights"))
    return sdk::no_kernel("moe: weights packed into topk_ids are not taken");
  // Scales in blocks of 128 want whole blocks; else a row is read 16 bytes at a time, and scales of
  // FP4 four.
  const std::int64_t whole = fp4 ? 64 : !fp8 ? 8 : blocks ? 128 : 16;
  for (auto [name, value] : {std::pair{"hidden_size ", *hidden}, {"intermediate_size ", *inter}})
    if (value <= 0 || value % whole != 0)
      return sdk::no_kernel("moe: " + (name + sdk::text(value)) + " is not a multiple of " +
                            sdk::text(whole));
  if (top_k > 32)
    return sdk::no_kernel("moe: top_k " + sdk::text(top_k) + " is over 32 (a warp routes a token)");
  if (*experts > 1024)
    return sdk::no_kernel("moe: " + sdk::text(*experts) +
                          " experts are over 1024 (a warp routes a token)");
  const std::int64_t groups = number("N_GROUP", 1);
  if (groups <= 0 || groups > 32 || *experts % groups != 0)
    return sdk::no_kernel("moe: " + sdk::text(groups) +
                          " groups do not divide the experts, or are over 32");

  const bool hopper = chip.is_hopper() && !fp4;  // FP4 takes TMA and wgmma for many tokens alone,
                                                 // with weights widened before: up to 4 GiB
  const std::int64_t wide_bytes = fp4 && chip.is_hopper() ? *rows * 4 * *inter * *hidden : 0;
  const bool widens = wide_bytes > 0 && wide_bytes <= std::int64_t{4} << 30;
  const std::int64_t each = fp8 ? 1 : 2, choices = top_k + shared_experts,
                     weights = fp4      ? 3
                               : !fp8   ? 0
                               : blocks ? 1
                                        : 2;
  const std::string on_input = sdk::reference_constant(d, "WEIGHT_ON_INPUT") == "True" ? "1" : "0";
  const std::string offset = sdk::input(d, "local_expert_offset") ? "local_expert_offset" : "";
  const bool scaled = *routing == "0" && sdk::input(d, "routed_scaling_factor");
  kdex::KernelPlan p;
  p.available = true;
  p.early = chip.is_hopper();
  p.summary = std::string(hopper ? "TMA and wgmma" : "mma.sync") +
              " on tiles of 256 weight rows, tokens sorted by expert";
  const std::string c = sdk::text(choices);
  auto upto = [&](int average) {
    return "seq_len * " + sdk::text(top_k) + " <= " + sdk::text(average * *experts);
  };
  // WIDE: from some tokens an expert on; packed FP4 has none.
  const std::string wide =
      hopper   ? upto(24) + " ? 0 : " + (weights == 1 ? "(" + upto(96) + " ? 2 : 1)" : "2")
      : widens ? upto(128) + " ? 0 : 2"
               : "0";
  p.values = {
      {"wide_tiles", wide},
      {"nt", "wide_tiles ? 64 : (" + upto(12) + " ? 16 : (" + upto(24) +
                 " ? 32 : " + (fp4 ? "(" + upto(48) + " ? 64 : 96)" : "64") + "))"},
      {"entries", "seq_len * " + c},
      {"slots", "ceil_div(entries + min(" + sdk::text(*rows) + ", entries) * (nt - 1), nt) * nt"},
      {"tiles", "max(1, min(slots / nt, entries))"}};
  p.buffers = {
      {"local", "entries * 4"},
      {"place", "entries * 4"},
      {"count", sdk::text(*rows * 4), true},
      {"weight", "entries * 4"},
      {"slot", "entries * 4"},
      {"tile_row", "wide_tiles ? " + sdk::text(8 * (*rows + 1)) + " : slots / nt * 4"},
      {"tile_count", "4"},
      {"x", std::string("(wide_tiles == 2 ? ") + (fp4 ? "seq_len" : "0") +
                " : slots) * hidden_size * " + sdk::text(each)},
      {"x_scale", weights == 1 ? "wide_tiles == 2 ? 0 : hidden_size / 128 * slots * 4" : "0"},
      {"slot_weight", "slots * 4"},
      {"h", "slots * intermediate_size * " + sdk::text(each)},
      {"h_scale", fp8 ? "ceil_div(intermediate_size, 128) * slots * 4" : "0"},
      {"y", "slots * hidden_size * 2"}};
  if (wide != "0") p.buffers.push_back({"source", "wide_tiles == 2 ? slots * 4 : 0"});
  if (widens) p.buffers.push_back({"wide", "wide_tiles ? " + sdk::text(wide_bytes) + " : 0"});
  const std::string kind = fp4 ? d.outputs[0].dtype : x->dtype;
  const std::string
      box = fp8 ? "128" : "64",
      b = " * " + sdk::text(each),
      of16 = "(nt % 64 == 0 ? 64 : nt % 32 == 0 ? 32 : 16)";  // rows of a 16-bit store's box
  if (hopper || widens)
    p.maps = {
        {"m_w1",
         widens ? "wide" : "gemm1_weights",
         kind,
         {"hidden_size", sdk::text(*rows * 2 * *inter)},
         {"hidden_size" + b},
         {box, "128"}},
        {"m_x", "x", kind, {"hidden_size", "slots"}, {"hidden_size" + b}, {box, "nt"}},
        {"m_w2",
         widens ? "wide" : "gemm2_weights",
         kind,
         {"intermediate_size", sdk::text(*rows * *hidden)},
         {"intermediate_size" + b},
         {box, "128"}},
        {"m_h", "h", kind, {"intermediate_size", "slots"}, {"intermediate_size" + b}, {box, "nt"}},
        {"m_h_out",
         "h",
         kind,
         {"intermediate_size", "slots"},
         {"intermediate_size" + b},
         {box, fp8 ? "nt" : of16}},
        {"m_y",
         "y",
         d.outputs[0].dtype,
         {"hidden_size", "slots"},
         {"hidden_size * 2"},
         {"64", of16}}};
  auto given = [&](const char* name) {
    return sdk::input(d, name) ? sdk::tensor_argument(name) : sdk::null_argument();
  };
  auto t = [](const char* name) { return sdk::tensor_argument(name); };
  // Blocks that share k, where one token's tiles leave multiprocessors free.
  const std::int64_t sms = chip.sms * (fp4 ? sdk::rows4(chip, 16).blocks : 1),
                     step = fp8 || fp4 ? 128 : 64;
  auto share = [&](std::int64_t columns, std::int64_t k) {
    for (int s : {8, 4, 2})
      if (chip.is_hopper() && choices * columns * s <= sms && (k + step - 1) / step / s >= 2)
        return s;
    return 1;
  };
  const std::int64_t up_columns = (*inter + 127) / 128, down_columns = (*hidden + 255) / 256;
  const int up_split = share(up_columns, *hidden), down_split = share(down_columns, *inter);
  std::string few = "0";
  if (up_split > 1 || down_split > 1) {
    few = "nt == 16";
    if (up_split > 1)
      few += " && tiles * " + sdk::text(up_columns * up_split) + " <= " + sdk::text(sms);
    if (down_split > 1)
      few += " && tiles * " + sdk::text(down_columns * down_split) + " <= " + sdk::text(sms);
  }
  p.values.emplace_back("few", few);
  struct Size {
    int nt;
    bool few = false;
    int wide = 0;
  };
  std::vector<Size> sizes = {{16}, {32}};
  if (!hopper) sizes.push_back({64});
  if (fp4) sizes.push_back({96});
  if (few != "0") sizes.push_back({16, true});
  if (hopper && weights == 1) sizes.push_back({64, false, 1});
  if (wide != "0") sizes.push_back({64, false, 2});
  for (const Size& size : sizes) {
    const int nt = size.nt;
    const bool is_few = size.few, is_wide = size.wide > 0, gathers = size.wide == 2,
               widened = fp4 && is_wide;
    const bool by_tma = hopper || is_wide, packed = fp4 && !is_wide;
    const sdk::Rows256 tile =
        is_wide ? sdk::Rows256{4, 4 * (128 * 128 + 256 * 128 + 512) + 2 * 64 * 128 + 1024, 64}
                : sdk::rows256(by_tma ? chip : kdex::Chip("sm_80"), nt);
    auto operand = [&](const char* map, const char* tensor) {
      return by_tma ? sdk::map_argument(map) : sdk::tensor_argument(tensor);
    };
    const sdk::Rows4 tile4 = sdk::rows4(chip, nt);
    const std::int64_t shared =
        packed   ? tile4.shared
        : by_tma ? tile.shared
                 : std::max<std::int64_t>({tile.shared, nt * 136 * 2, 8 * nt * 4 + nt * 144});
    using Constants = std::vector<std::pair<std::string, std::string>>;
    const auto constant = [](const char* name, std::int64_t value) {
      return std::pair<std::string, std::string>(name, sdk::text(value));
    };
    const std::pair<std::string, std::string> on_dtype = {"KDEX_DTYPE", *dtype},
                                              input_weight = {"WEIGHT_ON_INPUT", on_input};
    const auto local = constant("NUM_LOCAL_EXPERTS", *rows),
               shared_rows = constant("NUM_SHARED_EXPERTS", shared_experts),
               of_hidden = constant("HIDDEN_SIZE", *hidden),
               of_inter = constant("INTERMEDIATE_SIZE", *inter), block_m = constant("BLOCK_M", nt),
               format = constant("WEIGHT_FORMAT", widened ? 4 : weights);
    const std::string path = is_wide ? "grouped" : packed ? "nvfp4" : by_tma ? "swap_ab" : "tiled";
    // A product's unit: the tile's constants, and of the first one those of what follows it.
    auto product = [&](bool up) {
      Constants all = {on_dtype, local, of_hidden, of_inter, format};
      if (!is_wide) all.push_back(block_m);
      if (path != "tiled")
        all.push_back(constant("NUM_STAGES", packed ? tile4.stages : tile.stages));
      if (path == "swap_ab" || packed)
        all.push_back(constant("SPLIT_K", !is_few ? 1 : up ? up_split : down_split));
      if (up) {
        all.insert(all.end(), {shared_rows, input_weight, {"ACTIVATION", *activation}});
        if (is_wide) all.push_back(constant("GATHER", gathers));
      }
      const std::string name = up ? "up" : "down";
      return sdk::add_unit(p, "moe/" + name + "_" + path + ".cu", "moe_" + name, std::move(all));
    };
    auto unit_of = [&](const std::string& entry) {
      if (entry == "moe_up" || entry == "moe_down") return product(entry == "moe_up");
      if (entry == "moe_route")
        return sdk::add_unit(
            p, "moe/route.cu", entry,
            {constant("NUM_EXPERTS", *experts),
             local,
             shared_rows,
             constant("TOP_K", top_k),
             constant("N_GROUP", groups),
             constant("TOPK_GROUP", number("TOPK_GROUP", 1)),
             {"ROUTING", *routing},
             {"LOGITS_DTYPE",
              !logits || logits->dtype == "float32" ? "2" : *sdk::dtype_constant(logits->dtype)}});
      if (entry == "moe_place")
        return sdk::add_unit(p, "moe/place.cu", entry,
                             {on_dtype, local, shared_rows, constant("TOP_K", top_k), of_hidden,
                              block_m, format, input_weight, constant("GROUPED", size.wide)});
      if (entry == "moe_sum")
        return sdk::add_unit(
            p, "moe/sum.cu", entry,
            {on_dtype, shared_rows, constant("TOP_K", top_k), of_hidden, input_weight});
      return sdk::add_unit(p, "moe/nvfp4_dequantize.cu", entry, {on_dtype});
    };
    auto launch = [&](const char* entry, std::array<std::string, 3> grid, const std::string& block,
                      std::int64_t bytes, std::vector<kdex::KernelArgument> arguments,
                      const std::string& map = "", std::vector<kdex::KernelArgument> more = {}) {
      if (!map.empty()) arguments.push_back(sdk::map_argument(map));
      arguments.insert(arguments.end(), more.begin(), more.end());
      kdex::KernelLaunch l;
      l.unit = unit_of(entry);
      l.entry = entry;
      l.when = "seq_len > 0 && nt == " + sdk::text(nt) +
               (few == "0" ? ""
                : is_few   ? " && few"
                           : " && few == 0") +
               (wide == "0" || nt != 64 ? "" : " && wide_tiles == " + sdk::text(size.wide));
      l.grid = std::move(grid);
      l.block = block;
      l.shared = sdk::text(bytes);
      l.arguments = std::move(arguments);
      p.launches.push_back(std::move(l));
    };
    const std::string block = by_tma ? "384" : "256";
    auto widen = [&](const char* values, const char* scale, std::int64_t eighths) {
      if (widened)
        launch("moe_nvfp4_dequantize", {sdk::text((eighths + 1023) / 1024), sdk::text(*rows), "1"},
               "256", 0,
               {t(values), t(scale), t("count"), t("wide"), sdk::int_argument(sdk::text(eighths))});
    };
    launch(
        "moe_route", {"ceil_div(seq_len, 4)", "1", "1"}, "128", 0,
        {given("routing_logits"), given("routing_bias"), given("topk_ids"), given("topk_weights"),
         t("local"), t("place"), t("count"), t("weight"), sdk::int_argument("seq_len"),
         offset.empty() ? sdk::int_argument("0") : sdk::scalar_argument(offset),
         scaled ? sdk::scalar_argument("routed_scaling_factor") : sdk::real_argument("1.0f")});
    launch("moe_place",
           {gathers && !fp4 ? "min(sms, ceil_div(entries, 256))"
                            : "min(8 * sms, ceil_div(entries, 8))",
            "1", "1"},
           "256", 0,
           {t("hidden_states"), given("hidden_states_scale"), t("local"), t("place"), t("count"),
            t("weight"), t("slot"), t("tile_row"), t("tile_count"), t("x"),
            t(gathers ? "source" : "x_scale"), t("slot_weight"), sdk::int_argument("seq_len"),
            sdk::int_argument("slots")});
    auto grid = [&](std::int64_t columns, int split) {
      const std::string n = sdk::text(columns);
      if (is_wide) return std::array<std::string, 3>{"max(1, sms / 2) * 2", "1", "1"};
      if (!by_tma)
        return std::array<std::string, 3>{is_few ? sdk::text(columns * split) : n, "tiles", "1"};
      return std::array<std::string, 3>{is_few && split > 1
                                            ? "tiles * " + sdk::text(columns * split)
                                            : "min(sms, tiles * " + n + ")",
                                        "1", "1"};
    };
    widen("gemm1_weights", "gemm1_weights_scale", 2 * *inter * (*hidden / 8));
    std::vector<kdex::KernelArgument> up = {operand("m_w1", "gemm1_weights")};
    if (gathers)
      up.insert(up.end(), {t(fp4 ? "x" : "hidden_states"), t("count"), t("source"),
                           sdk::int_argument("seq_len"), given("hidden_states_scale")});
    else
      up.insert(up.end(), {operand("m_x", "x"), t(packed ? "gemm1_weights_scale" : "x_scale")});
    up.insert(up.end(), {given(fp4            ? "output1_scale_scalar"
                               : weights == 2 ? "output1_scales_scalar"
                                              : "gemm1_weights_scale"),
                         given(fp4 ? "output1_scale_gate_scalar" : "output1_scales_gate_scalar"),
                         given("gemm1_alpha"), given("gemm1_beta"), given("gemm1_clamp_limit"),
                         t("slot_weight"), t("tile_row"), t("tile_count")});
    launch("moe_up", grid(up_columns, up_split), block, shared, up, by_tma ? "m_h_out" : "",
           {t("h"), t("h_scale"), sdk::int_argument("slots")});
    widen("gemm2_weights", "gemm2_weights_scale", *hidden * (*inter / 8));
    launch("moe_down", grid(down_columns, down_split), block, shared,
           {operand("m_w2", "gemm2_weights"), operand("m_h", "h"),
            t(packed ? "gemm2_weights_scale" : "h_scale"),
            given(fp4            ? "output2_scale_scalar"
                  : weights == 2 ? "output2_scales_scalar"
                                 : "gemm2_weights_scale"),
            t("tile_row"), t("tile_count")},
           by_tma ? "m_y" : "", {t("y"), sdk::int_argument("slots")});
    launch("moe_sum", {"seq_len", sdk::text((*hidden + 1023) / 1024), "1"}, "128", 0,
           {t("y"), t("slot"), t("weight"), t("output")});
  }
  return p;
}

}  // namespace kdex_moe
