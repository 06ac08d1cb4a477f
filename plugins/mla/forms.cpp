// The forms of latent attention: decode and causal prefill of the absorbed form over a paged cache
// of latents, causal prefill of the expanded form; FlashInfer's own beside the dataset's.
#include <cmath>
#include <numeric>

#include "mla.h"
#include "plugins/shared/attention_formula.h"
#include "references.h"

namespace kdex_mla {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::IndexRule;
using kdex::Params;

namespace {

bool has_other_dtype(const Params& p) { return p.text("dtype") != "bfloat16"; }
bool has_window(const Params& p) { return p.integer("window_left") >= 0; }
bool has_cap(const Params& p) { return p.real("logit_cap") > 0; }
bool has_no_limit(const Params& p) { return !has_window(p) && !has_cap(p); }
bool has_fewer_kv_heads(const Params& p) {
  return p.integer("num_kv_heads") != p.integer("num_qo_heads");
}
/// The dataset's names leave out whether a sequence's last page may be part full: pages of one
/// token are full, others are not.
kdex::Condition has_other_pages(const Kind& kind) {
  return [kind](const Params& p) {
    return kind.paged && !kind.fi_trace && kind.last_page == (p.integer("page_size") == 1);
  };
}

/// Inputs of the formula.
kdex_shared::FormulaInputs names_of(const Kind& kind) {
  kdex_shared::FormulaInputs n;
  n.q = kind.paged ? "q_nope" : "q";
  n.k = kind.paged ? "ckv_cache" : "k";
  n.v = kind.paged ? "ckv_cache" : "v";
  n.key_offsets = "kv_indptr";
  n.scale = "sm_scale";
  if (kind.prefill) n.query_offsets = "qo_indptr";
  if (kind.last_page) n.last_page = "kv_last_page_len";
  if (!kind.paged) return n;
  n.q_rope = "q_pe", n.k_rope = "kpe_cache", n.page_numbers = "kv_indices";
  if (kind.scaled)
    n.key_scale = "ckv_scale", n.rope_scale = "kpe_scale", n.group_scale = "ckv_scale_arr";
  if (kind.fp8_cache) n.key_scale = n.rope_scale = "k_scale", n.value_scale = "v_scale";
  return n;
}

/// Window and cap as parameters. A form that has only them beside the others wants both from a
/// definition's reference, so that it reads none without.
void add_limits(Form& f, const Kind& kind) {
  using Otherwise = std::optional<std::int64_t>;
  f.params.push_back(form::integer("window_left", kind.limited ? Otherwise() : Otherwise(-1)));
  f.params.push_back(
      form::real("logit_cap", kind.limited ? std::nullopt : std::optional<double>(0.0)));
  f.constants = {{"WINDOW_LEFT", "{window_left}"}, {"LOGIT_CAP", "{logit_cap}"}};
  f.description.push_back({" A query sees {window_left} keys before its own.", has_window});
  f.description.push_back({" Logits are capped by a tanh at {logit_cap}.", has_cap});
}

/// What all forms share; `name`: before the sizes, `wrapper`: of FlashInfer.
Form attention(const char* id, const Kind& kind, const char* name, const std::string& wrapper,
               const char* what, std::string_view reference) {
  Form f;
  f.id = id;
  f.dialect = kind.fi_trace ? "fi_trace" : "official";
  f.op_type = kind.paged ? "mla_paged" : "mla_ragged";
  if (kind.paged)
    f.name = {name, "_h{num_qo_heads}_ckv{head_dim_ckv}_kpe{head_dim_kpe}_ps{page_size}"};
  else
    f.name = {name,
              "_h{num_qo_heads}",
              {"_kv{num_kv_heads}", has_fewer_kv_heads},
              "_qk{qk_dim}_vo{vo_dim}"};
  if (kind.has_limits()) {
    f.name.push_back({"_sw{window_left}", has_window});
    f.name.push_back({"_cap{logit_cap}", has_cap});
    if (!kind.fp8_cache) f.name.push_back({"_limits", has_no_limit});  // else the plain form's
  }
  f.name.push_back({"_{dtype}", has_other_dtype});
  if (kind.fp8_cache) f.name.push_back(kind.fp8_queries ? "_fp8" : "_fp8_cache");
  f.name.push_back({kind.last_page ? "_last_page" : "_full_pages", has_other_pages(kind)});
  f.params = {form::size("num_qo_heads"), form::dtype("dtype"), form::model(),
              form::deployment("tp"), form::deployment("attention_dp")};
  f.tags = {kind.prefill ? "stage:prefill" : "stage:decode",
            "status:unverified",
            "model:{model}",
            kdex::Text("fi_api:flashinfer." + wrapper + (kind.fi_trace ? ".run" : "")),
            "tp:{tp}",
            "attention_dp:{attention_dp}"};
  f.description = {what};
  if (kind.has_limits()) add_limits(f, kind);
  if (kind.fp8_cache) {
    f.description.push_back(
        kind.fp8_queries ? " Queries and cache are e4m3, the cache with a factor as keys and "
                           "one as values."
                         : " The cache is e4m3, with a factor as keys and one as values.");
    f.constants.push_back({"OUTPUT", "torch.{dtype}"});
  }
  f.covers = {"num_q_heads", "num_kv_heads", "num_v_heads", "head_dim",
              "v_head_dim",  "latent_rank",  "rope_dim",    "indexer"};
  if (kind.has_limits()) f.covers.insert(f.covers.end(), {"window_left", "logit_cap"});
  f.reference = reference;
  f.workloads = sdk::sequences({.sequences = !kind.prefill || kind.last_page ? "batch_size" : "",
                                .offsets = "len_indptr",
                                .queries = kind.prefill ? "total_q" : "",
                                .keys = kind.paged ? "" : "total_kv",
                                .pages = kind.paged ? "num_pages" : "",
                                .used_pages = kind.paged ? "num_kv_indices" : "",
                                .page_size = kind.paged ? "page_size" : "",
                                .query_offsets = kind.prefill ? "qo_indptr" : "",
                                .key_offsets = "kv_indptr",
                                .page_numbers = kind.paged ? "kv_indices" : "",
                                .last_page = kind.last_page ? "kv_last_page_len" : ""});
  f.formula = [names = names_of(kind), limits = kind.has_limits()](
                  const Params& p, const kdex::CallInputs& in, kdex::Random& random, int threads) {
    return kdex_shared::attention(names, limits ? p.integer("window_left") : -1,
                                  limits ? p.real("logit_cap") : 0, in, random, threads);
  };
  f.plan = [kind](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan(p, kind, chip, tuning);
  };
  return f;
}

kdex::FormTensor first_rows() {
  return form::tensor("qo_indptr", {"len_indptr"}, "int32", "First query row of each sequence.")
      .indexes(IndexRule::Kind::offsets, "total_q");
}
kdex::FormTensor softmax_scale(const char* width, std::int64_t more) {
  return form::scalar("sm_scale", "float32",
                      "Factor of the logits: 1/sqrt of the width before absorption, times the "
                      "square of YaRN's mscale where there is one.")
      .valued([width, more](const Params& p) {
        return static_cast<float>(1.0 / std::sqrt(static_cast<double>(p.integer(width) + more)));
      });
}
kdex::FormTensor lse(const std::string& rows) {
  return form::tensor("lse", {rows, "num_qo_heads"}, "float32",
                      "Base-2 logarithm of the sum of exponentials.")
      .within(1e-3);
}

/// Sizes of the groups that share a scale take turns; each divides the latent's width.
std::int64_t scale_groups(const Params& p, std::size_t workload) {
  constexpr std::int64_t kGroups[] = {1, 4, 2, 32, 8, 16};
  return std::gcd(p.integer("head_dim_ckv"), kGroups[workload % std::size(kGroups)]);
}

std::vector<kdex::FormAxis> paged_axes(const Kind& kind) {
  std::vector<kdex::FormAxis> a;
  if (!kind.prefill) a.push_back(form::var("batch_size", "Sequences."));
  a.push_back(form::constant("num_qo_heads", "Query heads of one rank."));
  a.push_back(form::constant("head_dim_ckv", "Width of the latent (kv_lora_rank)."));
  a.push_back(form::constant("head_dim_kpe", "Width of the rotary part (qk_rope_head_dim)."));
  a.push_back(form::setting("page_size", "Tokens of a page; from the deployment."));
  if (kind.scaled)
    a.push_back(form::var("ckv_scale_groups", "Groups of a latent's values that share a scale.")
                    .sized(scale_groups));
  if (kind.prefill) a.push_back(form::var("total_q", "Query tokens of all sequences."));
  a.push_back(form::var("num_pages", "Pages of the cache."));
  a.push_back(form::var("len_indptr", "Sequences plus one."));
  a.push_back(form::var("num_kv_indices", "Pages in use by the batch."));
  if (kind.last_page && kind.prefill) a.push_back(form::var("batch_size", "Sequences."));
  return a;
}

/// Of a quantized cache; values such that a kernel which leaves one out is wrong.
std::vector<kdex::FormTensor> cache_scales() {
  return {form::scalar("ckv_scale", "float32",
                       "Scale of a quantized latent; 1 where it is not quantized.")
              .valued([](const Params&) { return 0.75; }),
          form::tensor("ckv_scale_arr", {"num_pages", "page_size", "ckv_scale_groups"}, "float32",
                       "The same by groups of values; ones where it is not quantized.")
              .filled(sdk::uniform([](const Params&) { return 0.5; },
                                   [](const Params&) { return 1.5; })),
          form::scalar("kpe_scale", "float32",
                       "Scale of a quantized rotary part; 1 where it is not quantized.")
              .valued([](const Params&) { return 1.25; }),
          form::scalar("return_lse", "int32", "Both outputs are given whatever it says.")};
}

std::vector<kdex::FormTensor> paged_inputs(const Kind& kind) {
  const std::string rows = kind.prefill ? "total_q" : "batch_size";
  const char* const queries = kind.fp8_queries ? "float8_e4m3fn" : "{dtype}";
  const char* const cache = kind.fp8_cache ? "float8_e4m3fn" : "{dtype}";
  std::vector<kdex::FormTensor> in = {
      form::tensor("q_nope", {rows, "num_qo_heads", "head_dim_ckv"}, queries,
                   "Queries after absorption of the key projection."),
      form::tensor("q_pe", {rows, "num_qo_heads", "head_dim_kpe"}, queries,
                   "Rotary part of the queries."),
      form::tensor("ckv_cache", {"num_pages", "page_size", "head_dim_ckv"}, cache,
                   "Compressed latents of the paged cache: keys and values of all heads."),
      form::tensor("kpe_cache", {"num_pages", "page_size", "head_dim_kpe"}, cache,
                   "Rotary parts of the keys, shared by all heads.")};
  if (kind.prefill) in.push_back(first_rows());
  in.push_back(form::tensor("kv_indptr", {"len_indptr"}, "int32",
                            "First entry of each sequence in kv_indices.")
                   .indexes(IndexRule::Kind::offsets, "num_kv_indices"));
  in.push_back(form::tensor("kv_indices", {"num_kv_indices"}, "int32",
                            "Page numbers, sequence after sequence.")
                   .indexes(IndexRule::Kind::into, "num_pages"));
  if (kind.last_page)
    in.push_back(form::tensor("kv_last_page_len", {"batch_size"}, "int32",
                              "Tokens in the last page of each sequence.")
                     .indexes(IndexRule::Kind::count, "page_size"));
  // 128 without the rotary part in every model so far.
  in.push_back(softmax_scale("head_dim_kpe", 128));
  if (kind.scaled)
    for (auto& t : cache_scales()) in.push_back(std::move(t));
  if (kind.fp8_cache) {
    in.push_back(form::scalar("k_scale", "float32", "Factor of the cache as keys.")
                     .valued([](const Params&) { return 0.75; }));
    in.push_back(form::scalar("v_scale", "float32", "Factor of the cache as values.")
                     .valued([](const Params&) { return 1.25; }));
  }
  return in;
}

/// Decode or prefill of the absorbed form.
Form paged(const char* id, Kind kind, std::string_view reference) {
  kind.paged = true;
  const std::string api = kind.fi_trace ? "mla._core.BatchMLAPagedAttentionWrapper"
                                        : "mla.BatchMLAPagedAttentionWrapper";
  Form f = attention(
      id, kind,
      !kind.prefill   ? "mla_paged_decode"
      : kind.fi_trace ? "mla_paged_prefill"
                      : "mla_paged_prefill_causal",
      api,
      kind.prefill ? "Causal prefill of absorbed latent attention: all query heads read one latent "
                     "of a paged cache, which is key and value."
                   : "Decode of absorbed latent attention: all query heads read one latent of a "
                     "paged cache, which is key and value.",
      reference);
  f.params.push_back(form::size("head_dim_ckv"));
  f.params.push_back(form::size("head_dim_kpe"));
  f.params.push_back(form::integer("page_size"));
  f.axes = paged_axes(kind);
  f.constraints = {
      kind.prefill ? "total_q == qo_indptr[-1].item()" : "len_indptr == batch_size + 1",
      "num_kv_indices == kv_indptr[-1].item()"};
  f.inputs = paged_inputs(kind);
  const std::string rows = kind.prefill ? "total_q" : "batch_size";
  f.outputs = {form::tensor("output", {rows, "num_qo_heads", "head_dim_ckv"}, "{dtype}",
                            "Weighted latents, before the value projection."),
               lse(rows)};
  return f;
}

/// Prefill of the expanded form, the same in both dialects but for its name and tag.
Form ragged(const char* id, const Kind& kind, std::string_view reference) {
  const bool fi_trace = kind.fi_trace;
  Form f = attention(
      id, kind, fi_trace ? "mla_ragged_prefill" : "mla_ragged_prefill_causal",
      "prefill.BatchPrefillWithRaggedKVCacheWrapper",
      "Causal prefill of expanded latent attention: every head has its own key and value.",
      reference);
  f.params.push_back(form::size("num_kv_heads"));
  f.params.push_back(form::size("qk_dim"));
  f.params.push_back(form::size("vo_dim"));
  f.axes = {form::constant("num_qo_heads", "Query heads of one rank."),
            form::constant("num_kv_heads", "As many as query heads."),
            form::constant("qk_dim", "Width of queries and keys."),
            form::constant("vo_dim", "Width of values."),
            form::var("total_q", "Query tokens of all sequences."),
            form::var("total_kv", "Key tokens of all sequences."),
            form::var("len_indptr", "Sequences plus one.")};
  f.constraints = {"total_q == qo_indptr[-1].item()", "total_kv == kv_indptr[-1].item()"};
  f.inputs = {
      form::tensor("q", {"total_q", "num_qo_heads", "qk_dim"}, "{dtype}",
                   "Queries, the rotary part last."),
      form::tensor("k", {"total_kv", "num_kv_heads", "qk_dim"}, "{dtype}",
                   "Expanded keys, the rotary part last."),
      form::tensor("v", {"total_kv", "num_kv_heads", "vo_dim"}, "{dtype}", "Expanded values."),
      first_rows(),
      form::tensor("kv_indptr", {"len_indptr"}, "int32", "First key row of each sequence.")
          .indexes(IndexRule::Kind::offsets, "total_kv"),
      softmax_scale("qk_dim", 0)};
  f.outputs = {form::tensor("output", {"total_q", "num_qo_heads", "vo_dim"}, "{dtype}",
                            "Weighted values, a row a query."),
               lse("total_q")};
  return f;
}

/// The reference of a paged kind in FlashInfer-Bench's own dialect.
std::string_view reference_of(const Kind& k) {
  namespace ref = kdex_reference;
  struct Row {
    std::string_view plain, limited, fp8;
  };
  static constexpr Row decode{ref::paged_decode_last_page, ref::paged_decode_last_page_limited,
                              ref::paged_decode_last_page_limited_fp8},
      decode_ps1{ref::paged_decode_ps1, ref::paged_decode_ps1_limited,
                 ref::paged_decode_ps1_limited_fp8},
      prefill{ref::paged_prefill_last_page, ref::paged_prefill_last_page_limited,
              ref::paged_prefill_last_page_limited_fp8},
      prefill_ps1{ref::paged_prefill_ps1, ref::paged_prefill_ps1_limited,
                  ref::paged_prefill_ps1_limited_fp8};
  const Row& row =
      k.prefill ? (k.last_page ? prefill : prefill_ps1) : (k.last_page ? decode : decode_ps1);
  return k.fp8_cache ? row.fp8 : k.limited ? row.limited : row.plain;
}

std::string id_of(const Kind& kind) {
  std::string id = kind.fi_trace ? "fi_trace_" : "";
  id += !kind.paged ? "ragged_prefill" : kind.prefill ? "paged_prefill" : "paged_decode";
  if (kind.paged && !kind.fi_trace && !kind.last_page) id += "_full_pages";
  if (kind.limited) id += "_limited";
  if (kind.fp8_cache) id += kind.fp8_queries ? "_fp8" : "_fp8_cache";
  return id;
}

std::vector<Form> make_forms() {
  namespace ref = kdex_reference;
  std::vector<Form> all;
  // Limited ones first: the others read their definitions too, without the limits.
  for (bool limited : {true, false}) {
    for (int fp8 : {0, 1, 2})  // e4m3: nothing, the cache, the queries too
      for (bool prefill : {false, true})
        for (bool last_page : {false, true}) {
          const Kind kind{.paged = true,
                          .prefill = prefill,
                          .last_page = last_page,
                          .limited = limited,
                          .fp8_cache = fp8 > 0,
                          .fp8_queries = fp8 > 1};
          if (!limited || !kind.fp8_cache)  // whose form has the limits itself
            all.push_back(paged(id_of(kind).c_str(), kind, reference_of(kind)));
        }
    const Kind kind{.prefill = true, .limited = limited};
    all.push_back(ragged(id_of(kind).c_str(), kind,
                         limited ? ref::ragged_prefill_limited : ref::ragged_prefill));
  }
  const Kind own{.paged = true, .scaled = true, .fi_trace = true},
      own_prefill{.paged = true, .prefill = true, .scaled = true, .fi_trace = true},
      own_ragged{.prefill = true, .fi_trace = true};
  all.push_back(paged(id_of(own).c_str(), own, ref::paged_decode_fi_trace));
  all.push_back(paged(id_of(own_prefill).c_str(), own_prefill, ref::paged_prefill_fi_trace));
  all.push_back(ragged(id_of(own_ragged).c_str(), own_ragged, ref::ragged_prefill));
  return all;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = make_forms();
  return all;
}

const Form* form_of(const Kind& kind) { return sdk::find_form(forms(), id_of(kind)); }

}  // namespace kdex_mla
