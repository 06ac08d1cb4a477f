// Which kernel of sm_90a computes a 16-bit product of given sizes: pure functions of the problem
// and the chip. plan.cpp writes the launches down; knows no plan.
#pragma once

#include <compare>
#include <cstdint>
#include <variant>
#include <vector>

#include <kdex/chip.h>

namespace kdex_gemm {

/// C[M, N] = A[M, K] B, where B is [N, K], or with `b_mn_major` [K, N].
struct Problem {
  std::int64_t n = 0, k = 0;
  bool b_mn_major = false;
};

/// Few rows (swap A and B): B's rows are wgmma's M, 64 a warpgroup, and `block_m` rows of A its N;
/// `split_k` CTAs of a cluster share K, and `ctas` of them live on an SM (0, of a batch: as many as
/// give every SM the same). With `clusters` those
/// many share all tiles evenly (stream-K), and `multicast` CTAs load A in common.
struct SwapAb {
  int block_m = 64, warpgroups = 1, split_k = 1, ctas = 1;
  std::int64_t clusters = 0;
  int multicast = 1;
  auto operator<=>(const SwapAb&) const = default;
};
/// Persistent tiles of 128 rows of A by `block_n` columns: two CTAs of a cluster are on one tile's
/// columns, or with `multicast_a` on its rows; `split_k` such pairs share K.
struct Tma {
  int block_n = 128, split_k = 1;
  bool multicast_a = false;
  auto operator<=>(const Tma&) const = default;
};
using Configuration = std::variant<SwapAb, Tma>;

/// Rows of A from `above` (not included) to `up_to`, and what computes them.
struct Range {
  std::int64_t above, up_to;
  Configuration configuration;
};

/// Clusters of `size` CTAs that find room at one CTA an SM.
std::int64_t cluster_rooms(int size, const kdex::Chip& chip);
/// CTAs that live on an SM where the grid has `grid` of them.
int ctas_of(const SwapAb& s, std::int64_t grid, const kdex::Chip& chip);

/// The rows up to which swap A and B is the rule.
std::int64_t few_rows(const Problem& problem, std::int64_t above, const kdex::Chip& chip);
/// The rows up to which the model of the time is asked: 512, of up to 512 columns as many as pairs
/// of tiles fill the chip.
std::int64_t narrow_rows(const Problem& problem, const kdex::Chip& chip);
/// What computes `m` rows; swap A and B is the rule up to `few`.
Configuration choose(const Problem& problem, std::int64_t m, std::int64_t few,
                     const kdex::Chip& chip);
/// Every row above `above` up to `last`, in ranges that want the same.
std::vector<Range> ranges(const Problem& problem, std::int64_t above, std::int64_t last,
                          std::int64_t few, const kdex::Chip& chip);

/// CTAs of `s` for each SM, where `batch` products of `m` rows share the chip evenly.
std::int64_t even_ctas(const Problem& problem, std::int64_t batch, std::int64_t m, const SwapAb& s,
                       std::int64_t sms);
/// What computes `batch` products, every number of rows up to `last` and a little more; its last
/// range's is right for more rows.
std::vector<Range> batched_ranges(const Problem& problem, std::int64_t batch, std::int64_t last,
                                  const kdex::Chip& chip);

}  // namespace kdex_gemm
