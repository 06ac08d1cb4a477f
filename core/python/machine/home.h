// Where an isolate's own tables lie, beside its objects (arena.h): memory that is given back at
// once, with the isolate. At first it comes from a room, a range of fixed addresses that an image
// keeps (image.h), where there is one. Must not know what is kept in it.
#pragma once

#include <cstddef>
#include <memory_resource>
#include <new>
#include <span>
#include <utility>

namespace kdex::py {

class Home final : public std::pmr::memory_resource {
 public:
  /// What `room` holds is zero; it outlives this. Empty: all memory comes from the system.
  explicit Home(std::span<char> room = {});
  ~Home() override;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  /// Zeroed pages of the room; null where it has none left, or is closed.
  void* pages(std::size_t bytes);
  bool is_open() const { return is_open_; }
  /// From here on nothing is taken from the room.
  void close();
  bool in_room(const void* p) const {
    return static_cast<const char*>(p) >= room_.data() &&
           static_cast<const char*>(p) < room_.data() + room_.size();
  }
  /// Bytes of the room that are taken.
  std::size_t taken() const { return taken_; }
  /// Whether something lies outside the room.
  bool is_elsewhere() const { return first_ != nullptr; }

  /// An object that is never destroyed.
  template <class T, class... A>
  T* make(A&&... a) {
    return new (allocate(sizeof(T), alignof(T))) T(std::forward<A>(a)...);
  }
  template <class T>
  std::span<const T> copy(std::span<const T> from) {
    T* to = static_cast<T*>(allocate(from.size_bytes() + 1, alignof(T)));
    for (std::size_t i = 0; i < from.size(); ++i) new (to + i) T(from[i]);
    return {to, from.size()};
  }

 private:
  struct Block {  // of the system's memory
    Block *before, *next;
  };
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* p, std::size_t bytes, std::size_t alignment) override;
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  char* block(std::size_t bytes);

  std::span<char> room_;
  std::size_t taken_ = 0;
  bool is_open_;
  char *cur_ = nullptr, *end_ = nullptr;
  Block* first_ = nullptr;
};

}  // namespace kdex::py
