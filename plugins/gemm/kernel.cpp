// The CUDA kernels of matrix products (kernels/gemm) and which of them runs at which M.
#include <compare>
#include <optional>
#include <tuple>
#include <variant>

#include <kdex/kernel_authoring.h>

#include "gemm.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;

namespace {

struct Planner {
  kdex::KernelPlan plan;
  std::string dtype_name;
  kdex::Chip chip;
  std::vector<std::pair<std::string, std::string>> common;
  std::int64_t n, k;
  bool columns = false;  // B is [K, N]
  std::string a = "A", b = "B", c = "C",
              alpha;  // tensors; alpha: what sm_90a's kernels multiply sums by, if anything

  std::size_t unit(const char* file, const char* entry,
                   const std::vector<std::pair<std::string, std::string>>& more) {
    auto constants = common;
    constants.insert(constants.end(), more.begin(), more.end());
    return sdk::add_unit(plan, file, entry, std::move(constants));
  }
  kdex::KernelLaunch& launch(std::size_t unit, std::string when) {
    kdex::KernelLaunch l;
    l.unit = unit;
    l.entry = plan.units[unit].entries[0];
    l.when = std::move(when);
    plan.launches.push_back(std::move(l));
    return plan.launches.back();
  }
  std::string map(const std::string& name, const std::string& tensor, const std::string& inner,
                  const std::string& rows, std::int64_t box_rows) {
    plan.maps.push_back(
        {name, tensor, dtype_name, {inner, rows}, {inner + " * 2"}, {"64", sdk::text(box_rows)}});
    return name;
  }

