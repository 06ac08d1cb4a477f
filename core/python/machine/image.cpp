// image.h.
#include "core/python/machine/image.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>

#include "core/python/host.h"
#include "core/python/machine/impl.h"
#include "core/python/machine/room.h"

namespace kdex::py {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kFront = (sizeof(Interp) + kPage - 1) / kPage * kPage;

/// Whether one path is the other, or lies below it.
bool is_on_way(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || a.ends_with('/') || b[a.size()] == '/');
}

/// Whether a line of /proc/self/maps names a file or a use.
bool has_name(const std::string& line) { return line.find_first_of("/[") != std::string::npos; }

}  // namespace

Interp* make_in(const Room& room, std::int64_t memory_limit, std::int64_t step_limit,
                double seconds) {
  return new (room.memory().data())
      Interp(memory_limit, step_limit, seconds, room.memory().subspan(kFront));
}

std::size_t close_for_image(Interp& in) {
  Interp::Impl& im = *in.impl;
  in.keep_all = false;
  in.collect();
  in.keep_all = true;
  const bool is_idle = !im.top && in.raised.is_undef() &&
                       std::all_of(im.fibers.begin(), im.fibers.end(), is_fiber_free);
  const bool has_more = !im.assumptions.empty() || !im.choices.empty() || !im.written.empty() ||
                        !im.json_files.empty() || im.undecided.size() > 1 || im.regimes;
  for (const ModCtx* c : im.ctxs)
    if (c->keep) return 0;
  if (!is_idle || has_more || in.home.is_elsewhere() || !in.home.is_open()) return 0;
  im.drop_fibers();
  im.is_preparing = false;
  im.finder = nullptr;
  im.host = nullptr;
  im.printed = im.err = nullptr;
  im.stack_limit = nullptr;
  in.current_builtin = nullptr;
  std::fill(std::begin(im.cache), std::end(im.cache), Interp::Impl::CacheLine{});
  in.suspend();
  in.arena.scrub();
  in.home.close();
  return kFront + in.home.taken();
}

bool take_up(Interp& in, std::int64_t memory_limit, std::int64_t step_limit, double seconds) {
  return in.resume(memory_limit, step_limit, seconds);
}

bool is_indifferent(const Interp& in, const Host& host) {
  for (const std::pmr::string& asked : in.impl->asked_paths)
    for (const auto& [root, folder] : host.files)
      if (is_on_way(asked, std::filesystem::path(root).lexically_normal().string())) return false;
  return true;
}

Outside::Outside(const Interp& in) {
  char program[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", program, sizeof program);
  const std::string_view own(program, n > 0 ? static_cast<std::size_t>(n) : 0);
  std::ifstream maps("/proc/self/maps");
  unsigned long own_end = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0, to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx", &from, &to) != 2) continue;
    // The program's variables without values follow its file, in a range without a name.
    const bool is_own =
        !own.empty() && (line.ends_with(own) || (from == own_end && !has_name(line)));
    if (is_own) own_end = to;
    if (is_own || line.ends_with("[heap]")) continue;
    if (reinterpret_cast<std::uintptr_t>(&in) >= from && reinterpret_cast<std::uintptr_t>(&in) < to)
      continue;
    ranges_.emplace_back(from, to);
  }
  std::sort(ranges_.begin(), ranges_.end());
  pthread_attr_t attr;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attr) != 0) return;
  pthread_attr_getstack(&attr, &low, &size);
  pthread_attr_destroy(&attr);
  stack_ = {reinterpret_cast<std::uintptr_t>(low), reinterpret_cast<std::uintptr_t>(low) + size};
}

bool Outside::is_pointed_to(std::span<const char> state) const {
  for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= state.size();
       at += sizeof(std::uintptr_t)) {
    std::uintptr_t word;
    std::memcpy(&word, state.data() + at, sizeof word);
    if (word < kPage || (word >= stack_.first && word < stack_.second)) continue;
    const auto after =
        std::upper_bound(ranges_.begin(), ranges_.end(), word,
                         [](std::uintptr_t w, const Range& r) { return w < r.first; });
    if (after != ranges_.begin() && word < std::prev(after)->second) return true;
  }
  return false;
}

}  // namespace kdex::py
