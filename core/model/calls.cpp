// core/model/calls.h on the abstract machine: the engine's driver runs the model's forward and
// hands back rows of plain data. Must not know any engine, nor what a function computes.
#include "core/model/calls.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <set>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/model/read_tree.h"
#include "core/model/request.h"
#include "core/model/source_tree.h"
#include "core/model/views.h"
#include "core/paths.h"
#include "core/python/machine.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using py::Machine;
using py::View;

constexpr const char* function = "calls";  // of the engine's driver
constexpr const char* program_function = "program";
constexpr const char* stage_of_limits = "limit";

std::int64_t integer_of(View v) { return v.is(View::Kind::integer) ? v.integer() : 0; }

template <class F>
void each_item(View list, const F& f) {
  if (!list.is(View::Kind::list) && !list.is(View::Kind::tuple)) return;
  for (std::uint32_t i = 0; i < list.size(); ++i) f(list.item(i));
}

/// (file, line) of a row.
SourcePlace place_of(View pair) {
  if (!pair.is(View::Kind::tuple) || pair.size() < 2) return {};
  return {text_of(pair.item(0)), static_cast<int>(integer_of(pair.item(1)))};
}

/// "bf16[37,4096]" as dtype and sizes.
Operand operand_of(View row) {
  Operand o;
  if (!row.is(View::Kind::tuple) || row.size() < 3) return o;
  o.name = text_of(row.item(0));
  o.owner = text_of(row.item(2));
  if (row.size() > 3) each_item(row.item(3), [&](View v) { o.strides.push_back(integer_of(v)); });
  const std::string text = text_of(row.item(1));
  const auto open = text.find('[');
  o.dtype = text.substr(0, open);
  const char* at = text.data() + std::min(open, text.size());
  const char* const end = text.data() + text.size();
  while (at < end) {
    std::int64_t size = 0;
    const auto read = std::from_chars(++at, end, size);
    if (read.ec != std::errc{}) break;
    o.shape.push_back(size);
    at = read.ptr;
  }
  return o;
}

CallPart part_of(View row) {
  CallPart p;
  p.count = integer_of(row.entry("count"));
  each_item(row.entry("tensors"), [&](View v) { p.tensors.push_back(text_of(v)); });
  return p;
}

KernelCall call_of(View row) {
  KernelCall c;
  c.function = text_of(row, "fn");
  c.kind = text_of(row, "kind");
  c.role = text_of(row, "role");
  c.path = text_of(row, "path");
  c.layers = text_of(row, "layers");
  c.count = integer_of(row.entry("count"));
  c.elementwise = row.entry("elementwise").boolean();
  each_item(row.entry("tensors"), [&](View v) { c.tensors.push_back(text_of(v)); });
  each_item(row.entry("operands"), [&](View v) { c.operands.push_back(operand_of(v)); });
  each_item(row.entry("arguments"), [&](View v) {
    if (v.size() == 2) c.arguments.emplace_back(text_of(v.item(0)), text_of(v.item(1)));
  });
  c.stream = text_of(row, "stream");
  each_item(row.entry("where"), [&](View v) { c.where.push_back(place_of(v)); });
  each_item(row.entry("parts"), [&](View v) { c.parts.push_back(part_of(v)); });
  return c;
}

void read_result(View result, CallTrace& out) {
  const std::string status = text_of(result, "status");
  out.ok = status == "ok";
  out.refused = status == "refused";
  out.stage = text_of(result, "stage");
  out.error_type = text_of(result, "error_type");
  out.error = text_of(result, "error");
  if (const View raised = result.entry("exception"); raised.is(View::Kind::exception))
    out.where = raised.traceback();
  each_item(result.entry("calls"), [&](View row) { out.calls.push_back(call_of(row)); });
  each_item(result.entry("regimes"), [&](View row) {
    if (row.size() < 8) return;
    out.regimes.push_back(
        {.size = text_of(row.item(0)),
         .relation = text_of(row.item(1)),
         .bound = integer_of(row.item(2)),
         .value = integer_of(row.item(3)),
         .holds = row.item(4).boolean(),
         .count = integer_of(row.item(5)),
         .where = {text_of(row.item(6)), static_cast<int>(integer_of(row.item(7)))}});
  });
  if (const View q = result.entry("queries"); q.is(View::Kind::integer))
    out.step.queries = q.integer();
  each_item(result.entry("reads"), [&](View v) { out.reads.push_back(text_of(v)); });
  each_item(result.entry("unknown"), [&](View row) {
    out.unknown.push_back(
        {text_of(row, "fn"), integer_of(row.entry("count")), place_of(row.entry("where"))});
  });
}

View environment_of(Machine& m, const Environment& environment) {
  std::vector<std::pair<std::string, View>> out;
  for (const auto& [name, value] : environment) out.emplace_back(name, m.text(value));
  return m.dict(out);
}

