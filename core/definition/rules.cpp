// Implementation of core/definition/rules.h.
#include "core/definition/rules.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "core/source/syntax.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

const std::set<std::string_view> dtypes = {
    "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float4_e2m1",
    "int64",   "int32",   "int16",    "int8",          "bool"};

struct Findings {
  std::vector<Problem> list;
  void add(std::string where, std::string what) {
    list.push_back({std::move(where), std::move(what)});
  }
  /// A required string that is not empty.
  const std::string* text(const Json& j, const std::string& key, const std::string& at) {
    auto it = j.find(key);
    if (it == j.end() || !it->is_string() || it->get_ref<const std::string&>().empty()) {
      add(at, "must be a string that is not empty");
      return nullptr;
    }
    return &it->get_ref<const std::string&>();
  }
};

std::string at_line(const source::SyntaxError& e) {
  return "line " + std::to_string(e.line) + ", column " + std::to_string(e.column) + ": " +
         e.message;
}

bool is_set(const Json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && !it->is_null();
}

/// A number of at least 0, or one of the strings that stand for NaN and infinity.
bool is_measure(const Json& v) {
  if (v.is_number()) return !(v.get<double>() < 0);
  if (!v.is_string()) return false;
  const auto& s = v.get_ref<const std::string&>();
  return s == "NaN" || s == "nan" || s == "inf" || s == "Infinity";
}

void check_evaluation(Findings& f, const Json& e) {
  static const std::set<std::string_view> bare = {"INCORRECT_SHAPE", "INCORRECT_DTYPE",
                                                  "RUNTIME_ERROR", "COMPILE_ERROR", "TIMEOUT"};
  if (!e.is_object()) return f.add("evaluation", "must be an object");
  const auto* status = f.text(e, "status", "evaluation.status");
  f.text(e, "timestamp", "evaluation.timestamp");
  auto env = e.find("environment");
  if (env == e.end() || !env->is_object())
    f.add("evaluation.environment", "must be an object");
  else
    f.text(*env, "hardware", "evaluation.environment.hardware");
  if (auto log = e.find("log"); log != e.end() && !log->is_string())
    f.add("evaluation.log", "must be a string");
  if (status == nullptr) return;
  bool passed = *status == "PASSED", numerical = *status == "INCORRECT_NUMERICAL";
  if (!passed && !numerical && !bare.contains(*status))
    return f.add("evaluation.status", "unknown status '" + *status + "'");
  if ((passed || numerical) != is_set(e, "correctness"))
    f.add("evaluation.correctness",
          std::string(passed || numerical ? "is required" : "must be absent") + " with status " +
              *status);
  if (passed != is_set(e, "performance"))
    f.add("evaluation.performance",
          std::string(passed ? "is required" : "must be absent") + " with status " + *status);
  for (const auto& [part, keys] :
       {std::pair{"correctness", std::vector{"max_relative_error", "max_absolute_error"}},
        std::pair{"performance",
                  std::vector{"latency_ms", "reference_latency_ms", "speedup_factor"}}}) {
    if (!is_set(e, part)) continue;
    const Json& p = e[part];
    if (!p.is_object()) {
      f.add(std::string("evaluation.") + part, "must be an object");
      continue;
    }
    for (const char* key : keys)
      if (auto it = p.find(key); it != p.end() && !is_measure(*it))
        f.add(std::string("evaluation.") + part + "." + key, "must be a number of at least 0");
  }
}

