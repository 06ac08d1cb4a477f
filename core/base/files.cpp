// Implementation of core/base/files.h.
#include "core/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>

#include <kdex/error.h>

namespace kdex {
namespace {

std::mutex temporary_mutex;
std::string temporary;  // the folder that this process made

}  // namespace

std::string read_file(const std::string& file, std::size_t most) {
  int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw Error(std::string("cannot be read: ") + std::strerror(errno), file);
  struct stat st {};
  if (::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    ::close(fd);
    throw Error("not a regular file", file);
  }
  std::string out;
  if (static_cast<std::size_t>(st.st_size) > most) {
    ::close(fd);
    throw Error("is larger than " + std::to_string(most >> 20) + " MiB", file);
  }
  out.resize(static_cast<std::size_t>(st.st_size));
  std::size_t done = 0;
  while (done < out.size()) {
    ssize_t n = ::read(fd, out.data() + done, out.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      int e = errno;
      ::close(fd);
      throw Error(std::string("cannot be read: ") + std::strerror(e), file);
    }
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  ::close(fd);
  out.resize(done);
  return out;
}

void write_file_atomically(const std::string& file, const std::string& text, bool sync) {
  static std::atomic<unsigned> counter{0};
  auto slash = file.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash);
  struct stat there {};
  if (::lstat(file.c_str(), &there) == 0 && !S_ISREG(there.st_mode) && !S_ISLNK(there.st_mode))
    throw Error(S_ISDIR(there.st_mode) ? "cannot be written: is a folder"
                                       : "cannot be written: not a regular file",
                file, "choose another place");
  std::string temporary;
  int fd = -1;
  do {  // a killed process that had this one's number may have left some
    temporary = folder + "/" + temporary_prefix + std::to_string(::getpid()) + "-" +
                std::to_string(counter.fetch_add(1));
    fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  } while (fd < 0 && errno == EEXIST);
  if (fd < 0)
    throw Error(std::string("cannot be written: ") + std::strerror(errno), file,
                "check the folder's rights and space");
  auto fail = [&](int e) {
    if (fd >= 0) ::close(fd);
    ::unlink(temporary.c_str());
    throw Error(std::string("cannot be written: ") + std::strerror(e), file,
                "check the folder's rights and space");
  };
  std::size_t done = 0;
  while (done < text.size()) {
    ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(n < 0 ? errno : ENOSPC);
    done += static_cast<std::size_t>(n);
  }
  if (sync && ::fsync(fd) != 0) fail(errno);
  int closed = ::close(fd);
  fd = -1;
  if (closed != 0) fail(errno);
  if (std::rename(temporary.c_str(), file.c_str()) != 0) fail(errno);
  if (sync) {
    int dir = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0) {
      ::fsync(dir);
      ::close(dir);
    }
  }
}

std::string temporary_folder() {
  std::lock_guard lock(temporary_mutex);
  if (!temporary.empty()) return temporary;
  const char* set = std::getenv("TMPDIR");
  const std::string above = set != nullptr && *set != '\0' ? set : "/tmp";
  std::string path = above + "/kdex-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    throw Error(std::string("no folder can be made there: ") + std::strerror(errno), above,
                "set TMPDIR to a folder that can be written");
  return temporary = path;
}

void remove_temporary_folder() {
  std::lock_guard lock(temporary_mutex);
  std::error_code error;
  if (!temporary.empty()) std::filesystem::remove_all(temporary, error);
  temporary.clear();
}

}  // namespace kdex
