// Prepared states: what many isolates would run first is run once, and each begins with a copy of
// what it left, mapped from an image. Must not know what is prepared, nor any engine.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace kdex::py {

class Sources;
class Room;
class Interp;
struct Host;

/// The images of one source tree. Thread-safe.
class Snapshots {
 public:
  /// `folder`: where images are kept for later processes; empty: none is, they end with this. An
  /// image that does not fit (another program, another state of the files that it was made from,
  /// not whole) counts as none; a folder that cannot be written is no error.
  Snapshots(Sources& sources, std::string folder);
  ~Snapshots();
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  /// Off: every isolate runs all by itself. So it is from the start where KDEX_SNAPSHOT is "off",
  /// for tests and measurements.
  bool is_on;

 private:
  friend class Machine;
  struct Image {
    int file = -1;
    std::size_t from = 0, bytes = 0;  // of the state in the file
  };
  using Id = std::pair<std::string, int>;  // the key and the room's place

  /// Maps the image of `key` into the room. Null where there is none.
  Interp* load(Room& room, const std::string& key);
  /// Keeps the state that lies in the room. Nothing of the isolate may run. An isolate with
  /// something outside the room is not kept.
  void save(const Room& room, const std::string& key, Interp& in);
  /// Notes that what is to be prepared under `key` fails; and whether it does.
  void give_up(const std::string& key);
  bool is_given_up(const std::string& key);

  std::string path_of(const Id& id) const;
  bool open(const Id& id, const char* base, Image& out);
  bool write(const Id& id, const char* base, std::size_t bytes, Image& out);

  Sources& sources_;
  std::string folder_;
  std::mutex mutex_;
  std::map<Id, Image> images_;
  std::set<Id> missing_;  // looked for in the folder, without success
  std::set<std::string> given_up_;
};

}  // namespace kdex::py
