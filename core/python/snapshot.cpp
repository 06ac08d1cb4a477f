// snapshot.h: what an image's file holds, when it may be used, and how one is made. A state lies at
// fixed addresses (room.h) and points to nothing outside but the program itself, so that it can be
// mapped as it is.
#include "core/python/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <span>
#include <string_view>
#include <vector>

#include "core/python/machine/image.h"
#include "core/python/machine/impl.h"
#include "core/python/machine/room.h"
#include "core/python/sources.h"
#include "core/source/hash.h"

namespace kdex::py {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMostImages = 8;  // in a folder
constexpr std::string_view kPrefix = "image-";

/// The first page of an image's file; the state follows it, and then the files that it was made
/// from as text.
struct Header {
  char magic[8] = {'k', 'd', 'e', 'x', 'i', 'm', 'g', '1'};
  std::uint64_t program = 0;  // identity of the program that made it
  const char* base = nullptr;
  std::uint64_t state_bytes = 0, text_bytes = 0;
  std::uint64_t state_sum = 0, text_sum = 0;
  std::uint64_t key = 0;

  std::uint64_t file_bytes() const { return kPage + state_bytes + text_bytes; }
};

/// A checksum in four independent chains, for speed.
std::uint64_t sum_of(std::string_view s) {
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  std::size_t at = 0;
  for (; at + 32 <= s.size(); at += 32) {
    std::uint64_t v[4];
    std::memcpy(v, s.data() + at, 32);
    for (int i = 0; i < 4; ++i) {
      lanes[i] = (lanes[i] ^ v[i]) * 0x9E3779B97F4A7C15ull;
      lanes[i] ^= lanes[i] >> 32;
    }
  }
  std::uint64_t all = source::hash64(s.substr(at), s.size());
  for (const std::uint64_t lane : lanes) all = (all ^ lane) * 0xC2B2AE3D27D4EB4Full + 1;
  return all;
}

/// Whether the program lies where it was linked to lie, so that pointers into it stay true.
bool is_program_fixed() {
  static const bool fixed = [] {
    bool is_zero = false;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* out) {
          *static_cast<bool*>(out) = info->dlpi_addr == 0;
          return 1;  // the program itself is the first
        },
        &is_zero);
    return is_zero;
  }();
  return fixed;
}

bool is_wanted() {
  const char* text = std::getenv("KDEX_SNAPSHOT");
  return !text || std::strcmp(text, "off") != 0;
}

/// Another number for every build of the program.
std::uint64_t program_identity() {
  static const std::uint64_t id = [] {
    struct stat s {};
    if (::stat("/proc/self/exe", &s) != 0) return std::uint64_t{0};
    const std::int64_t facts[] = {static_cast<std::int64_t>(s.st_dev),
                                  static_cast<std::int64_t>(s.st_ino),
                                  s.st_size,
                                  s.st_mtim.tv_sec,
                                  s.st_mtim.tv_nsec,
                                  s.st_ctim.tv_sec,
                                  s.st_ctim.tv_nsec};
    return source::hash64({reinterpret_cast<const char*>(facts), sizeof facts}, 7) | 1;
  }();
  return id;
}

bool read_at(int file, void* to, std::size_t bytes, std::uint64_t from) {
  std::size_t have = 0;
  while (have < bytes) {
    const ssize_t n =
        ::pread(file, static_cast<char*>(to) + have, bytes - have, static_cast<off_t>(from + have));
    if (n <= 0) return false;
    have += static_cast<std::size_t>(n);
  }
  return true;
}

