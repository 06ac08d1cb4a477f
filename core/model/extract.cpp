// extract.h on the abstract machine: one isolate a model, the engine's driver inside it, and a walk
// over the live module objects that it leaves. Must not know any model, nor what an attribute
// means.
#include "core/model/extract.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/model/departures.h"
#include "core/model/layer_uses.h"
#include "core/model/read_tree.h"
#include "core/model/request.h"
#include "core/model/source_tree.h"
#include "core/model/views.h"
#include "core/python/machine.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using py::Machine;
using py::View;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// What the machine says of the run so far.
void take_account(const Machine& machine, ModuleTree& out) {
  out.assumptions.clear();
  for (const auto& a : machine.assumptions())
    out.assumptions.push_back({a.place, a.condition, a.reason, false});
  out.unknowns = machine.unknowns();
  out.python_calls = machine.calls();
  out.files = machine.files();
}

constexpr const char* draft_checkpoint = "draft_checkpoint";

/// The engine's word for a setting; "" where it has none.
std::string argument_name(const SourceTree& source, const std::string& setting) {
  const auto& names = source.engine().arguments;
  const auto name = names.find(setting);
  return name == names.end() ? "" : name->second;
}

/// The text of a server argument that the user gave, by kdex's name for it; "" where none is given.
std::string given_argument(const SourceTree& source, const Deployment& deployment,
                           const std::string& setting) {
  const std::string wanted = argument_name(source, setting);
  for (const auto& [name, text] : deployment.engine_args) {
    std::string plain = name.substr(std::min(name.find_first_not_of('-'), name.size()));
    std::replace(plain.begin(), plain.end(), '-', '_');
    if (!wanted.empty() && plain == wanted) return text;
  }
  return "";
}

/// A resolved server argument that is a whole number, by kdex's name for it; else nullptr.
const Value* resolved_number(const SourceTree& source, const ModuleTree& tree,
                             const std::string& setting) {
  const auto& names = source.engine().arguments;
  const auto name = names.find(setting);
  if (name == names.end()) return nullptr;
  const auto value = tree.resolved.find(name->second);
  const bool is_number = value != tree.resolved.end() && value->second.kind == Value::Kind::integer;
  return is_number ? &value->second : nullptr;
}

/// The same as a size; `otherwise` where the engine states none.
int resolved_size(const SourceTree& source, const ModuleTree& tree, const char* setting,
                  int otherwise) {
  const Value* v = resolved_number(source, tree, setting);
  return v != nullptr && v->i >= 1 && v->i <= 1'000'000 ? static_cast<int>(v->i) : otherwise;
}

/// Runs what all models of a platform share. False where the driver has no such function, or it
/// fails: each build then meets the failure itself.
bool share(Machine& machine, const std::string& platform, Tree& tree) {
  constexpr const char* function = "share";
  const std::string& driver = tree.engine().driver;
  return machine.has_function(driver, function) &&
         machine.run(driver, function,
                     [&](Machine& m) { return m.dict(shared_request_of(m, platform, tree)); })
                 .end == Machine::Result::End::returned;
}

/// A machine that begins with what all models of a platform share. `host` is kept by reference.
Machine prepared_machine(Tree& tree, const py::Host& host, const std::string& platform,
                         const Limits& limits) {
  return Machine(tree.sources, host, {limits.steps, limits.memory_bytes, limits.seconds},
                 tree.snapshots, shared_key(platform, tree),
                 [&](Machine& m) { return share(m, platform, tree); });
}

/// Builds the model at the first of `page_sizes`, and gives the trees of all for which the build is
/// the same, each with its place among them.
std::vector<std::pair<std::size_t, ModuleTree>> build(Tree& tree, const Checkpoint& checkpoint,
                                                      const Deployment& deployment,
                                                      const std::vector<int>& page_sizes,
                                                      const Limits& limits, Purpose purpose) {
  std::vector<std::pair<std::size_t, ModuleTree>> trees(1);
  ModuleTree& out = trees.front().second;
  std::vector<std::pair<std::size_t, ModuleTree>> others;
  const auto start = std::chrono::steady_clock::now();
  py::Sources::thread_seconds() = 0;
  auto fail = [&](const char* stage, const std::string& type, const std::string& text) {
    out.ok = out.refused = false;
    out.modules.clear();
    out.stage = stage;
    out.error_type = type;
    out.error = text;
  };
  const py::Host host = host_of(tree, checkpoint, deployment);
  Machine machine = prepared_machine(tree, host, deployment.platform, limits);
  bool is_read = false;
  Machine::Result r = machine.run(tree.engine().driver, "build", [&](Machine& m) {
    return m.dict(request_of(m, checkpoint, deployment, page_sizes, tree, purpose));
  });
  if (r.end == Machine::Result::End::returned && !r.value.is(View::Kind::dict)) {
    fail("internal", "InternalError", "the engine's driver gave no dict");
  } else {
    if (r.end == Machine::Result::End::returned)
      r = machine.read([&, value = r.value] {
        TreeReader reader(machine, out);
        reader.result(value);
        if (out.ok) tree.roles.apply(out);
        take_account(machine, out);  // of the model: what follows makes layers that it has not
        is_read = true;
        if (out.ok) {
          find_departures(machine, reader, tree.roles, tree.uses, out);
          find_layer_uses(tree.uses, out);
        }
        for (const std::size_t place : machine.undecided())
          if (place > 0) reader.result_at(place, value, others.emplace_back(place, out).second);
      });
    if (r.end != Machine::Result::End::returned) {
      fail(r.end == Machine::Result::End::limit ? "limit" : "internal", r.error_type, r.error);
      out.where = r.where;
      others.clear();
    }
  }
  if (!is_read) take_account(machine, out);
  out.parse_seconds = py::Sources::thread_seconds();
  out.run_seconds = seconds_since(start) - out.parse_seconds;
  trees.insert(trees.end(), std::make_move_iterator(others.begin()),
               std::make_move_iterator(others.end()));
  return trees;
}

}  // namespace

