// Stages of the SDK's interface in a run: what they give is written, printed and told here.
#include <filesystem>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/dataset/dataset.h"
#include "core/pipeline/stage.h"
#include "core/pipeline/stage_context.h"
#include "core/plugin/guard.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

void write_files(const std::string& dataset, const std::vector<StageFile>& files) {
  if (files.empty()) return;
  const DatasetLock lock(dataset);
  for (const auto& file : files) {
    const fs::path path = fs::path(dataset) / file.path;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    write_file_atomically(path.string(), file.text, false);
  }
}

void take(Context& c, const LoadedStage& stage, StageResult result) {
  write_files(c.dataset, result.files);
  if (!result.text.empty()) c.print(result.text);
  for (const auto& note : result.notes) c.say("note: " + note);
  for (auto& error : result.errors)
    c.errors.push_back(stage.own ? std::move(error) : "stage " + stage.info.name + ": " + error);
  c.failed = c.failed || result.failed;
}

void check(Context& c, const LoadedStage& stage) {
  try {
    check_guarded(stage, c.options);
  } catch (const std::exception& e) {
    if (stage.own) throw;
    throw Error(printable(e.what()), "the stage " + stage.info.name);
  }
  if (!stage.own && !stage.info.writes.empty() && !c.pipeline.dry_run) check_writable(c.dataset);
}

void run(Context& c, const LoadedStage& stage) {
  const StageContext given = stage_context(c, stage.info, stage.library.empty());
  if (stage.own) return take(c, stage, run_guarded(stage, given));
  try {
    take(c, stage, run_guarded(stage, given));
  } catch (const std::exception& e) {
    if (c.cancelled()) c.report.interrupted = true;
    c.errors.push_back("stage " + stage.info.name + " failed: " + printable(e.what()));
  }
}

}  // namespace

PipelineStage sdk_stage(LoadedStage loaded) {
  const auto stage = std::make_shared<const LoadedStage>(std::move(loaded));
  PipelineStage out;
  out.info = stage->info;
  out.on_dataset = true;
  out.library = stage->library;
  out.prepare = [stage](Context& c) { check(c, *stage); };
  out.run = [stage](Context& c) { run(c, *stage); };
  return out;
}

}  // namespace kdex
