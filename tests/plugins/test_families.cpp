// What the families find in module trees: those of public checkpoints, built ones, and broken ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/plugin/loader.h"
#include "oracle_tree.h"

using namespace kdex;

namespace {

const LoadedFamilies& families() {
  static const LoadedFamilies loaded = load_families({KDEX_TEST_PLUGINS});
  return loaded;
}

struct Run {
  kdex_test::ReadTree read;
  std::map<std::string, Definition> definitions;
  std::vector<Note> notes;
  std::set<std::size_t> claimed;
  bool failed = false;

  bool has(const std::string& name) const { return definitions.count(name) > 0; }
  bool noted(const std::string& part) const {
    return std::any_of(notes.begin(), notes.end(),
                       [&](const Note& n) { return n.text.find(part) != std::string::npos; });
  }
};

struct Settings {
  bool quantized = true, at_tp = false, prefill = true, decode = true;
  std::string dialect = "official";
  const ModuleTree* tp1 = nullptr;
};

void run(Run& r, const Settings& s) {
  kdex_test::give_roles(r.read.tree);
  r.read.deployment.page_sizes = {1, 64};
  r.read.deployment.prefill = s.prefill;
  r.read.deployment.decode = s.decode;
  ModelView view{r.read.tree, r.read.checkpoint, r.read.deployment};
  view.include_quantized = s.quantized;
  view.tp1_tree = s.tp1;
  view.dialect = s.dialect;
  for (LoadedFamily f : families().families) {
    if (f.info.name == "gemm") f.options.set("at_tp", s.at_tp ? "true" : "false");
    auto g = match_guarded(f, view);
    INFO(g.error);
    CHECK_FALSE(g.failed);
    r.failed |= g.failed;
    for (auto& m : g.result.matches) {
      CHECK(r.definitions.count(m.definition.name) == 0);
      r.definitions[m.definition.name] = m.definition;
    }
    for (auto& n : g.result.notes) r.notes.push_back(n);
    r.claimed.insert(g.result.claimed.begin(), g.result.claimed.end());
  }
}

Run run_fixture(const std::string& name, const Settings& s = {}) {
  Run r;
  r.read = kdex_test::read_tree(std::string(KDEX_TEST_FIXTURES) + "/" + name + ".json");
  run(r, s);
  return r;
}

/// Rules of a definition that hold whatever the family.
void check_rules(const Definition& d) {
  INFO(d.name);
  std::set<std::string> axes, used, names;
  for (const auto& a : d.axes) {
    CHECK(axes.insert(a.name).second);
    CHECK(a.value.value_or(1) > 0);
  }
  for (const auto* ts : {&d.inputs, &d.outputs})
    for (const auto& t : *ts) {
      CHECK(names.insert(t.name).second);
      if (t.shape)
        for (const auto& a : *t.shape) {
          CHECK(axes.count(a) == 1);
          if (ts == &d.inputs) used.insert(a);
        }
    }
  for (const auto& a : d.axes) CHECK((a.value || used.count(a.name) == 1));
  CHECK(d.reference.find("def run(") != std::string::npos);
  CHECK(d.reference.find("kdex:constant") == std::string::npos);
  CHECK(d.reference.find("functional") == std::string::npos);
  // The reference's parameters are the inputs, in order.
  auto at = d.reference.find("def run(") + 8;
  std::string parameters;
  for (char c : d.reference.substr(at, d.reference.find(")", at) - at))
    if (c != ' ' && c != '\n') parameters += c;
  std::string inputs;
  for (const auto& t : d.inputs) inputs += (inputs.empty() ? "" : ",") + t.name;
  CHECK(parameters == inputs);
}

std::int64_t axis(const Definition& d, const std::string& name) {
  for (const auto& a : d.axes)
    if (a.name == name) return a.value.value_or(-1);
  return -2;
}

Value integer(std::int64_t i, OriginId origin = 0) {
  Value v;
  v.kind = Value::Kind::integer;
  v.i = i;
  v.origin = origin;
  return v;
}

Module module(std::string path, std::string cls, std::vector<std::string> mro, int parent) {
  Module m;
  m.path = std::move(path);
  m.class_name = std::move(cls);
  m.mro = std::move(mro);
  m.parent = parent;
  return m;
}

}  // namespace