  /// Few rows: B is read once by warps of one column each (float32 of up to 16 columns: by blocks
  /// of all), or where it is [K, N] by blocks of up to 32 columns.
  void rows(std::int64_t rows_of_a, std::string when) {
    std::int64_t width = dtype_name == "float32" && n <= 16 ? 16 : 8;
    std::vector<std::pair<std::string, std::string>> constants = {
        {"BLOCK_M", sdk::text(rows_of_a)}, {"FLOAT32", dtype_name == "float32" ? "1" : "0"}};
    if (columns) {
      for (width = 1; width < std::min<std::int64_t>(n, 32);) width *= 2;
      constants.emplace_back("BLOCK_N", sdk::text(width));
    }
    auto& l = launch(unit("gemm/gemv.cu", "gemm_gemv", constants), std::move(when));
    l.grid = {"ceil_div(N, " + sdk::text(width) + ")", "ceil_div(M, " + sdk::text(rows_of_a) + ")",
              "1"};
    l.block = "256";
    l.arguments = {sdk::tensor_argument("A"), sdk::tensor_argument("B"), sdk::tensor_argument("C"),
                   sdk::int_argument("M")};
  }
  void tiled(int bm, int bn, std::string when) {
    const int stages = std::min(bm + bn == 256 ? 3 : 4, chip.shared_limit / ((bm + bn) * 128));
    auto& l = launch(unit("gemm/tiled.cu", "gemm_tiled",
                          {{"BLOCK_M", sdk::text(bm)},
                           {"BLOCK_N", sdk::text(bn)},
                           {"NUM_STAGES", sdk::text(stages)}}),
                     std::move(when));
    l.grid = {"ceil_div(M, " + sdk::text(bm) + ")", "ceil_div(N, " + sdk::text(bn) + ")", "1"};
    l.block = "256";
    l.shared = sdk::text((bm + bn) * 128 * stages);
    l.arguments = {sdk::tensor_argument("A"), sdk::tensor_argument("B"), sdk::tensor_argument("C"),
                   sdk::int_argument("M")};
  }
  /// sm_90a, few rows: B's rows are wgmma's M (64 a warpgroup), `nt` rows of A its N; `split`
  /// blocks of a cluster share K; `blocks` of them live on a multiprocessor. With `clusters` those
  /// many share all tiles evenly (stream_k).
  struct Stream {
    int nt, groups, split, blocks;
    std::int64_t clusters = 0;
    int share = 1;  // blocks that load A in common
    auto operator<=>(const Stream&) const = default;
  };
  /// sm_90a: tiles of 128 rows of A by `bn` columns, two blocks of a cluster on one tile's columns,
  /// or `across` on its rows; `split` such pairs share K.
  struct Wide {
    int bn, split = 1;
    bool across = false;
    auto operator<=>(const Wide&) const = default;
  };
  using Choice = std::variant<Stream, Wide>;
  static std::int64_t up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
  /// Clusters that find room with a block a multiprocessor: parts of 16 or 18 multiprocessors hold
  /// them, some fewer.
  static std::int64_t rooms(int size, std::int64_t sms) {
    return size == 1 ? sms : size == 2 ? sms / 2 : size == 4 ? 28 : 14;
  }
  /// Multiprocessors that clusters of `split` blocks with loads of their own fill at once.
  static std::int64_t places(int split, std::int64_t sms) {
    return split <= 2 ? sms : split == 4 ? 112 : 96;
  }
  /// 132 multiprocessors do not hold sixteen clusters of eight with one block on each. Narrow
  /// tiles: three, of which the next launch's are there early.
  static int blocks_for(const Stream& s, std::int64_t blocks, std::int64_t sms) {
    return s.nt >= 64 && blocks <= (s.split < 8 ? sms : 64) ? 1
           : s.nt <= 16 && s.groups == 1 && s.split < 8     ? 3
                                                            : 2;
  }
  /// As many blocks as there are multiprocessors and no more; where alike, few splits. Of narrow
  /// blocks, three of which a multiprocessor holds, up to a third more, but shared ones only where
  /// they are long.
  Stream stream_for(std::int64_t m, std::int64_t sms) const {
    const std::int64_t steps = (k + 63) / 64;
    auto count = [&](int t, int w, int s) {
      return (n + 64 * w - 1) / (64 * w) * ((m + t - 1) / t) * s;
    };
    const int few = m <= 8 ? 8 : m <= 16 ? 16 : m <= 32 ? 32 : m <= 64 ? 64 : 0;
    const bool three =
        !columns && 27 * sms < 10 * up(n, 64) &&
        10 * up(n, 64) <= 30 * sms;  // tiles of 64 columns nearly fill three places on each
    // With up to 64 rows, where those would be more than the multiprocessors and leave some of them
    // a tenth more to do than even shares.
    auto even = [&]() -> std::optional<Stream> {
      const std::int64_t tiles = (n + 63) / 64, wide = (n + 127) / 128,
                         each = (tiles + sms / 2 - 1) / (sms / 2),
                         clusters = (tiles + each - 1) / each;
      const std::int64_t most = 4 * ((wide + sms - 1) / sms);  // in halves of a tile of 64
      if (!few || columns || n % 8 != 0 || k < 64 * 16 || 20 * wide <= 21 * sms ||
          (few <= 16 && three) || 10 * up(tiles, clusters) > 9 * most)
        return std::nullopt;
      // Tiles of 128 columns where that leaves the busiest cluster no more to do.
      const std::int64_t each_wide = up(wide, sms / 2);
      if (few <= 32 && 2 * each_wide <= up(tiles, clusters))
        return Stream{few, 2, 2, 1, up(wide, each_wide)};
      return Stream{few, 1, 2, 1, clusters};
    };
    Stream best{few ? few : 128, few && few <= 16 && three ? 1 : 2, 1, 0};
    using Value = std::tuple<std::int64_t, bool, bool, bool, std::int64_t>;
    Value most{-1, false, false, false, 0};
    for (int t : few ? std::vector<int>{few} : std::vector<int>{128, 64})
      for (int w : few || t == 64 ? std::vector<int>{1, 2} : std::vector<int>{2, 1})
        for (int s : {1, 2, 4, 8}) {
          const bool more =
              t <= 16 && w == 1 && !columns && (s == 1 || steps / s >= (t == 16 ? 16 : 64));
          if (count(t, w, s) > (s == 8 ? 112
                                : more ? 4 * sms / 3
                                       : sms) ||
              (s > 1 && steps / s < 8))
            continue;
          // Above 64 rows then one pass over B where it is the larger, and the fewest bytes for a
          // block, with a charge for sums that are shared.
          Value value{count(t, w, s), s <= 2, false, false, 0};
          if (!few)
            value = {count(t, w, s), s <= 2, s <= 4, n < m || t == 128,
                     -(steps / s * (64 * w + t) + (s > 1 ? 40 * t : 0))};
          if (value > most) most = value, best = {t, w, s, 0};
        }
    best.blocks = blocks_for(best, count(best.nt, best.groups, best.split), sms);
    if (n % 8 == 0 && m > 32 &&
        m <= 128) {  // A shared by four blocks, where the busiest multiprocessor has no more to do
      std::pair<std::int64_t, int> least{};
      for (int w : {2, 1}) {
        const std::int64_t load = w * (((n + 256 * w - 1) / (256 * w) + 27) / 28);
        if (w == 2 || load < least.first) least = {load, w};
      }
      if (least.first * steps <= best.groups * ((steps + best.split - 1) / best.split) *
                                     ((count(best.nt, best.groups, best.split) + sms - 1) / sms)) {
        const std::int64_t tiles = (n + 256 * least.second - 1) / (256 * least.second),
                           each = (tiles + 27) / 28;
        return {few ? few : 128, least.second, 1, 1, (tiles + each - 1) / each, 4};
      }
    }
    return even().value_or(best);
  }
  /// Nanoseconds that a kernel is expected to take, of 33 to some hundred rows: the steps of the
  /// busiest multiprocessor beside the bytes of B, what a launch costs, and the sums of those who
  /// share k. Fitted to 820 times on an H200, four fifths within 10 %.
  std::int64_t time_of(std::int64_t work, std::int64_t fixed, std::int64_t sums) const {
    const std::int64_t bytes = n * k / 1930, more = std::max(work, bytes),
                       less = std::min(work, bytes);
    return more + less * less / (4 * more) + fixed + sums;
  }
  std::int64_t time_of(std::int64_t m, const Stream& s, std::int64_t sms) const {
    const std::int64_t steps = up(k, 64), rows_of_a = up(m, s.nt);
    std::int64_t load = 0, waves = 1;
    if (s.clusters == 0) {
      const std::int64_t blocks = up(n, 64 * s.groups) * rows_of_a * s.split,
                         slots = places(s.split, sms);
      waves = up(blocks, slots * s.blocks);
      load = ((waves - 1) * s.blocks + up(blocks - (waves - 1) * slots * s.blocks, slots)) *
             up(steps, s.split);
    } else {
      load = up(up(up(n, 64 * s.groups * s.share), s.clusters) * steps, s.split) *
             up(s.clusters * rows_of_a, rooms(s.split * s.share, sms));
    }
    const std::int64_t step =
        (s.clusters ? 4100 : 0) + 900 * s.groups + 49 * s.nt / s.share + 96 * s.groups * s.nt;
    return time_of(load * step / 100, 2970 * waves, s.split > 1 ? 12 * s.nt * s.groups : 0);
  }
  std::int64_t time_of(std::int64_t m, const Wide& w, std::int64_t sms) const {
    const std::int64_t items =
                           w.across ? up(up(n, w.bn), 2) * up(m, 128) : up(m, 256) * up(n, w.bn),
                       waves = up(items, w.split == 1   ? sms / 2
                                         : w.split == 2 ? 30
                                                        : 14);
    return time_of(
        waves * up(up(k, 64), w.split) * (w.across ? 8900 + 192 * w.bn : 4200 + 228 * w.bn) / 100,
        3110 * (w.across ? 1 : waves), w.split > 1 ? 17 * w.bn : 0);
  }
  /// What the rules above say, but from 33 to 512 rows another kernel that is expected to take a
  /// twenty-fifth and half a microsecond less.
  Choice choice_for(std::int64_t m, std::int64_t top, std::int64_t sms) const {
    auto narrow = [&]() -> Choice {
      if (m <= top) return stream_for(m, sms);
      auto cost = [&](int bn) { return up(up(m, 256) * up(n, bn), sms / 2) * (bn + 12); };
      return Wide{cost(256) <= cost(192) && cost(256) <= cost(128) ? 256
                  : cost(192) <= cost(128)                         ? 192
                                                                   : 128};
    };
    const Choice rule = narrow();
    if (m <= 32 || m > 512 || columns || n % 8 != 0) return rule;
    auto time = [&](const Choice& c) {
      return std::holds_alternative<Wide>(c) ? time_of(m, std::get<Wide>(c), sms)
                                             : time_of(m, std::get<Stream>(c), sms);
    };
    Choice best = rule;
    std::int64_t least = -1;
    auto consider = [&](const Choice& c) {
      if (const std::int64_t t = time(c); least < 0 || t < least) least = t, best = c;
    };
    const std::int64_t steps = up(k, 64);
    const int nt = m <= 64 ? 64 : 128;
    for (int groups : {1, 2}) {
      for (int split : {1, 2, 4, 8}) {
        const std::int64_t blocks = up(n, 64 * groups) * up(m, nt) * split;
        // (Above 128 rows not in several waves: each reads all of A or B again.)
        if ((split > 1 && steps / split < 8) || (m > 128 && blocks > places(split, sms))) continue;
        Stream s{nt, groups, split, 0};
        s.blocks = blocks_for(s, blocks, sms);
        consider(s);
      }
      if (m > 128 || k < 64 * 16) continue;
      for (int split : {1, 2})
        for (int share : {1, 2, 4}) {
          const std::int64_t tiles = up(n, 64 * groups * share);
          consider(
              Stream{nt, groups, split, 1, up(tiles, up(tiles, rooms(split * share, sms))), share});
        }
    }
    for (int bn = 256; bn > 32 && m > 64; bn -= 32)
      for (int split : {1, 2, 4})
        if (steps / split >= 4) consider(Wide{bn, split, m <= 128});
    return 25 * least < 24 * time(rule) && least + 450 < time(rule) ? best : rule;
  }
  void stream(const Stream& s, std::string when) {
    const bool spread = s.clusters > 0;
    const int width = 64 * s.groups, stage = (width + s.nt) * 128,
              own = spread ? s.groups * 3072 + (s.split > 1 ? s.nt * width * 4 : 0) : 0;
    const int stages = std::max(
        2, std::min(spread ? 24 : 12, (chip.shared_limit / s.blocks - 3072 - own) / stage));
    const std::string rows = sdk::text(s.nt),
                      suffix = rows + "_" + sdk::text(width) + "_" + sdk::text(s.split) + "_" +
                               sdk::text(s.blocks) + (s.share > 1 ? "_" + sdk::text(s.share) : "");
    std::vector<std::pair<std::string, std::string>> constants = {
        {"BLOCK_M", rows},
        {"NUM_MATH_WARPGROUPS", sdk::text(s.groups)},
        {"SPLIT_K", sdk::text(s.split)},
        {"NUM_STAGES", sdk::text(stages)},
        {"ALPHA", alpha.empty() ? "0" : "1"}};
    if (spread) constants.emplace_back("CLUSTER_MULTICAST", sdk::text(s.share));
    auto u = spread ? unit("gemm/stream_k.cu", "gemm_stream_k", constants)
                    : unit("gemm/swap_ab_split_k.cu", "gemm_swap_ab_split_k", constants);
    auto of_b =
             columns ? map("B_" + suffix, b, "N", "K", 64) : map("B_" + suffix, b, "K", "N", width),
         of_a = map("A_" + suffix, a, "K", "M", s.nt / s.share);
    auto& l = launch(u, std::move(when));
    l.grid = {spread ? sdk::text(s.clusters * s.split * s.share)
                     : "ceil_div(N, " + sdk::text(width) + ") * " + sdk::text(s.split),
              "ceil_div(M, " + rows + ")", "1"};
    l.block = sdk::text(128 * s.groups + 32);
    l.shared = sdk::text(spread ? std::max(stages * stage + own + 1024, chip.shared_limit / 2)
                                : std::max(stages * stage, s.nt * (width + 4) * 4) + 1024);
    l.arguments = {sdk::map_argument(of_b), sdk::map_argument(of_a), sdk::tensor_argument(c),
                   sdk::int_argument("M")};
    if (!alpha.empty()) l.arguments.push_back(sdk::scalar_argument(alpha));
  }
  /// Kernels and when they run, each once.
  struct Choices {
    std::vector<std::pair<Choice, std::string>> all;
    void add(const Choice& c, const std::string& when) {
      for (auto& [known, text] : all)
        if (known == c) {
          text += " || " + when;
          return;
        }
      all.emplace_back(c, when);
    }
  };
  /// Every M above `from`, up to `last`: ranges of M that want the same. swap_ab_split_k and
  /// stream_k are the rule up to `top`.
  void ranges(Choices& choices, std::int64_t from, std::int64_t last, std::int64_t top,
              std::int64_t sms) const {
    while (from < last) {
      auto next = [&](std::int64_t m) {
        return m < 8 ? 8 : m < 16 ? 16 : m < 32 ? 32 : m / 64 * 64 + 64;
      };
      std::int64_t to = next(from);
      const Choice c = choice_for(to, top, sms);
      while (to < last && choice_for(next(to), top, sms) == c) to = next(to);
      choices.add(c, "(M > " + sdk::text(from) + " && M <= " + sdk::text(to) + ")");
      from = to;
    }
  }
  /// sm_90a, more rows: persistent tiles of 128 x bn.
  void tma(const Wide& w, std::string when) {
    const int stage = (128 + w.bn) * 128,
              stages = std::min(8, (chip.shared_limit - 32768 - 2048) / stage);
    std::string suffix = "t" + sdk::text(w.bn);
    if (w.across) suffix += "_across";
    if (w.split > 1) suffix += "_" + sdk::text(w.split);
    auto u = unit("gemm/tma.cu", "gemm_tma",
                  {{"BLOCK_N", sdk::text(w.bn)},
                   {"SPLIT_K", sdk::text(w.split)},
                   {"NUM_STAGES", sdk::text(stages)},
                   {"MULTICAST_A", w.across ? "1" : "0"},
                   {"ALPHA", alpha.empty() ? "0" : "1"}});
    auto of_a = map("A_" + suffix, a, "K", "M", w.across ? 64 : 128),
         of_b = columns ? map("B_" + suffix, b, "N", "K", 32)
                        : map("B_" + suffix, b, "K", "N", w.across ? w.bn : w.bn / 2),
         of_c = map("C_" + suffix, c, "N", "M", 64);
    auto& l = launch(u, std::move(when));
    const std::string columns_of_c = "ceil_div(N, " + sdk::text(w.bn) + ")",
                      items = w.across ? "ceil_div(M, 128) * ceil_div(" + columns_of_c + ", 2)"
                                       : "ceil_div(M, 256) * " + columns_of_c;
    l.grid = {
        sdk::text(2 * w.split) + " * " + (w.split > 1 ? items : "min(sms / 2, " + items + ")"), "1",
        "1"};
    l.block = "384";
    l.shared = sdk::text(stages * stage + 32768 + 1024);
    l.arguments = {sdk::map_argument(of_a), sdk::map_argument(of_b), sdk::map_argument(of_c),
                   sdk::tensor_argument(c), sdk::int_argument("M")};
    if (!alpha.empty()) l.arguments.push_back(sdk::scalar_argument(alpha));
  }
  /// sm_90a, every M above `from`.
  void hopper(std::int64_t from) {
    const std::int64_t tiles = (n + 127) / 128;
    const std::int64_t sms = chip.sms;  // splits and tiles are constants of the kernel
    const std::int64_t top = std::max<std::int64_t>({128, from, 256 * ((sms / 4 - 1) / tiles)});
    const std::int64_t last = columns || n % 8 != 0 ? top : std::max<std::int64_t>(top, 512);
    if (from == 0 && !columns && n >= 256 * sms &&
        k >= 1024) {  // one row, four rounds of blocks: plain loads, 4.5 TB/s
      rows(1, "M == 1");
      from = 1;
    }
    Choices choices;
    ranges(choices, from, last, top, sms);
    const std::string many = "M > " + sdk::text(last);
    if (n % 8 != 0) {
      choices.add(Stream{128, n <= 64 ? 1 : 2, 1, 2}, "(" + many + ")");
    } else {
      plan.values.emplace_back("pairs", "ceil_div(M, 256)");
      // The busiest cluster's columns, with a small charge for narrow tiles.
      for (const char* bn : {"256", "192", "128"})
        plan.values.emplace_back(std::string("cost_") + bn,
                                 std::string("ceil_div(pairs * ceil_div(N, ") + bn +
                                     "), max(1, sms / 2)) * (" + bn + " + 12)");
      choices.add(Wide{256}, "(" + many + " && cost_256 <= cost_192 && cost_256 <= cost_128)");
      choices.add(Wide{192}, "(" + many + " && cost_192 < cost_256 && cost_192 <= cost_128)");
      choices.add(Wide{128}, "(" + many + " && cost_128 < cost_256 && cost_128 < cost_192)");
    }
    for (const auto& [c, when] : choices.all)
      if (const auto* w = std::get_if<Wide>(&c))
        tma(*w, when);
      else
        stream(std::get<Stream>(c), when);
  }
  /// float32: blocks of bm x bn, with few of them `split` blocks share K.
  void single(int bm, int bn, const std::string& when) {
    auto u = unit("gemm/float32.cu", "gemm_float32",
                  {{"BLOCK_M", sdk::text(bm)}, {"BLOCK_N", sdk::text(bn)}});
    auto& l = launch(u, when);
    l.grid = {"ceil_div(M, " + sdk::text(bm) + ")", "ceil_div(N, " + sdk::text(bn) + ")", "split"};
    l.block = "256";
    l.arguments = {sdk::tensor_argument("A"), sdk::tensor_argument("B"), sdk::tensor_argument("C"),
                   sdk::tensor_argument("partial"), sdk::int_argument("M")};
    auto& sum = launch(
        sdk::add_unit(plan, "gemm/float32_reduce.cu", "gemm_float32_reduce", {{"N", sdk::text(n)}}),
        when + " && split > 1");
    sum.grid[0] = "ceil_div(M * N, 256)";
    sum.block = "256";
    sum.arguments = {sdk::tensor_argument("partial"), sdk::tensor_argument("C"),
                     sdk::int_argument("M"), sdk::int_argument("split")};
  }
  void singles() {
    // Up to 16 columns A is most of the bytes, whatever M is: rows at every M that a grid takes.
    const std::int64_t top = n <= 16 ? 8 * 65535 : 4;
    rows(1, "M == 1");
    rows(2, "M == 2");
    rows(4, "M > 2 && M <= 4");
    if (n <= 16) rows(8, "M > 4 && M <= " + sdk::text(top));
    const std::string above = "M > " + sdk::text(top) + " && ";
    plan.values = {
        {"wide", "M > 64 && ceil_div(M, 128) * ceil_div(N, 128) >= sms"},
        {"tiles", "M <= 16 ? ceil_div(N, 256) : ceil_div(M, 64) * ceil_div(N, 64)"},
        {"split", "M <= " + sdk::text(top) + " || wide ? 1 : max(1, min(2 * sms / tiles, " +
                      sdk::text((k + 15) / 16 / 8) + "))"}};
    plan.buffers.push_back({"partial", "split > 1 ? split * M * N * 4 : 4"});
    single(16, 256, above + "M <= 16");
    single(64, 64, above + "M > 16 && !wide");
    single(128, 128, above + "wide");
  }
};

}  // namespace

