// home.h: a bump allocator. Small pieces are never reused; large ones go back to the system.
#include "core/python/machine/home.h"

#include <cstdint>
#include <cstdlib>

namespace kdex::py {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kBlock = std::size_t{64} << 10;
constexpr std::size_t kLarge = kBlock / 4;  // from here on: a block of its own

std::size_t rounded(std::size_t bytes, std::size_t to) { return (bytes + to - 1) & ~(to - 1); }

}  // namespace

Home::Home(std::span<char> room) : room_(room), is_open_(!room.empty()) {}

Home::~Home() {
  while (first_) {
    Block* next = first_->next;
    std::free(first_);
    first_ = next;
  }
}

void* Home::pages(std::size_t bytes) {
  bytes = rounded(bytes, kPage);
  if (!is_open_ || bytes > room_.size() - taken_) return nullptr;
  char* p = room_.data() + taken_;
  taken_ += bytes;
  return p;
}

void Home::close() {
  is_open_ = false;
  cur_ = end_ = nullptr;
}

/// Memory of the system, in the list of what is given back at the end.
char* Home::block(std::size_t bytes) {
  auto* b = static_cast<Block*>(std::malloc(sizeof(Block) + bytes));
  if (!b) throw std::bad_alloc();
  *b = {nullptr, first_};
  if (first_) first_->before = b;
  first_ = b;
  return reinterpret_cast<char*>(b + 1);
}

void* Home::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (alignment > alignof(std::max_align_t)) throw std::bad_alloc();
  bytes = rounded(bytes, alignof(std::max_align_t));
  if (bytes >= kLarge) {
    void* p = pages(bytes);
    return p ? p : block(bytes);
  }
  if (bytes > static_cast<std::size_t>(end_ - cur_)) {
    cur_ = static_cast<char*>(pages(kBlock));
    if (!cur_) cur_ = block(kBlock);
    end_ = cur_ + kBlock;
  }
  char* p = cur_;
  cur_ += bytes;
  return p;
}

void Home::do_deallocate(void* p, std::size_t bytes, std::size_t) {
  bytes = rounded(bytes, alignof(std::max_align_t));
  if (static_cast<char*>(p) + bytes == cur_) {
    cur_ = static_cast<char*>(p);
    return;
  }
  if (bytes < kLarge || in_room(p)) return;
  Block* b = static_cast<Block*>(p) - 1;
  (b->before ? b->before->next : first_) = b->next;
  if (b->next) b->next->before = b->before;
  std::free(b);
}

}  // namespace kdex::py
