// The stage `workloads`: random inputs for the dataset's definitions, of the forms' own sizes or of
// those that somebody asks for.
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/kernels.h"
#include "core/pipeline/stage.h"
#include "core/pipeline/stages/kernel_options.h"

namespace kdex {
namespace {

constexpr std::int64_t most_size = std::int64_t{1} << 30;

/// An integer from 1 on. Throws kdex::Error naming `where`.
std::int64_t size_of(std::string_view text, const std::string& where) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n < 1 || n > most_size)
    throw Error("'" + std::string(text) + "' must be an integer from 1 to 2^30", where);
  return n;
}

/// {"batch_size=1", "8", "M=64"}: a value without a name is one more of the axis before it.
std::map<std::string, std::vector<std::int64_t>> axes_of(const std::vector<std::string>& words) {
  std::map<std::string, std::vector<std::int64_t>> out;
  std::string axis;
  for (const auto& word : words) {
    const auto equal = word.find('=');
    if (equal != std::string::npos) axis = word.substr(0, equal);
    if (axis.empty()) throw Error("expected NAME=VALUE, not '" + word + "'", "--axes");
    out[axis].push_back(
        size_of(equal == std::string::npos ? word : word.substr(equal + 1), "--axes " + axis));
  }
  return out;
}

/// A list of {"keys": 2048, "queries": 1} or of numbers of keys.
std::vector<WorkloadSizes::Request> requests_of(const std::string& file) {
  const auto list = parse_json(read_file(expand_home(file)), file);
  if (!list.is_array() || list.empty())
    throw Error("expected a list of requests", file, "for example [{\"keys\": 2048}, 512]");
  std::vector<WorkloadSizes::Request> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string where = file + ": request " + std::to_string(i + 1);
    const auto number = [&](const nlohmann::ordered_json& j) {
      if (!j.is_number_integer()) throw Error("expected an integer, not " + j.dump(), where);
      return size_of(j.dump(), where);
    };
    if (!list[i].is_object()) {
      out.push_back({0, number(list[i])});
      continue;
    }
    if (!list[i].contains("keys")) throw Error("has no 'keys'", where);
    out.push_back(
        {list[i].contains("queries") ? number(list[i]["queries"]) : 0, number(list[i]["keys"])});
    if (out.back().queries > out.back().keys) throw Error("has more queries than keys", where);
  }
  return out;
}

/// Nothing where no sizes are asked for. Throws kdex::Error for sizes that are none.
std::optional<WorkloadSizes> sizes_of(const OptionValues& o) {
  WorkloadSizes sizes;
  sizes.axes = axes_of(o.texts("axes"));
  for (const auto& length : o.texts("lengths"))
    sizes.lengths.push_back(size_of(length, "--lengths"));
  sizes.queries = o.integer("queries");
  if (const std::string& file = o.text("requests"); !file.empty())
    sizes.requests = requests_of(file);
  if (!sizes.lengths.empty() && !sizes.requests.empty())
    throw Error("--lengths and --requests exclude each other", "--requests");
  if (sizes.axes.empty() && sizes.requests.empty()) {
    if (!sizes.lengths.empty() || sizes.queries > 0)
      throw Error("expected --axes batch_size=... too", "--lengths");
    return std::nullopt;
  }
  return sizes;
}

std::vector<Option> options() {
  return {
      chosen_definitions(),
      {.key = "seed",
       .flag = "seed",
       .type = Option::Type::integer,
       .default_value = "0",
       .help = "another seed adds other workloads to those that are there",
       .least = 0,
       .most = INT64_MAX},
      {.key = "axes",
       .flag = "axes",
       .type = Option::Type::texts,
       .help =
           "sizes of variable axes, for example batch_size=1,8,64 M=512: add workloads of these "
           "sizes alone"},
      {.key = "lengths",
       .flag = "lengths",
       .type = Option::Type::texts,
       .help = "with --axes batch_size=...: keys of each sequence, for example 2048,8192"},
      {.key = "queries",
       .flag = "queries",
       .type = Option::Type::integer,
       .default_value = "0",
       .help = "queries of each sequence in prefill; 0: as many as keys",
       .least = 0,
       .most = most_size},
      {.key = "requests",
       .flag = "requests",
       .type = Option::Type::path,
       .help = "a JSON list of requests as served, {\"keys\": 2048, \"queries\": 5} or keys alone"},
  };
}

class WorkloadsStage : public Stage {
 public:
  StageInfo info() const override {
    return {.name = "workloads",
            .summary = "write random inputs for the dataset's definitions",
            .needs = {"definitions/"},
            .writes = {"workloads/"},
            .options = options()};
  }

  void check(const OptionValues& options) const override { (void)sizes_of(options); }

  StageResult run(const StageContext& c) const override {
    const auto sizes = sizes_of(c.options);
    const WorkloadsReport r = write_workloads(c.dataset, c.options.texts("definitions"),
                                              static_cast<std::uint64_t>(c.options.integer("seed")),
                                              c.plugins_path, sizes ? &*sizes : nullptr);
    StageResult out;
    out.text = std::to_string(r.workloads) + " workloads of " + std::to_string(r.definitions) +
               " definitions, " + std::to_string(r.added) + " of them new\n";
    if (r.without > 0)
      out.text += std::to_string(r.without) + " definitions have none of these axes\n";
    out.errors = r.skipped;
    return out;
  }
};

}  // namespace

PipelineStage workloads_stage() { return own_sdk_stage(WorkloadsStage()); }

}  // namespace kdex
