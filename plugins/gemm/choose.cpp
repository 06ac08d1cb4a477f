// Implementation of choose.h: rules for few and many rows, and from 33 to 512 rows (of few columns
// up to 16,896) a model of the time that is asked whether another kernel is quicker.
#include "choose.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <kdex/expr.h>

namespace kdex_gemm {

namespace {

using kdex::ceil_div;
using Integer = std::int64_t;

/// SMs that clusters of `split` CTAs with loads of their own fill at once.
Integer places(int split, Integer sms) { return split <= 2 ? sms : split == 4 ? 112 : 96; }

/// Rows of A in a tile of few; 0: more than 64.
int few_tile(Integer m) { return m <= 8 ? 8 : m <= 16 ? 16 : m <= 32 ? 32 : m <= 64 ? 64 : 0; }

class Chooser {
 public:
  Chooser(const Problem& problem, const kdex::Chip& chip)
      : p_(problem), chip_(chip), n_(problem.n), k_(problem.k), sms_(chip.sms) {}

  Configuration choose(Integer m, Integer few) const {
    const Configuration rule = by_rule(m, few);
    if (m <= 32 || m > narrow_rows(p_, chip_) || p_.b_mn_major || n_ % 8 != 0) return rule;
    if (m > 512) return narrow(m, rule);
    const auto [best, least] = quickest(m, rule);
    const Integer time = time_of(m, rule);
    // For 33 to 512 rows another one if the model predicts at least 4 % and 0.45 us less.
    return 25 * least < 24 * time && least + 450 < time ? best : rule;
  }

 private:
  Integer steps() const { return ceil_div(k_, Integer{64}); }
  Integer grid(Integer m, int tile, int warpgroups, int split) const {
    return ceil_div(n_, Integer{64} * warpgroups) * ceil_div(m, Integer{tile}) * split;
  }

  Configuration by_rule(Integer m, Integer few) const {
    if (m <= few) return swap_ab(m);
    auto cost = [&](int bn) {
      return ceil_div(ceil_div(m, Integer{256}) * ceil_div(n_, Integer{bn}), sms_ / 2) * (bn + 12);
    };
    return Tma{cost(256) <= cost(192) && cost(256) <= cost(128) ? 256
               : cost(192) <= cost(128)                         ? 192
                                                                : 128};
  }

  /// Tiles of 64 columns nearly fill three places on each SM.
  bool fill_three() const {
    const Integer tiles = ceil_div(n_, Integer{64});
    return !p_.b_mn_major && 27 * sms_ < 10 * tiles && 10 * tiles <= 30 * sms_;
  }

  SwapAb swap_ab(Integer m) const {
    const SwapAb best = split_k(m);
    if (auto shared = multicast(m, best)) return *shared;
    return even_shares(m).value_or(best);
  }

  /// As many CTAs as there are SMs and no more; where alike, few splits. Of narrow CTAs, three of
  /// which an SM holds, up to a third more, but shared ones only where they are long.
  SwapAb split_k(Integer m) const {
    const int few = few_tile(m);
    SwapAb best{few ? few : 128, few && few <= 16 && fill_three() ? 1 : 2, 1, 0};
    using Value = std::tuple<Integer, bool, bool, bool, Integer>;
    Value most{-1, false, false, false, 0};
    for (int t : few ? std::vector<int>{few} : std::vector<int>{128, 64})
      for (int w : few || t == 64 ? std::vector<int>{1, 2} : std::vector<int>{2, 1})
        for (int s : {1, 2, 4, 8}) {
          const Integer count = grid(m, t, w, s), each = steps() / s;
          const bool more =
              t <= 16 && w == 1 && !p_.b_mn_major && (s == 1 || each >= (t == 16 ? 16 : 64));
          const Integer limit = s == 8 ? 112 : more ? 4 * sms_ / 3 : sms_;
          if (count > limit || (s > 1 && each < 8)) continue;
          // Above 64 rows then one pass over B where it is the larger, and the fewest bytes for a
          // CTA, with a charge for sums that are shared.
          Value value{count, s <= 2, false, false, 0};
          if (!few)
            value = {count, s <= 2, s <= 4, n_ < m || t == 128,
                     -(each * (64 * w + t) + (s > 1 ? 40 * t : 0))};
          if (value > most) most = value, best = {t, w, s, 0};
        }
    best.ctas = ctas_of(best, grid(m, best.block_m, best.warpgroups, best.split_k), chip_);
    return best;
  }