namespace {

/// FP8 operands (kernels/gemm/fp8_*.cu): scales in blocks of 128, or one factor `alpha`.
kdex::KernelPlan plan_fp8(const kdex::Definition& d, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) {
  (void)tuning;
  const bool blocks = sdk::input(d, "a_scale") != nullptr, hopper = chip.is_hopper();
  const auto *a = sdk::input(d, blocks ? "a" : "A"), *b = sdk::input(d, blocks ? "b" : "B");
  auto n = sdk::const_value(d, "N"), k = sdk::const_value(d, "K");
  if (!a || !b || !n || !k || d.outputs.size() != 1 ||
      (blocks ? !sdk::input(d, "b_scale") : !sdk::input(d, "alpha")))
    return sdk::no_kernel("gemm: tensors or axes of the FP8 form are missing");
  if (a->dtype != "float8_e4m3fn" || b->dtype != "float8_e4m3fn")
    return sdk::no_kernel("gemm: the FP8 operands must be float8_e4m3fn");
  auto dtype = sdk::dtype_constant(d.outputs[0].dtype);
  if (!dtype) return sdk::no_kernel("gemm: the output must be bfloat16 or float16");
  const std::vector<std::string> block_form = {"N", "K"},
                                 tensor_form = {"K_div_block_size", "N", "block_size"};
  if (!b->shape || *b->shape != (blocks ? block_form : tensor_form))
    return sdk::no_kernel("gemm: B has another layout than the kernel's");
  if (!blocks && sdk::const_value(d, "K_div_block_size").value_or(0) *
                         sdk::const_value(d, "block_size").value_or(0) !=
                     *k)
    return sdk::no_kernel("gemm: B's blocks are not K wide together");
  if (*n % 8 != 0)
    return sdk::no_kernel("gemm: N " + sdk::text(*n) +
                          " is not a multiple of 8 (16-byte accesses)");
  if (*k % 128 != 0)
    return sdk::no_kernel("gemm: K " + sdk::text(*k) +
                          " is not a multiple of 128 (the blocks of the scales)");
  kdex::KernelPlan p;
  p.available = true;
  p.early = hopper;
  p.summary = std::string(hopper ? "TMA and wgmma" : "mma.sync") +
              " on tiles of 256 columns, K shared by the blocks of a cluster";
  const std::int64_t steps = *k / 128, columns = (*n + 255) / 256, sms = chip.sms;
  // Above 64 rows two blocks of a cluster share B's: the tiles of a cluster times their width, with
  // a small charge for narrow ones; 128 where blocks share K.
  const std::string n_tiles = sdk::text(columns) + " * ceil_div(M, ";
  // Blocks of up to 96 tokens add one product up while the next is made.
  for (const std::string t : {"128", "96", "64"})
    p.values.emplace_back("cost_" + t, "ceil_div(" + n_tiles + t + " * 2), max(1, sms / 2)) * (" +
                                           t + (blocks && t == "128" ? " + 36)" : " + 16)"));
  const std::string wide = "cost_128 <= cost_96 && cost_128 <= cost_64",
                    shares = n_tiles + "128) * 2 <= " + sdk::text(steps >= 4 ? sms : 0);
  // Many rows in blocks: tiles of 128 rows times 192 or 256 columns. A tile of the other kernel
  // takes 2.3 times as long as its cost.
  const bool wide_too = hopper && blocks;
  if (wide_too) {
    for (const char* w : {"192", "256"})
      p.values.emplace_back(std::string("wide_") + w,
                            std::string("ceil_div(ceil_div(N, ") + w +
                                ") * ceil_div(M, 256), max(1, sms / 2)) * (" + w + " + 8)");
    p.values.emplace_back("wide",
                          "M > 64 && !(" + shares +
                              ") && min(wide_192, wide_256) * 10 <= min(cost_128, min(cost_96, "
                              "cost_64)) * 23 ? (wide_256 <= wide_192 ? 256 : 192) : 0");
  }
  p.values.emplace_back("many",
                        shares + " || (" + wide + ") ? 128 : (cost_96 <= cost_64 ? 96 : 64)");
  p.values.emplace_back("nt", std::string("M <= 16 ? 16 : (M <= 32 ? 32 : ") +
                                  (hopper ? "(M <= 64 ? 64 : many))" : "64)"));
  p.values.emplace_back("tiles", n_tiles + "nt)");
  auto fits = [&](std::int64_t tiles) {
    for (int s : {8, 4, 2})
      if (hopper && tiles * s <= sms && steps / s >= 2) return s;
    return 1;
  };
  auto add = [&](int nt, int split, const std::string& when, bool pair = false) {
    const sdk::Rows256 tile = sdk::rows256(chip, nt);
    std::vector<std::pair<std::string, std::string>> constants = {
        {"KDEX_DTYPE", *dtype},
        {"N", sdk::text(*n)},
        {"K", sdk::text(*k)},
        {"BLOCK_SCALES", blocks ? "1" : "0"},
        {"BLOCK_M", sdk::text(nt)}};
    if (hopper)
      constants.insert(constants.end(), {{"NUM_STAGES", sdk::text(tile.stages)},
                                         {"SPLIT_K", sdk::text(split)},
                                         {"CLUSTER_MULTICAST", pair ? "2" : "1"}});
    kdex::KernelLaunch l;
    l.entry = hopper ? "gemm_fp8_swap_ab" : "gemm_fp8_tiled";
    l.unit = sdk::add_unit(p, hopper ? "gemm/fp8_swap_ab.cu" : "gemm/fp8_tiled.cu", l.entry,
                           std::move(constants));
    l.when = when;
    if (!hopper)
      l.grid = {sdk::text(columns), "ceil_div(M, " + sdk::text(nt) + ")", "1"};
    else if (pair)
      l.grid[0] = "2 * min(max(1, sms / 2), " + n_tiles + sdk::text(nt * 2) + "))";
    else
      l.grid[0] = split > 1 ? "tiles * " + sdk::text(split) : "min(sms, tiles)";
    l.block = hopper ? "384" : "256";
    l.shared = sdk::text(std::max<std::int64_t>(tile.shared, nt * 260 * 4 + 1024));
    l.arguments = {hopper ? sdk::map_argument("m_b") : sdk::tensor_argument(b->name),
                   hopper ? sdk::map_argument("m_a") : sdk::tensor_argument(a->name)};
    if (hopper) l.arguments.push_back(sdk::map_argument("m_c"));
    l.arguments.insert(l.arguments.end(),
                       {blocks ? sdk::tensor_argument("a_scale") : sdk::null_argument(),
                        blocks ? sdk::tensor_argument("b_scale") : sdk::null_argument(),
                        blocks ? sdk::real_argument("1.0f") : sdk::scalar_argument("alpha"),
                        sdk::tensor_argument(d.outputs[0].name), sdk::int_argument("M")});
    p.launches.push_back(std::move(l));
  };
  if (hopper) {
    if (blocks)
      p.maps.push_back({"m_b", b->name, b->dtype, {"K", "N"}, {"K"}, {"128", "128"}});
    else
      p.maps.push_back({"m_b", b->name, b->dtype, {"128", "N * K / 128"}, {"128"}, {"128", "128"}});
    p.maps.push_back({"m_a", a->name, a->dtype, {"K", "M"}, {"K"}, {"128", "nt"}});
    if (wide_too) {
      p.maps.push_back({"m_a128", a->name, a->dtype, {"K", "M"}, {"K"}, {"128", "128"}});
      p.maps.push_back(
          {"m_c64", d.outputs[0].name, d.outputs[0].dtype, {"N", "M"}, {"N * 2"}, {"64", "64"}});
    }
    p.maps.push_back({"m_c",
                      d.outputs[0].name,
                      d.outputs[0].dtype,
                      {"N", "M"},
                      {"N * 2"},
                      {"64", "(nt % 64 == 0 ? 64 : nt % 32 == 0 ? 32 : 16)"}});
  }
  for (auto [from, to] : {std::pair{0, 16}, {16, 32}, {32, 64}})
    add(to, fits(columns),
        "M > " + sdk::text(from) + (hopper || to < 64 ? " && M <= " + sdk::text(to) : ""));
  // Above 64 rows the split follows the number of tiles.
  if (hopper)
    for (int s = fits(columns), largest = s; s >= 1; s /= 2) {
      std::string when = "M > 64";
      if (s < largest) when += " && tiles * " + sdk::text(s * 2) + " > " + sdk::text(sms);
      if (s > 1) when += " && tiles * " + sdk::text(s) + " <= " + sdk::text(sms);
      if (s > 1)
        add(128, s, when);
      else
        for (int nt : {128, 96, 64})
          add(nt, 1, when + (wide_too ? " && wide == 0" : "") + " && nt == " + sdk::text(nt), true);
    }
  if (wide_too)
    for (int wide : {192, 256}) {
      const std::int64_t stage = (128 + wide) * 128 + 640, rest = 2 * 64 * 128 + 1024,
                         stages = (chip.shared_limit - 1024 - rest) / stage;
      const std::string w = sdk::text(wide), map_b = "m_b" + w;
      p.maps.push_back({map_b, b->name, b->dtype, {"K", "N"}, {"K"}, {"128", sdk::text(wide / 2)}});
      kdex::KernelLaunch l;
      l.entry = "gemm_fp8_block";
      l.unit = sdk::add_unit(p, "gemm/fp8_block.cu", l.entry,
                             {{"KDEX_DTYPE", *dtype},
                              {"N", sdk::text(*n)},
                              {"K", sdk::text(*k)},
                              {"BLOCK_N", w},
                              {"NUM_STAGES", sdk::text(stages)}});
      l.when = "wide == " + w;
      l.grid[0] = "2 * min(max(1, sms / 2), ceil_div(N, " + w + ") * ceil_div(M, 256))";
      l.block = "384";
      l.shared = sdk::text(stages * stage + rest);
      l.arguments = {sdk::map_argument(map_b),        sdk::map_argument("m_a128"),
                     sdk::map_argument("m_c64"),      sdk::tensor_argument("a_scale"),
                     sdk::tensor_argument("b_scale"), sdk::int_argument("M")};
      p.launches.push_back(std::move(l));
    }
  return p;
}

}  // namespace

