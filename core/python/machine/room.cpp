// room.h: which ranges there are, and who has one.
#include "core/python/machine/room.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdint>
#include <mutex>

namespace kdex::py {
namespace {

// Far from where the system puts programs, libraries and stacks, and from sanitizers' shadows.
constexpr std::uintptr_t kFirst = 0x2000'0000'0000;
constexpr std::size_t kBytes = std::size_t{128} << 20;
constexpr int kRooms = 16;

std::mutex mutex;
bool in_use[kRooms];

}  // namespace

Room::Room() {
  rlimit space{};  // where that is scarce, none is set aside
  if (getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur != RLIM_INFINITY) return;
  const std::lock_guard lock(mutex);
  for (int i = 0; i < kRooms; ++i) {
    if (in_use[i]) continue;
    void* wanted = reinterpret_cast<void*>(kFirst + static_cast<std::uintptr_t>(i) * 8 * kBytes);
    void* p = mmap(wanted, kBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED) continue;
    if (p != wanted) {  // a kernel that does not know the flag
      munmap(p, kBytes);
      continue;
    }
    in_use[i] = true;
    place_ = i;
    memory_ = {static_cast<char*>(p), kBytes};
    return;
  }
}

Room::~Room() {
  if (place_ < 0) return;
  munmap(memory_.data(), memory_.size());
  const std::lock_guard lock(mutex);
  in_use[place_] = false;
}

bool Room::map(int file, std::size_t from, std::size_t bytes) {
  return bytes <= memory_.size() &&
         mmap(memory_.data(), bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file,
              static_cast<off_t>(from)) != MAP_FAILED;
}

void Room::clear() {
  if (place_ < 0) return;
  if (mmap(memory_.data(), memory_.size(), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
    place_ = -1;
}

}  // namespace kdex::py
