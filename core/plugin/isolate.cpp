// Implementation of core/plugin/isolate.h: fork, a pipe, a deadline.
#include "core/plugin/isolate.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio_ext.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include <kdex/error.h>

namespace kdex {
namespace {

using Clock = std::chrono::steady_clock;

constexpr rlim_t extra_memory = rlim_t{4} << 30;  // bytes beside what kdex has
// The last byte of an answer; without it the child ended early.
constexpr char returned = 'R', threw = 'T';

std::atomic<double> limit{0};

void write_all(int fd, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(0);
    at += static_cast<std::size_t>(n);
  }
}

/// Signals as they come to a program that has not asked for any; no core files; bounded memory.
/// What a plugin prints goes to standard error, and nothing that kdex has yet to print is printed
/// twice.
void prepare_child() {
  ::__fpurge(stdout);
  ::dup2(2, 1);
  for (int s : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGTERM, SIGPIPE, SIGXFSZ})
    std::signal(s, SIG_DFL);
  std::signal(SIGINT, SIG_IGN);  // kdex is told, and ends its calls
  std::set_terminate(std::abort);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)  // which reserves terabytes
  rlimit memory{};
  unsigned long pages = 0;
  if (std::FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%lu", &pages) != 1) pages = 0;
    std::fclose(f);
  }
  if (pages != 0 && ::getrlimit(RLIMIT_AS, &memory) == 0) {
    const rlim_t wanted = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + extra_memory;
    memory.rlim_cur = std::min(memory.rlim_cur, wanted);
    ::setrlimit(RLIMIT_AS, &memory);
  }
#endif
}

[[noreturn]] void run_child(int out, const std::function<std::string()>& work) {
  prepare_child();
  try {
    write_all(out, work() + returned);
  } catch (const std::bad_alloc&) {
    write_all(out, std::string("it ran out of memory") + threw);
  } catch (const std::exception& e) {
    write_all(out, std::string(e.what()) + threw);
  } catch (...) {
    write_all(out, std::string("it threw something that is not an exception") + threw);
  }
  ::_exit(0);
}

enum class Ending { closed, out_of_time, cancelled };

/// Everything that comes, until the other end is closed, time runs out or the call is cancelled.
Ending read_all(int fd, Clock::time_point until, const std::atomic<bool>* cancelled,
                std::string& bytes) {
  char block[1 << 16];
  const long longest_wait = cancelled != nullptr ? 100 : 1'000'000;  // ms between two looks at it
  for (;;) {
    if (cancelled != nullptr && *cancelled) return Ending::cancelled;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return Ending::out_of_time;
    pollfd p{fd, POLLIN, 0};
    const int ready = ::poll(&p, 1, static_cast<int>(std::min(left, longest_wait)));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    if (ready < 0) return Ending::out_of_time;
    const ssize_t n = ::read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Ending::closed;
    bytes.append(block, static_cast<std::size_t>(n));
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string late(double seconds) {
  char text[48];
  std::snprintf(text, sizeof text, "no answer within %g s", seconds);
  return text;
}

}  // namespace

double call_seconds() {
  if (limit > 0) return limit;
  const char* set = std::getenv("KDEX_FAMILY_SECONDS");
  const double seconds = set != nullptr ? std::atof(set) : 0;
  return seconds > 0 ? seconds : 60;
}
void set_call_seconds(double seconds) { limit = seconds; }

std::string run_isolated(const std::function<std::string()>& work, const CallLimits& limits) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(std::string("cannot create a pipe: ") + std::strerror(errno));
  const pid_t child = ::fork();
  if (child < 0) {
    const int why = errno;
    ::close(ends[0]), ::close(ends[1]);
    throw Error(std::string("cannot start a child process: ") + std::strerror(why));
  }
  if (child == 0) run_child(ends[1], work);
  ::close(ends[1]);
  std::string bytes;
  const double seconds = limits.seconds > 0 ? limits.seconds : call_seconds();
  const auto until = Clock::now() + std::chrono::milliseconds(static_cast<long>(seconds * 1000));
  const Ending ending = read_all(ends[0], until, limits.cancelled, bytes);
  ::close(ends[0]);
  if (ending != Ending::closed) ::kill(child, SIGKILL);
  const int status = wait_for(child);
  if (ending == Ending::cancelled) throw Error("interrupted");
  if (ending == Ending::out_of_time) throw Error(late(seconds));
  const char last = bytes.empty() ? '\0' : bytes.back();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && (last == returned || last == threw)) {
    bytes.pop_back();
    if (last == threw) throw Error(bytes);
    return bytes;
  }
  if (WIFSIGNALED(status))
    throw Error(std::string("crashed (") + ::strsignal(WTERMSIG(status)) + ")");
  throw Error("ended the process (exit status " +
              std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1) + ")");
}

}  // namespace kdex
