// Which kernel of sm_90a computes a product for each item of a batch: the quickest by a model of
// the time, in picoseconds. Fitted on an H200 to half of ten shapes of absorbed latent attention
// (8 to 128 heads, 128 to 512 columns, K 128 to 512, 1 to 8192 rows); of the other half's times its
// error is 5 % in the median and 12 % for four fifths, and what it chooses takes 1 % longer in the
// median than the best of all (7 % for a tenth).
#include <algorithm>

#include <kdex/expr.h>

#include "choose.h"

namespace kdex_gemm {

namespace {

using kdex::ceil_div;
using Integer = std::int64_t;

class BatchChooser {
 public:
  BatchChooser(const Problem& problem, std::int64_t batch, const kdex::Chip& chip)
      : p_(problem), batch_(batch), sms_(std::max(1, chip.sms)), chip_(chip) {}

  Configuration choose(Integer m) const {
    Configuration best = SwapAb{};
    Integer least = -1;
    auto consider = [&](const Configuration& c, Integer time) {
      if (least < 0 || time < least) best = c, least = time;
    };
    if (m <= 1024 || p_.n % 8 != 0)
      for (const int tile : {8, 16, 32, 64, 128})
        for (const int warpgroups : {1, 2})
          if (tile == 128 || ceil_div(m, Integer{tile}) <= 8) {
            const SwapAb s{tile, warpgroups, 1, 0};
            // (Of a short K, where alike, one warpgroup: more CTAs spread loads and stores.)
            consider(s, time_of(m, s) * (warpgroups == 2 && steps() < 6 ? 112 : 100) / 100);
          }
    if (m > 32 && p_.n % 8 == 0)
      for (const int columns : {64, 96, 128, 192, 256})
        for (const bool across : {false, true}) {
          const bool fits = p_.b_mn_major ? columns % 64 == 0 && !across : true;
          if (!fits || columns >= p_.n + 64 || (across && columns >= p_.n)) continue;
          const Tma t{columns, 1, across};
          consider(t, time_of(m, t));
        }
    return best;
  }

 private:
  Integer steps() const { return ceil_div(p_.k, Integer{64}); }
  /// The bytes of all operands, the work of the busiest SM and what the two do not overlap.
  Integer time_of(Integer m, Integer work, Integer fixed) const {
    const Integer bytes = 2 * batch_ * (m * p_.k + p_.n * p_.k + m * p_.n) * 242 / 1000000,
                  nanoseconds = work / 1000, more = std::max({bytes, nanoseconds, Integer{1}}),
                  less = std::min(bytes, nanoseconds);
    return more + 494 * less / 1000 * less / more + fixed / 1000;
  }
  Integer time_of(Integer m, const SwapAb& s) const {
    const Integer load = even_ctas(p_, batch_, m, s, sms_), size = s.block_m * s.warpgroups;
    const Integer waves = ceil_div(load, resident(s));
    const Integer tile = steps() * 789 * size + 4040 * size + 195000;
    return time_of(
        m, load * tile,
        775000 + waves * (443000 + 5400 * s.block_m) + 77200 * steps() + 212000 * s.warpgroups);
  }
  Integer time_of(Integer m, const Tma& t) const {
    const Integer columns = ceil_div(p_.n, Integer{t.block_n}),
                  items = batch_ * (t.multicast_a
                                        ? ceil_div(m, Integer{128}) * ceil_div(columns, Integer{2})
                                        : ceil_div(m, Integer{256}) * columns);
    const Integer loaded = t.multicast_a ? 64 + t.block_n : 128 + t.block_n / 2;
    const Integer tile = steps() * (873 * t.block_n + 740 * loaded) + 674 * t.block_n + 132000;
    return time_of(m, ceil_div(items, std::max<Integer>(1, sms_ / 2)) * tile,
                   2900000 + 4220 * t.block_n);
  }
  /// CTAs that an SM has room for: by shared memory, threads and registers.
  Integer resident(const SwapAb& s) const {
    const Integer width = 64 * s.warpgroups, threads = 2 * width + 32,
                  stage = (width + s.block_m) * 128, limit = chip_.shared_limit,
                  stages = std::max<Integer>(
                      2, std::min({Integer{12}, steps(), (limit - 3072) / stage})),
                  shared = std::max(stages * stage, s.block_m * (width + 4) * 4) + 1224;
    return std::clamp<Integer>(std::min({limit / (shared + 1024), 2048 / threads,
                                         65536 / ((s.block_m / 2 + 40) * threads)}),
                               1, 16);
  }

  Problem p_;
  Integer batch_, sms_;
  kdex::Chip chip_;
};

}  // namespace

std::int64_t even_ctas(const Problem& problem, std::int64_t batch, std::int64_t m, const SwapAb& s,
                       std::int64_t sms) {
  const Integer tiles =
      ceil_div(problem.n, Integer{64} * s.warpgroups) * ceil_div(m, Integer{s.block_m}) * batch;
  return ceil_div(tiles, sms);
}

std::vector<Range> batched_ranges(const Problem& problem, std::int64_t batch, std::int64_t last,
                                  const kdex::Chip& chip) {
  const BatchChooser chooser(problem, batch, chip);
  auto next = [&](Integer m) {
    const Integer step = m < 64 ? 32 : m < 512 ? 64 : m < 2048 ? 256 : 1024;
    return m < 8 ? 8 : m < 16 ? 16 : m / step * step + step;
  };
  std::vector<Range> out;
  for (Integer above = 0; above < last;) {
    Integer to = next(above);
    const Configuration c = chooser.choose(to);
    while (to < last && chooser.choose(next(to)) == c) to = next(to);
    out.push_back({above, to, c});
    above = to;
  }
  return out;
}

}  // namespace kdex_gemm
