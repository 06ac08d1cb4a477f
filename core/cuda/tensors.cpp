// A safetensors file is a length, a JSON header, then the data.
#include "core/cuda/tensors.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

namespace kdex::cuda {

namespace {

struct Name {
  const char* dtype;
  const char* safetensors;
};
constexpr Name kNames[] = {{"float32", "F32"},
                           {"float16", "F16"},
                           {"bfloat16", "BF16"},
                           {"float8_e4m3fn", "F8_E4M3"},
                           {"float8_e5m2", "F8_E5M2"},
                           {"int64", "I64"},
                           {"int32", "I32"},
                           {"int16", "I16"},
                           {"int8", "I8"},
                           {"bool", "BOOL"}};

const Name* name_of(const std::string& dtype) {
  for (const auto& f : kNames)
    if (dtype == f.dtype) return &f;
  return nullptr;
}

}  // namespace

std::string to_safetensors(const std::vector<std::pair<std::string, HostTensor>>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::size_t at = 0;
  for (const auto& [name, t] : tensors) {
    const Name* f = name_of(t.dtype);
    if (f == nullptr) throw Error("safetensors knows no type " + t.dtype, name);
    header[name] = {
        {"dtype", f->safetensors}, {"shape", t.shape}, {"data_offsets", {at, at + t.bytes.size()}}};
    at += t.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string out(8, '\0');
  std::uint64_t size = text.size();
  std::memcpy(out.data(), &size, 8);
  out += text;
  for (const auto& [name, t] : tensors) out += t.bytes;
  return out;
}

HostTensor from_safetensors(const std::string& bytes, const std::string& key,
                            const std::string& where) {
  std::uint64_t size = 0;
  if (bytes.size() >= 8) std::memcpy(&size, bytes.data(), 8);
  if (bytes.size() < 8 || size > bytes.size() - 8)
    throw Error("not a safetensors file, or is cut short", where);
  try {
    auto header = nlohmann::json::parse(bytes.substr(8, size));
    if (!header.contains(key)) throw Error("holds no tensor '" + key + "'", where);
    const auto& h = header.at(key);
    HostTensor t;
    for (const auto& f : kNames)
      if (h.at("dtype") == f.safetensors) t.dtype = f.dtype;
    t.shape = h.at("shape").get<std::vector<std::int64_t>>();
    const std::uint64_t from = h.at("data_offsets").at(0), to = h.at("data_offsets").at(1);
    if (t.dtype.empty() || from > to || to > bytes.size() - 8 - size ||
        tensor_bytes(t.dtype, t.shape, key) != to - from)
      throw Error("the tensor '" + key + "' is damaged or of an unknown type", where);
    t.bytes = bytes.substr(8 + size + from, to - from);
    return t;
  } catch (const nlohmann::json::exception& e) {
    throw Error(std::string("not a safetensors file: ") + e.what(), where);
  }
}

}  // namespace kdex::cuda