TEST_CASE("Llama-3.1-8B at tp 1 gives the dataset's definitions") {
  auto r = run_fixture("llama_tp1");
  for (const char* name :
       {"gemm_n28672_k4096", "gemm_n4096_k4096", "gemm_n6144_k4096", "gemm_n4096_k14336",
        "gemm_n128256_k4096", "gqa_paged_decode_h32_kv8_d128_ps1",
        "gqa_paged_decode_h32_kv8_d128_ps64", "gqa_paged_prefill_causal_h32_kv8_d128_ps1",
        "gqa_paged_prefill_causal_h32_kv8_d128_ps64", "gqa_ragged_prefill_causal_h32_kv8_d128",
        "rmsnorm_h4096", "fused_add_rmsnorm_h4096"})
    CHECK_MESSAGE(r.has(name), name);
  CHECK(r.definitions.size() == 12);
  for (const auto& [name, d] : r.definitions) check_rules(d);
  const auto& tags = r.definitions["gemm_n6144_k4096"].tags;
  CHECK(std::count(tags.begin(), tags.end(), "dtype:bfloat16") == 1);
  CHECK(std::count(tags.begin(), tags.end(), "bias:no") == 1);
  CHECK(r.noted("whether this layer runs plain or fused"));
}

TEST_CASE("execution modes choose the attention forms") {
  auto decode = run_fixture("llama_tp1", {.prefill = false});
  CHECK(decode.has("gqa_paged_decode_h32_kv8_d128_ps1"));
  CHECK_FALSE(decode.has("gqa_ragged_prefill_causal_h32_kv8_d128"));
  auto prefill = run_fixture("llama_tp1", {.decode = false});
  CHECK_FALSE(prefill.has("gqa_paged_decode_h32_kv8_d128_ps1"));
  CHECK(prefill.has("gqa_ragged_prefill_causal_h32_kv8_d128"));
}

TEST_CASE("GEMMs have the sizes of tp 1, and of one rank where asked") {
  auto whole = kdex_test::read_tree(std::string(KDEX_TEST_FIXTURES) + "/llama_tp1.json");
  auto r = run_fixture("llama_tp8", {.tp1 = &whole.tree});
  CHECK(r.has("gemm_n28672_k4096"));
  CHECK_FALSE(r.has("gemm_n3584_k4096"));
  CHECK(r.has("gqa_paged_decode_h4_kv1_d128_ps1"));
  r = run_fixture("llama_tp8", {.at_tp = true, .tp1 = &whole.tree});
  CHECK(r.has("gemm_n28672_k4096"));
  CHECK(r.has("gemm_n3584_k4096"));
  r = run_fixture("llama_tp8");
  CHECK_FALSE(r.has("gemm_n28672_k4096"));
  CHECK(r.noted("could not be built at tp 1"));
}

TEST_CASE("DeepSeek-V3 at tp 8, ep 8: latent attention, FP8 GEMMs and experts") {
  auto r = run_fixture("deepseek_tp8_ep8", {.at_tp = true});
  for (const char* name :
       {"mla_paged_decode_h16_ckv512_kpe64_ps1", "mla_paged_decode_h16_ckv512_kpe64_ps64",
        "mla_paged_prefill_causal_h16_ckv512_kpe64_ps1",
        "mla_paged_prefill_causal_h16_ckv512_kpe64_ps64",
        "mla_ragged_prefill_causal_h16_qk192_vo128",
        "moe_fp8_block_scale_ds_routing_topk8_ng8_kg4_e32_h7168_i2048", "gemm_n256_k7168",
        "gemm_fp8_nt_groupwise_n2112_k7168", "rmsnorm_h1536", "rmsnorm_h512", "rmsnorm_h7168",
        "fused_add_rmsnorm_h7168"})
    CHECK_MESSAGE(r.has(name), name);
  CHECK_FALSE(r.has("fused_add_rmsnorm_h1536"));  // beside attention, not of the residual's width
  const auto& moe = r.definitions["moe_fp8_block_scale_ds_routing_topk8_ng8_kg4_e32_h7168_i2048"];
  CHECK(axis(moe, "num_experts") == 256);
  CHECK(axis(moe, "top_k") == -2);
  CHECK(moe.reference.find("TOP_K = 8\nN_GROUP = 8\nTOPK_GROUP = 4\n") != std::string::npos);
  for (const auto& [name, d] : r.definitions) {
    check_rules(d);
    CHECK(name.rfind("gqa", 0) != 0);
  }
  auto plain = run_fixture("deepseek_tp8_ep8", {.quantized = false, .at_tp = true});
  for (const auto& [name, d] : plain.definitions) CHECK(name.find("fp8") == std::string::npos);
}