  /// A shared by four CTAs, where the busiest SM has no more to do than with `other`.
  std::optional<SwapAb> multicast(Integer m, const SwapAb& other) const {
    if (n_ % 8 != 0 || m <= 32 || m > 128) return std::nullopt;
    const Integer rooms = cluster_rooms(4, chip_);
    std::pair<Integer, int> least{};
    for (int w : {2, 1}) {
      const Integer load = w * ceil_div(ceil_div(n_, Integer{256} * w), rooms);
      if (w == 2 || load < least.first) least = {load, w};
    }
    const Integer theirs = other.warpgroups * ceil_div(steps(), Integer{other.split_k}) *
                           ceil_div(grid(m, other.block_m, other.warpgroups, other.split_k), sms_);
    if (least.first * steps() > theirs) return std::nullopt;
    const Integer tiles = ceil_div(n_, Integer{256} * least.second), each = ceil_div(tiles, rooms);
    const int few = few_tile(m);
    return SwapAb{few ? few : 128, least.second, 1, 1, ceil_div(tiles, each), 4};
  }

  /// With up to 64 rows, where split-K's CTAs would be more than the SMs and leave some of them a
  /// tenth more to do than even shares.
  std::optional<SwapAb> even_shares(Integer m) const {
    const int few = few_tile(m);
    const Integer tiles = ceil_div(n_, Integer{64}), wide = ceil_div(n_, Integer{128}),
                  clusters = ceil_div(tiles, ceil_div(tiles, sms_ / 2)),
                  most = 4 * ceil_div(wide, sms_);  // in halves of a tile of 64
    if (!few || p_.b_mn_major || n_ % 8 != 0 || k_ < 64 * 16 || 20 * wide <= 21 * sms_ ||
        (few <= 16 && fill_three()) || 10 * ceil_div(tiles, clusters) > 9 * most)
      return std::nullopt;
    // Tiles of 128 columns where that leaves the busiest cluster no more to do.
    const Integer each_wide = ceil_div(wide, sms_ / 2);
    if (few <= 32 && 2 * each_wide <= ceil_div(tiles, clusters))
      return SwapAb{few, 2, 2, 1, ceil_div(wide, each_wide)};
    return SwapAb{few, 1, 2, 1, clusters};
  }

  /// Nanoseconds that a kernel is expected to take, of 33 to some hundred rows: the steps of the
  /// busiest SM beside the bytes of B, what a launch costs, and the sums of those who share k.
  /// Fitted to 820 times on an H200, four fifths within 10 %.
  Integer time_of(Integer m, Integer work, Integer fixed, Integer sums) const {
    // (Up to 512 rows the other operands' bytes are in the fitted figures.)
    const Integer bytes = (n_ * k_ + (m > 512 ? m * (k_ + n_) : 0)) / 1930,
                  more = std::max(work, bytes), less = std::min(work, bytes);
    return more + less * less / (4 * more) + fixed + sums;
  }
  Integer time_of(Integer m, const SwapAb& s) const {
    const Integer rows = ceil_div(m, Integer{s.block_m});
    Integer load = 0, waves = 1;
    if (s.clusters == 0) {
      const Integer count = grid(m, s.block_m, s.warpgroups, s.split_k),
                    slots = places(s.split_k, sms_);
      waves = ceil_div(count, slots * s.ctas);
      load = ((waves - 1) * s.ctas + ceil_div(count - (waves - 1) * slots * s.ctas, slots)) *
             ceil_div(steps(), Integer{s.split_k});
    } else {
      const Integer tiles = ceil_div(n_, Integer{64} * s.warpgroups * s.multicast);
      load = ceil_div(ceil_div(tiles, s.clusters) * steps(), Integer{s.split_k}) *
             ceil_div(s.clusters * rows, cluster_rooms(s.split_k * s.multicast, chip_));
    }
    const Integer step = (s.clusters ? 4100 : 0) + 900 * s.warpgroups +
                         49 * s.block_m / s.multicast + 96 * s.warpgroups * s.block_m;
    return time_of(m, load * step / 100, 2970 * waves,
                   s.split_k > 1 ? 12 * s.block_m * s.warpgroups : 0);
  }
  Integer waves_of(Integer m, const Tma& t) const {
    const Integer columns = ceil_div(n_, Integer{t.block_n}),
                  items = t.multicast_a ? ceil_div(columns, Integer{2}) * ceil_div(m, Integer{128})
                                        : ceil_div(m, Integer{256}) * columns;
    return ceil_div(items, t.split_k == 1 ? sms_ / 2 : t.split_k == 2 ? 30 : 14);
  }
  Integer time_of(Integer m, const Tma& t) const {
    const Integer waves = waves_of(m, t);
    const Integer step = t.multicast_a ? 8900 + 192 * t.block_n : 4200 + 228 * t.block_n;
    return time_of(m, waves * ceil_div(steps(), Integer{t.split_k}) * step / 100,
                   3110 * (t.multicast_a ? 1 : waves), t.split_k > 1 ? 17 * t.block_n : 0);
  }
  Integer time_of(Integer m, const Configuration& c) const {
    return std::visit([&](const auto& x) { return time_of(m, x); }, c);
  }

