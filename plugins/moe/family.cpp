// The moe family: joins matcher and forms.
#include <kdex/launches.h>

#include "moe.h"

namespace kdex_moe {

namespace {

/// Whether other ranks hold experts that this one does not.
bool is_share(const Experts& e) { return e.rows.value - e.shared.value != e.num_experts.value; }

Kind kind_of(const Experts& e, bool fi_trace) {
  Kind k;
  k.weights = e.weights;
  k.router = e.routing == Routing::deepseek      ? Router::deepseek
             : e.routing == Routing::precomputed ? Router::given
                                                 : Router::logits;
  k.shared = e.shared.value > 0;
  k.fi_trace = fi_trace;
  k.one_rank = !fi_trace && e.weights == Weights::fp8_block && k.router == Router::logits &&
               !k.shared && !is_share(e);
  return k;
}

/// The form's word for a routing by the logits alone.
const char* routing_word(Routing r) {
  switch (r) {
    case Routing::plain_softmax:
      return "default";
    case Routing::sigmoid:
      return "sigmoid";
    case Routing::sigmoid_renorm:
      return "sigmoid_renorm";
    case Routing::llama4:
      return "llama4";
    default:
      return "renorm";
  }
}

kdex::Params params_of(const Experts& e, const kdex::Form& form, const kdex::ModelView& view) {
  kdex::Params p{{"top_k", e.top_k},
                 {"hidden_size", e.hidden_size},
                 {"intermediate_size", e.intermediate_size},
                 {"num_experts", e.num_experts},
                 {"dtype", e.dtype},
                 {"activation", e.activation},
                 {"model", kdex::sdk::model_name(view.checkpoint)},
                 {"tp", view.deployment.tp},
                 {"ep", view.deployment.ep}};
  p.set(form.param("rows") ? "rows" : "num_experts", e.rows);
  if (form.param("shared")) p.set("shared", e.shared);
  if (form.param("n_group")) p.set("n_group", e.n_group).set("topk_group", e.topk_group);
  if (form.param("routing")) p.set("routing", routing_word(e.routing));
  if (form.param("naive")) p.set("naive", e.naive && e.routing == Routing::renorm);
  return p;
}

/// What the experts launch together: the choice where the form has it, and all that runs in them.
/// None where no call multiplies by their weights.
std::vector<kdex::CallPlace> launches_of(const kdex::ModuleTree& tree, const kdex::Module& m,
                                         Router router, const kdex::sdk::Launches& launches) {
  if (launches.reading(m, {"experts", "experts_product"}).empty()) return {};
  const std::string experts = kdex::sdk::path_pattern(m.path);
  std::string chooses;
  if (const auto* at = m.fact("router"); at != nullptr && router != Router::given && at->i >= 0 &&
                                         static_cast<std::size_t>(at->i) < tree.modules.size())
    chooses = kdex::sdk::path_pattern(tree.modules[static_cast<std::size_t>(at->i)].path);
  return launches.where([&](const kdex::Step&, const kdex::KernelCall& c) {
    return c.role != "collective" &&
           (c.path == experts || kdex::sdk::Launches::reads(c, experts) ||
            (c.role == "routing" && !chooses.empty() && c.path == chooses));
  });
}

}  // namespace

class MoeFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"moe",
            "0.1.0",
            "Mixtures of experts: 16-bit, FP8 by blocks, FP8 by tensor, NVFP4; several routings",
            {"moe"}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_moe::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_experts(view);
    std::vector<kdex::Match> matches;
    const kdex::sdk::Launches launches(view);
    for (const auto& e : found.experts) {
      const auto& m = view.tree.modules[e.module];
      const Kind kind = kind_of(e, view.dialect == "fi_trace");
      const kdex::Form* form =
          e.weights == Weights::fp8_tensor && is_share(e) ? nullptr : form_of(kind);
      if (form == nullptr) {
        found.notes.add(
            m, "no form joins this routing with this quantization; no definition was written");
        continue;
      }
      matches.push_back(kdex::sdk::match({e.module}, kdex::sdk::path_pattern(m.path), form,
                                         params_of(e, *form, view)));
      matches.back().calls = launches_of(view.tree, m, kind.router, launches);
      if (e.routing == Routing::deepseek)
        found.notes.add(
            m, "the routing bias is float32 in the engine; the dataset's form has it in bfloat16");
    }
    return {std::move(matches), found.notes.take(), std::move(found.claimed)};
  }
};

}  // namespace kdex_moe

KDEX_FAMILY(kdex_moe::MoeFamily)