TEST_CASE("fused shared experts are counted as the engine counts them") {
  auto r = run_fixture("deepseek_nvfp4_tp1");
  const char* name = "moe_fp4_block_scale_ds_shared_experts_s1_e257_topk8_ng8_kg4_h7168_i2048";
  REQUIRE(r.has(name));
  CHECK(axis(r.definitions[name], "num_experts") == 256);
  CHECK(axis(r.definitions[name], "num_weight_rows") == 257);
  CHECK(r.definitions[name].reference.find("SHARED = 1\n") != std::string::npos);
  for (const auto& [n, d] : r.definitions) check_rules(d);
}

TEST_CASE("routing over groups with a bias takes the sigmoid whatever the scoring function says") {
  // Releases before 0.5.15 leave TopKConfig.scoring_func at its default there.
  for (const char* score : {"sigmoid", "softmax"}) {
    Run r;
    r.read = kdex_test::read_tree(std::string(KDEX_TEST_FIXTURES) + "/deepseek_tp8_ep8.json");
    for (auto& m : r.read.tree.modules)
      for (auto& [name, value] : m.attrs)
        if (name == "topk_config") {
          Value changed = value;
          changed.attrs = {};
          for (auto [field, v] : value.attrs) {
            if (field == "scoring_func") v.s = score;
            changed.attrs.emplace_back(field, v);
          }
          value = changed;
        }
    run(r, {});
    CHECK(r.has("moe_fp8_block_scale_ds_routing_topk8_ng8_kg4_e32_h7168_i2048"));
  }
}

TEST_CASE("Qwen3-30B-A3B-FP8 and Gemma-4") {
  auto r = run_fixture("qwen3_moe_fp8_tp1");
  CHECK(r.has("moe_fp8_block_scale_renorm_topk8_e128_h2048_i768"));
  CHECK(r.has("rmsnorm_h128"));
  CHECK_FALSE(r.has("fused_add_rmsnorm_h128"));
  r = run_fixture("gemma4_tp1");
  CHECK(r.noted("sliding window"));
  bool window = false;
  for (const auto& [name, d] : r.definitions) {
    check_rules(d);
    if (name.find("_sw1023") != std::string::npos) {
      window = true;
      CHECK(d.reference.find("WINDOW_LEFT = 1023\n") != std::string::npos);
    }
  }
  CHECK(window);
}

TEST_CASE("the fi_trace dialect") {
  auto r = run_fixture("llama_tp1", {.dialect = "fi_trace"});
  CHECK(r.has("gemm_bf16_N6144_K4096"));
  CHECK(r.has("gqa_paged_prefill_h32_kv8_d128_ps64"));
  CHECK(r.has("gqa_ragged_h32_kv8_d128"));
  for (const auto& [name, d] : r.definitions) check_rules(d);
  r = run_fixture("deepseek_tp8_ep8", {.dialect = "fi_trace"});
  const auto& moe = r.definitions["moe_fp8_block_scale_ds_routing_topk8_ng8_kg4_e32_h7168_i2048"];
  CHECK(axis(moe, "n_group") == 8);
  for (const auto& [name, d] : r.definitions) check_rules(d);
}

