// What the rmsnorm family finds, and its forms.
#pragma once

#include <kdex/authoring.h>

namespace kdex_rmsnorm {

/// One normalization layer, as its attributes say.
struct Norm {
  std::size_t module = 0;
  kdex::sdk::Dim hidden_size;  // elements of a row
  double eps = 0;
  bool gemma = false;        // scales by (1 + weight)
  bool may_fuse = false;     // the form that first adds the residual can run too
  std::string weight_dtype;  // "" where the layer has no weight: a weight of ones is passed
};

struct Found {
  std::vector<Norm> norms;
  kdex::sdk::Notes notes;
  std::vector<std::size_t> claimed;
};
Found find_norms(const kdex::ModelView& view);

/// plain, fused, and fused with the sum as a second output.
const std::vector<kdex::Form>& forms();

/// How kernels/rmsnorm.cu computes it on `chip`. `fused`: the residual is added first;
/// `residual_out`: the sum is an output too.
kdex::KernelPlan plan(const kdex::Params& params, bool fused, bool residual_out,
                      const kdex::Chip& chip, const kdex::Tuning& tuning);

}  // namespace kdex_rmsnorm
