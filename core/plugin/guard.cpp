// Implementation of core/plugin/guard.h.
#include "core/plugin/guard.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/plugin/coverage.h"
#include "core/plugin/info.h"
#include "core/plugin/matches.h"

namespace kdex {
namespace {

std::string out_of_range(const char* what, std::size_t index, std::size_t count) {
  return std::string(what) + " " + std::to_string(index) + " is out of range: the tree has " +
         std::to_string(count);
}

/// What of the match refers to nothing, "" where all is there.
std::string fault_of(const Match& m, const ModelView& view) {
  const ModuleTree* tree = m.from_tp1 ? view.tp1_tree : &view.tree;
  if (tree == nullptr) return "field 'from_tp1': the model could not be built at tp 1";
  for (auto i : m.modules)
    if (i >= tree->modules.size())
      return "field 'modules': " + out_of_range("module", i, tree->modules.size());
  for (const auto& a : m.definition.axes)
    if (a.origin != 0 && a.origin >= tree->origins.size())
      return "field 'axes." + a.name +
             ".origin': " + out_of_range("origin", a.origin, tree->origins.size());
  return "";
}

void refuse_faults(GuardedResult& out, const ModelView& view) {
  std::erase_if(out.result.matches, [&](const Match& m) {
    const std::string fault = fault_of(m, view);
    if (!fault.empty())
      out.errors.push_back("definition '" + one_line(m.definition.name) + "' is refused: " + fault);
    return !fault.empty();
  });
  const std::size_t count = view.tree.modules.size();
  for (auto i : out.result.claimed)
    if (i >= count) {
      out.errors.push_back("field 'claimed': " + out_of_range("module", i, count));
      break;
    }
  std::erase_if(out.result.claimed, [&](std::size_t i) { return i >= count; });
}

}  // namespace

GuardedResult match_guarded(const LoadedFamily& family, const ModelView& asked) {
  GuardedResult out;
  ModelView view = asked;
  view.options = family.options;
  try {
    out.result = guarded<FamilyResult>(family, [&] {
      FamilyResult result = family.family->match(view);
      drop_uncovered(view, result);
      write_matches(family.family->forms(), result);
      return result;
    });
    refuse_faults(out, view);
    return out;
  } catch (const std::exception& e) {
    out.errors = {"match() failed: " + one_line(e.what())};
  }
  out.result = {};
  out.failed = true;
  return out;
}

KernelPlan plan_guarded(const LoadedFamily& family, const Form& form, const Params& params,
                        const Chip& chip, const Tuning& tuning) {
  using Answer = std::pair<KernelPlan, std::vector<std::string>>;
  Answer answer = guarded<Answer>(family, [&] {
    KernelPlan plan = form.plan(params, chip, tuning);
    return Answer{std::move(plan), family.own ? std::vector<std::string>{} : tuning.known()};
  });
  for (const auto& name : answer.second) (void)tuning.word(name);  // it was asked for, in the child
  return std::move(answer.first);
}

void check_guarded(const LoadedStage& stage, const OptionValues& options) {
  (void)guarded<bool>(stage.own, [&] {
    stage.stage->check(options);
    return true;
  });
}

StageResult run_guarded(const LoadedStage& stage, const StageContext& context) {
  auto result = guarded<StageResult>(stage.own, [&] { return stage.stage->run(context); },
                                     {stage.info.seconds, context.cancelled});
  for (const auto& file : result.files)
    if (!is_written_by(stage.info, file.path))
      throw Error("its result has a file '" + printable(file.path, 200) +
                  "', which its info() does not declare");
  return result;
}

}  // namespace kdex