void add_product(kdex::KernelPlan& plan, const Product& x, const kdex::Chip& chip) {
  Planner p;
  p.plan = std::move(plan);
  p.n = x.n, p.k = x.k, p.dtype_name = x.dtype, p.chip = chip, p.columns = true, p.a = x.a,
  p.b = x.b, p.c = x.c, p.alpha = x.alpha;
  p.common = {{"KDEX_DTYPE", *sdk::dtype_constant(x.dtype)},
              {"N", sdk::text(x.n)},
              {"K", sdk::text(x.k)},
              {"B_MN_MAJOR", "1"}};
  p.hopper(x.from);
  plan = std::move(p.plan);
}

kdex::KernelPlan plan(const kdex::Definition& d, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  (void)tuning;
  if (!d.op_type.starts_with("gemm")) return {};
  const auto *a = sdk::input(d, "A"), *b = sdk::input(d, "B"), *c = sdk::output(d, "C");
  auto n = sdk::const_value(d, "N"), k = sdk::const_value(d, "K");
  if (d.op_type == "gemm_fp8") return plan_fp8(d, chip, tuning);
  if (d.op_type == "gemm_fp4") return plan_fp4(d, chip, tuning);
  if (a == nullptr || b == nullptr || c == nullptr || !n || !k)
    return sdk::no_kernel("gemm: the tensors A, B, C and the axes N, K are wanted");
  const bool single = a->dtype == "float32";
  auto dtype = sdk::dtype_constant(a->dtype);
  if ((!dtype && !single) || b->dtype != a->dtype || c->dtype != a->dtype)
    return sdk::no_kernel("gemm: A, B and C must be all float16, all bfloat16 or all float32");
  const std::vector<std::string> by_rows = {"N", "K"}, by_columns = {"K", "N"};
  if (!b->shape || (*b->shape != by_rows && *b->shape != by_columns))
    return sdk::no_kernel("gemm: B must be [N, K] or [K, N]");
  if (*n < 1 || *k < 1)
    return sdk::no_kernel("gemm: N " + sdk::text(*n) + " and K " + sdk::text(*k) +
                          " must be at least 1");
  if (*n > 64 * 65535)
    return sdk::no_kernel("gemm: N " + sdk::text(*n) + " is over " + sdk::text(64 * 65535) +
                          " (a grid of tiles of 64)");
  if (*k > 1 << 30)
    return sdk::no_kernel("gemm: K " + sdk::text(*k) + " is over " + sdk::text(1 << 30));

  Planner p;
  p.n = *n, p.k = *k, p.dtype_name = a->dtype, p.chip = chip, p.columns = *b->shape == by_columns;
  if (!single) p.common.emplace_back("KDEX_DTYPE", *dtype);
  p.common.insert(
      p.common.end(),
      {{"N", sdk::text(*n)}, {"K", sdk::text(*k)}, {"B_MN_MAJOR", p.columns ? "1" : "0"}});
  p.plan.available = true;
  p.plan.early = chip.is_hopper();
  if (single) {
    p.plan.summary =
        "float32 products: one pass over B up to 4 rows, tiles of 16 x 256 to 128 x 128 above";
    p.singles();
  } else if (chip.is_hopper() && *k % 8 == 0 &&
             (*n % 8 == 0 || !p.columns)) {  // rows that TMA takes
    p.plan.summary =
        "TMA and wgmma: rows of A as wgmma's N for few rows, persistent 128-row tiles in pairs of "
        "blocks above";
    if (*n % 8 != 0)
      p.plan.summary =
          "TMA and wgmma: rows of A as wgmma's N";  // rows of C that a TMA store does not take
    p.hopper(0);
  } else {
    p.plan.summary = "one pass over B up to 4 rows, mma.sync tiles above";
    p.rows(1, "M == 1");
    p.rows(2, "M == 2");
    p.rows(4, "M > 2 && M <= 4");
    p.tiled(16, 128, "M > 4 && M <= 16");
    if (*n < 8) {  // scores and gates: more blocks, fewer idle columns
      p.tiled(64, 64, "M > 16");
    } else {
      p.tiled(64, 64, "M > 16 && M <= 64");
      p.tiled(128, 128, "M > 64");
    }
  }
  return std::move(p.plan);
}

}  // namespace kdex_gemm
