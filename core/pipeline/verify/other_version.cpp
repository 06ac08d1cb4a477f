// Implementation of core/pipeline/verify/other_version.h.
#include "core/pipeline/verify/other_version.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include <kdex/formula.h>

#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/pipeline/verify/timing.h"

namespace kdex::verify {
namespace {

using nlohmann::json;

constexpr std::int64_t kCompared = std::int64_t{1} << 24;  ///< elements of an output, at most

/// For the shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// The first line that the program answers to a file of requests.
json answer_of(const std::string& program, const std::string& requests) {
  const std::string command = quoted(program) + " kernels plan --json --requests " +
                              quoted(requests) + " --build 2>/dev/null";
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw Error("cannot be started", program);
  char chunk[65536];
  for (std::size_t n = 0; (n = std::fread(chunk, 1, sizeof chunk, pipe)) > 0;)
    text.append(chunk, n);
  ::pclose(pipe);
  const json answer = json::parse(text.substr(0, text.find('\n')), nullptr, false);
  if (!answer.is_object()) throw Error("answers no request for a plan", program);
  return answer;
}

std::vector<Expr> numbers(const json& list) {
  std::vector<Expr> out;
  for (const auto& x : list) out.emplace_back(x.get<std::int64_t>());
  return out;
}

KernelArgument argument_of(const json& a) {
  using Kind = KernelArgument::Kind;
  static const std::pair<const char*, Kind> kinds[] = {
      {"tensor", Kind::tensor}, {"map", Kind::map}, {"scalar", Kind::scalar}, {"real", Kind::real}};
  for (const auto& [name, kind] : kinds)
    if (a.contains(name)) return {kind, a[name].get<std::string>(), {}};
  if (a.contains("integer")) return {Kind::integer, "", Expr(a["integer"].get<std::int64_t>())};
  return {Kind::null, "", {}};
}

std::string image_of(const json& unit) {
  const json& cubin = unit.at("cubin");
  if (cubin.is_null()) throw Error("was not compiled", unit.at("file").get<std::string>());
  const std::string path = cubin.at("path");
  std::ifstream in(path, std::ios::binary);
  std::string image(cubin.at("size").get<std::size_t>(), '\0');
  in.seekg(cubin.at("offset").get<std::int64_t>());
  if (!in.read(image.data(), static_cast<std::streamsize>(image.size())))
    throw Error("cannot be read", path);
  return image;
}

/// |theirs - ours| / |ours| of the first elements of an output.
double difference(const cuda::HostTensor& ours, const cuda::HostTensor& theirs) {
  const sdk::Values a(ours), b(theirs);
  double off = 0, size = 0;
  for (std::int64_t i = 0; i < std::min(ours.elements(), kCompared); ++i) {
    off += (a[i] - b[i]) * (a[i] - b[i]);
    size += a[i] * a[i];
  }
  return std::sqrt(size > 0 ? off / size : off);
}

cuda::HostTensor fetched(cuda::Driver& driver, cuda::HostTensor tensor, cuda::DevicePointer at,
                         std::uint64_t bytes) {
  tensor.bytes.resize(bytes);
  driver.from_device(tensor.bytes.data(), at, bytes);
  return tensor;
}

json timed(Session& session, const Definition& d, const json& answer, Call& call) {
  cuda::Driver& driver = session.driver;
  const FreeTo free{driver, driver.allocations()};
  std::vector<std::string> cubins;
  const KernelPlan plan = plan_from_answer(answer, cubins);
  const auto loaded = driver.load(plan, cubins);
  Call theirs;
  theirs.arguments = call.arguments;
  theirs.inputs = call.inputs;
  theirs.outputs = call.outputs;
  theirs.output_bytes = call.output_bytes;
  theirs.bytes = call.bytes;
  for (std::size_t i = 0; i < d.outputs.size(); ++i) {
    const cuda::DevicePointer at = driver.allocate(call.output_bytes[i]);
    driver.fill(at, 0xff, call.output_bytes[i]);
    theirs.arguments.tensors[d.outputs[i].name] = at;
  }
  driver.prepare(plan, theirs.arguments);
  driver.launch(plan, *loaded, theirs.arguments);
  driver.synchronize();
  double error = 0;
  for (std::size_t i = 0; i < d.outputs.size(); ++i) {
    const std::string& name = d.outputs[i].name;
    error = std::max(error,
                     difference(fetched(driver, call.outputs[i], call.arguments.tensors[name],
                                        call.output_bytes[i]),
                                fetched(driver, theirs.outputs[i], theirs.arguments.tensors[name],
                                        theirs.output_bytes[i])));
  }
  if (!(error < 0.05))
    return {{"why", "its result differs from ours by " + std::to_string(error)}, {"error", error}};
  return {{"seconds", time_call(session, d, plan, *loaded, theirs)}, {"error", error}};
}

}  // namespace

KernelPlan plan_from_answer(const json& answer, std::vector<std::string>& cubins) {
  for (const char* refusal : {"error", "why_not"})
    if (answer.contains(refusal) && answer[refusal].is_string())
      throw Error(answer[refusal].get<std::string>());
  KernelPlan plan;
  try {
    plan.available = true;
    plan.programmatic_launch = answer.at("programmatic_launch");
    for (const auto& u : answer.at("units")) {
      KernelUnit unit;
      unit.file = u.at("file");
      unit.entries = u.at("entries").get<std::vector<std::string>>();
      plan.units.push_back(std::move(unit));
      cubins.push_back(image_of(u));
    }
    for (const auto& b : answer.at("buffers"))
      plan.buffers.push_back(
          {b.at("name"), Expr(b.at("bytes").get<std::int64_t>()), b.at("zeroed")});
    for (const auto& m : answer.at("maps"))
      plan.maps.push_back({m.at("name"), m.at("tensor"), m.at("dtype"), numbers(m.at("dims")),
                           numbers(m.at("strides")), numbers(m.at("box"))});
    for (const auto& l : answer.at("launches")) {
      KernelLaunch launch;
      launch.unit = l.at("unit");
      launch.entry = l.at("entry");
      for (std::size_t i = 0; i < 3; ++i)
        launch.grid[i] = Expr(l.at("grid").at(i).get<std::int64_t>());
      launch.block = Expr(l.at("block").get<std::int64_t>());
      launch.shared = Expr(l.at("shared").get<std::int64_t>());
      for (const auto& a : l.at("arguments")) launch.arguments.push_back(argument_of(a));
      plan.launches.push_back(std::move(launch));
    }
  } catch (const json::exception& e) {
    throw Error(std::string("its answer is none of a plan: ") + e.what());
  }
  return plan;
}

json time_other_version(Session& session, const Definition& d, const cuda::Workload& w,
                        Call& call) {
  const std::string& program = session.spec.compare;
  json row = {{"name", "kdex " + program}, {"version", ""}, {"is_kdex", true}};
  try {
    const std::string file = session.spec.folder + "/compare.json";
    const auto& facts = session.driver.facts();
    json axes = json::object();
    for (const auto& a : d.axes)
      if (!a.value) axes[a.name] = w.axes.at(a.name);
    const json request = {{"definition", json::parse(definition_to_json(d))},
                          {"axes", std::move(axes)},
                          {"arch", facts.arch},
                          {"sms", facts.sm_count}};
    write_file_atomically(file, json::array({request}).dump(), false);
    const json answer = answer_of(program, file);
    row["version"] = answer.value("summary", "");
    row.update(timed(session, d, answer, call));
  } catch (const Error& e) {
    row["why"] = e.what();
  }
  return row;
}

}  // namespace kdex::verify
