// The forms of RMS normalization: plain, and fused with the residual add before it.
#include <cmath>

#include "classes.h"
#include "references.h"
#include "rmsnorm.h"

namespace kdex_rmsnorm {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::Params;

namespace {

/// The eps whose definition of this width has no suffix.
double unsuffixed_eps(const Params& p) {
  if (!p.flag("gemma"))
    for (const auto& d : dataset_eps)
      if (d.hidden_size == p.integer("hidden_size")) return d.eps;
  return default_eps;
}
bool has_other_eps(const Params& p) { return p.real("eps") != unsuffixed_eps(p); }
bool has_other_dtype(const Params& p) { return p.text("dtype") != "bfloat16"; }
bool has_other_weight(const Params& p) { return p.text("weight_dtype") != p.text("dtype"); }

/// The eps of a definition whose reference does not say it: after "_eps" in its name, else the one
/// that has no suffix.
std::optional<kdex::ParamValue> eps_said(const kdex::Definition& d) {
  const std::string_view name = d.name;
  if (const auto at = name.find("_eps"); at != std::string_view::npos) {
    auto text = name.substr(at + 4);
    return form::real("").parse(text.substr(0, text.find('_')));
  }
  Params p;
  p.set("gemma", kdex::ParamValue(name.starts_with("gemma_")));
  for (const auto& a : d.axes)
    if (a.name == "hidden_size" && a.value) p.set("hidden_size", kdex::ParamValue(*a.value));
  if (!p.has("hidden_size")) return std::nullopt;
  return kdex::ParamValue(unsuffixed_eps(p));
}

/// y = x / sqrt(mean(x^2) + eps) * (w + offset), x with the residual added where there is one.
std::vector<kdex::Expected> formula(const Params& p, const kdex::CallInputs& in,
                                    kdex::Random& random, int threads) {
  const kdex::HostTensor& x = in.tensor("hidden_states");
  const std::int64_t rows = x.shape[0], width = x.shape[1];
  const sdk::Values xs(x), ws(in.tensor("weight"));
  const bool fused = in.tensors.contains("residual");
  const sdk::Values rs(fused ? in.tensor("residual") : x);
  const double eps = p.real("eps"), offset = p.flag("gemma") ? 1 : 0;
  const auto chosen = sdk::pick(rows, 256, random);
  kdex::Expected e = sdk::rows_of("output", chosen, width);
  sdk::in_parallel(static_cast<std::int64_t>(chosen.size()), threads, [&](std::int64_t k) {
    const std::int64_t at = chosen[static_cast<std::size_t>(k)] * width;
    double sum = 0;
    auto value = [&](std::int64_t i) { return xs[at + i] + (fused ? rs[at + i] : 0); };
    for (std::int64_t i = 0; i < width; ++i) sum += value(i) * value(i);
    const double scale = 1 / std::sqrt(sum / static_cast<double>(width) + eps);
    for (std::int64_t i = 0; i < width; ++i)
      e.values[static_cast<std::size_t>(k * width + i)] = value(i) * scale * (ws[i] + offset);
  });
  return {e};
}

/// What the forms share. `fused`: the residual is added first.
Form norm(const char* id, bool fused) {
  const std::string kernel = fused ? "fused_add_rmsnorm" : "rmsnorm";
  Form f;
  f.id = id;
  f.op_type = "rmsnorm";
  f.name = {kdex::Text("{gemma:gemma_|}" + kernel + "_h{hidden_size}"),
            {"_eps{eps}", has_other_eps},
            {"_{dtype}", has_other_dtype},
            {"_weight_{weight_dtype}", has_other_weight}};
  f.key_order = {"name",        "op_type", "description", "tags",     "axes",
                 "constraints", "inputs",  "outputs",     "reference"};
  kdex::Param eps = form::real("eps"), gemma = form::flag("gemma");
  eps.from = eps_said;
  gemma.from = [](const kdex::Definition& d) {
    return kdex::ParamValue(d.name.starts_with("gemma_"));
  };
  f.params = {form::size("hidden_size"),  // elements of a row
              std::move(eps),
              std::move(gemma),  // scales by (1 + weight)
              form::dtype("dtype"),
              form::dtype("weight_dtype"),
              form::model()};
  f.tags = {"status:unverified", "model:{model}",
            kdex::Text("fi_api:flashinfer.norm.{gemma:gemma_|}" + kernel)};
  if (fused) f.tags.emplace_back("fused");
  f.covers = {"weight",        "hidden_size",     "eps", "weight_offset", "residual",
              "variance_size", "quantizes_output"};
  f.description = {fused ? "Residual add, then root-mean-square" : "Root-mean-square",
                   " normalization of rows of {hidden_size} elements, eps {eps}",
                   "{gemma:, scaled by one plus the weight (Gemma).|, scaled by the weight.}"};
  f.axes = {form::var("batch_size", "Rows: tokens, or tokens times heads for a norm of heads."),
            form::constant("hidden_size", "Elements of a row.")};
  f.inputs.push_back(form::tensor("hidden_states", {"batch_size", "hidden_size"}, "{dtype}",
                                  "Rows to normalize, the residual not yet added."));
  if (fused)
    f.inputs.push_back(form::tensor("residual", {"batch_size", "hidden_size"}, "{dtype}",
                                    "The residual stream, added before the normalization."));
  f.inputs.push_back(
      form::tensor("weight", {"hidden_size"}, "{weight_dtype}", "Factor of each element."));
  f.outputs = {form::tensor("output", {"batch_size", "hidden_size"}, "{dtype}",
                            "Normalized and scaled rows.")};
  f.constants = {{"EPS", "{eps}"}, {"WEIGHT_OFFSET", "{gemma:1.0|0.0}"}};
  f.remarks = {{"its eps differs from that of the dataset's definition of this width: written as ",
                has_other_eps, true}};
  f.workloads = sdk::rows("batch_size", {1, 7, 64, 1000, 4096, 16384});
  f.formula = formula;
  f.plan = [fused](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan(p, fused, false, chip, tuning);
  };
  return f;
}

Form rmsnorm() {
  Form f = norm("rmsnorm", false);
  f.reference = kdex_reference::rmsnorm;
  return f;
}

Form fused_add_rmsnorm() {
  Form f = norm("fused_add_rmsnorm", true);
  f.dialect = "official";
  f.reference = kdex_reference::fused_add_rmsnorm;
  return f;
}

/// The form that gives the sum too. A name may not be both input and output; FlashInfer's own says
/// residual for both.
Form fused_add_rmsnorm_residual() {
  Form f = norm("fused_add_rmsnorm_residual", true);
  f.dialect = "fi_trace";
  f.outputs.push_back(form::tensor("residual_out", {"batch_size", "hidden_size"}, "{dtype}",
                                   "hidden_states + residual, the new residual stream."));
  f.reference = kdex_reference::fused_add_rmsnorm_residual;
  f.formula = nullptr;
  f.plan = [](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan(p, true, true, chip, tuning);
  };
  return f;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {rmsnorm(), fused_add_rmsnorm(),
                                        fused_add_rmsnorm_residual()};
  return all;
}

}  // namespace kdex_rmsnorm
