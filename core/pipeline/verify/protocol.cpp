// Implementation of core/pipeline/verify/protocol.h.
#include "core/pipeline/verify/protocol.h"

#include <unistd.h>

#include <kdex/error.h>

namespace kdex::verify {

using nlohmann::json;

std::string spec_to_text(const WorkerSpec& s) {
  return json{{"dataset", s.dataset},     {"plugins_path", s.plugins_path},
              {"cuda_home", s.cuda_home}, {"python", s.python},
              {"bench", s.bench},         {"workers", s.workers},
              {"seed", s.seed},           {"folder", s.folder},
              {"peers", s.peers},         {"compare", s.compare}}
      .dump();
}

WorkerSpec spec_from_text(const std::string& text) {
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object())
    throw Error("is for internal use by `kdex kernels verify` and `bench`",
                "kdex kernels verify-worker");
  try {
    return {j.at("dataset"), j.at("plugins_path"), j.at("cuda_home"), j.at("python"),
            j.at("bench"),   j.at("workers"),      j.at("seed"),      j.at("folder"),
            j.at("peers"),   j.at("compare")};
  } catch (const json::exception& e) {
    throw Error(e.what(), "kdex kernels verify-worker");
  }
}

bool send_line(int file, const json& line) {
  const std::string text = line.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(file, text.data() + at, text.size() - at);
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<json> take_line(std::string& buffer) {
  const auto end = buffer.find('\n');
  if (end == std::string::npos) return std::nullopt;
  json j = json::parse(buffer.substr(0, end));
  buffer.erase(0, end + 1);
  return j;
}

bool is_out_of_memory(const std::string& text) {
  return text.find("out of memory") != std::string::npos;
}

}  // namespace kdex::verify
