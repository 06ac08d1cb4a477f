// Calls of families and stages: those of third parties in a child process, results checked against
// what they refer to. Knows the SDK and the loader, no family or stage by name.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <kdex/error.h>

#include "core/plugin/isolate.h"
#include "core/plugin/loader.h"
#include "core/plugin/wire.h"

namespace kdex {

/// The result of `work`, which calls functions of a plugin: here where it is kdex's own, else in a
/// child process (core/plugin/isolate.h). `R` is a type that core/plugin/wire.h carries; nothing
/// else that `work` changes comes back. Throws kdex::Error or a std::exception of the plugin where
/// the call fails, with one line that says how.
template <class R, class F>
R guarded(bool own, const F& work, const CallLimits& limits = {}) {
  if (!own)
    return wire::from_bytes<R>(run_isolated([&] { return wire::to_bytes<R>(work()); }, limits));
  try {
    return work();
  } catch (const std::exception&) {
    throw;
  } catch (...) {
    throw Error("it threw something that is not an exception");
  }
}

/// For functions of a family or of its forms.
template <class R, class F>
R guarded(const LoadedFamily& family, const F& work) {
  return guarded<R>(family.own, work);
}

/// What match() of one family gave on one model.
struct GuardedResult {
  FamilyResult result;
  bool failed = false;              ///< the call itself failed; `result` is empty
  std::vector<std::string> errors;  ///< why it failed, or which definitions were refused
};

/// Calls match() with the family's option values in the view and writes the definitions of its
/// matches; a family of a third party in a child
/// process (core/plugin/isolate.h). Never throws. Refused, each with a line that names definition
/// and field, are matches with a module or an origin that the tree does not have, and claims of
/// such modules.
GuardedResult match_guarded(const LoadedFamily& family, const ModelView& model);

/// Where the family is a third party's, makes the call in a child process and drops what it gives:
/// for calls whose result cannot travel, before they are made here. Throws as `guarded` does.
template <class F>
void try_call(const LoadedFamily& family, const F& work) {
  if (family.own) return;
  (void)guarded<bool>(family, [&] {
    work();
    return true;
  });
}

/// The plan of one of the family's forms. Throws kdex::Error where the call fails.
KernelPlan plan_guarded(const LoadedFamily& family, const Form& form, const Params& params,
                        const Chip& chip, const Tuning& tuning);

/// Calls check() of a stage. Throws kdex::Error where it fails or throws.
void check_guarded(const LoadedStage& stage, const OptionValues& options);

/// Calls run() of a stage; one of a third party in a child process with the limits that its info()
/// gives. Throws kdex::Error where the call fails, and where a file of its result is not one that
/// the stage says it writes.
StageResult run_guarded(const LoadedStage& stage, const StageContext& context);

}  // namespace kdex
