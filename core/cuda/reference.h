// Outputs beside what a form's formula says they should be: what `kdex kernels verify` compares
// with. Knows no form.
#pragma once

#include <string>
#include <vector>

#include <kdex/definition.h>
#include <kdex/form.h>

#include "core/cuda/tensors.h"

namespace kdex::cuda {

using kdex::CallInputs;
using kdex::Expected;

/// Sampled outputs by the form's formula: all where that is cheap, else first, last and random
/// rows. Runs on `threads` threads. Throws kdex::Error where the form has none.
std::vector<Expected> reference_samples(const Form& form, const Params& params,
                                        const CallInputs& inputs, std::uint64_t seed, int threads);

/// The greatest relative Frobenius error of an output that is right; see Form::tolerance.
double tolerance(const Form& form, const Definition& definition, const std::string& output);

/// How far `got` (the whole output) is from `want`.
struct Deviation {
  double frobenius = 0;  ///< |got - want| / |want| over the samples
  double max_absolute = 0, max_relative = 0;
  double size = 0;     ///< |want|, or of an unknown size 1
  bool finite = true;  ///< no NaN in the whole output, no infinity where none was expected
  std::size_t compared = 0;
};
Deviation compare(const HostTensor& got, const Expected& want);

}  // namespace kdex::cuda
