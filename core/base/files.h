// Whole files in and out: reading with a bound, writing atomically.
#pragma once

#include <cstddef>
#include <string>

namespace kdex {

/// The file's bytes. Throws kdex::Error where it is missing, no plain file, or over `most` bytes.
std::string read_file(const std::string& file, std::size_t most = 256u << 20);

/// Writes `text` so that `file` is as before or complete: a temporary in the same folder, then a
/// rename. `sync`: on disk before the rename. A link at `file` is replaced, not followed. Throws
/// kdex::Error, leaving no temporary behind, where it cannot be written or something that is no
/// plain file (a folder, a device) lies there.
void write_file_atomically(const std::string& file, const std::string& text, bool sync = true);

/// How the temporaries of write_file_atomically begin.
inline constexpr const char* temporary_prefix = ".kdex-tmp-";

/// A fresh folder of this process for files that end with it, made on the first call. Throws
/// kdex::Error where $TMPDIR (else /tmp) cannot hold one.
std::string temporary_folder();
/// Removes what temporary_folder made, if it did.
void remove_temporary_folder();

}  // namespace kdex
