// Compiled kernels on disk by the hash of all that made them. Several processes may share one
// folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace kdex::cuda {

class CubinCache {
 public:
  /// `limit_bytes` bounds the folder; the entries used longest ago go first.
  CubinCache(std::string folder, uint64_t limit_bytes = 1ull << 30);

  /// The entry, or nothing where it is absent or fails its stored hash (it is then removed).
  std::optional<std::string> load(const std::string& key) const;
  /// Written to a private file, synced and renamed, so that readers see all of it or none. False:
  /// not stored.
  bool store(const std::string& key, const std::string& content) const;

  /// Bytes of an entry's file before its content.
  static constexpr std::size_t head_bytes = 16;
  /// A key for a text: 128 bits in hex.
  static std::string key_of(const std::string& text);

 private:
  void trim() const;
  std::string folder_;
  uint64_t limit_;
};

}  // namespace kdex::cuda
