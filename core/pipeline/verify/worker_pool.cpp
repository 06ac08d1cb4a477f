// Implementation of core/pipeline/verify/worker_pool.h.
#include "core/pipeline/verify/worker_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include <kdex/error.h>

namespace kdex::verify {
namespace {

void close_pipes(Worker& w) {
  ::close(w.to);
  ::close(w.from);
  w.pid = w.to = w.from = -1;
}

}  // namespace

WorkerPool::WorkerPool(std::string program, WorkerSpec spec, int count)
    : program_(std::move(program)), spec_(std::move(spec)), all_(static_cast<std::size_t>(count)) {}

WorkerPool::~WorkerPool() {
  for (auto& w : all_) stop(w);
}

void WorkerPool::start(Worker& w) {
  int down[2], up[2];
  if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0)
    throw Error("cannot create a pipe", "kdex kernels");
  std::fflush(nullptr);
  const std::string text = spec_to_text(spec_);
  w = {};
  w.pid = ::fork();
  if (w.pid < 0) throw Error("cannot start a process", "kdex kernels");
  if (w.pid == 0) {
    ::setpgid(0, 0);  // it and the python3 that it starts are ended together
    ::dup2(down[0], 0);
    ::dup2(up[1], kAnswers);
    // A pipe that already has the number keeps its close-on-exec flag through dup2.
    ::fcntl(kAnswers, F_SETFD, 0);
    ::execl(program_.c_str(), "kdex", "kernels", "verify-worker", text.c_str(), nullptr);
    ::_exit(127);
  }
  ::setpgid(w.pid, w.pid);
  ::close(down[0]);
  ::close(up[1]);
  w.to = down[1];
  w.from = up[0];
  w.deadline = Clock::now() + std::chrono::seconds(kStartSeconds);
}

void WorkerPool::stop(Worker& w) {
  if (w.pid < 0) return;
  ::kill(-w.pid, SIGKILL);
  int status = 0;
  ::waitpid(w.pid, &status, 0);
  close_pipes(w);
  w.buffer.clear();
}

std::string WorkerPool::reap(Worker& w) {
  int status = 0;
  ::waitpid(w.pid, &status, 0);
  ::kill(-w.pid, SIGKILL);
  close_pipes(w);
  if (WIFSIGNALED(status)) return "the process ended by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) == 127) return "the program " + program_ + " cannot be started";
  return "the process ended with status " + std::to_string(WEXITSTATUS(status));
}

void WorkerPool::send(Worker& w, const nlohmann::json& task, int seconds) {
  send_line(w.to, task);
  w.deadline = Clock::now() + std::chrono::seconds(seconds);
}

}  // namespace kdex::verify