bool write_all(int file, const void* from, std::size_t bytes) {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t n = ::write(file, static_cast<const char*>(from) + done, bytes - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

/// Whether a file's state is whole.
bool is_whole(int file, const Header& h) {
  void* p = ::mmap(nullptr, h.state_bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, file, kPage);
  if (p == MAP_FAILED) return false;
  const bool same = sum_of({static_cast<const char*>(p), h.state_bytes}) == h.state_sum;
  ::munmap(p, h.state_bytes);
  return same;
}

/// Takes away the oldest images beyond what is kept.
void tidy(const std::string& folder) {
  std::vector<std::pair<std::int64_t, std::string>> images;
  DIR* d = ::opendir(folder.c_str());
  if (!d) return;
  while (const dirent* e = ::readdir(d)) {
    const std::string path = folder + "/" + e->d_name;
    struct stat s {};
    if (std::string_view(e->d_name).starts_with(kPrefix) && ::stat(path.c_str(), &s) == 0)
      images.emplace_back(s.st_mtim.tv_sec, path);
  }
  ::closedir(d);
  std::sort(images.begin(), images.end());
  for (std::size_t i = 0; i + kMostImages < images.size(); ++i) ::unlink(images[i].second.c_str());
}

}  // namespace

Snapshots::Snapshots(Sources& sources, std::string folder)
    : is_on(is_wanted()), sources_(sources), folder_(is_program_fixed() ? std::move(folder) : "") {}

Snapshots::~Snapshots() {
  for (const auto& [id, image] : images_) ::close(image.file);
}

std::string Snapshots::path_of(const Id& id) const {
  return folder_ + "/" + std::string(kPrefix) + id.first + "-" + std::to_string(id.second);
}

bool Snapshots::open(const Id& id, const char* base, Image& out) {
  const int file = ::open(path_of(id).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return false;
  Header h;
  const Header wanted;
  struct stat s {};
  std::string text;
  const bool fits = [&] {
    // what lies in it is run: nobody else may have written it
    if (::fstat(file, &s) != 0 || !S_ISREG(s.st_mode) || s.st_uid != ::geteuid() ||
        (s.st_mode & (S_IWGRP | S_IWOTH)))
      return false;
    if (!read_at(file, &h, sizeof h, 0) ||
        std::memcmp(h.magic, wanted.magic, sizeof h.magic) != 0 ||
        h.program != program_identity() || h.base != base ||
        h.key != source::hash64(id.first, 11) ||
        h.file_bytes() != static_cast<std::uint64_t>(s.st_size) || h.text_bytes > (16 << 20))
      return false;
    text.resize(h.text_bytes);
    return read_at(file, text.data(), text.size(), kPage + h.state_bytes) &&
           sum_of(text) == h.text_sum && sources_.is_unchanged(text) && is_whole(file, h);
  }();
  if (!fits) {
    ::close(file);
    return false;
  }
  out = {file, kPage, h.state_bytes};
  return true;
}

bool Snapshots::write(const Id& id, const char* base, std::size_t bytes, Image& out) {
  const std::string text = sources_.looked_at();
  Header h;
  h.program = program_identity();
  h.base = base;
  h.state_bytes = bytes;
  h.text_bytes = text.size();
  h.state_sum = sum_of({base, bytes});
  h.text_sum = sum_of(text);
  h.key = source::hash64(id.first, 11);
  std::array<char, kPage> page{};
  std::memcpy(page.data(), &h, sizeof h);
  auto fill = [&](int file) {
    return write_all(file, page.data(), page.size()) && write_all(file, base, bytes) &&
           write_all(file, text.data(), text.size());
  };
  out = {-1, kPage, bytes};
  if (!folder_.empty()) {
    sources_.make_cache_folder();
    const std::string path = path_of(id), temporary = path + "." + std::to_string(::getpid());
    out.file = ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out.file >= 0 && fill(out.file) && ::rename(temporary.c_str(), path.c_str()) == 0) {
      tidy(folder_);
      return true;
    }
    if (out.file >= 0) {
      ::close(out.file);
      ::unlink(temporary.c_str());
    }
  }
  out.file = ::memfd_create("kdex-image", MFD_CLOEXEC);
  if (out.file >= 0 && fill(out.file)) return true;
  if (out.file >= 0) ::close(out.file);
  return false;
}

Interp* Snapshots::load(Room& room, const std::string& key) {
  const Id id(key, room.place());
  Image image;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = images_.find(id); at != images_.end()) {
      image = at->second;
    } else {
      if (folder_.empty() || missing_.contains(id)) return nullptr;
      if (!open(id, room.memory().data(), image)) {
        missing_.insert(id);
        return nullptr;
      }
      images_.emplace(id, image);
    }
  }
  return room.map(image.file, image.from, image.bytes)
             ? reinterpret_cast<Interp*>(room.memory().data())
             : nullptr;
}

void Snapshots::save(const Room& room, const std::string& key, Interp& in) {
  const std::size_t bytes = close_for_image(in);
  if (bytes == 0) return;
  const Outside outside(in);  // what a state may not point to
  Image image;
  if (outside.is_pointed_to({room.memory().data(), bytes})) return;
  if (!write({key, room.place()}, room.memory().data(), bytes, image)) return;
  const std::lock_guard lock(mutex_);
  if (!images_.try_emplace({key, room.place()}, image).second) ::close(image.file);
}

void Snapshots::give_up(const std::string& key) {
  const std::lock_guard lock(mutex_);
  given_up_.insert(key);
}

bool Snapshots::is_given_up(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return given_up_.contains(key);
}

}  // namespace kdex::py