TEST_CASE("axes carry the origin of the attribute that gave the number") {
  Run r;
  auto& t = r.read.tree;
  t.ok = true;
  t.dtype = "bfloat16";
  t.modules.push_back(module("", "Net", {"Net"}, -1));
  auto attn =
      module("attn", "RadixAttention", {"sglang.srt.layers.radix_attention.RadixAttention"}, 0);
  attn.attrs = {{"tp_q_head_num", integer(8, 11)},
                {"tp_k_head_num", integer(2, 12)},
                {"head_dim", integer(64, 13)}};
  t.modules.push_back(attn);
  auto linear = module("proj", "ReplicatedLinear", {"x.ReplicatedLinear", "x.LinearBase"}, 0);
  linear.params.push_back({"weight", {integer(48, 21), integer(32, 22)}, "bfloat16"});
  t.modules.push_back(linear);
  run(r, {});
  const auto& gqa = r.definitions["gqa_paged_decode_h8_kv2_d64_ps1"];
  for (const auto& a : gqa.axes) {
    if (a.name == "num_qo_heads") CHECK(a.origin == 11);
    if (a.name == "num_kv_heads") CHECK(a.origin == 12);
    if (a.name == "head_dim") CHECK(a.origin == 13);
  }
  const auto& gemm = r.definitions["gemm_n48_k32"];
  for (const auto& a : gemm.axes) {
    if (a.name == "N") CHECK(a.origin == 21);
    if (a.name == "K") CHECK(a.origin == 22);
  }
}

TEST_CASE("quantized weights are read by their tensors, whatever the method calls them") {
  Run r;
  auto& t = r.read.tree;
  t.ok = true;
  t.dtype = "bfloat16";
  t.modules.push_back(module("", "Net", {"Net"}, -1));
  const auto add = [&](const char* path, const char* base,
                       std::vector<Parameter> params) -> Module& {
    auto m = module(path, base, {base}, 0);
    Value method;
    method.kind = Value::Kind::object;
    method.s = "CompressedTensorsLinearMethod";
    m.attrs.emplace_back("quant_method", method);
    m.params = std::move(params);
    t.modules.push_back(std::move(m));
    return t.modules.back();
  };
  add("block", "LinearBase",
      {{"weight", {integer(512), integer(256)}, "float8_e4m3fn"},
       {"weight_scale", {integer(4), integer(2)}, "float32"}});
  add("channel", "LinearBase",
      {{"weight", {integer(640), integer(256)}, "float8_e4m3fn"},
       {"weight_scale", {integer(640), integer(1)}, "float32"}});
  add("narrow", "LinearBase",
      {{"weight", {integer(896), integer(256)}, "float8_e4m3fn"},
       {"weight_scale", {integer(14), integer(4)}, "float32"}});
  add("mxfp8", "LinearBase",
      {{"weight", {integer(768), integer(256)}, "float8_e4m3fn"},
       {"weight_scale_inv", {integer(768), integer(8)}, "uint8"}});
  const auto nvfp4 = [](std::int64_t n, bool inputs) {
    std::vector<Parameter> p = {{"weight_packed", {integer(n), integer(128)}, "uint8"},
                                {"weight_scale", {integer(n), integer(16)}, "float8_e4m3fn"},
                                {"weight_global_scale", {integer(1)}, "float32"}};
    if (inputs) p.push_back({"input_global_scale", {integer(1)}, "float32"});
    return p;
  };
  add("w4a4", "LinearBase", nvfp4(1024, true));
  add("w4a16", "LinearBase", nvfp4(1152, false));
  Value scheme;
  scheme.kind = Value::Kind::object;
  scheme.s = "CompressedTensorsW4A16Fp4";
  add("hopper", "LinearBase", nvfp4(1280, true)).attrs.emplace_back("scheme", scheme);
  auto& experts = add("experts", "FusedMoE",
                      {{"w13_weight", {integer(8), integer(512), integer(256)}, "float8_e4m3fn"},
                       {"w2_weight", {integer(8), integer(256), integer(256)}, "float8_e4m3fn"},
                       {"w13_weight_scale", {integer(8), integer(4), integer(2)}, "float32"},
                       {"w2_weight_scale", {integer(8), integer(2), integer(2)}, "float32"}});
  for (auto [name, n] : {std::pair{"num_experts", 8},
                         {"num_local_experts", 8},
                         {"hidden_size", 256},
                         {"intermediate_size_per_partition", 256},
                         {"top_k", 2}})
    experts.attrs.emplace_back(name, integer(n));
  run(r, {.at_tp = true});
  CHECK(r.has("gemm_fp8_nt_groupwise_n512_k256"));
  CHECK(r.has("gemm_fp4_N1024_K256_block_size16"));
  CHECK(r.noted("its FP8 scales are per channel"));
  CHECK(r.noted("its FP8 scales are not of 128 x 128 blocks"));
  CHECK(r.noted("MXFP8"));
  CHECK(r.noted("its weight is stored as weight_packed"));
  bool block = false;
  for (const auto& [name, d] : r.definitions) {
    check_rules(d);
    for (const char* n : {"n640", "n896", "n768", "N1152", "N1280"})
      CHECK(name.find(n) == std::string::npos);
    block = block || name.find("moe_fp8_block_scale") == 0;
  }
  CHECK(block);
}

