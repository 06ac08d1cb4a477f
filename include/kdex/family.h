// The SDK: what a kernel family implements. A family is one shared library that exports one
// object of a class derived from kdex::Family; see docs/writing-a-family.md.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kdex/abi.h>
#include <kdex/definition.h>
#include <kdex/form.h>
#include <kdex/kernel_calls.h>
#include <kdex/module_tree.h>
#include <kdex/option.h>

namespace kdex {

/// Told once; `kdex plugins`, the report and the docs read it back.
struct FamilyInfo {
  std::string name;                   // "gqa"
  std::string version;                // "0.1.0"
  std::string summary;                // one line
  std::vector<std::string> op_types;  // "gqa_paged", "gqa_ragged"
  std::string author = {};            // of its solutions, and their folder; "": the family's name
  std::vector<Option> options = {};   // settings of its own; ModelView::options gives their values
};

/// What a family is given: one model at one deployment.
struct ModelView {
  const ModuleTree& tree;
  const Checkpoint& checkpoint;
  const Deployment& deployment;
  bool include_quantized = true;
  const ModuleTree* tp1_tree = nullptr;  // the same checkpoint at tp 1, where it could be built
  std::string dialect = "official";      // or "fi_trace"
  OptionValues options = {};             // of the family that is asked; see FamilyInfo::options
  /// What each step of the engine's forward launches at this deployment; nullptr where it was not
  /// run. <kdex/launches.h> asks it.
  const std::vector<CallTrace>* steps = nullptr;
};

/// A call of a step: ModelView::steps[step].calls[call].
struct CallPlace {
  std::size_t step = 0, call = 0;
  bool operator==(const CallPlace&) const = default;
  bool operator<(const CallPlace& o) const {
    return step != o.step ? step < o.step : call < o.call;
  }
};

/// A kernel that was found: the parameters of a form, and what they rest on.
struct Match {
  std::vector<std::size_t>
      modules;            // indices into tree.modules (of `tree`, or of `tp1_tree` where from_tp1)
  bool from_tp1 = false;  // origins refer to tp1_tree
  std::string what;       // one line for the report: "model.layers.*.self_attn.attn, decode"
  Definition definition;  // written from the form by the core; or the family's own without a form
  const Form* form = nullptr;  // one of the family's forms()
  Params params;               // its parameters, with their origins
  /// The calls that this kernel is, or that it is made of, in any step. A match that a step could
  /// have launched and none did is not written. Unset: those that read a parameter of the modules
  /// or run in them.
  std::optional<std::vector<CallPlace>> calls = std::nullopt;
};

/// A remark for the report: something that a form cannot express, or was not decided.
struct Note {
  std::string module_path;  // a pattern: "model.layers.*.mlp"
  std::string text;
  SourcePlace place;
  std::vector<std::string> paths = {};  // of the modules that it is about
};

/// The result of one family on one model.
struct FamilyResult {
  std::vector<Match> matches;
  std::vector<Note> notes;
  std::vector<std::size_t> claimed;  // modules that this family accounts for (for `unmatched`)
};

class Family {
 public:
  virtual ~Family() = default;
  virtual FamilyInfo info() const = 0;
  /// Must not throw for a model it does not know: it returns nothing then.
  virtual FamilyResult match(const ModelView& model) const = 0;
  /// Its forms, built once; they live as long as the family.
  virtual const std::vector<Form>& forms() const {
    static const std::vector<Form> none;
    return none;
  }
};

}  // namespace kdex

/// Names of the two symbols that a family library exports.
#define KDEX_FAMILY_ABI_SYMBOL "kdex_family_abi"
#define KDEX_FAMILY_CREATE_SYMBOL "kdex_family_create"

/// Stands once, at namespace scope of one source file: makes the library a kdex family.
/// `ClassName` derives from kdex::Family and is default-constructible.
#define KDEX_FAMILY(ClassName)                                                              \
  extern "C" KDEX_EXPORT const char* const kdex_family_abi;                                 \
  extern "C" KDEX_EXPORT const char* const kdex_family_abi = ::kdex::abi::string();         \
  namespace kdex_family_export {                                                            \
  inline std::shared_ptr<::kdex::Family> create() { return std::make_shared<ClassName>(); } \
  }                                                                                         \
  extern "C" KDEX_EXPORT const void* kdex_family_create;                                    \
  const void* kdex_family_create = reinterpret_cast<const void*>(&kdex_family_export::create);
