// The CUDA kernels of latent attention: kernels/mla over the paged latent cache, kernels/gqa's
// prefill for the expanded ragged form.
#include <kdex/kernel_authoring.h>

#include "mla.h"

namespace kdex_mla {
namespace sdk = kdex::sdk;

namespace {

kdex::KernelArgument given(bool is_there, const char* name) {
  return is_there ? sdk::tensor_argument(name) : sdk::null_argument();
}

kdex::KernelPlan ragged(const kdex::Params& params, const kdex::Chip& chip,
                        const kdex::Tuning& tuning) {
  (void)tuning;
  const std::optional<std::int64_t> heads = params.integer("num_qo_heads"),
                                    kv = params.integer("num_kv_heads"),
                                    qk = params.integer("qk_dim"), vo = params.integer("vo_dim");
  const std::string& type = params.text("dtype");
  const auto dtype = sdk::dtype_constant(type);
  if (!dtype) return sdk::no_kernel("mla: q, k and v must be all bfloat16 or all float16");
  if (*qk > 512 || *qk <= 0)
    return sdk::no_kernel("mla: qk_dim " + sdk::text(*qk) + " is not 1 to 512");
  if (*vo > 512 || *vo <= 0)
    return sdk::no_kernel("mla: vo_dim " + sdk::text(*vo) + " is not 1 to 512");
  if (*kv <= 0 || *heads % *kv != 0)
    return sdk::no_kernel("mla: num_qo_heads is not a multiple of num_kv_heads");
  // Which of kernels/gqa: wgmma's two on sm_90a, mma.sync straight from global memory where widths
  // are whole slabs of 64, else the one for any head_dim.
  enum class Path { wgmma, wgmma_wide, mma, any };
  const std::int64_t qk_row = (*qk + 63) / 64 * 64,
                     vo_row = (*vo + 63) / 64 * 64;  // in shared memory
  const bool narrow = *qk <= 256 && *vo <= 256, hopper = chip.is_hopper();
  const Path path = hopper && *qk > 256 && *qk % 128 == 0 && *vo % 128 == 0 ? Path::wgmma_wide
                    : narrow && hopper && *qk % 16 == 0 && *vo % 16 == 0 && vo_row <= qk_row
                        ? Path::wgmma
                    : narrow && *qk == qk_row && *vo == vo_row ? Path::mma
                                                               : Path::any;
  const int rows = path == Path::wgmma ? 128 : path == Path::any ? 16 : 64;
  kdex::KernelPlan p;
  p.available = true;
  p.early = hopper;
  p.summary = path == Path::any ? "mma.sync, 16 rows a block over a ring of asynchronous copies"
                                : (path == Path::mma ? "mma.sync, " : "wgmma, ") + sdk::text(rows) +
                                      " query rows a block";
  using Constants = std::vector<std::pair<std::string, std::string>>;
  auto unit = [&](const char* file, const char* entry, const Constants& more = {}) {
    Constants all = {{"KDEX_DTYPE", *dtype},
                     {"NUM_QO_HEADS", sdk::text(*heads)},
                     {"NUM_KV_HEADS", sdk::text(*kv)},
                     {"HEAD_DIM_QK", sdk::text(*qk)},
                     {"HEAD_DIM_VO", sdk::text(*vo)},
                     {"PAGE_SIZE", "0"},
                     {"HAS_LAST_PAGE_LEN", "0"},
                     {"WINDOW_LEFT", "-1"},
                     {"LOGIT_CAP", "0"}};
    all.insert(all.end(), more.begin(), more.end());
    return sdk::add_unit(p, file, entry, std::move(all));
  };
  p.values = {{"sequences", "len_indptr - 1"},
              {"items", "ceil_div(total_q * " + sdk::text(*heads / *kv) + ", " + sdk::text(rows) +
                            ") + sequences"}};
  kdex::KernelLaunch l;
  l.when = "total_q > 0";
  l.block = path == Path::mma ? "128" : path == Path::any ? "256" : "384";
  if (path == Path::wgmma)
    l.grid[0] = "min(sms, items * num_kv_heads)";
  else if (path == Path::mma)
    l.grid = {"num_kv_heads", "items", "1"};
  else
    l.grid = {"items", "num_kv_heads", "1"};
  l.arguments = {sdk::tensor_argument("q"),
                 sdk::tensor_argument("k"),
                 sdk::tensor_argument("v"),
                 sdk::tensor_argument("qo_indptr"),
                 sdk::tensor_argument("kv_indptr"),
                 sdk::null_argument(),
                 sdk::null_argument(),
                 sdk::scalar_argument("sm_scale")};
  if (path == Path::any) l.arguments.insert(l.arguments.end(), 3, sdk::null_argument());
  l.arguments.push_back(sdk::tensor_argument("output"));
  l.arguments.push_back(sdk::tensor_argument("lse"));
  const int keys = qk_row > 192 || vo_row > 128 ? 64 : 128;  // of a tile of wgmma's
  switch (path) {
    case Path::wgmma:
      l.unit =
          unit("gqa/prefill_wgmma.cu", "gqa_prefill_wgmma", {{"TMA_BOX_ROWS", sdk::text(keys)}});
      l.shared = sdk::text((qk_row > 128 ? 1 : 2) * 128 * qk_row * 2 +
                           2 * keys * (qk_row + vo_row) * 2 + 1024);
      p.buffers = {{"taken", "4", true}};
      l.arguments.push_back(sdk::tensor_argument("taken"));
      break;
    case Path::wgmma_wide:  // queries (three slabs are in registers), probabilities, keys, values
      l.unit = unit("gqa/prefill_wgmma_wide.cu", "gqa_prefill_wgmma_wide");
      l.shared = sdk::text((2 * *qk / 64 - 3 + *vo / 64 + 1) * 8192 + 1024);
      break;
    case Path::mma:
      l.unit = unit("gqa/prefill.cu", "gqa_prefill");
      break;
    case Path::any: {
      const std::int64_t row = (qk_row + vo_row) * 2, shared = chip.shared_limit,
                         per_sm = *qk > 256 || *vo > 256 ? 1 : 2;
      auto logits = [](std::int64_t block_kv) { return 64 / block_kv * 16 * (block_kv + 8) * 4; };
      const std::int64_t block_kv = 2 * 32 * row + logits(32) <= shared ? 32 : 16;
      const std::int64_t stages = std::max<std::int64_t>(
          2, std::min<std::int64_t>(
                 6, (shared / per_sm - 1024 - logits(block_kv)) / (block_kv * row)));
      l.unit = unit(
          "gqa/any_head_dim.cu", "gqa_any_head_dim",
          {{"PREFILL", "1"}, {"BLOCK_KV", sdk::text(block_kv)}, {"NUM_STAGES", sdk::text(stages)}});
      l.shared = sdk::text(stages * block_kv * row + logits(block_kv));
      break;
    }
  }
  l.entry = p.units[l.unit].entries[0];
  l.arguments.push_back(sdk::int_argument("sequences"));
  if (path == Path::wgmma) {
    l.arguments.push_back(sdk::int_argument("items"));
    sdk::add_key_boxes(p, l, {"k", {}, type, ""}, *kv * *qk, {"v", {}, type, ""}, *kv * *vo,
                       "total_kv", keys);
  }
  if (path == Path::any) {
    p.values.emplace_back("chunk", "0");
    l.arguments.push_back(sdk::int_argument("chunk"));
  }
  p.launches.push_back(std::move(l));
  return p;
}

}  // namespace

kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  if (!kind.paged) return ragged(params, chip, tuning);
  // Scales of a quantized cache: of the latent, of groups of its columns, of the rotary part.
  const bool prefill = kind.prefill, last = kind.last_page, scaled = kind.scaled;
  const std::optional<std::int64_t> heads = params.integer("num_qo_heads"),
                                    ckv = params.integer("head_dim_ckv"),
                                    kpe = params.integer("head_dim_kpe"),
                                    page = params.integer("page_size");
  const std::string& type = params.text("dtype");
  const auto dtype = sdk::dtype_constant(type);
  if (!dtype) return sdk::no_kernel("mla: q and the caches must be all bfloat16 or all float16");
  if (*ckv % 64 != 0 || *ckv > 512 || *ckv <= 0)
    return sdk::no_kernel("mla: head_dim_ckv " + sdk::text(*ckv) +
                          " is not a multiple of 64 up to 512");
  if (*kpe % 16 != 0 || *kpe > 128 || *kpe <= 0)
    return sdk::no_kernel("mla: head_dim_kpe " + sdk::text(*kpe) +
                          " is not a multiple of 16 up to 128");
  if (*page <= 0 || (*page & (*page - 1)) != 0)
    return sdk::no_kernel("mla: page_size " + sdk::text(*page) + " is not a power of two");

