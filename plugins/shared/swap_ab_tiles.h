// Tiles of kernels/device/swap_ab_*.cuh, which families of products share: 256 weight rows times
// some tokens. Pure numbers; knows no plan.
#pragma once

#include <algorithm>
#include <cstdint>

#include <kdex/chip.h>

namespace kdex_shared {

/// Stages of the ring and bytes of shared memory of swap_ab_wgmma.cuh (`tma`) or swap_ab_mma.cuh.
struct SwapAbTile {
  std::int64_t stages, shared, box;  ///< box: rows of a 16-bit result's tensor map
};
inline SwapAbTile swap_ab_tile(bool tma, const kdex::Chip& chip, std::int64_t tokens) {
  const std::int64_t stage = 32768 + tokens * 128, box = tokens % 64 == 0   ? 64
                                                         : tokens % 32 == 0 ? 32
                                                                            : 16;
  if (!tma) return {1, stage, box};
  const std::int64_t staging = std::max(tokens * 160, box * 256);
  const std::int64_t stages =
      std::min<std::int64_t>(8, (chip.shared_limit - 4096 - staging) / (stage + tokens * 4));
  return {stages, stages * (stage + tokens * 4) + staging + 1024, box};
}

/// swap_ab_nvfp4.cuh: `ctas` of the tile live on an SM.
struct SwapAbNvfp4Tile {
  std::int64_t ctas, stages, shared;
};
inline SwapAbNvfp4Tile swap_ab_nvfp4_tile(const kdex::Chip& chip, std::int64_t tokens) {
  const std::int64_t stage = 18432 + tokens * 256, limit = chip.shared_limit;
  const std::int64_t ctas = tokens <= 16 && limit > 200 * 1024   ? 3
                            : tokens <= 32 && limit > 120 * 1024 ? 2
                                                                 : 1;
  const std::int64_t stages = std::min<std::int64_t>(6, (limit / ctas - 1024) / stage);
  return {ctas, stages, stages * stage};
}

}  // namespace kdex_shared
