// The other side is a Python program in this file.
#include "core/cuda/torch_peers.h"

#include <kdex/error.h>

using nlohmann::json;

namespace kdex::cuda {

namespace {

const char* const kWork = R"py(import importlib.util, types as kinds
torch.manual_seed(0)
modules = {}


def module(path):
    if path not in modules:
        spec = importlib.util.spec_from_file_location("kdex_peers_" + str(len(modules)), path)
        modules[path] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[path])
    return modules[path]


def constants(reference):
    """Names in capitals that the reference sets to a literal."""
    import ast
    found = {}
    for node in ast.parse(reference).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                pass
    return found


def difference(got, want):
    got, want = got.reshape(-1), want.reshape(-1)
    if got.shape != want.shape:
        raise ValueError(f"its result has {got.numel()} elements, not {want.numel()}")
    if want.numel() > 1 << 26:
        at = torch.randint(0, want.numel(), (1 << 24,), device=want.device)
        got, want = got[at], want[at]
    got, want = got.double(), want.double()
    return float((got - want).norm() / want.norm().clamp_min(1e-30))


def timed(calls, least, replays):
    """Seconds of one call: as core/cuda/driver.cpp times."""
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)

    def milliseconds(work):
        begin.record()
        work()
        end.record()
        torch.cuda.synchronize()
        return begin.elapsed_time(end)

    for c in calls:
        c()
    torch.cuda.synchronize()
    once = milliseconds(lambda: [c() for c in calls])
    count = max(len(calls), min(least, int(10 * len(calls) / max(once, 1e-3)) + 1))
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for i in range(count):
            calls[i % len(calls)]()
    first = milliseconds(graph.replay)
    for _ in range(min(200, int(15 / max(first, 0.02)))):  # the clock rises under load
        graph.replay()
    times = sorted(milliseconds(graph.replay) for _ in range(replays))
    return times[len(times) // 2] * 1e-3 / count


def measure(prepare, given, got, call):
    run, outputs = prepare(given)
    run()
    torch.cuda.synchronize()
    error = max(difference(o, g) for o, g in zip(outputs, got) if o is not None)
    if not error < 0.05:
        raise ValueError(f"its result differs from ours by {error:.3g}")
    runs = [run]
    for _ in range(call["copies"] - 1):
        runs.append(prepare({n: x.clone() if torch.is_tensor(x) else x for n, x in given.items()})[0])
    return timed(runs, call["calls"], call["replays"]), error


def work(call, opened):
    d = call["definition"]
    given = {x["name"]: x["value"] if "value" in x else tensor(x, opened) for x in call["inputs"]}
    got = [tensor(x, opened) for x in call["outputs"]]
    case = kinds.SimpleNamespace(definition=d, name=d["name"], op_type=d["op_type"], axes=call["axes"],
                                 constants=constants(d["reference"]), inputs=given,
                                 outputs={x["name"]: g for x, g in zip(call["outputs"], got)})
    found = []
    for path in call["files"]:
        try:
            listed = list(module(path).peers(case))
        except Exception as e:
            found.append({"name": os.path.basename(os.path.dirname(path)), "why": f"{path}: {type(e).__name__}: {e}"[:300]})
            continue
        for name, version, prepare in listed:
            row = {"name": name, "version": version}
            try:
                # (In-place peers change what they are given: each has tensors of its own.)
                own = {n: x.clone() if torch.is_tensor(x) else x for n, x in given.items()}
                row["seconds"], row["error"] = measure(prepare, own, got, call)
            except Exception as e:
                row["why"] = f"{type(e).__name__}: {e}".replace("\n", " ")[:300]
            found.append(row)
            own = None
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
    return {"peers": found}


)py";

}  // namespace

TorchPeers::TorchPeers(const std::string& folder) : process_(folder, kWork) {}

std::vector<PeerTime> TorchPeers::time(const std::vector<std::string>& files, const Definition& d,
                                       const std::vector<SharedTensor>& inputs,
                                       const std::map<std::string, double>& scalars,
                                       const std::map<std::string, std::int64_t>& axes,
                                       const std::vector<SharedTensor>& got, int copies, int calls,
                                       int replays) {
  json shapes = json::object();
  for (const auto& t : d.inputs) shapes[t.name] = t.shape ? json(*t.shape) : json();
  const json out = process_.ask(
      {{"definition",
        {{"name", d.name}, {"op_type", d.op_type}, {"reference", d.reference}, {"inputs", shapes}}},
       {"files", files},
       {"axes", axes},
       {"inputs", process_.inputs(d, inputs, scalars)},
       {"outputs", process_.outputs(got)},
       {"copies", copies},
       {"calls", calls},
       {"replays", replays}});
  if (out.contains("error")) throw Error(out["error"].get<std::string>(), d.name + ": its peers");
  std::vector<PeerTime> all;
  for (const auto& x : out.at("peers"))
    all.push_back({x.at("name"), x.value("version", ""), x.value("seconds", 0.0),
                   x.value("error", 0.0), x.value("why", "")});
  return all;
}

}  // namespace kdex::cuda