TEST_CASE("experts that a block stacks itself") {
  Run r;
  auto& t = r.read.tree;
  t.ok = true;
  t.dtype = "bfloat16";
  t.modules.push_back(module("", "Net", {"Net"}, -1));
  auto block = module("mlp", "Block", {"Block"}, 0);
  for (auto [name, rows, columns] : {std::tuple{"w1", 512, 128}, {"w2", 128, 256}}) {
    Value stack;
    stack.kind = Value::Kind::tensor;
    stack.s = "bfloat16";
    stack.items = {integer(8), integer(rows), integer(columns)};
    block.attrs.emplace_back(name, stack);
  }
  t.modules.push_back(block);
  auto topk = module("mlp.topk", "TopK", {"TopK"}, 1);
  topk.attrs.emplace_back("top_k", integer(2));
  t.modules.push_back(topk);
  t.modules.push_back(module("mlp.experts", "ModuleList", {"ModuleList"}, 1));
  t.modules.push_back(module("mlp.experts.0", "MLP", {"MLP"}, 3));
  auto one = module("mlp.experts.0.gate_up_proj", "LinearBase", {"LinearBase"}, 4);
  one.params.push_back({"weight", {integer(512), integer(128)}, "bfloat16"});
  t.modules.push_back(one);
  auto shared = module("mlp.shared", "LinearBase", {"LinearBase"}, 1);
  shared.params.push_back({"weight", {integer(384), integer(128)}, "bfloat16"});
  t.modules.push_back(shared);
  run(r, {.at_tp = true});
  for (const auto& [name, d] : r.definitions) check_rules(d);
  CHECK(r.has("moe_bf16_routed_topk2_e8_h128_i256"));
  CHECK(r.has("gemm_n384_k128"));
  CHECK_FALSE(r.has("gemm_n512_k128"));
  CHECK(r.noted("its weight lies in w1 of the block above"));
}

TEST_CASE(
    "experts of earlier releases hold their routing themselves, and keep a bias as a parameter") {
  Value yes, no, none;
  yes.kind = no.kind = Value::Kind::boolean;
  yes.i = 1;
  none.kind = Value::Kind::none;
  auto experts = [&](std::int64_t number, bool grouped, std::int64_t biased, std::int64_t shared) {
    Run r;
    auto& t = r.read.tree;
    t.ok = true;
    t.modules.push_back(module("", "Net", {}, -1));
    auto m = module("experts", "EPMoE", {"x.EPMoE"}, 0);
    m.attrs = {{"top_k", integer(8 + (shared ? 1 : 0), 0)},
               {"num_experts", integer(number, 0)},
               {"renormalize", yes},
               {"use_grouped_topk", grouped ? yes : no},
               {"custom_routing_function", none},
               {"activation", [] {
                  Value v;
                  v.kind = Value::Kind::string;
                  v.s = "silu";
                  return v;
                }()}};
    if (grouped)
      m.attrs.insert(m.attrs.end(),
                     {{"num_expert_group", integer(8, 0)}, {"topk_group", integer(4, 0)}});
    if (shared) m.attrs.emplace_back("num_fused_shared_experts", integer(shared, 0));
    m.params = {{"w13_weight", {integer(number, 0), integer(128, 0), integer(256, 0)}, "bfloat16"},
                {"w2_weight", {integer(number, 0), integer(256, 0), integer(64, 0)}, "bfloat16"}};
    if (biased) m.params.push_back({"correction_bias", {integer(biased, 0)}, "float32"});
    t.modules.push_back(m);
    run(r, {});
    return r;
  };
  CHECK(experts(64, false, 0, 0).has("moe_bf16_renorm_topk8_e64_h256_i64"));
  CHECK(experts(64, true, 64, 0).has("moe_bf16_ds_routing_topk8_ng8_kg4_e64_h256_i64"));
  CHECK(experts(65, true, 64, 1).has("moe_bf16_ds_shared_experts_s1_e65_topk8_ng8_kg4_h256_i64"));
  // copies of a shared expert that the router does not weigh; a shared expert beside another
  // routing
  auto copies = experts(72, true, 64, 0);
  CHECK(copies.has("moe_bf16_routed_topk8_e72_h256_i64"));
  CHECK(copies.noted("weighs 64 experts of 72"));
  CHECK(experts(65, false, 0, 1).has("moe_bf16_routed_topk9_e65_h256_i64"));
}

