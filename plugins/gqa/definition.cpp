// The definitions of grouped-query attention: names, axes, tensors, constraints, tags, reference.
#include "gqa.h"
#include "references.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;
using sdk::const_axis;
using sdk::scalar;
using sdk::tensor;
using sdk::var_axis;

kdex::Definition define(const Attention& a, Form form, std::int64_t page_size,
                        const kdex::ModelView& view) {
  const std::string dtype = view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype;
  const bool fi_trace = view.dialect == "fi_trace";
  const bool decode = form == Form::paged_decode, paged = form != Form::ragged_prefill;
  const std::string heads = "_h" + std::to_string(a.num_qo_heads.value) + "_kv" +
                            std::to_string(a.num_kv_heads.value) + "_d" +
                            std::to_string(a.head_dim.value);

  kdex::Definition d;
  d.op_type = paged ? "gqa_paged" : "gqa_ragged";
  d.name = d.op_type;
  if (decode)
    d.name += "_decode";
  else if (paged)
    d.name += fi_trace ? "_prefill" : "_prefill_causal";
  else if (!fi_trace)
    d.name += "_prefill_causal";
  d.name += heads;
  if (paged) d.name += "_ps" + std::to_string(page_size);
  if (a.window_left >= 0) d.name += "_sw" + std::to_string(a.window_left);
  if (a.logit_cap > 0) d.name += "_cap" + sdk::python_float(a.logit_cap);
  d.name += sdk::dtype_suffix(dtype);

  const char* wrapper = decode  ? "decode.BatchDecodeWithPagedKVCacheWrapper"
                        : paged ? "prefill.BatchPrefillWithPagedKVCacheWrapper"
                                : "prefill.BatchPrefillWithRaggedKVCacheWrapper";
  d.tags = {decode ? "stage:decode" : "stage:prefill", "status:unverified",
            sdk::model_tag(view.checkpoint),
            std::string("fi_api:flashinfer.") + wrapper + (fi_trace ? ".run" : ""),
            "tp:" + std::to_string(view.deployment.tp)};
  if (view.deployment.attention_dp > 1)
    d.tags.push_back("attention_dp:" + std::to_string(view.deployment.attention_dp));

  d.description =
      std::string(decode  ? "Decode attention over a paged KV cache"
                  : paged ? "Causal prefill attention over a paged KV cache"
                          : "Causal prefill attention over packed keys and values") +
      ", query heads in groups of one KV head; gives the output and the base-2 logarithm of the "
      "softmax's sum.";
  if (a.window_left >= 0)
    d.description += " A query sees " + std::to_string(a.window_left) + " keys before its own.";
  if (a.logit_cap > 0)
    d.description += " Logits are capped by a tanh at " + sdk::python_float(a.logit_cap) + ".";

  const auto qo = const_axis("num_qo_heads", a.num_qo_heads, "Query heads of one rank.");
  const auto kv = const_axis("num_kv_heads", a.num_kv_heads, "Key and value heads of one rank.");
  const auto width = const_axis("head_dim", a.head_dim);
  const bool last_page = paged && page_size > 1 && !fi_trace;
  const auto ps = sdk::setting_axis("page_size", page_size, "page_size",
                                    "Tokens of a page; from the deployment.");
  if (decode)
    d.axes = {var_axis("batch_size"),
              qo,
              kv,
              width,
              var_axis("num_pages"),
              ps,
              var_axis("len_indptr", "batch_size + 1"),
              var_axis("num_kv_indices", "Pages in use by the batch.")};
  else if (paged)
    d.axes = {qo,
              kv,
              width,
              ps,
              var_axis("len_indptr", "Sequences plus one."),
              var_axis("total_q"),
              var_axis("num_kv_indices", "Pages in use by the batch."),
              var_axis("num_pages")};
  else
    d.axes = {qo,
              kv,
              width,
              var_axis("len_indptr", "Sequences plus one."),
              var_axis("total_q"),
              var_axis("total_kv")};
  if (last_page && !decode) d.axes.push_back(var_axis("batch_size"));

  if (decode)
    d.constraints = {"len_indptr == batch_size + 1", "num_kv_indices == kv_indptr[-1].item()"};
  else if (paged)
    d.constraints = {"total_q == qo_indptr[-1].item()", "num_kv_indices == kv_indptr[-1].item()"};
  else
    d.constraints = {"total_q == qo_indptr[-1].item()", "total_kv == kv_indptr[-1].item()"};

  const std::string rows = decode ? "batch_size" : "total_q";
  d.inputs.push_back(tensor("q", {rows, "num_qo_heads", "head_dim"}, dtype));
  if (paged) {
    d.inputs.push_back(
        tensor("k_cache", {"num_pages", "page_size", "num_kv_heads", "head_dim"}, dtype));
    d.inputs.push_back(
        tensor("v_cache", {"num_pages", "page_size", "num_kv_heads", "head_dim"}, dtype));
  } else {
    d.inputs.push_back(tensor("k", {"total_kv", "num_kv_heads", "head_dim"}, dtype));
    d.inputs.push_back(tensor("v", {"total_kv", "num_kv_heads", "head_dim"}, dtype));
  }
  if (!decode)
    d.inputs.push_back(
        tensor("qo_indptr", {"len_indptr"}, "int32", "First query row of each sequence."));
  d.inputs.push_back(tensor(
      "kv_indptr", {"len_indptr"}, "int32",
      paged ? "First entry of each sequence in kv_indices." : "First key row of each sequence."));
  if (paged)
    d.inputs.push_back(tensor("kv_indices", {"num_kv_indices"}, "int32",
                              "Page numbers, sequence after sequence."));
  if (last_page)
    d.inputs.push_back(tensor("kv_last_page_len", {"batch_size"}, "int32",
                              "Tokens in the last page of each sequence."));
  d.inputs.push_back(
      scalar("sm_scale", "float32",
             "Factor of the logits, 1/sqrt(head_dim) unless the model says otherwise."));
  if (fi_trace)
    d.inputs.push_back(scalar("return_lse", "int32", "Both outputs are given whatever it says."));
  d.outputs = {tensor("output", {rows, "num_qo_heads", "head_dim"}, dtype),
               tensor("lse", {rows, "num_qo_heads"}, "float32",
                      "Base-2 logarithm of the sum of exponentials.")};

  namespace ref = kdex_reference;
  std::string_view source;
  if (fi_trace)
    source = decode  ? ref::fi_trace_paged_decode
             : paged ? ref::fi_trace_paged_prefill
                     : ref::fi_trace_ragged;
  else if (!paged)
    source = ref::ragged_prefill;
  else if (decode)
    source = last_page ? ref::paged_decode : ref::paged_decode_ps1;
  else
    source = last_page ? ref::paged_prefill : ref::paged_prefill_ps1;
  d.reference = sdk::fill_reference(source, {{"WINDOW_LEFT", std::to_string(a.window_left)},
                                             {"LOGIT_CAP", sdk::python_float(a.logit_cap)}});
  return d;
}

}  // namespace kdex_gqa