ModuleTree extract_modules(SourceTree& source, const Checkpoint& checkpoint,
                           const Deployment& deployment, const Limits& limits, Purpose purpose) {
  return std::move(
      extract_modules(source, checkpoint, deployment, {deployment.page_size}, limits, purpose)
          .front());
}

std::vector<ModuleTree> extract_modules(SourceTree& source, const Checkpoint& checkpoint,
                                        const Deployment& deployment,
                                        const std::vector<int>& page_sizes, const Limits& limits,
                                        Purpose purpose) {
  std::vector<ModuleTree> out(page_sizes.size());
  std::vector<std::size_t> left;  // places; the engine's own choice, 0, is built alone
  for (const bool own_choice : {true, false})
    for (std::size_t i = 0; i < page_sizes.size(); ++i)
      if ((page_sizes[i] == 0) == own_choice) left.push_back(i);
  while (!left.empty()) {
    std::vector<int> sizes;
    for (const std::size_t i : left)
      if (page_sizes[i] > 0 || sizes.empty()) sizes.push_back(page_sizes[i]);
    if (sizes.front() == 0) sizes.resize(1);
    auto built = build(static_cast<Tree&>(source), checkpoint, deployment, sizes, limits, purpose);
    for (auto it = built.rbegin(); it != built.rend(); ++it) {
      const auto at = left.begin() + static_cast<std::ptrdiff_t>(it->first);
      out[*at] = std::move(it->second);
      left.erase(at);
    }
  }
  return out;
}

void check_server_arguments(SourceTree& source, const Checkpoint& checkpoint,
                            const Deployment& deployment, const Limits& limits) {
  constexpr const char* check = "check_arguments";
  auto& tree = static_cast<Tree&>(source);
  if (!deployment.draft_checkpoint.empty()) {
    if (argument_name(source, draft_checkpoint).empty())
      throw Error(tree.engine().title + " takes no draft model", "--draft-checkpoint");
    if (!given_argument(source, deployment, draft_checkpoint).empty())
      throw Error("the draft model is given twice, here and as a server argument",
                  "--draft-checkpoint", "give one of the two");
  }
  const py::Host host = host_of(tree, checkpoint, deployment);
  Machine machine = prepared_machine(tree, host, deployment.platform, limits);
  const std::string& driver = tree.engine().driver;
  if (!machine.has_function(driver, check)) return;
  const Machine::Result r = machine.run(driver, check, [&](Machine& m) {
    return m.dict(
        request_of(m, checkpoint, deployment, {deployment.page_size}, tree, Purpose::own));
  });
  if (r.end != Machine::Result::End::returned || !r.value.is(View::Kind::dict))
    return;  // the extraction says what fails
  const std::string error = text_of(r.value, "error"), wanted = text_of(r.value, "wanted");
  if (error.empty()) return;
  std::vector<std::string> known;
  if (const View list = r.value.entry("known"); list.is(View::Kind::list))
    for (std::uint32_t i = 0; i < list.size(); ++i)
      if (list.item(i).is(View::Kind::text)) known.emplace_back(list.item(i).text());
  const bool by_parser = text_of(r.value, "by") == "parser";
  throw Error(
      (by_parser ? "refused by the argument parser of " + tree.engine().title + ": " : "") + error,
      "server arguments", wanted.empty() ? "" : did_you_mean(wanted, known));
}

OriginId origin_of_setting(const SourceTree& source, const ModuleTree& tree,
                           const std::string& setting, std::int64_t value) {
  const Value* v = resolved_number(source, tree, setting);
  return v != nullptr && v->i == value ? v->origin : 0;
}

bool speculates(const SourceTree& source, const Deployment& deployment) {
  return !given_argument(source, deployment, "speculation").empty();
}

std::string draft_folder(const SourceTree& source, const Deployment& deployment) {
  return deployment.draft_checkpoint.empty() ? given_argument(source, deployment, draft_checkpoint)
                                             : deployment.draft_checkpoint;
}

bool is_switched_on(const SourceTree& source, const ModuleTree& tree, const std::string& setting) {
  const auto value = tree.resolved.find(argument_name(source, setting));
  return value != tree.resolved.end() && value->second.is_true();
}

std::optional<std::int64_t> most_requests(const SourceTree& source, const ModuleTree& tree) {
  const Value* v = resolved_number(source, tree, "most_requests");
  return v == nullptr ? std::nullopt : std::optional(v->i);
}

Deployment as_resolved(const SourceTree& source, const ModuleTree& tree, Deployment d) {
  d.page_sizes = {resolved_size(source, tree, "page_size", d.page_size > 0 ? d.page_size : 1)};
  d.tp = resolved_size(source, tree, "tp", d.tp);
  d.ep = resolved_size(source, tree, "ep", d.ep);
  return d;
}

}  // namespace kdex