View step_of(Machine& m, const Step& step) {
  const auto number = [&](const char* name, std::int64_t n) {
    return m.number(name, n, Origin::Kind::deployment);
  };
  // Lists travel as JSON: each element keeps where it stands.
  const auto numbers = [&](const char* name, const std::vector<std::int64_t>& list) {
    std::string text = "[";
    for (const auto n : list) text += (text.size() > 1 ? "," : "") + std::to_string(n);
    return m.json(text + "]", name, Origin::Kind::deployment);
  };
  return m.dict({{"mode", m.text(step.mode)},
                 {"batch", number("batch", step.batch)},
                 {"length", number("length", step.seq_len)},
                 {"extend_lens", numbers("extend_lens", step.extend_lens)},
                 {"prefix_lens", numbers("prefix_lens", step.prefix_lens)},
                 {"sampled", m.truth(step.sampled)},
                 {"elementwise", m.truth(step.elementwise)}});
}

/// The tables of kernel libraries' functions: a library's name and its table's text.
View kernel_tables(Machine& m, const std::string& engine_folder) {
  std::vector<std::pair<std::string, View>> tables;
  std::set<fs::path> files;
  std::error_code none;
  for (const auto& folder : {data_folder() + "/core/engine", engine_folder})
    for (const auto& e : fs::directory_iterator(folder + "/kernels", none))
      if (e.path().extension() == ".txt") files.insert(e.path());
  for (const auto& file : files)
    tables.emplace_back(file.stem().string(), m.text(read_file(file.string())));
  return m.dict(tables);
}

/// The machine's files: kernels are launched with configurations that were tuned and stand beside
/// the sources.
py::Host with_sources(const Tree& tree, py::Host host) {
  for (const auto& root : tree.sources.roots)
    if (const fs::path folder = fs::path(root) / tree.engine().package; fs::is_directory(folder))
      host.files.emplace_back("/" + tree.engine().package, folder.string());
  return host;
}

/// A run loads the model, and forwards it twice: more steps than its constructor takes. What ends
/// an endless one is steps, the same on every machine; seconds only where the caller named some.
py::Bounds bounds(const Limits& given) {
  constexpr std::int64_t times = 5;
  constexpr double far = 3600;
  return {given.steps * times, given.memory_bytes,
          given.seconds == Limits{}.seconds ? far : given.seconds};
}

/// "file:line: condition: reason" of each branch that was taken on an unknown.
std::vector<std::string> assumptions_of(const Machine& machine) {
  std::vector<std::string> out;
  for (const auto& a : machine.assumptions())
    out.push_back(a.place.file + ":" + std::to_string(a.place.line) + ": " + a.condition + ": " +
                  a.reason);
  return out;
}

/// Why a run of the machine gave no answer.
void set_failure(const Machine::Result& r, CallTrace& t) {
  t.stage = r.end == Machine::Result::End::limit ? stage_of_limits : "internal";
  t.error_type = r.error_type;
  t.error = r.error;
  t.where = r.where;
}

/// Whether a text is a name in Python, in ASCII.
bool is_identifier(const std::string& text) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(), fits);
}

/// One run of the machine for all of `steps`.
std::vector<CallTrace> trace_together(SourceTree& source, const Checkpoint& checkpoint,
                                      const Deployment& deployment, const std::vector<Step>& steps,
                                      const Environment& environment, const Limits& limits,
                                      ModuleTree* model) {
  auto& tree = static_cast<Tree&>(source);
  std::vector<CallTrace> out(steps.size());
  const auto start = std::chrono::steady_clock::now();
  const py::Host host = with_sources(tree, host_of(tree, checkpoint, deployment));
  Machine machine(tree.sources, host, bounds(limits));
  if (!machine.has_function(tree.engine().driver, function))
    throw Error("the driver of " + tree.engine().title + " runs no forward", "kdex calls");
  Machine::Result r = machine.run(tree.engine().driver, function, [&](Machine& m) {
    auto request =
        request_of(m, checkpoint, deployment, {deployment.page_size}, tree, Purpose::own);
    std::vector<View> asked;
    for (const auto& step : steps) asked.push_back(step_of(m, step));
    request.emplace_back("steps", m.list(asked));
    request.emplace_back("with_model", m.truth(model != nullptr));
    request.emplace_back("environment", environment_of(m, environment));
    request.emplace_back("kernels", kernel_tables(m, tree.engine().folder));
    return m.dict(request);
  });
  if (r.end == Machine::Result::End::returned && r.value.is(View::Kind::dict))
    r = machine.read([&, value = r.value] {
      std::size_t at = 0;
      each_item(value.entry("steps"), [&](View v) {
        if (at < out.size()) read_result(v, out[at++]);
      });
      if (const View built = value.entry("model"); model != nullptr && built.is(View::Kind::dict)) {
        *model = {};
        TreeReader(machine, *model).result(built);
        if (model->ok) tree.roles.apply(*model);
      }
    });
  const std::vector<std::string> assumptions = assumptions_of(machine);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (std::size_t i = 0; i < out.size(); ++i) {
    CallTrace& t = out[i];
    const std::int64_t queries = t.step.queries;
    t.step = steps[i];
    t.step.queries = queries;
    t.assumptions = assumptions;
    t.run_seconds = seconds / static_cast<double>(out.size());
    if (r.end != Machine::Result::End::returned) set_failure(r, t);
  }
  return out;
}