  // 64 rows of wgmma, though most are idle below 64 heads, take less than 16 of mma.sync from 8
  // heads on; a wider row leaves wgmma too few registers.
  const std::int64_t shared = chip.shared_limit,
                     slabs = (*ckv + *kpe + 63) / 64;  // of 64 columns
  const std::int64_t many = (slabs - (slabs > 9 ? 4 : 1) + 2) * 8192 +
                            1024;  // of 64 rows: queries, two warpgroups' probabilities, alignment
  const bool wide = !scaled && chip.is_hopper() && (prefill || *heads >= (slabs > 9 ? 17 : 8)) &&
                    2 * 8192 * slabs + many <= shared - 2048;
  // 64 keys a turn where two tiles fit; with scales, which are in a table beside the tile, or a
  // wider row they take too many registers.
  const std::int64_t keys = wide || (shared > 160 * 1024 && !scaled && slabs <= 9) ? 64 : 32;
  const std::int64_t tile = keys * slabs * 128 + (scaled ? keys * (*ckv / 16 + 1) * 4 : 0);
  const std::int64_t rows = wide ? 64 : 16,
                     rest =
                         wide ? many : (64 / keys) * 16 * (keys + 8) * 4;  // (of 16 rows: logits)
  const std::int64_t stages =
      wide ? 2
           : std::max<std::int64_t>(2, std::min<std::int64_t>(6, (shared - 1024 - rest) / tile));
  if (stages * tile + rest > shared)
    return sdk::no_kernel("mla: two tiles of the cache need " + sdk::text(stages * tile + rest) +
                          " bytes of shared memory, " + chip.arch + " has " + sdk::text(shared));
  const std::int64_t row_blocks = (*heads + rows - 1) / rows;
  kdex::KernelPlan p;
  p.available = true;
  p.early = chip.is_hopper();
  p.summary = (wide ? "wgmma, 64 rows (heads of query tokens) a block"
                    : "mma.sync over a ring of latent tiles shared by sixteen heads") +
              std::string(prefill ? "" : ", KV splits, combined");
  const std::int64_t box =
      wide && *page >= 16 ? std::min<std::int64_t>(*page, 64) : 0;  // smaller pages: too many boxes
  using Constants = std::vector<std::pair<std::string, std::string>>;
  Constants common = {{"KDEX_DTYPE", *dtype},
                      {"NUM_QO_HEADS", sdk::text(*heads)},
                      {"HEAD_DIM_CKV", sdk::text(*ckv)},
                      {"HEAD_DIM_KPE", sdk::text(*kpe)},
                      {"PAGE_SIZE", sdk::text(*page)},
                      {"HAS_LAST_PAGE_LEN", last ? "1" : "0"}};
  Constants constants = common;
  constants.emplace_back("PREFILL", prefill ? "1" : "0");
  if (wide)
    constants.emplace_back("TMA_BOX_ROWS", sdk::text(box));
  else
    constants.insert(constants.end(), {{"BLOCK_KV", sdk::text(keys)},
                                       {"NUM_STAGES", sdk::text(stages)},
                                       {"SCALED_CACHE", scaled ? "1" : "0"}});
  const std::string batch = prefill ? "sequences" : "batch_size";
  if (prefill) p.values.emplace_back("sequences", "len_indptr - 1");
  if (prefill) {
    p.values.emplace_back("items",
                          "ceil_div(total_q * num_qo_heads, " + sdk::text(rows) + ") + sequences");
    p.values.emplace_back("chunk", "0");
  } else {
    sdk::add_parts(p, "num_kv_indices * page_size", "batch_size", row_blocks, "sms", 120);
  }
  auto part = [&](const char* name, bool of_prefill = false) {
    return prefill == of_prefill ? sdk::tensor_argument(name) : sdk::null_argument();
  };
  if (!prefill)
    p.buffers = {{"partial_out", "items * num_qo_heads * head_dim_ckv * 4", false},
                 {"partial_lse", "items * num_qo_heads * 4", false}};
  else if (wide)
    p.buffers = {{"taken", "4", true}};
  kdex::KernelLaunch l;
  l.entry = wide ? "mla_attend_wgmma" : "mla_attend";
  l.unit = sdk::add_unit(p, wide ? "mla/attend_wgmma.cu" : "mla/attend.cu", l.entry, constants);
  l.when = (prefill ? std::string("total_q") : batch) + " > 0";
  // 64 rows: prefill's blocks take items from a counter.
  const std::string items = wide && !prefill ? "items * " + sdk::text(row_blocks) : "items";
  l.grid = {wide && prefill ? "min(sms, items)" : items,
            wide || prefill ? "1" : sdk::text(row_blocks), "1"};
  l.block = wide ? "384" : "256";
  l.shared = sdk::text(stages * tile + rest);
  l.arguments = {sdk::tensor_argument("q_nope"),
                 sdk::tensor_argument("q_pe"),
                 sdk::tensor_argument("ckv_cache"),
                 sdk::tensor_argument("kpe_cache"),
                 given(prefill, "qo_indptr"),
                 sdk::tensor_argument("kv_indptr"),
                 sdk::tensor_argument("kv_indices"),
                 given(last, "kv_last_page_len"),
                 sdk::scalar_argument("sm_scale"),
                 part("partial_out"),
                 part("partial_lse"),
                 sdk::tensor_argument("output"),
                 sdk::tensor_argument("lse")};
  if (wide) l.arguments.push_back(part("taken", true));
  l.arguments.push_back(sdk::int_argument(batch));
  l.arguments.push_back(sdk::int_argument("chunk"));
  if (wide) l.arguments.push_back(sdk::int_argument(items));
  if (scaled) {
    l.arguments.push_back(sdk::tensor_argument("ckv_scale_arr"));
    l.arguments.push_back(sdk::int_argument("ckv_scale_groups"));
    l.arguments.push_back(sdk::scalar_argument("ckv_scale"));
    l.arguments.push_back(sdk::scalar_argument("kpe_scale"));
  }
  if (box > 0)
    sdk::add_key_boxes(p, l, {"ckv_cache", {}, type, ""}, *ckv, {"kpe_cache", {}, type, ""}, *kpe,
                       "num_pages * page_size", box);
  p.launches.push_back(std::move(l));
  if (!prefill) {
    kdex::KernelLaunch m;
    m.entry = "mla_combine";
    m.unit = sdk::add_unit(p, "mla/combine.cu", "mla_combine", common);
    m.when = "batch_size > 0";
    m.grid[0] = "batch_size * num_qo_heads";
    m.block = sdk::text((*ckv / 4 + 31) / 32 * 32);
    m.arguments = {sdk::tensor_argument("partial_out"), sdk::tensor_argument("partial_lse"),
                   sdk::tensor_argument("kv_indptr"),   given(last, "kv_last_page_len"),
                   sdk::tensor_argument("output"),      sdk::tensor_argument("lse"),
                   sdk::int_argument("chunk")};
    p.launches.push_back(std::move(m));
  }
  return p;
}

}  // namespace kdex_mla
