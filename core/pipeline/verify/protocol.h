// What a verification's parent and its workers tell each other: a specification at the start, then
// lines of JSON. Knows neither processes nor the GPU.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kdex::verify {

/// The file descriptor that a worker program writes its lines to.
inline constexpr int kAnswers = 9;

/// What a worker is started with.
struct WorkerSpec {
  std::string dataset;
  std::vector<std::string> plugins_path;
  std::string cuda_home;
  bool python = false, bench = false;
  int workers = 1;
  std::uint64_t seed = 0;
  std::string folder;   ///< of this verification, removed by the parent
  bool peers = false;   ///< time others' kernels beside
  std::string compare;  ///< another kdex program to time beside; empty: none
};

std::string spec_to_text(const WorkerSpec& spec);
/// Throws kdex::Error where the text is not what spec_to_text writes.
WorkerSpec spec_from_text(const std::string& text);

/// Writes one line of JSON; false where nobody reads any more.
bool send_line(int file, const nlohmann::json& line);
/// Takes the next whole line out of `buffer`.
std::optional<nlohmann::json> take_line(std::string& buffer);

/// Whether an error's text says that memory ran out, on the GPU or on the host.
bool is_out_of_memory(const std::string& text);

}  // namespace kdex::verify