/// Three requests of unlike lengths, where there are tokens for three.
Step prefill_step(const char* mode, std::int64_t tokens, std::int64_t prefix) {
  Step step;
  step.mode = mode;
  const std::int64_t part = tokens / 4;
  step.extend_lens = part > 0 ? std::vector<std::int64_t>{part, part + 1, tokens - 2 * part - 1}
                              : std::vector<std::int64_t>{tokens};
  if (prefix > 0) step.prefix_lens.assign(step.extend_lens.size(), prefix);
  return step;
}

}  // namespace

const std::vector<std::string>& step_modes() {
  static const std::vector<std::string> modes = {
      "decode",       "decode-eager",      "extend",      "extend-graph",
      "mixed",        "spec-draft",        "spec-verify", "spec-draft-extend",
      "spec-prefill", "spec-prefill-draft"};
  return modes;
}

std::vector<Step> representative_steps(const StepSizes& sizes, const Served& served) {
  using Modes = std::vector<const char*>;
  std::vector<Step> out;
  const Modes decode = served.speculative ? Modes{"spec-draft", "spec-verify", "spec-draft-extend"}
                                          : Modes{"decode"};
  const Modes prefill =
      served.speculative ? Modes{"spec-prefill", "spec-prefill-draft"} : Modes{"extend"};
  if (served.decode)
    for (const char* mode : decode)
      for (const auto batch : sizes.decode_batches) {
        out.emplace_back().mode = mode;
        out.back().batch = batch;
      }
  if (!served.prefill || sizes.extend_tokens.empty()) return out;
  const auto first = sizes.extend_tokens.front();
  for (const char* mode : prefill) {
    for (const auto tokens : sizes.extend_tokens) out.push_back(prefill_step(mode, tokens, 0));
    for (const auto prefix : sizes.prefix_tokens) out.push_back(prefill_step(mode, first, prefix));
  }
  if (served.speculative) return out;
  out.push_back(prefill_step("extend-graph", first, 0));
  if (!served.mixed || !served.decode || sizes.decode_batches.empty()) return out;
  out.push_back(prefill_step("mixed", first, 0));
  out.back().batch = sizes.decode_batches.front();
  return out;
}

CallTrace trace_program(const SourceRoots& roots, const std::string& file,
                        const std::string& platform, const Limits& limits) {
  const fs::path path = fs::absolute(file);
  const std::string name = path.stem().string();
  const auto source = SourceTree::open(roots, "");
  auto& tree = static_cast<Tree&>(*source);
  py::FoundModule found;
  if (path.extension() != ".py" || !is_identifier(name) || tree.sources.find(name, found))
    throw Error("its name must be a module's, and not that of another module", file,
                "call it NAME.py, with letters, digits and _ in NAME");
  tree.sources.roots.push_back(path.parent_path().string());
  py::Host bare;
  bare.versions = tree.versions;
  const py::Host host = with_sources(tree, std::move(bare));
  Machine machine(tree.sources, host, bounds(limits));
  if (!machine.has_function(tree.engine().driver, program_function))
    throw Error("the driver of " + tree.engine().title + " runs no program", "kdex eval --calls");
  Machine::Result r = machine.run(tree.engine().driver, program_function, [&](Machine& m) {
    auto request = shared_request_of(m, platform, tree);
    request.emplace_back("program", m.text(name));
    request.emplace_back("kernels", kernel_tables(m, tree.engine().folder));
    return m.dict(request);
  });
  CallTrace out;
  if (r.end == Machine::Result::End::returned)
    r = machine.read([&, value = r.value] { read_result(value, out); });
  out.assumptions = assumptions_of(machine);
  if (r.end != Machine::Result::End::returned) set_failure(r, out);
  return out;
}

bool runs_forward(SourceTree& source) {
  auto& tree = static_cast<Tree&>(source);
  const py::Host none;
  Machine machine(tree.sources, none, bounds({}));
  return machine.has_function(tree.engine().driver, function);
}

std::vector<CallTrace> trace_calls(SourceTree& source, const Checkpoint& checkpoint,
                                   const Deployment& deployment, const std::vector<Step>& steps,
                                   const Environment& environment, const Limits& limits,
                                   ModuleTree* model) {
  auto traces = trace_together(source, checkpoint, deployment, steps, environment, limits, model);
  if (traces.size() < 2 || traces.front().stage != stage_of_limits) return traces;
  // Together they pass a bound that each alone may keep.
  for (std::size_t i = 0; i < steps.size(); ++i)
    traces[i] = std::move(
        trace_together(source, checkpoint, deployment, {steps[i]}, environment, limits, model)
            .front());
  return traces;
}

}  // namespace kdex
