// The definitions of latent attention: names, axes, tensors, constraints, tags, reference.
#include "mla.h"
#include "references.h"

namespace kdex_mla {
namespace sdk = kdex::sdk;
using sdk::const_axis;
using sdk::scalar;
using sdk::tensor;
using sdk::var_axis;

kdex::Definition define(const Latent& l, Form form, std::int64_t page_size,
                        const kdex::ModelView& view) {
  const std::string dtype = view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype;
  const bool fi_trace = view.dialect == "fi_trace";
  const bool decode = form == Form::paged_decode, paged = form != Form::ragged_prefill;
  const std::string heads = "_h" + std::to_string(l.num_qo_heads.value);

  kdex::Definition d;
  d.op_type = paged ? "mla_paged" : "mla_ragged";
  d.name = d.op_type + (decode ? "_decode" : fi_trace ? "_prefill" : "_prefill_causal") + heads;
  if (paged)
    d.name += "_ckv" + std::to_string(l.ckv.value) + "_kpe" + std::to_string(l.kpe.value) + "_ps" +
              std::to_string(page_size);
  else
    d.name += "_qk" + std::to_string(l.qk.value) + "_vo" + std::to_string(l.vo.value);
  d.name += sdk::dtype_suffix(dtype);

  const char* api = paged ? (fi_trace ? "mla._core.BatchMLAPagedAttentionWrapper.run"
                                      : "mla.BatchMLAPagedAttentionWrapper")
                          : (fi_trace ? "prefill.BatchPrefillWithRaggedKVCacheWrapper.run"
                                      : "prefill.BatchPrefillWithRaggedKVCacheWrapper");
  d.tags = {decode ? "stage:decode" : "stage:prefill", "status:unverified",
            sdk::model_tag(view.checkpoint), std::string("fi_api:flashinfer.") + api,
            "tp:" + std::to_string(view.deployment.tp)};
  if (view.deployment.attention_dp > 1)
    d.tags.push_back("attention_dp:" + std::to_string(view.deployment.attention_dp));
  d.description =
      paged ? std::string(decode ? "Decode" : "Causal prefill") +
                  " of absorbed latent attention: all query heads read one latent of a paged "
                  "cache, which is key and value."
            : "Causal prefill of expanded latent attention: every head has its own key and value.";

  const auto qo = const_axis("num_qo_heads", l.num_qo_heads, "Query heads of one rank.");
  const std::string rows = decode ? "batch_size" : "total_q";
  const bool last_page = paged && page_size > 1 && !fi_trace;
  if (paged) {
    if (decode) d.axes.push_back(var_axis("batch_size"));
    d.axes.push_back(qo);
    d.axes.push_back(const_axis("head_dim_ckv", l.ckv, "Width of the latent (kv_lora_rank)."));
    d.axes.push_back(
        const_axis("head_dim_kpe", l.kpe, "Width of the rotary part (qk_rope_head_dim)."));
    d.axes.push_back(sdk::setting_axis("page_size", page_size, "page_size",
                                       "Tokens of a page; from the deployment."));
    if (fi_trace)
      d.axes.push_back(
          var_axis("ckv_scale_groups", "Groups of a latent's values that share a scale."));
    if (!decode) d.axes.push_back(var_axis("total_q"));
    d.axes.push_back(var_axis("num_pages"));
    d.axes.push_back(var_axis("len_indptr", "Sequences plus one."));
    d.axes.push_back(var_axis("num_kv_indices", "Pages in use by the batch."));
    if (last_page && !decode) d.axes.push_back(var_axis("batch_size"));
    d.constraints = {decode ? "len_indptr == batch_size + 1" : "total_q == qo_indptr[-1].item()",
                     "num_kv_indices == kv_indptr[-1].item()"};
    d.inputs = {tensor("q_nope", {rows, "num_qo_heads", "head_dim_ckv"}, dtype,
                       "Queries after absorption of the key projection."),
                tensor("q_pe", {rows, "num_qo_heads", "head_dim_kpe"}, dtype,
                       "Rotary part of the queries."),
                tensor("ckv_cache", {"num_pages", "page_size", "head_dim_ckv"}, dtype),
                tensor("kpe_cache", {"num_pages", "page_size", "head_dim_kpe"}, dtype)};
    if (!decode)
      d.inputs.push_back(
          tensor("qo_indptr", {"len_indptr"}, "int32", "First query row of each sequence."));
    d.inputs.push_back(tensor("kv_indptr", {"len_indptr"}, "int32",
                              "First entry of each sequence in kv_indices."));
    d.inputs.push_back(tensor("kv_indices", {"num_kv_indices"}, "int32",
                              "Page numbers, sequence after sequence."));
    if (last_page)
      d.inputs.push_back(tensor("kv_last_page_len", {"batch_size"}, "int32",
                                "Tokens in the last page of each sequence."));
  } else {
    d.axes = {qo,
              const_axis("num_kv_heads", l.num_qo_heads, "As many as query heads."),
              const_axis("qk_dim", l.qk, "Width of queries and keys."),
              const_axis("vo_dim", l.vo, "Width of values."),
              var_axis("total_q"),
              var_axis("total_kv"),
              var_axis("len_indptr", "Sequences plus one.")};
    d.constraints = {"total_q == qo_indptr[-1].item()", "total_kv == kv_indptr[-1].item()"};
    d.inputs = {tensor("q", {"total_q", "num_qo_heads", "qk_dim"}, dtype),
                tensor("k", {"total_kv", "num_kv_heads", "qk_dim"}, dtype),
                tensor("v", {"total_kv", "num_kv_heads", "vo_dim"}, dtype),
                tensor("qo_indptr", {"len_indptr"}, "int32", "First query row of each sequence."),
                tensor("kv_indptr", {"len_indptr"}, "int32", "First key row of each sequence.")};
  }
  d.inputs.push_back(
      scalar("sm_scale", "float32",
             "Factor of the logits: 1/sqrt of the width before absorption, times the square "
             "of YaRN's mscale where there is one."));
  if (fi_trace && paged) {
    d.inputs.push_back(scalar("ckv_scale", "float32",
                              "Scale of a quantized latent; 1 where it is not quantized."));
    d.inputs.push_back(tensor("ckv_scale_arr", {"num_pages", "page_size", "ckv_scale_groups"},
                              "float32",
                              "The same by groups of values; ones where it is not quantized."));
    d.inputs.push_back(scalar("kpe_scale", "float32",
                              "Scale of a quantized rotary part; 1 where it is not quantized."));
    d.inputs.push_back(scalar("return_lse", "int32", "Both outputs are given whatever it says."));
  }
  d.outputs = {tensor("output", {rows, "num_qo_heads", paged ? "head_dim_ckv" : "vo_dim"}, dtype),
               tensor("lse", {rows, "num_qo_heads"}, "float32",
                      "Base-2 logarithm of the sum of exponentials.")};

  namespace ref = kdex_reference;
  if (!paged)
    d.reference = std::string(ref::ragged_prefill);
  else if (fi_trace)
    d.reference = std::string(decode ? ref::fi_trace_paged_decode : ref::fi_trace_paged_prefill);
  else if (decode)
    d.reference = std::string(last_page ? ref::paged_decode : ref::paged_decode_ps1);
  else
    d.reference = std::string(last_page ? ref::paged_prefill : ref::paged_prefill_ps1);
  return d;
}

}  // namespace kdex_mla
