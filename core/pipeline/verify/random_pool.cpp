// Implementation of core/pipeline/verify/random_pool.h.
#include "core/pipeline/verify/random_pool.h"

#include <algorithm>

#include "core/cuda/tensors.h"

namespace kdex::verify {
namespace {

constexpr std::int64_t kPool = 1 << 20;  // elements

}  // namespace

void RandomPool::draw(const std::string& dtype) {
  const std::size_t each = cuda::dtype_bytes(dtype);
  if (each == 0 || pools_.contains(dtype)) return;
  std::string bytes(static_cast<std::size_t>(kPool) * each, '\0');
  cuda::fill_random(bytes.data(), dtype, kPool, seed_);
  pools_[dtype] = driver_.allocate(bytes.size());
  driver_.to_device(pools_[dtype], bytes.data(), bytes.size());
}

void RandomPool::fill(cuda::DevicePointer to, const std::string& dtype, std::int64_t elements,
                      std::uint64_t seed) {
  const auto each = static_cast<std::int64_t>(cuda::dtype_bytes(dtype));
  const cuda::DevicePointer pool = pools_.at(dtype);
  cuda::Random random(seed);
  for (std::int64_t at = 0; at < elements;) {
    const std::int64_t from = random.below(kPool / 2);
    const std::int64_t run = std::min(elements - at, kPool / 4 + random.below(kPool / 4));
    driver_.copy(to + static_cast<std::uint64_t>(at * each),
                 pool + static_cast<std::uint64_t>(from * each),
                 static_cast<std::uint64_t>(run * each));
    at += run;
  }
}

}  // namespace kdex::verify
