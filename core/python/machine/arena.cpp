// The arena's chunks and holes: where slow() finds room, how a word is led back to the allocation
// that it points into, and what a sweep leaves. Must not know what the objects are.
#include "core/python/machine/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "core/python/machine/interp.h"

namespace kdex::py {

namespace {

constexpr std::size_t kChunk = std::size_t{16} << 20;
constexpr std::size_t kSmallChunk = std::size_t{1} << 20;
constexpr std::size_t kLarge = kSmallChunk;    // above: a chunk of its own
constexpr std::size_t kLeastHole = 128;        // below: not worth looking at again
constexpr std::size_t kLargeHole = 64 << 10;   // from here on: room for medium ones
constexpr std::int64_t kCollect = 64ll << 20;  // bytes between two collections, at the least

/// Bytes that `chunk` takes from the system: itself and its `starts`.
std::size_t mapped(std::size_t chunk, bool whole) { return whole ? chunk : chunk + chunk / 16; }

/// Chunks of arenas that have ended: the next one need not have its pages cleared by the kernel.
class Spare {
 public:
  void* take() {
    const std::lock_guard lock(mutex_);
    if (chunks_.empty()) return nullptr;
    void* p = chunks_.back();
    chunks_.pop_back();
    return p;
  }
  bool keep(void* p) {
    const std::lock_guard lock(mutex_);
    if (chunks_.size() >= kMost) return false;
    chunks_.push_back(p);
    return true;
  }

