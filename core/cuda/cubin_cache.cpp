// The cache's files: 16 bytes of magic and hash, then the content. Must not know what the content
// means.
#include "core/cuda/cubin_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace fs = std::filesystem;

namespace kdex::cuda {

namespace {

constexpr char kMagic[8] = {'k', 'd', 'e', 'x', 'c', 'b', '0', '1'};

uint64_t hash64(const std::string& text, uint64_t seed) {
  uint64_t h = 0xcbf29ce484222325ull ^ seed;
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdull;
  return h ^ (h >> 29);
}

bool write_all(int file, const char* data, size_t size) {
  while (size > 0) {
    ssize_t n = ::write(file, data, size);
    if (n <= 0) return false;
    data += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

CubinCache::CubinCache(std::string folder, uint64_t limit_bytes)
    : folder_(std::move(folder)), limit_(limit_bytes) {}

std::string CubinCache::key_of(const std::string& text) {
  char out[33];
  std::snprintf(out, sizeof out, "%016llx%016llx", static_cast<unsigned long long>(hash64(text, 0)),
                static_cast<unsigned long long>(hash64(text, 0x9e3779b97f4a7c15ull)));
  return out;
}

std::optional<std::string> CubinCache::load(const std::string& key) const {
  fs::path path = fs::path(folder_) / key;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string all((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::error_code ignored;
  uint64_t stored = 0;
  if (all.size() >= 16) std::memcpy(&stored, all.data() + 8, 8);
  if (all.size() < 16 || std::memcmp(all.data(), kMagic, 8) != 0 ||
      hash64(all.substr(16), 1) != stored) {
    fs::remove(path, ignored);
    return std::nullopt;
  }
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
  return all.substr(16);
}

bool CubinCache::store(const std::string& key, const std::string& content) const {
  static std::atomic<unsigned> counter{0};
  std::error_code error;
  fs::create_directories(folder_, error);
  fs::path own =
      fs::path(folder_) / (".new-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
  int file = ::open(own.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return false;
  char head[16];
  uint64_t hash = hash64(content, 1);
  std::memcpy(head, kMagic, 8);
  std::memcpy(head + 8, &hash, 8);
  bool good = write_all(file, head, sizeof head) &&
              write_all(file, content.data(), content.size()) && ::fsync(file) == 0;
  good = ::close(file) == 0 && good;
  if (good) fs::rename(own, fs::path(folder_) / key, error);
  if (!good || error) {
    fs::remove(own, error);
    return false;
  }
  trim();
  return true;
}

void CubinCache::trim() const {
  struct Entry {
    fs::file_time_type used;
    uint64_t size;
    fs::path path;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    std::error_code gone;
    uint64_t size = entry.file_size(gone);
    fs::file_time_type used = gone ? fs::file_time_type() : entry.last_write_time(gone);
    if (gone || entry.path().filename().string().starts_with(".new-")) continue;
    entries.push_back({used, size, entry.path()});
    total += size;
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (total <= limit_) break;
    if (fs::remove(entry.path, error)) total -= entry.size;
  }
}

}  // namespace kdex::cuda
