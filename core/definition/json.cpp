// Implementation of core/definition/json.h.
#include "core/definition/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

/// The order of a definition that names none.
const std::vector<std::string> kDefaultOrder = {"name",   "description", "op_type",
                                                "tags",   "axes",        "constraints",
                                                "inputs", "outputs",     "reference"};

Json tensors_to_json(const std::vector<TensorSpec>& tensors) {
  Json out = Json::object();
  for (const auto& t : tensors) {
    Json j = Json::object();
    j["shape"] = t.shape ? Json(*t.shape) : Json(nullptr);
    j["dtype"] = t.dtype;
    if (!t.description.empty()) j["description"] = t.description;
    out[t.name] = std::move(j);
  }
  return out;
}

void add_field(Json& out, const Definition& d, const std::string& key) {
  if (key == "name") out[key] = d.name;
  if (key == "op_type") out[key] = d.op_type;
  if (key == "tags") out[key] = d.tags;
  if (key == "description" && !d.description.empty()) out[key] = d.description;
  if (key == "constraints" && !d.constraints.empty()) out[key] = d.constraints;
  if (key == "inputs") out[key] = tensors_to_json(d.inputs);
  if (key == "outputs") out[key] = tensors_to_json(d.outputs);
  if (key == "reference") out[key] = d.reference;
  if (key == "axes") {
    Json axes = Json::object();
    for (const auto& a : d.axes) {
      Json j = Json::object();
      j["type"] = a.value ? "const" : "var";
      if (a.value) j["value"] = *a.value;
      if (!a.description.empty()) j["description"] = a.description;
      axes[a.name] = std::move(j);
    }
    out[key] = std::move(axes);
  }
}

/// Reading with the field's path in every error.
struct Reader {
  const std::string& where;
  [[noreturn]] void fail(const std::string& field, const std::string& expected) const {
    throw Error("field '" + field + "' " + expected, where);
  }
  const Json& need(const Json& j, const char* key, const std::string& path) const {
    auto it = j.find(key);
    if (it == j.end()) fail(path, "is missing");
    return *it;
  }
  std::string string(const Json& j, const std::string& path) const {
    if (!j.is_string()) fail(path, "must be a string");
    return j.get<std::string>();
  }
  std::vector<std::string> strings(const Json& j, const std::string& path) const {
    if (!j.is_array()) fail(path, "must be an array of strings");
    std::vector<std::string> out;
    for (const auto& item : j) out.push_back(string(item, path + "[]"));
    return out;
  }
  std::vector<TensorSpec> tensors(const Json& j, const std::string& path) const {
    if (!j.is_object()) fail(path, "must be an object");
    std::vector<TensorSpec> out;
    for (const auto& [name, t] : j.items()) {
      const std::string at = path + "." + name;
      if (!t.is_object()) fail(at, "must be an object");
      TensorSpec spec;
      spec.name = name;
      const Json& shape = need(t, "shape", at + ".shape");
      if (!shape.is_null()) spec.shape = strings(shape, at + ".shape");
      spec.dtype = string(need(t, "dtype", at + ".dtype"), at + ".dtype");
      if (auto d = t.find("description"); d != t.end() && !d->is_null())
        spec.description = string(*d, at + ".description");
      out.push_back(std::move(spec));
    }
    return out;
  }
};

/// Refuses deep nesting before the parser sees it: its values are destroyed and written
/// recursively.
bool too_deep(const std::string& text, int most) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > most) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::string dump_json(const Json& json) {
  try {
    return json.dump(2) + "\n";
  } catch (const Json::exception&) {
    throw Error("a string is not UTF-8 and cannot be written as JSON");
  }
}

Json parse_json(const std::string& text, const std::string& where) {
  if (too_deep(text, 200)) throw Error("is nested deeper than 200 levels", where);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    std::size_t end = std::min<std::size_t>(e.byte > 0 ? e.byte - 1 : 0, text.size());
    auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    auto last = text.rfind('\n', end == 0 ? 0 : end - 1);
    std::size_t column = last == std::string::npos || end == 0 ? end + 1 : end - last;
    std::string what = text.find_last_not_of(" \t\r\n") == std::string::npos ? "is empty"
                       : end > text.find_last_not_of(" \t\r\n") ? "is not JSON: it ends too early"
                                                                : "is not JSON";
    throw Error(what, where + ":" + std::to_string(line) + ":" + std::to_string(column));
  } catch (const Json::exception&) {
    throw Error("holds a number that is out of range", where);
  }
}

std::string definition_to_json(const Definition& d) {
  auto order = d.key_order.empty() ? kDefaultOrder : d.key_order;
  for (const auto& key : kDefaultOrder)
    if (std::find(order.begin(), order.end(), key) == order.end()) order.push_back(key);
  Json out = Json::object();
  for (const auto& key : order) add_field(out, d, key);
  try {
    return dump_json(out);
  } catch (const Error& e) {
    throw Error(e.what_happened, "definition");
  }
}

Definition definition_from_json(const std::string& text, const std::string& where) {
  const Json j = parse_json(text, where);
  if (!j.is_object()) throw Error("must be a JSON object", where);
  Reader r{where};
  Definition d;
  for (const auto& [key, value] : j.items()) d.key_order.push_back(key);
  d.name = r.string(r.need(j, "name", "name"), "name");
  d.op_type = r.string(r.need(j, "op_type", "op_type"), "op_type");
  if (auto it = j.find("tags"); it != j.end()) d.tags = r.strings(*it, "tags");
  if (auto it = j.find("constraints"); it != j.end()) d.constraints = r.strings(*it, "constraints");
  if (auto it = j.find("description"); it != j.end() && !it->is_null())
    d.description = r.string(*it, "description");
  const Json& axes = r.need(j, "axes", "axes");
  if (!axes.is_object()) r.fail("axes", "must be an object");
  for (const auto& [name, a] : axes.items()) {
    const std::string at = "axes." + name;
    if (!a.is_object()) r.fail(at, "must be an object");
    Axis axis;
    axis.name = name;
    auto value = a.find("value");
    auto type = a.find("type");
    std::string kind =
        type == a.end() ? (value == a.end() ? "var" : "const") : r.string(*type, at + ".type");
    if (kind == "const") {
      if (value == a.end() || !value->is_number_integer() ||
          (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) ||
          value->get<std::int64_t>() < 0)
        r.fail(at + ".value", "must be an integer of at least 0");
      axis.value = value->get<std::int64_t>();
    } else if (kind != "var") {
      r.fail(at + ".type", "must be \"const\" or \"var\"");
    }
    if (auto it = a.find("description"); it != a.end() && !it->is_null())
      axis.description = r.string(*it, at + ".description");
    d.axes.push_back(std::move(axis));
  }
  d.inputs = r.tensors(r.need(j, "inputs", "inputs"), "inputs");
  d.outputs = r.tensors(r.need(j, "outputs", "outputs"), "outputs");
  d.reference = r.string(r.need(j, "reference", "reference"), "reference");
  return d;
}

}  // namespace kdex