 private:
  static constexpr std::size_t kMost = 4;
  std::mutex mutex_;
  std::vector<void*> chunks_;
};

Spare& spare() {
  static auto* s = new Spare;  // never destroyed: arenas may end after the statics
  return *s;
}

/// Bytes between two collections that KDEX_COLLECT_AFTER asks for, in tests; 0: it is not set.
std::int64_t asked_for() {
  static const std::int64_t bytes = [] {
    const char* text = std::getenv("KDEX_COLLECT_AFTER");
    return text ? std::max(0ll, std::atoll(text)) : 0ll;
  }();
  return bytes;
}

/// Bytes until the next collection, where `live` are left by the last one.
std::int64_t collect_after(std::int64_t live) {
  return asked_for() ? asked_for() : std::max(kCollect, live / 3 * 2);
}

}  // namespace

Arena::Arena(Home& home, std::int64_t limit)
    : home_(&home),
      limit_(limit),
      next_(collect_after(0)),
      chunks_(&home),
      small_(&home),
      large_(&home),
      medium_(&home),
      far_(&home),
      todo_(&home) {}

Arena::~Arena() {
  for (const Chunk& c : chunks_)
    if (!home_->in_room(c.base) && (c.size != kChunk || c.whole || !spare().keep(c.base)))
      munmap(c.base, mapped(c.size, c.whole));
}

// ---------------------------------------------------------------- taking

/// Makes sure that the bound allows `bytes` more, by a collection where it does not yet.
void Arena::reserve(std::size_t bytes) {
  const auto more = static_cast<std::int64_t>(bytes);
  if (total_ + more > limit_ && pressure_ && since_ > limit_ / 8) pressure_(owner_, true);
  if (total_ + more > limit_)
    throw LimitError{"more than " + std::to_string(limit_ >> 20) +
                     " MB of memory were asked for: kdex's own limit, which max_memory raises"};
  total_ += more;
}

/// Counts what was taken, and asks for a collection where it is time.
void Arena::used(std::size_t bytes) {
  since_ += static_cast<std::int64_t>(bytes);
  if (since_ <= next_ || asked_ || !pressure_) return;
  asked_ = true;
  pressure_(owner_, false);
}

Arena::Hole Arena::new_chunk(std::size_t at_least) {
  // small at first, then chunks that the kernel may back with huge pages
  const bool small = home_->is_open() || total_ < (8 << 20) || total_ + (32 << 20) > limit_;
  const std::size_t size = small && at_least <= kSmallChunk ? kSmallChunk : kChunk;
  reserve(mapped(size, false));
  void* p = size == kChunk ? spare().take() : nullptr;
  const bool used_before = p != nullptr;
  if (!p) p = home_->pages(mapped(size, false));
  if (!p) {
    p = mmap(nullptr, mapped(size, false), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
             0);
    if (p == MAP_FAILED) throw LimitError{"the machine has no memory left"};
    if (size == kChunk) madvise(p, mapped(size, false), MADV_HUGEPAGE);
  }
  char* base = static_cast<char*>(p);
  auto* starts = reinterpret_cast<std::uint8_t*>(base + size);
  if (used_before) std::memset(starts, kInside, size / 16);
  chunks_.push_back({base, size, starts, 0});
  return {base, base + size, starts - (reinterpret_cast<std::uintptr_t>(base) >> 4)};
}

void* Arena::whole_chunk(std::size_t bytes, Holds holds) {
  used(bytes);
  reserve(bytes);
  void* p = home_->pages(bytes);
  const bool is_ours = p == nullptr;
  if (is_ours) p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw LimitError{"the machine has no memory left"};
  if (is_ours && bytes >= kChunk) madvise(p, bytes, MADV_HUGEPAGE);
  chunks_.push_back({static_cast<char*>(p), bytes, nullptr, static_cast<std::uint8_t>(holds)});
  return p;
}

/// Puts away what is left of a hole. Its first byte's mark ends the allocation before it.
void Arena::keep_hole(const Hole& h) {
  if (h.begin == h.end) return;
  h.starts[reinterpret_cast<std::uintptr_t>(h.begin) >> 4] = kFree;
  const auto size = static_cast<std::size_t>(h.end - h.begin);
  if (size >= kLargeHole)
    large_.push_back(h);
  else if (size >= kLeastHole)
    small_.push_back(h);
}

void Arena::begin_span(const Hole& h) {
  cur_ = h.begin;
  end_ = h.end;
  starts_ = reinterpret_cast<std::uintptr_t>(h.starts);
}

void Arena::end_span() {
  if (cur_ != end_) keep_hole({cur_, end_, reinterpret_cast<std::uint8_t*>(starts_)});
  cur_ = end_ = nullptr;
}

/// Makes a span that holds `bytes`, at most kMedium, the current one.
void Arena::next_span(std::size_t bytes) {
  if (cur_ != end_)
    *reinterpret_cast<std::uint8_t*>(starts_ + (reinterpret_cast<std::uintptr_t>(cur_) >> 4)) =
        kFree;
  cur_ = end_ = nullptr;
  Hole h{};
  while (!small_.empty()) {
    h = small_.back();
    small_.pop_back();
    if (static_cast<std::size_t>(h.end - h.begin) >= bytes) return begin_span(h);
  }
  if (!large_.empty()) {
    h = large_.back();
    large_.pop_back();
    return begin_span(h);
  }
  begin_span(new_chunk(bytes));
}

/// Room for `bytes`, more than kMedium, without leaving the current span.
void* Arena::from_large_hole(std::size_t bytes, Holds holds) {
  std::size_t at = large_.size();
  for (std::size_t tries = 0; tries < 16 && tries < large_.size(); ++tries)
    if (const Hole& h = large_[large_.size() - 1 - tries];
        static_cast<std::size_t>(h.end - h.begin) >= bytes) {
      at = large_.size() - 1 - tries;
      break;
    }
  Hole h{};
  if (at == large_.size()) {
    h = new_chunk(bytes);
  } else {
    h = large_[at];
    large_.erase(large_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  char* p = h.begin;
  h.starts[reinterpret_cast<std::uintptr_t>(p) >> 4] = static_cast<std::uint8_t>(holds);
  medium_.push_back(p);
  h.begin += bytes;
  keep_hole(h);
  return p;
}

void* Arena::slow(std::size_t bytes, Holds holds) {
  if (bytes > kLarge) return whole_chunk(bytes, holds);
  if (bytes > kMedium) {
    used(bytes);
    return from_large_hole(bytes, holds);
  }
  next_span(bytes);
  used(static_cast<std::size_t>(end_ - cur_));
  return alloc(bytes, holds);
}

// ---------------------------------------------------------------- marking

void Arena::begin_marking() {
  end_span();
  std::sort(chunks_.begin(), chunks_.end(),
            [](const Chunk& a, const Chunk& b) { return a.base < b.base; });
  last_ = nullptr;
  low_ = span_ = 0;
  if (chunks_.empty()) return;
  low_ = reinterpret_cast<std::uintptr_t>(chunks_.front().base);
  for (const Chunk& c : chunks_)
    span_ = std::max(span_, reinterpret_cast<std::uintptr_t>(c.base) + c.size - low_);
  std::erase_if(medium_, [&](const char* p) {  // what was given back, unless another begins there
    const Chunk* c = chunk_of(reinterpret_cast<std::uintptr_t>(p));
    return c->starts[(p - c->base) / 16] == kInside;
  });
  far_ = medium_;
  for (const auto* holes : {&small_, &large_})
    for (const Hole& h : *holes) far_.push_back(h.begin);
  std::sort(far_.begin(), far_.end());
}

Arena::Chunk* Arena::chunk_of(std::uintptr_t word) {
  auto holds = [&](const Chunk& c) {
    return word - reinterpret_cast<std::uintptr_t>(c.base) < c.size;
  };
  if (last_ && holds(*last_)) return last_;
  auto it =
      std::upper_bound(chunks_.begin(), chunks_.end(), word, [](std::uintptr_t w, const Chunk& c) {
        return w < reinterpret_cast<std::uintptr_t>(c.base);
      });
  if (it == chunks_.begin() || !holds(*--it)) return nullptr;
  return last_ = &*it;
}

/// Where what covers `at` of a chunk's `starts` begins: an allocation or a hole. What begins more
/// than kMedium bytes before is in `far_`, so that a pointer into a large one costs no more.
std::size_t Arena::start_before(const Chunk& c, std::size_t at) const {
  const std::size_t least = at < kMedium / 16 ? 0 : at - kMedium / 16;
  for (std::size_t i = at;; --i) {
    if (c.starts[i] != kInside) return i;
    if (i == least) break;
  }
  const char* here = c.base + at * 16;
  const auto next = std::upper_bound(far_.begin(), far_.end(), here);
  if (next == far_.begin() || *(next - 1) < c.base) return least;
  return static_cast<std::size_t>(*(next - 1) - c.base) / 16;
}

void Arena::mark_in_range(std::uintptr_t word) {
  Chunk* c = chunk_of(word);
  if (!c) return;
  const auto* first = reinterpret_cast<const std::uintptr_t*>(c->base);
  if (c->whole) {
    if (c->whole & kMarked) return;
    if (static_cast<Holds>(c->whole) != Holds::no_pointers)
      todo_.push_back(
          {first, first + (static_cast<Holds>(c->whole) == Holds::text ? sizeof(Str) : c->size) /
                              sizeof *first});
    c->whole |= kMarked;
    return;
  }
  const std::size_t at = start_before(*c, (word - reinterpret_cast<std::uintptr_t>(c->base)) / 16);
  std::uint8_t& what = c->starts[at];
  if (what == kInside || what == kFree || (what & kMarked)) return;
  const auto holds = static_cast<Holds>(what);
  what |= kMarked;
  if (holds == Holds::no_pointers) return;
  const std::size_t n = c->size / 16;
  const std::size_t most = holds == Holds::text ? std::min(n, at + (sizeof(Str) + 15) / 16) : n;
  std::size_t end = at + 1;
  for (std::uint64_t eight;
       end + 8 <= most && (std::memcpy(&eight, c->starts + end, 8), eight == 0);)
    end += 8;
  while (end < most && c->starts[end] == kInside) ++end;
  todo_.push_back({first + at * 2, first + end * 2});
}

bool Arena::take(Range& out) {
  if (todo_.empty()) return false;
  out = todo_.back();
  todo_.pop_back();
  return true;
}

bool Arena::marked(const void* start) const {
  const auto word = reinterpret_cast<std::uintptr_t>(start);
  const Chunk* c = const_cast<Arena*>(this)->chunk_of(word);
  if (!c) return false;
  return ((c->whole ? c->whole
                    : c->starts[(word - reinterpret_cast<std::uintptr_t>(c->base)) / 16]) &
          kMarked) != 0;
}

// ---------------------------------------------------------------- sweeping

/// Turns what is not marked into holes, and takes the marks away. The bytes that live.
std::size_t Arena::sweep_chunk(Chunk& c) {
  std::uint8_t* s = c.starts;
  const std::size_t n = c.size / 16;
  std::uint8_t* biased = s - (reinterpret_cast<std::uintptr_t>(c.base) >> 4);
  std::size_t free_from = n, free_bytes = 0;
  auto close = [&](std::size_t to) {
    if (free_from == n) return;
    keep_hole({c.base + free_from * 16, c.base + to * 16, biased});
    free_bytes += (to - free_from) * 16;
    free_from = n;
  };
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 8 == 0) {
      std::uint64_t eight;
      while (i + 8 <= n && (std::memcpy(&eight, s + i, 8), eight == 0)) i += 8;
      if (i >= n) break;
    }
    if (s[i] == kInside) continue;
    if (s[i] & kMarked) {
      s[i] = static_cast<std::uint8_t>(s[i] & ~kMarked);
      close(i);
    } else {
      s[i] = kInside;
      if (free_from == n) free_from = i;
    }
  }
  close(n);
  return c.size - free_bytes;
}

void Arena::scrub() {
  for (const Chunk& c : chunks_) {
    if (c.whole) continue;
    const std::size_t n = c.size / 16;
    for (std::size_t i = 0; i < n; ++i) {
      if (c.starts[i] != kFree) continue;
      std::size_t end = i + 1;
      while (end < n && c.starts[end] == kInside) ++end;
      std::memset(c.base + i * 16, 0, (end - i) * 16);
      i = end - 1;
    }
  }
}

void Arena::start_anew() {
  since_ = 0;
  asked_ = false;
  next_ = collect_after(0);
}

void Arena::sweep() {
  small_.clear();
  large_.clear();
  far_.clear();
  std::erase_if(medium_, [&](const char* p) { return !marked(p); });
  std::int64_t live = 0;
  for (std::size_t i = 0; i < chunks_.size();) {
    Chunk& c = chunks_[i];
    if (!c.whole) {
      live += static_cast<std::int64_t>(sweep_chunk(c));
      ++i;
    } else if (c.whole & kMarked) {
      c.whole = static_cast<std::uint8_t>(c.whole & ~kMarked);
      live += static_cast<std::int64_t>(c.size);
      ++i;
    } else {
      if (!home_->in_room(c.base)) munmap(c.base, c.size);
      total_ -= static_cast<std::int64_t>(c.size);
      chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  last_ = nullptr;
  low_ = span_ = 0;
  since_ = 0;
  asked_ = false;
  next_ = collect_after(live);
}

}  // namespace kdex::py
