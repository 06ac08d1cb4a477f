// What makes an isolate fit for an image, and what takes one up again. Must not know how images are
// kept (snapshot.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace kdex::py {

class Interp;
class Room;
struct Host;

/// A new isolate in the room, with all that it holds until it is closed.
Interp* make_in(const Room& room, std::int64_t memory_limit, std::int64_t step_limit,
                double seconds);

/// Makes an isolate in a room ready to be written: garbage is gone, and what it takes from here on
/// lies elsewhere. How many of the room's bytes its state is; 0 where it cannot be kept, because
/// something of it is elsewhere or under way.
std::size_t close_for_image(Interp& in);

/// Lets an isolate that was mapped, or closed, run on this thread within these bounds. False where
/// it has spent more already, so that a run of its own would have stopped.
bool take_up(Interp& in, std::int64_t memory_limit, std::int64_t step_limit, double seconds);

/// Whether a host answers all that was asked of the file system while the state was prepared as
/// one without files does.
bool is_indifferent(const Interp& in, const Host& host);

/// The process's memory that is no part of a state and not the program's own: libraries, mapped
/// files, the heaps of threads. A safety net: a state that points there is not kept. Left out is
/// what would be met by chance or means nothing: the main heap, whose addresses are small numbers
/// where the program lies at a fixed place, and this thread's stack, which nothing that is under
/// way uses.
class Outside {
 public:
  explicit Outside(const Interp& in);
  /// Whether a word of `state` could be a pointer to it.
  bool is_pointed_to(std::span<const char> state) const;

 private:
  using Range = std::pair<std::uintptr_t, std::uintptr_t>;
  std::vector<Range> ranges_;  // sorted
  Range stack_;
};

}  // namespace kdex::py