void check_workload(Findings& f, const Json& w, const Definition* d) {
  f.text(w, "uuid", "workload.uuid");
  auto axes = w.find("axes");
  if (axes == w.end() || !axes->is_object()) {
    f.add("workload.axes", "must be an object");
  } else {
    for (const auto& [name, value] : axes->items()) {
      bool ok = value.is_number_integer() && value.get<double>() >= (d ? 1 : 0);
      if (!ok)
        f.add("workload.axes." + name,
              d ? "must be an integer over 0" : "must be an integer of at least 0");
      if (d && std::none_of(d->axes.begin(), d->axes.end(),
                            [&n = name](const Axis& a) { return a.name == n && !a.value; }))
        f.add("workload.axes." + name, "is not a variable axis of the definition");
    }
    if (d)
      for (const auto& a : d->axes)
        if (!a.value && !axes->contains(a.name)) f.add("workload.axes." + a.name, "is missing");
  }
  auto inputs = w.find("inputs");
  if (inputs == w.end() || !inputs->is_object())
    return f.add("workload.inputs", "must be an object");
  for (const auto& [name, source] : inputs->items()) {
    const std::string at = "workload.inputs." + name;
    const TensorSpec* spec = nullptr;
    if (d) {
      for (const auto& t : d->inputs)
        if (t.name == name) spec = &t;
      if (spec == nullptr) f.add(at, "is not an input of the definition");
    }
    if (!source.is_object()) {
      f.add(at, "must be an object");
      continue;
    }
    const auto* type = f.text(source, "type", at + ".type");
    if (type == nullptr) continue;
    bool scalar = *type == "scalar";
    if (scalar) {
      auto v = source.find("value");
      if (v == source.end() || !(v->is_number() || v->is_boolean()))
        f.add(at + ".value", "must be a number or a boolean");
    } else if (*type == "safetensors") {
      f.text(source, "path", at + ".path");
      f.text(source, "tensor_key", at + ".tensor_key");
    } else if (*type != "random") {
      f.add(at + ".type", "'" + *type + "' is not one of random, scalar, safetensors");
    }
    if (spec != nullptr && scalar == spec->shape.has_value())
      f.add(at + ".type",
            scalar ? "a tensor cannot come from a scalar" : "a scalar needs type scalar");
  }
  if (d)
    for (const auto& t : d->inputs)
      if (!inputs->contains(t.name)) f.add("workload.inputs." + t.name, "is missing");
}

/// The reference is called with the inputs in their order.
void check_parameters(Findings& f, const Definition& d) {
  const auto parameters = source::parameters_of_def(d.reference, "run");
  if (!parameters) return f.add("reference", "has no top-level def run");
  std::string have, want;
  for (const auto& p : *parameters) have += (have.empty() ? "" : ", ") + p;
  for (const auto& t : d.inputs) want += (want.empty() ? "" : ", ") + t.name;
  if (have != want)
    f.add("reference", "takes run(" + have + "), but the inputs are (" + want + ")");
}

}  // namespace

bool is_safe_name(const std::string& name) {
  if (name.empty() || name.size() > 200 || name[0] == '.') return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 128 && (std::isalnum(c) != 0 || std::string_view("_-.+").find(
                                                   static_cast<char>(c)) != std::string_view::npos);
  });
}

std::vector<Problem> check_definition(const Definition& d) {
  Findings f;
  if (d.name.empty()) f.add("name", "must not be empty");
  if (d.op_type.empty()) f.add("op_type", "must not be empty");
  for (const auto& t : d.tags)
    if (t.empty()) f.add("tags", "holds an empty string");
  std::set<std::string> axes, seen;
  for (const auto& a : d.axes) {
    if (a.name.empty()) f.add("axes", "holds an empty name");
    if (!axes.insert(a.name).second) f.add("axes." + a.name, "is defined twice");
    if (a.value && *a.value < 0) f.add("axes." + a.name + ".value", "must be at least 0");
  }
  for (const auto* side : {&d.inputs, &d.outputs}) {
    const std::string part = side == &d.inputs ? "inputs" : "outputs";
    for (const auto& t : *side) {
      const std::string at = part + "." + t.name;
      if (t.name.empty()) f.add(part, "holds an empty name");
      if (!seen.insert(t.name).second) f.add(at, "is named twice among inputs and outputs");
      if (!dtypes.contains(t.dtype)) f.add(at + ".dtype", "unknown dtype '" + t.dtype + "'");
      if (t.shape)
        for (const auto& axis : *t.shape)
          if (!axes.contains(axis))
            f.add(at + ".shape", "names the axis '" + axis + "' that is not in axes");
    }
  }
  for (std::size_t i = 0; i < d.constraints.size(); ++i) {
    const std::string at = "constraints[" + std::to_string(i) + "]";
    if (d.constraints[i].empty())
      f.add(at, "must not be empty");
    else if (auto e = source::check_expression(d.constraints[i]))
      f.add(at, "is not a Python expression: " + at_line(*e));
  }
  if (d.reference.empty())
    f.add("reference", "must not be empty");
  else if (auto e = source::check_python(d.reference))
    f.add("reference", "is not Python: " + at_line(*e));
  else
    check_parameters(f, d);
  return f.list;
}

