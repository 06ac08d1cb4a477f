// Products for each item of a batch: the form, and where the steps launch one with a weight.
#include <kdex/launches.h>

#include "gemm.h"
#include "references.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::Operand;
using kdex::Params;

namespace {

/// Samples of C = A B of each item; `columns`: B is [K, N], else [N, K].
std::vector<kdex::Expected> product(bool columns, const kdex::CallInputs& in, kdex::Random& random,
                                    int threads) {
  const kdex::HostTensor &a = in.tensor("A"), &b = in.tensor("B");
  const std::int64_t batch = a.shape[0], m = a.shape[1], k = a.shape[2],
                     n = b.shape[columns ? 2 : 1], step = columns ? n : 1;
  const sdk::Values as(a), bs(b);
  const auto rows = sdk::pick(batch * m, 256, random), chosen = sdk::pick(n, 96, random);
  const auto width = static_cast<std::int64_t>(chosen.size());
  kdex::Expected e{"C", {}, {}};
  for (auto r : rows)
    for (auto c : chosen) e.elements.push_back(r * n + c);
  e.values.resize(e.elements.size());
  sdk::in_parallel(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t i) {
    const std::int64_t row = rows[static_cast<std::size_t>(i)], item = row / m;
    for (std::int64_t j = 0; j < width; ++j) {
      const std::int64_t at =
          item * n * k + chosen[static_cast<std::size_t>(j)] * (columns ? 1 : k);
      double sum = 0;
      for (std::int64_t x = 0; x < k; ++x) sum += as[row * k + x] * bs[at + x * step];
      e.values[static_cast<std::size_t>(i * width + j)] = sum;
    }
  });
  return {e};
}

bool is_half(const Params& p) { return p.text("dtype") == "float16"; }
bool is_bfloat16(const Params& p) { return p.text("dtype") == "bfloat16"; }

/// The operands of a product with a weight for each item of a batch: activations [batch, M, K], a
/// weight [batch, K, N] (by shape; strides tell how it lies), the result [batch, M, N].
struct Operands {
  const Operand *activations = nullptr, *weight = nullptr, *result = nullptr;

  explicit Operands(const kdex::KernelCall& call) : result(sdk::operand(call, "result")) {
    for (const Operand& o : call.operands) {
      if (o.shape.size() != 3 || &o == result) continue;
      const bool owned = !o.owner.empty() && !o.in_cache();
      const Operand*& place = owned ? weight : activations;
      if (place == nullptr) place = &o;
    }
  }
  bool fit() const {
    if (activations == nullptr || weight == nullptr || result == nullptr) return false;
    const auto &a = activations->shape, &b = weight->shape, &c = result->shape;
    return c.size() == 3 && a[0] == b[0] && a[0] == c[0] && a[1] == c[1] && a[2] == b[1] &&
           b[2] == c[2];
  }
  /// What the call was given beside these, and may add or scale: "" where nothing.
  std::string given_more(const kdex::KernelCall& call) const {
    return sdk::given_beside(call, {activations->name, weight->name, result->name});
  }
  bool is_half() const {
    return activations->dtype == weight->dtype && result->dtype == weight->dtype &&
           (weight->dtype == "bf16" || weight->dtype == "f16");
  }
  /// Whether the values of a column of the weight lie side by side.
  bool by_rows() const {
    return weight->strides.size() == 3 && weight->strides[1] == 1 && weight->shape[1] > 1;
  }
};

}  // namespace

Form batched(bool columns) {
  Form f;
  f.id = columns ? "bmm_kn" : "bmm";
  f.op_type = "bmm";
  f.name = {{columns ? "bmm_kn_" : "bmm_"},
            {"bf16_", is_bfloat16},
            {"fp16_", is_half},
            "b{batch_size}_n{N}_k{K}"};
  f.params = {form::size("batch_size"),
              form::size("N"),
              form::size("K"),
              form::choice("dtype", {"bfloat16", "float16"}),
              form::model(),
              form::deployment("tp")};
  f.tags = {"status:unverified", "model:{model}", "tp:{tp}"};
  f.description = {
      "Product of activations with a weight for each of {batch_size} items, {N} outputs from {K} "
      "inputs."};
  f.axes = {form::var("M", "Tokens of the batch."),
            form::constant("batch_size", "Items, each with a weight: heads of one rank, say."),
            form::constant("N", "Output features of an item."),
            form::constant("K", "Input features of an item, which the product sums.")};
  f.inputs = {form::tensor("A", {"batch_size", "M", "K"}, "{dtype}",
                           "Activations of each item, a row a token."),
              columns ? form::tensor("B", {"batch_size", "K", "N"}, "{dtype}",
                                     "The weights: a column an output feature.")
                      : form::tensor("B", {"batch_size", "N", "K"}, "{dtype}",
                                     "The weights: a row an output feature.")};
  f.outputs = {form::tensor("C", {"batch_size", "M", "N"}, "{dtype}",
                            "The product of each item, a row a token.")};
  f.reference = columns ? kdex_reference::bmm_kn : kdex_reference::bmm;
  f.workloads = sdk::rows("M", {1, 7, 16, 64, 129, 1024});
  f.formula = [columns](const Params&, const kdex::CallInputs& in, kdex::Random& random,
                        int threads) { return product(columns, in, random, threads); };
  f.plan = [columns](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan_batched(p, columns, chip, tuning);
  };
  return f;
}

std::vector<kdex::Match> find_batched(const kdex::ModelView& view, sdk::Notes& notes) {
  std::vector<kdex::Match> out;
  const sdk::Launches launches(view);
  for (const auto at : launches.where([](const kdex::Step&, const kdex::KernelCall& call) {
         return sdk::Launches::has_role(call, {"batched_product"});
       })) {
    const kdex::KernelCall& call = launches[at];
    const Operands o(call);
    if (o.weight == nullptr || o.weight->shape[0] == 1) continue;  // a product: see family.cpp
    const auto modules = launches.modules_of(call);
    if (modules.empty()) continue;
    std::string more = !o.fit() || !o.is_half() ? "" : o.given_more(call);
    if (!o.fit() || !o.is_half() || !more.empty()) {
      if (!more.empty()) more = ": " + call.function + " is given " + more + ", too";
      notes.add(call.path, "no form of its batched product with " + o.weight->owner + " (" +
                               o.weight->dtype + ")" + more);
      continue;
    }
    const kdex::Module& m = view.tree.modules[modules.front()];
    const auto size = [&](std::int64_t n) { return sdk::sized_beside(view.tree, m, n); };
    out.push_back(sdk::match({}, call.path, sdk::find_form(forms(), o.by_rows() ? "bmm" : "bmm_kn"),
                             {{"batch_size", size(o.weight->shape[0])},
                              {"N", size(o.weight->shape[2])},
                              {"K", size(o.weight->shape[1])},
                              {"dtype", sdk::long_dtype(o.weight->dtype)},
                              {"model", sdk::model_name(view.checkpoint)},
                              {"tp", view.deployment.tp}}));
    out.back().calls = {at};
  }
  return out;
}

}  // namespace kdex_gemm
