// The form of rotary embedding by a table of cosines and sines, as the dataset has it: heads are
// variable, so that one definition is of all models with these widths.
#include <kdex/kernel_authoring.h>

#include "references.h"
#include "rotary.h"

namespace kdex_rotary {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::Params;

namespace {

constexpr std::int64_t table_rows = 4096;  // rows of the table in workloads

/// One output: `x` turned by the row of the table at each token's position.
kdex::Expected turned(const std::string& output, const kdex::HostTensor& x, const Params& p,
                      const kdex::CallInputs& in, kdex::Random& random, int threads) {
  const std::int64_t heads = x.shape[1], width = x.shape[2], rotary = p.integer("rotary_dim"),
                     half = rotary / 2;
  const bool neox = p.flag("neox");
  const sdk::Values values(x), table(in.tensor("cos_sin_cache")), at(in.tensor("positions"));
  const auto rows = sdk::pick(x.shape[0] * heads, 256, random);  // a row: one head of one token
  kdex::Expected e = sdk::rows_of(output, rows, width);
  sdk::in_parallel(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t k) {
    const std::int64_t row = rows[static_cast<std::size_t>(k)], first = row * width;
    const std::int64_t turn = static_cast<std::int64_t>(at[row / heads]) * rotary;
    for (std::int64_t i = 0; i < width; ++i) {
      double& y = e.values[static_cast<std::size_t>(k * width + i)];
      y = values[first + i];
      if (i >= rotary) continue;
      const std::int64_t pair = neox ? i % half : i / 2;
      const bool second = neox ? i >= half : i % 2 == 1;
      const std::int64_t other = i + (neox ? half : 1) * (second ? -1 : 1);
      y = y * table[turn + pair] +
          (second ? 1 : -1) * values[first + other] * table[turn + half + pair];
    }
  });
  return e;
}

kdex::KernelPlan plan(const Params& params, const kdex::Chip& chip, const kdex::Tuning& tuning) {
  const std::int64_t head = params.integer("head_size"), rotary = params.integer("rotary_dim");
  const auto dtype = sdk::dtype_constant(params.text("dtype"));
  if (!dtype) return sdk::no_kernel("rope: queries and keys must be bfloat16 or float16");
  if (rotary < 2 || rotary % 2 != 0 || rotary > head)
    return sdk::no_kernel("rope: rotary_dim must be even and at most head_size");
  const std::int64_t threads = std::clamp<std::int64_t>(tuning.number_or("THREADS", 256), 32, 1024);
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  p.summary = sdk::text(threads) + " threads a token";
  auto& l = sdk::add_launch(
      p,
      sdk::add_unit(p, "rotary/rope_with_cos_sin_cache.cu", "rope_with_cos_sin_cache",
                    {{"KDEX_DTYPE", *dtype},
                     {"HEAD_SIZE", sdk::text(head)},
                     {"ROTARY_DIM", sdk::text(rotary)},
                     {"IS_NEOX", params.flag("neox") ? "1" : "0"},
                     {"THREADS", sdk::text(threads)}}),
      {});
  l.grid[0] = kdex::axis("num_tokens");
  l.block = threads;
  for (const char* name : {"q", "k", "cos_sin_cache", "positions", "q_out", "k_out"})
    l.arguments.push_back(sdk::tensor_argument(name));
  l.arguments.push_back(sdk::int_argument(kdex::axis("num_qo_heads")));
  l.arguments.push_back(sdk::int_argument(kdex::axis("num_kv_heads")));
  return p;
}

void fill_positions(const Params&, kdex::HostTensor& t, kdex::Random& random) {
  for (std::int64_t i = 0; i < t.elements(); ++i)
    kdex::set_value(t.bytes.data(), t.dtype, i, static_cast<double>(random.below(table_rows)));
}

Form with_cos_sin_cache() {
  Form f;
  f.id = "rope_with_cos_sin_cache";
  f.op_type = "rope";
  f.name = {"rope_with_cos_sin_cache_{neox:neox|gptj}_style_d{head_size}_rd{rotary_dim}",
            {"_{dtype}", [](const Params& p) { return p.text("dtype") != "bfloat16"; }}};
  f.params = {form::size("head_size"), form::size("rotary_dim"), form::flag("neox"),
              form::dtype("dtype"), form::model()};
  f.tags = {"status:unverified", "model:{model}",
            "fi_api:flashinfer.rope.apply_rope_with_cos_sin_cache_inplace"};
  f.description = {
      "Rotary position embedding of queries and keys, by a table of cosines and sines: the first "
      "{rotary_dim} of {head_size} elements of a head turn, {neox:in halves|as neighbours}."};
  f.axes = {
      form::var("num_tokens", "Tokens of the batch."),
      form::var("num_qo_heads", "Query heads of one rank.").sized([](const Params&, std::size_t) {
        return 32;
      }),
      form::var("num_kv_heads", "Key heads of one rank.").sized([](const Params&, std::size_t) {
        return 8;
      }),
      form::constant("head_size", "Elements of a head."),
      form::constant("rotary_dim", "Elements of a head that turn."),
      form::var("max_seq_len", "Positions of the table.").sized([](const Params&, std::size_t) {
        return table_rows;
      })};
  const std::vector<std::string> of_q = {"num_tokens", "num_qo_heads", "head_size"},
                                 of_k = {"num_tokens", "num_kv_heads", "head_size"};
  f.inputs = {form::tensor("q", of_q, "{dtype}", "Queries."),
              form::tensor("k", of_k, "{dtype}", "Keys."),
              form::tensor("cos_sin_cache", {"max_seq_len", "rotary_dim"}, "float32",
                           "The cosines of each position, then its sines."),
              form::tensor("positions", {"num_tokens"}, "int64", "Each token's row of the table.")
                  .filled(fill_positions)
                  .indexes(kdex::IndexRule::Kind::into, "max_seq_len")};
  f.outputs = {form::tensor("q_out", of_q, "{dtype}", "The queries, turned."),
               form::tensor("k_out", of_k, "{dtype}", "The keys, turned.")};
  f.covers = {"head_dim", "rotary_dim", "base", "split_half"};
  f.reference = kdex_reference::rope_with_cos_sin_cache;
  f.constants = {{"IS_NEOX", "{neox}"}};
  f.workloads = sdk::rows("num_tokens", {1, 7, 64, 1000, 8192});
  f.tolerance = 1e-2;
  f.formula = [](const Params& p, const kdex::CallInputs& in, kdex::Random& random, int threads) {
    return std::vector<kdex::Expected>{turned("q_out", in.tensor("q"), p, in, random, threads),
                                       turned("k_out", in.tensor("k"), p, in, random, threads)};
  };
  f.plan = plan;
  return f;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {with_cos_sin_cache()};
  return all;
}

}  // namespace kdex_rotary
