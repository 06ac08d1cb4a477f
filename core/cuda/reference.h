// The five families' formulas in float64, for samples of the outputs: what `kdex kernels verify`
// compares with. The formulas are goldens' section on numerics; a family of a third party has none
// here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <kdex/definition.h>

#include "core/cuda/tensors.h"

namespace kdex::cuda {

/// Inputs of one call.
struct CallInputs {
  std::map<std::string, const HostTensor*> tensors;
  std::map<std::string, double> scalars;
};

/// Some elements of one output and what they should be.
struct Expected {
  std::string output;
  std::vector<std::int64_t> elements;
  std::vector<double> values;
};

/// Whether the formulas of this definition are here; else why not.
std::string why_no_reference(const Definition& definition);

/// Sampled outputs: all where that is cheap, else first, last and random rows. Runs on `threads`
/// threads.
std::vector<Expected> reference_samples(const Definition& definition, const CallInputs& inputs,
                                        std::uint64_t seed, int threads);

/// How far `got` (the whole output) is from `want`.
struct Deviation {
  double frobenius = 0;  ///< |got - want| / |want| over the samples
  double max_absolute = 0, max_relative = 0;
  bool finite = true;  ///< no NaN in the whole output, no infinity where none was expected
  std::size_t compared = 0;
};
Deviation compare(const HostTensor& got, const Expected& want);

}  // namespace kdex::cuda