  /// Many rows of few columns, of which A is most of the bytes: the pair of CTAs shares A where
  /// there is more than one tile of columns, and few pairs share K, in one wave. A swap of A and B,
  /// whose time at so many rows the model takes for less than it is, must be a fifth quicker.
  Configuration narrow(Integer m, const Configuration& rule) const {
    std::optional<Tma> best;
    for (int bn : {64, 96, 128, 160, 192, 256})
      for (int split : {1, 2, 4}) {
        const Tma t{bn, split, n_ > bn};
        if (steps() / split < 8 || (split > 1 && waves_of(m, t) > 1)) continue;
        if (!best || time_of(m, t) < time_of(m, *best)) best = t;
      }
    const Integer few = std::holds_alternative<SwapAb>(rule) ? 80 : 104;
    return best && 100 * time_of(m, rule) > few * time_of(m, *best) ? Configuration(*best) : rule;
  }

  /// Of the configurations that are worth a thought the quickest by the model, and its time.
  std::pair<Configuration, Integer> quickest(Integer m, const Configuration& rule) const {
    std::pair<Configuration, Integer> best{rule, -1};
    auto consider = [&](const Configuration& c) {
      if (const Integer t = time_of(m, c); best.second < 0 || t < best.second) best = {c, t};
    };
    const int tile = m <= 64 ? 64 : 128;
    for (int groups : {1, 2}) {
      for (int split : {1, 2, 4, 8}) {
        const Integer count = grid(m, tile, groups, split);
        // (Above 128 rows not in several waves: each reads all of A or B again.)
        if ((split > 1 && steps() / split < 8) || (m > 128 && count > places(split, sms_)))
          continue;
        SwapAb s{tile, groups, split, 0};
        s.ctas = ctas_of(s, count, chip_);
        consider(s);
      }
      if (m > 128 || k_ < 64 * 16) continue;
      for (int split : {1, 2})
        for (int share : {1, 2, 4}) {
          const Integer tiles = ceil_div(n_, Integer{64} * groups * share),
                        each = ceil_div(tiles, cluster_rooms(split * share, chip_));
          consider(SwapAb{tile, groups, split, 1, ceil_div(tiles, each), share});
        }
    }
    for (int bn = 256; bn > 32 && m > 64; bn -= 32)
      for (int split : {1, 2, 4})
        if (steps() / split >= 4) consider(Tma{bn, split, m <= 128});
    return best;
  }

  const Problem p_;
  const kdex::Chip chip_;
  Integer n_, k_, sms_;
};

}  // namespace

std::int64_t cluster_rooms(int size, const kdex::Chip& chip) {
  // A GPC of 16 or 18 SMs holds whole clusters: with one CTA an SM, 132 SMs fit 28 clusters of
  // four and 14 of eight.
  return size == 1 ? chip.sms : size == 2 ? chip.sms / 2 : size == 4 ? 28 : 14;
}

int ctas_of(const SwapAb& s, std::int64_t grid, const kdex::Chip& chip) {
  // With one CTA an SM, 132 SMs fit at most 14 clusters of 8. Narrow tiles use 3 CTAs an SM so that
  // the next launch's CTAs start early (programmatic dependent launch).
  if (s.block_m >= 64 && grid <= (s.split_k < 8 ? chip.sms : 64)) return 1;
  return s.block_m <= 16 && s.warpgroups == 1 && s.split_k < 8 ? 3 : 2;
}

std::int64_t few_rows(const Problem& problem, std::int64_t above, const kdex::Chip& chip) {
  const Integer tiles = ceil_div(problem.n, Integer{128});
  return std::max<Integer>({128, above, 256 * ((Integer{chip.sms} / 4 - 1) / tiles)});
}

Configuration choose(const Problem& problem, std::int64_t m, std::int64_t few,
                     const kdex::Chip& chip) {
  return Chooser(problem, chip).choose(m, few);
}

std::int64_t narrow_rows(const Problem& problem, const kdex::Chip& chip) {
  // One tile of columns with a short K gains nothing.
  const bool narrow = problem.n <= 512 && (problem.n > 64 || problem.k >= 4096);
  return narrow ? std::max<Integer>(512, 256 * (Integer{chip.sms} / 2)) : 512;
}

std::vector<Range> ranges(const Problem& problem, std::int64_t above, std::int64_t last,
                          std::int64_t few, const kdex::Chip& chip) {
  const Chooser chooser(problem, chip);
  const Integer narrow = narrow_rows(problem, chip);
  auto next = [&](Integer m) {
    const Integer step = m < 512 || m >= narrow ? 64 : 256;
    return m < 8 ? 8 : m < 16 ? 16 : m < 32 ? 32 : m / step * step + step;
  };
  std::vector<Range> out;
  while (above < last) {
    Integer to = next(above);
    const Configuration c = chooser.choose(to, few);
    while (to < last && chooser.choose(next(to), few) == c) to = next(to);
    out.push_back({above, to, c});
    above = to;
  }
  return out;
}

}  // namespace kdex_gemm
