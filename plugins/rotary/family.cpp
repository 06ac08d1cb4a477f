// The rotary family: finds rotary embedding by a table among the kernel calls, by role and
// operands.
#include <kdex/launches.h>
#include <kdex/roles.h>

#include "rotary.h"

namespace kdex_rotary {
namespace sdk = kdex::sdk;

namespace {

/// What a call turns and what it turns by; null where it has no such operand.
struct Operands {
  const kdex::Operand *q = nullptr, *k = nullptr, *table = nullptr, *positions = nullptr;

  explicit Operands(const kdex::KernelCall& call)
      : q(sdk::operand(call, "q")),
        k(sdk::operand(call, "k")),
        table(sdk::operand(call, "cos_sin_cache")),
        positions(sdk::operand(call, "positions")) {}
  bool are_there() const {
    return q != nullptr && k != nullptr && table != nullptr && positions != nullptr;
  }
};

/// Why no form expresses a call of `m`, "" where one does. `head`, `rotary`: the module's.
std::string differs(const kdex::KernelCall& call, const kdex::Module& m,
                    const std::optional<kdex::Dim>& head, const std::optional<kdex::Dim>& rotary) {
  const Operands o(call);
  if (!o.are_there())
    return call.function + " does not tell queries, keys, table and positions apart";
  const std::string more =
      sdk::given_beside(call, {"q", "k", "cos_sin_cache", "positions", "result"});
  if (!more.empty()) return call.function + " is given " + more + ", too";
  if (m.fact("split_half") == nullptr || !head || !rotary)
    return "its widths and its style are not known";
  if (o.q->dtype != o.k->dtype) return "its queries and keys are of two types";
  if (o.table->dtype != "f32") return "its table is " + o.table->dtype;
  if (o.positions->dtype != "i64" || o.positions->shape.size() != 1)
    return "its positions are not a vector of int64";
  for (const auto* x : {o.q, o.k})
    if (x->shape.size() != 3 || (x->shape[2] != head->value && x->shape[2] != rotary->value))
      return "its queries and keys are not [tokens, heads, " + std::to_string(head->value) + "]";
  return o.table->shape.size() == 2 && o.table->shape[1] == rotary->value
             ? ""
             : "its table is not of its rotary width";
}

}  // namespace

class RotaryFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"rotary",
            "0.1.0",
            "Rotary position embedding of queries and keys by a table of cosines and sines",
            {"rope"}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_rotary::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    kdex::FamilyResult result;
    sdk::Notes notes;
    const sdk::Launches launches(view);
    for (const auto at : launches.where([](const kdex::Step&, const kdex::KernelCall& call) {
           return sdk::Launches::has_role(call, {"rope"});
         })) {
      const kdex::KernelCall& call = launches[at];
      const auto modules = launches.modules_of(call);
      if (modules.empty()) continue;
      const kdex::Module& m = view.tree.modules[modules.front()];
      const auto head = sdk::size_dim(m.fact("head_dim")),
                 rotary = sdk::size_dim(m.fact("rotary_dim"));
      if (const std::string why = differs(call, m, head, rotary); !why.empty()) {
        notes.add(m, "no form of its rotary embedding: " + why);
        continue;
      }
      result.matches.push_back(sdk::match(modules, call.path, &forms()[0],
                                          {{"head_size", *head},
                                           {"rotary_dim", *rotary},
                                           {"neox", sdk::is_true(m.fact("split_half"))},
                                           {"dtype", sdk::long_dtype(Operands(call).q->dtype)},
                                           {"model", sdk::model_name(view.checkpoint)}}));
      result.matches.back().calls = {at};
    }
    result.notes = notes.take();
    return result;
  }
};

}  // namespace kdex_rotary

KDEX_FAMILY(kdex_rotary::RotaryFamily)
