// Threads with deep stacks: evaluated code recurses.
#include <pthread.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <vector>

#include <kdex/error.h>

#include "core/pipeline/run.h"

namespace kdex {
namespace {

constexpr std::size_t stack_bytes = 256u << 20;  // reserved, not touched

struct Shared {
  std::size_t count;
  const std::function<void(std::size_t)>& work;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first;
};

void* worker(void* arg) {
  auto& s = *static_cast<Shared*>(arg);
  for (;;) {
    std::size_t i = s.next.fetch_add(1);
    if (i >= s.count) return nullptr;
    try {
      s.work(i);
    } catch (...) {
      std::lock_guard lock(s.mutex);
      if (!s.first) s.first = std::current_exception();
      s.next = s.count;
    }
  }
}

}  // namespace

void on_threads(std::size_t count, int jobs, const std::function<void(std::size_t)>& work) {
  Shared shared{count, work, {0}, {}, {}};
  std::vector<pthread_t> threads;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  for (std::size_t i = 0; i < count && i < static_cast<std::size_t>(jobs < 1 ? 1 : jobs); ++i) {
    pthread_t t{};
    if (pthread_create(&t, &attributes, worker, &shared) == 0) threads.push_back(t);
  }
  pthread_attr_destroy(&attributes);
  if (threads.empty() && count > 0)
    throw Error("cannot start a thread", "", "free memory or raise the limits");
  for (auto t : threads) pthread_join(t, nullptr);
  if (shared.first) std::rethrow_exception(shared.first);
}

}  // namespace kdex
