// The SDK: what a stage of a pipeline implements, one step of a run that a pipeline file lists
// under `stages`. A stage of a third party is one shared library that exports one object of a class
// derived from kdex::Stage; see docs/writing-a-stage.md.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <kdex/abi.h>
#include <kdex/definition.h>
#include <kdex/module_tree.h>
#include <kdex/option.h>
#include <kdex/report.h>

namespace kdex {

/// What a stage says of itself; told once, read back by `kdex plugins` and docs/pipeline.md.
struct StageInfo {
  std::string name;          ///< as a pipeline file names it: letters, digits, '_' and '-'
  std::string version = {};  ///< "0.1.0"; kdex's own have none
  std::string summary = {};  ///< one line
  /// What must be there before it runs. A path below the dataset, a folder with '/' at its end
  /// ("definitions/"): an earlier stage writes it, or it is there already. Without being a path,
  /// what earlier stages of the same run hold in memory: "models" (module trees) or "found
  /// definitions".
  std::vector<std::string> needs = {};
  /// The files and folders below the dataset that it writes, folders with '/' at their end.
  std::vector<std::string> writes = {};
  std::vector<Option> options = {};
  double seconds = 600;  ///< the longest that one call of a third party's stage may take
};

/// One checkpoint at one deployment, as the run knows it.
struct StageModel {
  Checkpoint checkpoint;
  Deployment deployment;
  ReportModel record;  ///< what the report says of it so far
  /// What the engine built; null where it refused the model, or the stage does not need "models".
  /// Lives as long as the call.
  const ModuleTree* tree = nullptr;
};

/// A checkpoint and its deployment, as reports name it: "tp8 ep8 ps64".
struct StagePlace {
  std::string checkpoint, deployment;

  bool operator==(const StagePlace&) const = default;
};

/// One definition, with what the run knows of it.
struct StageDefinition {
  Definition definition;    ///< under the name that it has in the dataset, once it is saved
  std::string file = {};    ///< below the dataset; "": it is not saved (yet)
  std::string status = {};  ///< "new", "existing" or "conflict" once saved by this run, else ""
  std::string family = {};  ///< that found it; "": no model of this run has it
  std::string what = {};    ///< one line: which modules it was found in
  std::vector<std::size_t> models = {};  ///< of this run that have it: indices into models
  /// Where it was met by this run and, where the dataset is there, by those before.
  std::vector<StagePlace> met = {};
  StagePlace first_met = {};  ///< of `what` and `origins`
  /// Where its axes come from: `definition.axes[i].origin` is an index, 0 where nothing is known.
  std::vector<Origin> origins = {};
};

/// What a stage is given. Everything is a copy of the run's, which a stage cannot change.
struct StageContext {
  std::string dataset;                  ///< its folder; it need not be there
  OptionValues options = {};            ///< of this stage: given ones and defaults
  std::vector<StageModel> models = {};  ///< of the run, in its order
  /// What the run found, where the stage needs "found definitions"; all that the dataset holds too,
  /// where it needs "definitions/". By op type and name. Those that break a rule and are not
  /// written are not among them.
  std::vector<StageDefinition> definitions = {};
  std::vector<std::string> plugins_path = {};  ///< further folders with plugins
  int jobs = 1;                                ///< threads that it may use
  bool detail = false;                         ///< print all that was done, not a summary alone
  /// Tells one line of progress at once; may be empty, use say().
  std::function<void(const std::string&)> progress = {};
  /// Set where the user interrupts; null where that cannot happen. Third parties need not look:
  /// kdex ends their call.
  const std::atomic<bool>* cancelled = nullptr;

  void say(const std::string& line) const {
    if (progress) progress(line);
  }
};

/// A file to write, whole or not at all.
struct StageFile {
  std::string path;  ///< below the dataset; one that StageInfo::writes names or in such a folder
  std::string text;  ///< its bytes
};

/// What a stage did. Nothing of it is used where the call throws or crashes.
struct StageResult {
  std::vector<StageFile> files = {};    ///< written under the dataset's lock when it returns
  std::string text = {};                ///< for standard output, with its newlines
  std::vector<std::string> notes = {};  ///< one line each, for people; no errors
  std::vector<std::string> errors =
      {};               ///< one line each; the exit status is 1 where there are any
  bool failed = false;  ///< something was not done as asked, and `text` says what: exit status 1
};

class Stage {
 public:
  virtual ~Stage() = default;
  virtual StageInfo info() const = 0;
  /// Called before any stage of the run. Throws kdex::Error for values that its options' types
  /// allow and the stage does not: the run ends with exit status 2.
  virtual void check(const OptionValues& options) const { (void)options; }
  /// The work. What it throws is named as an error of the stage, and the run goes on.
  virtual StageResult run(const StageContext& context) const = 0;
};

}  // namespace kdex

/// Names of the two symbols that a stage's library exports.
#define KDEX_STAGE_ABI_SYMBOL "kdex_stage_abi"
#define KDEX_STAGE_CREATE_SYMBOL "kdex_stage_create"

/// Stands once, at namespace scope of one source file: makes the library a stage of kdex.
/// `ClassName` derives from kdex::Stage and is default-constructible. A library may be a family
/// too.
#define KDEX_STAGE(ClassName)                                                              \
  extern "C" KDEX_EXPORT const char* const kdex_stage_abi;                                 \
  extern "C" KDEX_EXPORT const char* const kdex_stage_abi = ::kdex::abi::string();         \
  namespace kdex_stage_export {                                                            \
  inline std::shared_ptr<::kdex::Stage> create() { return std::make_shared<ClassName>(); } \
  }                                                                                        \
  extern "C" KDEX_EXPORT const void* kdex_stage_create;                                    \
  const void* kdex_stage_create = reinterpret_cast<const void*>(&kdex_stage_export::create);
