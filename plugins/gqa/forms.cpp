// The forms of grouped-query attention: decode and causal prefill over a paged cache, causal
// prefill over packed keys; FlashInfer's own beside the dataset's.
#include <cmath>

#include "gqa.h"
#include "plugins/shared/attention_formula.h"
#include "references.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::IndexRule;
using kdex::Params;

namespace {

bool has_window(const Params& p) { return p.integer("window_left") >= 0; }
bool has_cap(const Params& p) { return p.real("logit_cap") > 0; }
bool has_other_dtype(const Params& p) { return p.text("dtype") != "bfloat16"; }
bool has_other_sinks(const Params& p) { return p.text("sinks_dtype") != "bfloat16"; }

/// The dataset's names leave out whether a sequence's last page may be part full: pages of one
/// token are full, others are not.
kdex::Condition has_other_pages(const Kind& kind) {
  return [kind](const Params& p) {
    return kind.paged && !kind.fi_trace && kind.last_page == (p.integer("page_size") == 1);
  };
}

double softmax_scale(const Params& p) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(p.integer("head_dim"))));
}

/// What all forms share; `name`: before the sizes, `wrapper`: of FlashInfer.
Form attention(const char* id, const char* dialect, const Kind& kind, const char* name,
               const std::string& wrapper, const char* what) {
  Form f;
  f.id = id;
  f.dialect = dialect;
  f.op_type = kind.paged ? "gqa_paged" : "gqa_ragged";
  f.name = {name,
            "_h{num_qo_heads}_kv{num_kv_heads}_d{head_dim}",
            kind.paged ? "_ps{page_size}" : "",
            {"_sw{window_left}", has_window},
            {"_cap{logit_cap}", has_cap},
            {"_{dtype}", has_other_dtype},
            kind.sinks ? "_sinks" : ""};
  if (kind.sinks) f.name.push_back({"_{sinks_dtype}", has_other_sinks});
  if (kind.fp8_cache) f.name.push_back(kind.fp8_queries ? "_fp8" : "_fp8_cache");
  f.name.push_back({kind.last_page ? "_last_page" : "_full_pages", has_other_pages(kind)});
  f.params = {form::size("num_qo_heads"),
              form::size("num_kv_heads"),
              form::size("head_dim"),
              form::integer("window_left", -1),  // keys before its own that a query sees; -1: all
              form::real("logit_cap", 0.0),      // a tanh caps the logits at it; 0: none
              form::dtype("dtype"),
              form::model(),
              form::deployment("tp"),
              form::deployment("attention_dp")};
  if (kind.sinks) f.params.push_back(form::dtype("sinks_dtype"));
  if (kind.paged) f.params.push_back(form::integer("page_size"));
  f.tags = {kind.prefill ? "stage:prefill" : "stage:decode",
            "status:unverified",
            "model:{model}",
            kdex::Text("fi_api:flashinfer." +
                       (kind.sinks ? "attention.BatchAttentionWithAttentionSinkWrapper" : wrapper) +
                       (kind.fi_trace ? ".run" : "")),
            "tp:{tp}",
            "attention_dp:{attention_dp}"};
  f.description = {what,
                   ", query heads in groups of one KV head; gives the output and the base-2 "
                   "logarithm of the softmax's sum.",
                   {" A query sees {window_left} keys before its own.", has_window},
                   {" Logits are capped by a tanh at {logit_cap}.", has_cap}};
  if (kind.sinks)
    f.description.push_back(
        " A sink of each query head joins the softmax's sum as one more logit, without a value.");
  if (kind.fp8_cache)
    f.description.push_back(kind.fp8_queries
                                ? " Queries and cache are e4m3, the cache with a factor for keys "
                                  "and one for values."
                                : " The cache is e4m3, with a factor for keys and one for values.");
  f.constants = {{"WINDOW_LEFT", "{window_left}"}, {"LOGIT_CAP", "{logit_cap}"}};
  if (kind.fp8_cache) f.constants.push_back({"OUTPUT", "torch.{dtype}"});
  f.covers = {"num_q_heads", "num_kv_heads", "num_v_heads", "head_dim", "v_head_dim", "window_left",
              "logit_cap",   "mask",         "cross",       "chunked",  "sinks"};
  f.plan = [kind](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan(p, kind, chip, tuning);
  };
  f.workloads =
      sdk::sequences({.sequences = kind.rows_are_sequences() || kind.last_page ? "batch_size" : "",
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
  f.formula = [kind](const Params& p, const kdex::CallInputs& in, kdex::Random& random,
                     int threads) {
    return kdex_shared::attention({.q = "q",
                                   .k = kind.paged ? "k_cache" : "k",
                                   .v = kind.paged ? "v_cache" : "v",
                                   .query_offsets = kind.prefill ? "qo_indptr" : "",
                                   .key_offsets = "kv_indptr",
                                   .page_numbers = kind.paged ? "kv_indices" : "",
                                   .last_page = kind.last_page ? "kv_last_page_len" : "",
                                   .scale = "sm_scale",
                                   .key_scale = kind.fp8_cache ? "k_scale" : "",
                                   .value_scale = kind.fp8_cache ? "v_scale" : "",
                                   .sinks = kind.sinks ? "sinks" : ""},
                                  p.integer("window_left"), p.real("logit_cap"), in, random,
                                  threads);
  };
  return f;
}

void add_inputs(Form& f, const Kind& kind) {
  const std::string rows = kind.prefill ? "total_q" : "batch_size";
  const char* const fp8 = "float8_e4m3fn";
  f.inputs.push_back(form::tensor(
      "q", {rows, "num_qo_heads", "head_dim"}, kind.fp8_queries ? fp8 : "{dtype}",
      kind.prefill ? "Queries of all sequences, one after the other." : "One query a sequence."));
  for (const std::string name : {"k", "v"}) {
    const std::string what = name == "k" ? "Keys" : "Values";
    f.inputs.push_back(kind.paged
                           ? form::tensor(name + "_cache",
                                          {"num_pages", "page_size", "num_kv_heads", "head_dim"},
                                          kind.fp8_cache ? fp8 : "{dtype}",
                                          what + " of the paged KV cache, layout NHD.")
                           : form::tensor(name, {"total_kv", "num_kv_heads", "head_dim"}, "{dtype}",
                                          what + " of all sequences, one after the other."));
  }
  if (kind.prefill)
    f.inputs.push_back(
        form::tensor("qo_indptr", {"len_indptr"}, "int32", "First query row of each sequence.")
            .indexes(IndexRule::Kind::offsets, "total_q"));
  f.inputs.push_back(
      form::tensor("kv_indptr", {"len_indptr"}, "int32",
                   kind.paged ? "First entry of each sequence in kv_indices."
                              : "First key row of each sequence.")
          .indexes(IndexRule::Kind::offsets, kind.paged ? "num_kv_indices" : "total_kv"));
  if (kind.paged)
    f.inputs.push_back(form::tensor("kv_indices", {"num_kv_indices"}, "int32",
                                    "Page numbers, sequence after sequence.")
                           .indexes(IndexRule::Kind::into, "num_pages"));
  if (kind.last_page)
    f.inputs.push_back(form::tensor("kv_last_page_len", {"batch_size"}, "int32",
                                    "Tokens in the last page of each sequence.")
                           .indexes(IndexRule::Kind::count, "page_size"));
  f.inputs.push_back(
      form::scalar("sm_scale", "float32",
                   "Factor of the logits, 1/sqrt(head_dim) unless the model says otherwise.")
          .valued(softmax_scale));
  if (kind.fp8_cache) {
    f.inputs.push_back(
        form::scalar("k_scale", "float32", "Factor of the cached keys.").valued([](const Params&) {
          return 0.75;
        }));
    f.inputs.push_back(form::scalar("v_scale", "float32", "Factor of the cached values.")
                           .valued([](const Params&) { return 1.25; }));
  }
  if (kind.sinks)
    f.inputs.push_back(form::tensor("sinks", {"num_qo_heads"}, "{sinks_dtype}",
                                    "Logit of each query head that has no value."));
  if (kind.fi_trace)
    f.inputs.push_back(
        form::scalar("return_lse", "int32", "Both outputs are given whatever it says."));
  f.outputs = {form::tensor("output", {rows, "num_qo_heads", "head_dim"}, "{dtype}",
                            "Weighted values, a row a query."),
               form::tensor("lse", {rows, "num_qo_heads"}, "float32",
                            "Base-2 logarithm of the sum of exponentials.")
                   .within(1e-3)};
}

std::vector<kdex::FormAxis> head_axes() {
  return {form::constant("num_qo_heads", "Query heads of one rank."),
          form::constant("num_kv_heads", "Key and value heads of one rank."),
          form::constant("head_dim", "Width of queries, keys and values of one head.")};
}
kdex::FormAxis page_size() {
  return form::setting("page_size", "Tokens of a page; from the deployment.");
}

/// One query a sequence.
Form decode(const char* id, const char* dialect, const Kind& kind, std::string_view reference) {
  Form f =
      attention(id, dialect, kind, "gqa_paged_decode", "decode.BatchDecodeWithPagedKVCacheWrapper",
                "Decode attention over a paged KV cache");
  f.axes = {form::var("batch_size", "Sequences.")};
  for (auto& a : head_axes()) f.axes.push_back(std::move(a));
  f.axes.push_back(form::var("num_pages", "Pages of the KV cache."));
  f.axes.push_back(page_size());
  f.axes.push_back(form::var("len_indptr", "Sequences plus one: batch_size + 1."));
  f.axes.push_back(form::var("num_kv_indices", "Pages in use by the batch."));
  f.constraints = {"len_indptr == batch_size + 1", "num_kv_indices == kv_indptr[-1].item()"};
  add_inputs(f, kind);
  f.reference = reference;
  return f;
}

Form paged_prefill(const char* id, const char* dialect, const Kind& kind,
                   std::string_view reference) {
  Form f =
      attention(id, dialect, kind, kind.fi_trace ? "gqa_paged_prefill" : "gqa_paged_prefill_causal",
                "prefill.BatchPrefillWithPagedKVCacheWrapper",
                "Causal prefill attention over a paged KV cache");
  f.axes = head_axes();
  f.axes.push_back(page_size());
  f.axes.push_back(form::var("len_indptr", "Sequences plus one."));
  f.axes.push_back(form::var("total_q", "Query tokens of all sequences."));
  f.axes.push_back(form::var("num_kv_indices", "Pages in use by the batch."));
  f.axes.push_back(form::var("num_pages", "Pages of the KV cache."));
  if (kind.last_page) f.axes.push_back(form::var("batch_size", "Sequences."));
  f.constraints = {"total_q == qo_indptr[-1].item()", "num_kv_indices == kv_indptr[-1].item()"};
  add_inputs(f, kind);
  f.reference = reference;
  return f;
}

Form ragged_prefill(const char* id, const char* dialect, const Kind& kind,
                    std::string_view reference) {
  Form f = attention(id, dialect, kind, kind.fi_trace ? "gqa_ragged" : "gqa_ragged_prefill_causal",
                     "prefill.BatchPrefillWithRaggedKVCacheWrapper",
                     "Causal prefill attention over packed keys and values");
  f.axes = head_axes();
  f.axes.push_back(form::var("len_indptr", "Sequences plus one."));
  f.axes.push_back(form::var("total_q", "Query tokens of all sequences."));
  f.axes.push_back(form::var("total_kv", "Key tokens of all sequences."));
  f.constraints = {"total_q == qo_indptr[-1].item()", "total_kv == kv_indptr[-1].item()"};
  add_inputs(f, kind);
  f.reference = reference;
  return f;
}

/// Three definitions of the public dataset give kv_last_page_len an entry more than there are
/// sequences; they are read and never written.
Form paged_prefill_of_dataset() {
  Form f = paged_prefill("paged_prefill_of_dataset", "",
                         {.paged = true, .prefill = true, .last_page = true},
                         kdex_reference::paged_prefill_last_page);
  f.axes.pop_back();
  for (auto& t : f.inputs)
    if (t.name == "kv_last_page_len") t.shape = {"len_indptr"};
  f.name.emplace_back("_by_indptr");
  f.workloads = {};
  return f;
}

/// The reference of a kind in FlashInfer-Bench's own dialect.
std::string_view reference_of(const Kind& k) {
  namespace ref = kdex_reference;
  struct Row {
    std::string_view plain, sinks, fp8, fp8_sinks;
  };
  static constexpr Row decode{ref::paged_decode_last_page, ref::paged_decode_last_page_sinks,
                              ref::paged_decode_last_page_fp8,
                              ref::paged_decode_last_page_fp8_sinks},
      decode_ps1{ref::paged_decode_ps1, ref::paged_decode_ps1_sinks, ref::paged_decode_ps1_fp8,
                 ref::paged_decode_ps1_fp8_sinks},
      prefill{ref::paged_prefill_last_page, ref::paged_prefill_last_page_sinks,
              ref::paged_prefill_last_page_fp8, ref::paged_prefill_last_page_fp8_sinks},
      prefill_ps1{ref::paged_prefill_ps1, ref::paged_prefill_ps1_sinks, ref::paged_prefill_ps1_fp8,
                  ref::paged_prefill_ps1_fp8_sinks},
      ragged{ref::ragged_prefill, ref::ragged_prefill_sinks, {}, {}};
  const Row& row = !k.paged      ? ragged
                   : k.prefill   ? (k.last_page ? prefill : prefill_ps1)
                   : k.last_page ? decode
                                 : decode_ps1;
  return k.fp8_cache ? (k.sinks ? row.fp8_sinks : row.fp8) : k.sinks ? row.sinks : row.plain;
}

std::string id_of(const Kind& kind) {
  return std::string(kind.fi_trace ? "fi_trace_" : "") +
         (!kind.paged    ? (kind.fi_trace ? "ragged" : "ragged_prefill")
          : kind.prefill ? "paged_prefill"
                         : "paged_decode") +
         (kind.paged && !kind.fi_trace && !kind.last_page ? "_full_pages" : "") +
         (kind.sinks ? "_sinks" : "") +
         (!kind.fp8_cache    ? ""
          : kind.fp8_queries ? "_fp8"
                             : "_fp8_cache");
}

Form form_for(const Kind& kind, std::string_view reference) {
  const std::string id = id_of(kind);
  const char* const dialect = kind.fi_trace ? "fi_trace" : "official";
  return !kind.paged    ? ragged_prefill(id.c_str(), dialect, kind, reference)
         : kind.prefill ? paged_prefill(id.c_str(), dialect, kind, reference)
                        : decode(id.c_str(), dialect, kind, reference);
}

std::vector<Form> make_forms() {
  namespace ref = kdex_reference;
  std::vector<Form> all;
  for (bool sinks : {false, true}) {
    for (int fp8 : {0, 1, 2})  // e4m3: nothing, the cache, the queries too
      for (bool prefill : {false, true})
        for (bool last_page : {false, true}) {
          const Kind kind{.paged = true,
                          .prefill = prefill,
                          .last_page = last_page,
                          .sinks = sinks,
                          .fp8_cache = fp8 > 0,
                          .fp8_queries = fp8 > 1};
          all.push_back(form_for(kind, reference_of(kind)));
        }
    const Kind ragged{.prefill = true, .sinks = sinks};
    all.push_back(form_for(ragged, reference_of(ragged)));
  }
  all.push_back(form_for({.paged = true, .fi_trace = true}, ref::paged_decode_fi_trace));
  all.push_back(
      form_for({.paged = true, .prefill = true, .fi_trace = true}, ref::paged_prefill_fi_trace));
  all.push_back(form_for({.prefill = true, .fi_trace = true}, ref::ragged_prefill_fi_trace));
  all.push_back(paged_prefill_of_dataset());
  return all;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = make_forms();
  return all;
}

const Form* form_of(const Kind& kind) { return sdk::find_form(forms(), id_of(kind)); }

}  // namespace kdex_gqa
