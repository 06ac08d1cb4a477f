// The list of commands.
#include "core/cli/command.h"

#include <kdex/error.h>

#include "core/base/closest.h"

namespace kdex::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> list = {
      {"run", "PIPELINE.yaml [options]", "run a whole pipeline file",
       "kdex run pipelines/quickstart.yaml --families mla,gqa --jobs 4", run_command},
      {"extract", "--source DIR... --checkpoint DIR|FILE|HF-id --out DIR [options]",
       "extract one checkpoint's definitions",
       "kdex extract --source ~/site-packages --checkpoint meta-llama/Llama-3.1-8B --tp 8 "
       "--page-size 1 64 --out dataset",
       extract_command},
      {"modules", "--source DIR... --checkpoint DIR|FILE|HF-id [options]",
       "print the module tree that the engine builds",
       "kdex modules --checkpoint Qwen/Qwen3-30B-A3B --tp 8 --format json", modules_command},
      {"calls", "--source DIR... --checkpoint DIR|FILE|HF-id [options]",
       "list the kernels that one step of the engine's forward launches",
       "kdex calls --checkpoint Qwen/Qwen3-30B-A3B --tp 8 --mode decode --batch 37 --seq-len 1009",
       calls_command},
      {"explain", "NAME|PATTERN... [--op TYPE] [--dataset DIR]",
       "trace each axis of a definition back to source lines and config fields",
       "kdex explain gemm_n6144_k4096 --dataset dataset", explain_command},
      {"list", "DATASET [--where CONDITION] [--format table|json|csv]",
       "list a dataset's definitions, every axis a column, those that fulfil a condition",
       "kdex list dataset --where 'op_type ~ \"*_paged\" and head_dim = 128'", list_command},
      {"diff", "A B [--pipeline FILE] [--format text|json]",
       "compare two datasets, reports or releases: what appears, vanishes, changes, and why",
       "kdex diff dataset-0.5.20 dataset-0.5.23", diff_command},
      {"merge", "DATASET... --out DIR",
       "write one dataset of several, with their histories and origins",
       "kdex merge part-1 part-2 --out dataset", merge_command},
      {"export", "FORM DATASET [options]",
       "write a dataset's kernels as another project's table (`kdex export` lists the forms)",
       "kdex export aiter-shapes dataset", export_command},
      {"check", "TABLE --as FORM --checkpoint DIR|FILE|HF-id [options]",
       "hold a table of shapes against what the engine launches",
       "kdex check model_shapes.json --as aiter-shapes --checkpoint deepseek-ai/DeepSeek-V3",
       check_command},
      {"tests", "DATASET [options]",
       "write a pytest file for each definition: its reference against formulas and FlashInfer",
       "kdex tests dataset --definitions rmsnorm", tests_command},
      {"models", "[NAME] [--source DIR...]",
       "list the architectures of the source tree, or find one", "kdex models deepseek_v3",
       models_command},
      {"plugins", "[--plugins-path DIR...] [--check]",
       "list the kernel families and stages found, and why one was refused", "kdex plugins",
       plugins_command},
      {"validate", "DATASET|FILE",
       "check every JSON file of a dataset, or one definition, against FlashInfer-Bench's rules",
       "kdex validate dataset", validate_command},
      {"kernels", "list|plan|build|verify|bench DATASET [options]",
       "compile the CUDA kernels of a dataset's definitions; check and time them on a GPU",
       "kdex kernels build dataset --arch sm_90a --jobs 4", kernels_command},
      {"workloads", "DATASET [options]", "write valid random inputs for a dataset's definitions",
       "kdex workloads dataset --definitions gqa_paged", workloads_command},
      {"stage", "NAME DATASET [options]", "run one stage of a pipeline over a dataset",
       "kdex stage workloads dataset --definitions gqa_paged", stage_command},
      {"doctor", "[--source DIR...] [--plugins-path DIR...]",
       "say what was found on this machine, and what to do about what was not", "kdex doctor",
       doctor_command},
      {"completion", "bash|zsh|fish", "print the script that a shell completes kdex by",
       "source <(kdex completion bash)", completion_command},
      {"options", "[--markdown options|stages]",
       "list the options of pipeline files and of kdex's own stages",
       "kdex options --markdown stages", options_command},
      {"eval", "FILE.py [--calls]",
       "run a Python file in the abstract machine, or list the kernels that it launches",
       "kdex eval tests/python/test_enum.py", eval_command},
      {"new-family", "NAME [--out DIR]", "write a kernel family that builds and is loaded",
       "kdex new-family rope --out rope", new_family_command},
      {"new-stage", "NAME [--out DIR]", "write a stage that builds and is loaded",
       "kdex new-stage upload --out upload", new_stage_command},
  };
  return list;
}

const Command& command(const std::string& name) {
  for (const auto& c : commands())
    if (name == c.name) return c;
  std::vector<std::string> names;
  for (const auto& c : commands()) names.emplace_back(c.name);
  std::string hint = did_you_mean(name, names);
  throw Error("unknown command '" + name + "'", "kdex",
              hint.empty() ? "`kdex --help` lists them" : hint);
}

}  // namespace kdex::cli