std::vector<Problem> check_solution(const Json& s) {
  Findings f;
  if (!s.is_object()) return {{"", "must be a JSON object"}};
  for (const char* key : {"name", "definition", "author"}) f.text(s, key, key);
  std::set<std::string> paths;
  auto sources = s.find("sources");
  if (sources == s.end() || !sources->is_array() || sources->empty()) {
    f.add("sources", "must be an array with at least one file");
  } else {
    for (const auto& file : *sources) {
      if (!file.is_object()) {
        f.add("sources[]", "must be an object");
        continue;
      }
      f.text(file, "content", "sources[].content");
      const auto* path = f.text(file, "path", "sources[].path");
      if (path == nullptr) continue;
      bool climbs = ("/" + *path + "/").find("/../") != std::string::npos;
      if ((*path)[0] == '/' || climbs)
        f.add("sources[].path", "'" + *path + "' must be relative, without '..'");
      if (!paths.insert(*path).second) f.add("sources[].path", "'" + *path + "' is defined twice");
    }
  }
  auto spec = s.find("spec");
  if (spec == s.end() || !spec->is_object()) {
    f.add("spec", "must be an object");
    return f.list;
  }
  static const std::set<std::string_view> languages = {"python", "triton", "cpp", "cuda",
                                                       "tilelang"};
  if (const auto* language = f.text(*spec, "language", "spec.language");
      language != nullptr && !languages.contains(*language))
    f.add("spec.language", "'" + *language + "' is not one of python, triton, cpp, cuda, tilelang");
  auto hardware = spec->find("target_hardware");
  if (hardware == spec->end() || !hardware->is_array() || hardware->empty())
    f.add("spec.target_hardware", "must be an array with at least one entry");
  if (const auto* entry = f.text(*spec, "entry_point", "spec.entry_point")) {
    auto at = entry->find("::");
    if (at == std::string::npos || entry->find("::", at + 2) != std::string::npos)
      f.add("spec.entry_point", "must be 'file::function'");
    else if (!paths.contains(entry->substr(0, at)))
      f.add("spec.entry_point", "'" + entry->substr(0, at) + "' is not one of the sources");
  }
  if (auto it = spec->find("dependencies"); it != spec->end()) {
    bool ok = it->is_array() && std::all_of(it->begin(), it->end(), [](const Json& v) {
                return v.is_string() && !v.get_ref<const std::string&>().empty();
              });
    if (!ok) f.add("spec.dependencies", "must be an array of strings that are not empty");
  }
  if (auto it = spec->find("destination_passing_style"); it != spec->end() && !it->is_boolean())
    f.add("spec.destination_passing_style", "must be true or false");
  if (auto it = spec->find("binding");
      it != spec->end() && !it->is_null() && *it != "tvm-ffi" && *it != "torch")
    f.add("spec.binding", "must be \"tvm-ffi\", \"torch\" or null");
  return f.list;
}

std::vector<Problem> check_trace(const Json& t, const Definition* definition, bool workload_only) {
  Findings f;
  if (!t.is_object()) return {{"", "must be a JSON object"}};
  f.text(t, "definition", "definition");
  auto w = t.find("workload");
  if (w == t.end() || !w->is_object())
    f.add("workload", "must be an object");
  else
    check_workload(f, *w, definition);
  bool solution = is_set(t, "solution"), evaluation = is_set(t, "evaluation");
  if (workload_only) {
    if (solution) f.add("solution", "must be unset in a workload line");
    if (evaluation) f.add("evaluation", "must be unset in a workload line");
  } else {
    if (!solution) f.add("solution", "is missing");
    if (!evaluation) f.add("evaluation", "is missing");
  }
  if (evaluation) check_evaluation(f, t["evaluation"]);
  return f.list;
}

}  // namespace kdex
