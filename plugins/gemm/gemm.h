// What the gemm family finds, and its forms.
#pragma once

#include <kdex/authoring.h>

namespace kdex_gemm {

enum class Weights { half, single, fp8_block, fp8_tensor, nvfp4 };

/// One linear layer: C[M, N] = A[M, K] times its weight [N, K].
struct Linear {
  std::size_t module = 0;
  kdex::sdk::Dim n, k;
  Weights weights = Weights::half;
  std::string dtype;  // of the weight, or of the activations where it is quantized
  bool bias = false;
  std::string output;  // dtype, where it is not that of the activations
  std::string use;     // "" or what the path does not say: "lm_head (tied)"
};

struct Found {
  std::vector<Linear> linears;
  kdex::sdk::Notes notes;
  std::vector<std::size_t> claimed;
};
/// `fi_trace`: FlashInfer's forms state the dtypes of a layer's kernel, the dataset's have float16
/// for all.
Found find_linears(const kdex::ModuleTree& tree, bool include_quantized, bool fi_trace);

/// Products with a weight for each item of a batch, as the steps launch them: of absorbed latent
/// attention, say.
std::vector<kdex::Match> find_batched(const kdex::ModelView& view, kdex::sdk::Notes& notes);

/// The form of a batch; `columns`: B is [K, N], else [N, K].
kdex::Form batched(bool columns);
const std::vector<kdex::Form>& forms();
/// The form of a layer with these weights, whose values are of `dtype`.
const kdex::Form* form_of(Weights weights, std::string_view dtype, bool fi_trace);

/// How kernels/gemm computes operands of one dtype on `chip`. `columns`: B is [K, N].
kdex::KernelPlan plan(const kdex::Params& params, bool columns, const kdex::Chip& chip,
                      const kdex::Tuning& tuning);
/// The same for each item of a batch.
kdex::KernelPlan plan_batched(const kdex::Params& params, bool columns, const kdex::Chip& chip,
                              const kdex::Tuning& tuning);
/// FP8 operands with scales in `blocks`, or one a tensor.
kdex::KernelPlan plan_fp8(const kdex::Params& params, bool blocks, const kdex::Chip& chip,
                          const kdex::Tuning& tuning);
/// NVFP4 operands.
kdex::KernelPlan plan_fp4(const kdex::Params& params, const kdex::Chip& chip,
                          const kdex::Tuning& tuning);
/// A product of 16 bits or float32: sizes, the dtype of all three tensors, their names. B is [N,
/// K], or with `b_mn_major` [K, N]; `alpha`: a scalar that sm_90a's kernels multiply sums by, or
/// empty.
struct Product {
  std::int64_t n = 0, k = 0;
  std::string dtype;
  bool b_mn_major = false;
  std::string a, b, c, alpha;
  std::int64_t batch = 0;  // products, whose tensors follow one another; 0: one
};
/// Adds the launches of sm_90a, for every M above `above`; rows are whole numbers of 16 bytes.
void add_product(kdex::KernelPlan& plan, const Product& product, std::int64_t above,
                 const kdex::Chip& chip);
kdex::KernelPlan plan_product(const Product& product, const kdex::Chip& chip,
                              const kdex::Tuning& tuning);

}  // namespace kdex_gemm
