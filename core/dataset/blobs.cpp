// Implementation of core/dataset/blobs.h.
#include "core/dataset/blobs.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/definition/json.h"

namespace kdex {
namespace {

constexpr std::uint64_t kMostHeader = 100u << 20;  // as the format bounds it

/// The JSON at the head of a safetensors file. Throws kdex::Error.
nlohmann::ordered_json header_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, 8> bytes{};
  if (!in.read(bytes.data(), bytes.size())) throw Error("is no safetensors file", file);
  std::uint64_t size = 0;
  for (std::size_t i = 8; i-- > 0;) size = size << 8 | static_cast<unsigned char>(bytes[i]);
  if (size > kMostHeader) throw Error("is no safetensors file", file);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(size)))
    throw Error("is cut in its header", file);
  return parse_json(text, file);
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string out = "(";
  for (const auto n : shape) out += std::to_string(n) + (shape.size() == 1 ? "," : ", ");
  if (shape.size() > 1) out.erase(out.size() - 2);
  return out + ")";
}

}  // namespace

std::string blob_problem(const std::string& dataset, const std::string& path,
                         const std::string& key,
                         const std::optional<std::vector<std::int64_t>>& shape) {
  const std::string file = dataset + "/" + path;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return "blob missing at " + path;
  try {
    const auto header = header_of(file);
    if (!header.is_object() || !header.contains(key))
      return "tensor key '" + key + "' not found in " + path;
    const auto have = header.at(key).at("shape").get<std::vector<std::int64_t>>();
    if (shape && have != *shape)
      return "shape mismatch: expected " + shape_text(*shape) + ", got " + shape_text(have);
    return "";
  } catch (const Error& e) {
    return "blob load failed: " + std::string(e.what());
  } catch (const nlohmann::ordered_json::exception&) {
    return "blob load failed: " + path + ": the header is not of the format";
  }
}

}  // namespace kdex
