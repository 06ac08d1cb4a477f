// Implementation of core/pipeline/verify/peer_files.h.
#include "core/pipeline/verify/peer_files.h"

#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/paths.h"

namespace kdex::verify {

namespace fs = std::filesystem;

namespace {

/// Runs the peer as `kdex kernels bench --peers` does: it makes a call of the tensors each time.
const char* const kMain =
    R"py("""A peer of kdex's kernel, as `kdex kernels bench --peers` ran it. It prepares its call anew every
time, so its time here is not that of the trace."""

import ast, json, types
import torch
import peers

DEFINITION = json.load(open(__file__.replace("main.py", "definition.json")))
NAME = json.load(open(__file__.replace("main.py", "peer.json")))


def constants(reference):
    found = {}
    for node in ast.parse(reference).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").isupper():
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                pass
    return found


def run(*inputs):
    given = dict(zip(DEFINITION["inputs"], inputs))
    axes = {n: a["value"] for n, a in DEFINITION["axes"].items() if "value" in a}
    for name, spec in DEFINITION["inputs"].items():
        if spec["shape"]:
            axes.update(zip(spec["shape"], given[name].shape))
    outputs = {
        n: torch.empty([axes[a] for a in x["shape"]], dtype=getattr(torch, x["dtype"]), device="cuda")
        for n, x in DEFINITION["outputs"].items()
    }
    shapes = {n: x["shape"] for n, x in DEFINITION["inputs"].items()}
    case = types.SimpleNamespace(definition={**DEFINITION, "inputs": shapes}, name=DEFINITION["name"],
                                 op_type=DEFINITION["op_type"], axes=axes, inputs=given, outputs=outputs,
                                 constants=constants(DEFINITION["reference"]))
    own = {n: x.clone() if torch.is_tensor(x) else x for n, x in given.items()}
    prepare = next(p for name, _, p in peers.peers(case) if name == NAME)
    call, out = prepare(own)
    call()
    return tuple(out) if len(out) > 1 else out[0]
)py";

}  // namespace

std::vector<std::string> peer_files(const std::vector<std::string>& plugins_path,
                                    const std::string& family) {
  std::vector<std::string> out;
  std::error_code error;
  std::vector<fs::path> folders = {fs::path(data_folder()) / "plugins"};
  folders.insert(folders.end(), plugins_path.begin(), plugins_path.end());
  for (const auto& folder : folders)
    if (const auto file = folder / family / "peers.py"; fs::is_regular_file(file, error))
      out.push_back(file.string());
  return out;
}

std::string peer_author(const std::string& peer) {
  std::string out;
  for (const char c : peer)
    if (std::isalnum(static_cast<unsigned char>(c)))
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != '_')
      out += '_';
  return out;
}

std::string peer_solution(const Definition& d, const std::string& peer) {
  return peer_author(peer) + "_" + d.name;
}

void write_peer_solution(const std::string& dataset, const Definition& d, const std::string& peer,
                         const std::string& file, const std::string& hardware) {
  const std::string author = peer_author(peer), name = peer_solution(d, peer);
  auto source = [](const char* path, std::string text) {
    return nlohmann::ordered_json{{"path", path}, {"content", std::move(text)}};
  };
  const nlohmann::ordered_json solution = {
      {"name", name},
      {"definition", d.name},
      {"author", author},
      {"description", peer + ", as kdex kernels bench --peers times it."},
      {"spec",
       {{"language", "python"},
        {"target_hardware", nlohmann::ordered_json::array({hardware})},
        {"entry_point", "main.py::run"},
        {"dependencies", nlohmann::ordered_json::array()},
        {"destination_passing_style", false}}},
      {"sources",
       nlohmann::ordered_json::array({source("main.py", kMain), source("peers.py", read_file(file)),
                                      source("definition.json", definition_to_json(d)),
                                      source("peer.json", nlohmann::ordered_json(peer).dump())})}};
  const fs::path folder = fs::path(dataset) / "solutions" / author / d.op_type / d.name;
  std::error_code error;
  fs::create_directories(folder, error);
  write_file_atomically((folder / (name + ".json")).string(), solution.dump(2) + "\n", false);
}

}  // namespace kdex::verify
