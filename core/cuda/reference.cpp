// Formulas are the forms'; comparison is over the sampled elements, NaN over all of them.
#include "core/cuda/reference.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <kdex/error.h>

namespace kdex::cuda {

std::vector<Expected> reference_samples(const Form& form, const Params& params,
                                        const CallInputs& in, std::uint64_t seed, int threads) {
  if (!form.formula) throw Error("the form " + form.id + " has no formula");
  Random random(seed);
  return form.formula(params, in, random, threads);
}

double tolerance(const Form& form, const Definition& d, const std::string& output) {
  for (const auto& t : form.outputs)
    if (t.name == output && t.tolerance > 0) return t.tolerance;
  if (form.tolerance > 0) return form.tolerance;
  for (const auto& t : d.inputs)
    if (t.dtype.starts_with("float8")) return 5e-2;
  const bool single = std::all_of(d.inputs.begin(), d.inputs.end(), [](const TensorSpec& t) {
    return !t.shape || !is_real_dtype(t.dtype) || t.dtype == "float32";
  });
  return single ? 1e-4 : 1e-2;
}

namespace {

/// Any NaN in bits of type T, where `largest` is the largest pattern without its sign that is none.
template <typename T>
bool above(const std::string& bytes, T largest) {
  constexpr T kSign = static_cast<T>(T{1} << (sizeof(T) * 8 - 1));
  bool found = false;
  for (std::size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    T bits;
    std::memcpy(&bits, bytes.data() + i, sizeof(T));
    found |= static_cast<T>(bits & static_cast<T>(~kSign)) > largest;
  }
  return found;
}
bool has_nan(const HostTensor& t) {
  if (t.dtype == "bfloat16") return above<std::uint16_t>(t.bytes, 0x7f80);
  if (t.dtype == "float16") return above<std::uint16_t>(t.bytes, 0x7c00);
  if (t.dtype == "float32") return above<std::uint32_t>(t.bytes, 0x7f800000);
  if (t.dtype == "float8_e4m3fn") return above<std::uint8_t>(t.bytes, 0x7e);
  if (t.dtype == "float8_e5m2") return above<std::uint8_t>(t.bytes, 0x7c);
  return false;
}

}  // namespace

Deviation compare(const HostTensor& got, const Expected& want) {
  Deviation out;
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < want.elements.size(); ++i) {
    const double g = value_at(got.bytes.data(), got.dtype, want.elements[i]), w = want.values[i];
    ++out.compared;
    if (std::isinf(w)) out.size = w > 0 ? w : -w;
    if (std::isinf(w) && g == w) continue;
    if (!std::isfinite(g)) {
      out.finite = false;
      continue;
    }
    difference += (g - w) * (g - w);
    size += w * w;
    out.max_absolute = std::max(out.max_absolute, std::abs(g - w));
    out.max_relative = std::max(out.max_relative, std::abs(g - w) / (std::abs(w) + 1e-8));
  }
  if (out.finite && has_nan(got)) out.finite = false;
  out.size = std::max(out.size, std::sqrt(size));
  out.frobenius = size > 0 ? std::sqrt(difference / size) : std::sqrt(difference);
  return out;
}

}  // namespace kdex::cuda
