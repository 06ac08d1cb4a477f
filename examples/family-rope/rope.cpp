// A kernel family of its own: rotary position embedding.
#include <kdex/authoring.h>
#include <kdex/kernel_authoring.h>

#include "kernels.h"
#include "references.h"

namespace form = kdex::form;
namespace sdk = kdex::sdk;

namespace {

constexpr std::int64_t kPositions = 4096;  // rows of the table in workloads

// [plan]
kdex::KernelPlan plan(const kdex::Params& p, const kdex::Chip&, const kdex::Tuning& tuning) {
  const auto dtype = sdk::dtype_constant(p.text("dtype"));
  if (!dtype) return sdk::no_kernel("rope: queries and keys must be bfloat16 or float16");
  if (p.integer("rotary_dim") % 2 != 0) return sdk::no_kernel("rope: rotary_dim is odd");
  const std::int64_t threads = tuning.number_or("THREADS", 256);
  kdex::KernelPlan plan;
  plan.available = true;
  plan.summary = sdk::text(threads) + " threads a token";
  plan.units.push_back({"rope.cu",
                        std::string(kdex_kernels::rope),
                        {{"KDEX_DTYPE", *dtype},
                         {"QO_HEADS", sdk::text(p.integer("num_qo_heads"))},
                         {"KV_HEADS", sdk::text(p.integer("num_kv_heads"))},
                         {"HEAD_DIM", sdk::text(p.integer("head_dim"))},
                         {"ROTARY_DIM", sdk::text(p.integer("rotary_dim"))},
                         {"NEOX", p.flag("neox") ? "1" : "0"}},
                        {"rope"}});
  kdex::KernelLaunch launch;
  launch.entry = "rope";
  launch.grid[0] = kdex::Expr::named("num_tokens");
  launch.block = threads;
  for (const char* name : {"q", "k", "cos_sin_cache", "positions", "q_out", "k_out"})
    launch.arguments.push_back(sdk::tensor_argument(name));
  plan.launches.push_back(std::move(launch));
  return plan;
}
// [plan]

// [formula]
/// One output: `x` turned by the row of the table at each token's position.
kdex::Expected turned(const std::string& output, const kdex::HostTensor& x, const kdex::Params& p,
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
// [formula]

// [form]
kdex::Form rope() {
  kdex::Form f;
  f.id = "rope";
  f.op_type = "rope";
  f.name = {"rope_h{num_qo_heads}_kv{num_kv_heads}_d{head_dim}_rd{rotary_dim}",
            "_{neox:neox|interleaved}",
            {"_{dtype}", [](const kdex::Params& p) { return p.text("dtype") != "bfloat16"; }}};
  f.params = {form::size("num_qo_heads"),
              form::size("num_kv_heads"),
              form::size("head_dim"),
              form::size("rotary_dim"),
              form::flag("neox"),
              form::dtype("dtype"),
              form::model(),
              form::deployment("tp")};
  f.tags = {"status:unverified", "model:{model}", "tp:{tp}"};
  f.description = {
      "Rotary position embedding of queries and keys, by a table of cosines and sines."};
  f.axes = {form::var("num_tokens", "Tokens of the batch."),
            form::constant("num_qo_heads", "Query heads of one rank."),
            form::constant("num_kv_heads", "Key heads of one rank."),
            form::constant("head_dim", "Width of a head."),
            form::constant("rotary_dim", "Values of a head that are turned, the first ones."),
            form::var("max_position", "Positions of the table.")
                .sized([](const kdex::Params&, std::size_t) { return kPositions; })};
  f.inputs = {form::tensor("q", {"num_tokens", "num_qo_heads", "head_dim"}, "{dtype}", "Queries."),
              form::tensor("k", {"num_tokens", "num_kv_heads", "head_dim"}, "{dtype}", "Keys."),
              form::tensor("cos_sin_cache", {"max_position", "rotary_dim"}, "float32",
                           "The cosines of each position, then its sines."),
              form::tensor("positions", {"num_tokens"}, "int64", "Each token's row of the table.")
                  .filled([](const kdex::Params&, kdex::HostTensor& t, kdex::Random& random) {
                    for (std::int64_t i = 0; i < t.elements(); ++i)
                      kdex::set_value(t.bytes.data(), t.dtype, i,
                                      static_cast<double>(random.below(kPositions)));
                  })
                  .indexes(kdex::IndexRule::Kind::into, "max_position")};
  f.covers = {"head_dim", "rotary_dim", "base", "split_half"};
  f.outputs = {form::tensor("q_out", {"num_tokens", "num_qo_heads", "head_dim"}, "{dtype}",
                            "The queries, turned."),
               form::tensor("k_out", {"num_tokens", "num_kv_heads", "head_dim"}, "{dtype}",
                            "The keys, turned.")};
  f.reference = kdex_reference::rope;
  f.constants = {{"NEOX", "{neox}"}};
  f.workloads = sdk::rows("num_tokens", {1, 7, 64, 1000, 8192});
  f.tolerance = 1e-2;
  f.formula = [](const kdex::Params& p, const kdex::CallInputs& in, kdex::Random& random,
                 int threads) -> std::vector<kdex::Expected> {
    return {turned("q_out", in.tensor("q"), p, in, random, threads),
            turned("k_out", in.tensor("k"), p, in, random, threads)};
  };
  f.plan = plan;
  return f;
}
// [form]

// [family]
class RopeFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"rope", "0.1.0", "Rotary position embedding of queries and keys", {"rope"}};
  }

  const std::vector<kdex::Form>& forms() const override {
    static const std::vector<kdex::Form> all = {rope()};
    return all;
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    kdex::FamilyResult result;
    sdk::Notes notes;
    const auto& modules = view.tree.modules;
    const auto children = sdk::children_of(view.tree);
    for (std::size_t i = 0; i < modules.size(); ++i) {
      const auto& m = modules[i];
      if (!m.is_a("RotaryEmbedding") || m.parent < 0) continue;
      const kdex::Module* attention = nullptr;
      for (auto c : children[static_cast<std::size_t>(m.parent)])
        if (modules[c].is_a("RadixAttention")) attention = &modules[c];
      const auto head = sdk::size_dim(m, "head_size"), rotary = sdk::size_dim(m, "rotary_dim");
      const auto q = attention ? sdk::size_dim(*attention, "tp_q_head_num") : std::nullopt;
      const auto kv = attention ? sdk::size_dim(*attention, "tp_k_head_num") : std::nullopt;
      if (!head || !rotary || !q || !kv) {
        notes.add(m, "no attention with known head counts stands beside this rotary embedding");
        continue;
      }
      result.matches.push_back(
          sdk::match({i}, sdk::path_pattern(m.path), &forms()[0],
                     {{"num_qo_heads", *q},
                      {"num_kv_heads", *kv},
                      {"head_dim", *head},
                      {"rotary_dim", *rotary},
                      {"neox", sdk::is_true(m, "is_neox_style")},
                      {"dtype", view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype},
                      {"model", sdk::model_name(view.checkpoint)},
                      {"tp", view.deployment.tp}}));
      result.claimed.push_back(i);
    }
    result.notes = notes.take();
    return result;
  }
};
// [family]

}  // namespace

// [export]
KDEX_FAMILY(RopeFamily)
// [export]