TEST_CASE("attention that may see a prompt in both directions decodes like any other") {
  Run r;
  auto& t = r.read.tree;
  t.ok = true;
  t.modules.push_back(module("", "Net", {}, -1));
  auto attn =
      module("attn", "RadixAttention", {"sglang.srt.layers.radix_attention.RadixAttention"}, 0);
  Value type;
  type.kind = Value::Kind::string;
  type.s = "AttentionType.DECODER_BIDIRECTIONAL";
  attn.attrs = {{"tp_q_head_num", integer(8, 0)},
                {"tp_k_head_num", integer(2, 0)},
                {"head_dim", integer(64, 0)},
                {"attn_type", type}};
  t.modules.push_back(attn);
  run(r, {});
  CHECK(r.has("gqa_paged_decode_h8_kv2_d64_ps1"));
  CHECK(r.noted("both directions"));
}

TEST_CASE("broken trees give notes, never exceptions or definitions") {
  Value unknown;
  unknown.kind = Value::Kind::unknown;
  unknown.s = "flashinfer.something";
  for (const Value& v : {Value{}, unknown, integer(0), integer(-5), integer(1)}) {
    Run r;
    auto& t = r.read.tree;
    t.ok = true;
    t.modules.push_back(module("", "Net", {}, -1));
    auto add = [&](const char* cls, std::vector<const char*> attrs,
                   std::vector<const char*> params) {
      auto m = module(std::string("m") + std::to_string(t.modules.size()), cls, {cls}, 0);
      for (const char* a : attrs) m.attrs.emplace_back(a, v);
      for (const char* p : params) m.params.push_back({p, {v, v}, "bfloat16"});
      t.modules.push_back(m);
    };
    add("RadixAttention", {"tp_q_head_num", "tp_k_head_num", "head_dim", "v_head_dim", "logit_cap"},
        {});
    add("RadixAttention", {}, {});
    add("FusedMoE",
        {"num_experts", "num_local_experts", "top_k", "hidden_size",
         "intermediate_size_per_partition", "moe_runner_config"},
        {"w13_weight", "w2_weight"});
    add("FusedMoE", {}, {});
    add("TopK", {"topk_config"}, {});
    add("LinearBase", {"quant_method"}, {"weight", "weight_scale_inv"});
    add("Linear", {}, {});
    add("MoEGate", {}, {"weight"});
    add("sglang.srt.layers.layernorm.RMSNorm", {"hidden_size", "variance_epsilon"}, {});
    add("sglang.srt.layers.layernorm.Gemma4RMSNorm", {"eps", "scale_shift", "weight"}, {"weight"});
    add("ParallelLMHead", {}, {"weight"});
    add("VocabParallelEmbedding", {}, {"weight"});
    add("LogitsProcessor", {}, {});
    run(r, {.at_tp = true});
    CHECK_FALSE(r.failed);
    for (const auto& [name, d] : r.definitions) check_rules(d);
  }
  Run empty;
  run(empty, {});
  CHECK(empty.definitions.empty());
  empty.read.tree.ok = true;
  run(empty, {});
  CHECK(empty.definitions.empty());
}
