// The parent's side of a verification: gives definitions to workers, takes their lines, gives the
// rest of a definition to a new worker where one ended. Never starts the CUDA driver itself.
#include "core/pipeline/verify.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <utility>

#include <kdex/error.h>

#include "core/pipeline/verify/peer_files.h"
#include "core/pipeline/verify/traces.h"
#include "core/pipeline/verify/worker_pool.h"

namespace kdex {
namespace verify {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A folder of this verification, removed with it.
struct TemporaryFolder {
  std::string path = (fs::temp_directory_path() / "kdex-verify-XXXXXX").string();
  TemporaryFolder() {
    if (::mkdtemp(path.data()) == nullptr) throw Error("cannot create a folder", path);
  }
  ~TemporaryFolder() {
    std::error_code error;
    fs::remove_all(path, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
};

/// One definition's rows as they come.
struct Job {
  const Definition* d = nullptr;
  std::vector<VerifyRow> rows;
  std::vector<nlohmann::ordered_json> lines;
  std::string author;              // of the solution
  std::size_t next = 0, end = 0;   ///< rows that are still to run
  std::vector<std::size_t> again;  ///< found no memory beside the others
};

std::uint64_t seed_of(const VerifyOptions& o) {
  if (o.seed != 0) return o.seed;
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

std::string axes_text(const cuda::Workload& w) {
  std::string text;
  for (const auto& [name, value] : w.axes)
    text += (text.empty() ? "" : " ") + name + "=" + std::to_string(value);
  return text;
}

void read_row(const json& line, VerifyRow& row) {
  row.status = line["status"];
  row.log = line.value("log", "");
  row.error = line.value("error", 0.0);
  row.max_absolute = line.value("max_absolute", 0.0);
  row.max_relative = line.value("max_relative", 0.0);
  row.seconds = line.value("seconds", 0.0);
  row.bytes = line.value("bytes", 0.0);
  for (const auto& p : line.value("peers", json::array()))
    row.peers.push_back({p.at("name"), p.value("version", ""), p.value("seconds", 0.0),
                         p.value("error", 0.0), p.value("why", ""), p.value("is_kdex", false)});
}

class Verification {
 public:
  explicit Verification(const VerifyOptions& options)
      : o_(options),
        dataset_(options.kernels.dataset),
        families_(load_all_plugins(options.kernels.plugins_path)),
        pool_(options.worker_program,
              {dataset_, options.kernels.plugins_path, options.kernels.cuda_home, options.python,
               options.bench, std::max(1, options.workers), seed_of(options), folder_.path,
               options.peers, options.compare},
              std::max(1, options.workers)) {}

  VerifyReport run() {
    pool_.start(pool_.all()[0]);
    serve([&] { return !report_.arch.empty(); });
    if (!cancelled()) {
      index_ = read_index(dataset_);
      make_jobs();
      serve([&] { return idle(); });
      run_again_alone();
    }
    for (auto& job : jobs_)
      if (!job.rows.empty() && !cancelled()) finish(job);
    std::stable_sort(
        report_.rows.begin(), report_.rows.end(),
        [](const VerifyRow& a, const VerifyRow& b) { return a.definition < b.definition; });
    if (cancelled()) report_.errors.emplace_back("interrupted");
    return std::move(report_);
  }

 private:
  bool cancelled() const { return o_.kernels.cancelled && *o_.kernels.cancelled; }
  bool idle() const { return queue_.empty() && open_ == 0; }

  /// Builds for the device; a job for each definition that has a kernel.
  void make_jobs() {
    KernelsOptions k = o_.kernels;
    k.archs = {report_.arch};
    k.solutions = false;
    const KernelsReport built = build_kernels(k);
    report_.errors.insert(report_.errors.end(), built.errors.begin(), built.errors.end());
    report_.nvrtc = built.nvrtc;
    for (const auto& planned : built.kernels) {
      if (!planned.plan.available) {
        ++report_.without[planned.plan.why_not];
        continue;
      }
      try {
        jobs_.push_back(make_job(planned, built));
      } catch (const std::exception& e) {
        report_.errors.emplace_back(e.what());
        continue;
      }
      if (jobs_.back().next < jobs_.back().end) queue_.push_back(jobs_.size() - 1);
    }
    for (auto& job : jobs_)
      if (job.next >= job.end && !job.rows.empty()) finish(job);
  }

  Job make_job(const PlannedKernel& planned, const KernelsReport& built) {
    Job job;
    job.d = &index_.by_name.at(planned.definition);
    WorkloadLines read = read_workloads(dataset_, *job.d, known_form(families_.families, *job.d));
    job.author = planned.author;
    job.lines = std::move(read.lines);
    for (const auto& w : read.workloads) {
      VerifyRow row;
      row.definition = job.d->name;
      row.op_type = job.d->op_type;
      row.workload = w.uuid;
      row.what = w.what.empty() ? axes_text(w) : w.what;
      job.rows.push_back(std::move(row));
    }
    job.end = job.rows.size();
    for (std::size_t u : planned.units) {
      if (built.units[u].error.empty()) continue;
      for (; job.next < job.end; ++job.next) {
        job.rows[job.next].status = "COMPILE_ERROR";
        job.rows[job.next].log = built.units[u].error;
      }
    }
    return job;
  }

  /// Reads what there is from the workers and gives them work, until `until` holds.
  template <class Until>
  void serve(const Until& until) {
    while (!until() && !cancelled()) {
      std::vector<pollfd> files;
      std::vector<Worker*> who;
      for (auto& w : pool_.all())
        if (w.pid >= 0) {
          files.push_back({w.from, POLLIN, 0});
          who.push_back(&w);
        }
      ::poll(files.data(), files.size(), 200);
      for (std::size_t i = 0; i < who.size(); ++i) serve_worker(*who[i], files[i].revents != 0);
      assign();
    }
  }

  void serve_worker(Worker& w, bool readable) {
    const bool ended = readable && !read_from(w);
    while (auto line = take_line(w.buffer)) take(w, *line);
    const bool late = !ended && (w.job || !w.ready) && Clock::now() > w.deadline;
    if (ended || late) lose(w, late);
  }

  /// False at the end of file.
  bool read_from(Worker& w) {
    char chunk[65536];
    const ssize_t n = ::read(w.from, chunk, sizeof chunk);
    if (n <= 0) return false;
    w.buffer.append(chunk, static_cast<std::size_t>(n));
    w.deadline = Clock::now() + std::chrono::seconds(o_.timeout_seconds);
    return true;
  }

  void take(Worker& w, const json& line) {
    if (line.contains("fatal")) {
      w.fatal = line["fatal"];
    } else if (line.contains("device")) {
      w.ready = true;
      report_.device = line["device"];
      report_.arch = line["arch"];
      report_.driver = line["driver"];
    } else if (line.contains("done") && w.job) {
      complete(jobs_[*w.job]);
      w.job.reset();
      --open_;
    } else if (w.job) {
      Job& job = jobs_[*w.job];
      const std::size_t index = line.at("index");
      VerifyRow& row = job.rows.at(index);
      job.next = index + 1;
      w.spoiled = line.value("last", false);
      read_row(line, row);
      if (is_out_of_memory(row.log) && pool_.all().size() > 1 && !alone_)
        job.again.push_back(index);
    }
  }

  /// A worker that ended, or gave no answer in time and is ended now.
  void lose(Worker& w, bool late) {
    std::string how;
    if (late) {
      pool_.stop(w);
      how = "no answer in " + std::to_string(w.ready ? o_.timeout_seconds : kStartSeconds) + " s";
    } else {
      how = pool_.reap(w);
    }
    if (!w.fatal.empty()) how = w.fatal;
    if (!w.ready) {
      // the driver or the device, not a kernel: nothing can be said of any of them
      if (std::none_of(pool_.all().begin(), pool_.all().end(),
                       [](const Worker& x) { return x.ready && x.pid >= 0; }))
        throw Error(how, w.fatal.empty() ? "the CUDA driver" : "");
      w.refused = true;  // no room for one more on the GPU, say
      return;
    }
    if (!w.job) return;
    Job& job = jobs_[*w.job];
    --open_;
    if (!w.spoiled && job.next < job.end) {
      job.rows[job.next].status = late ? "TIMEOUT" : "RUNTIME_ERROR";
      job.rows[job.next].log = how;
      ++job.next;
    }
    if (job.next < job.end)
      queue_.push_front(*w.job);
    else
      complete(job);
    w.job.reset();
  }

  /// Gives waiting definitions to idle workers, which are started where they do not run.
  void assign() {
    for (auto& w : pool_.all()) {
      if (queue_.empty() || (alone_ && open_ > 0)) break;
      if (w.job || w.refused) continue;
      if (w.pid < 0) pool_.start(w);
      if (!w.ready) continue;
      w.job = queue_.front();
      w.spoiled = false;
      queue_.pop_front();
      ++open_;
      const Job& job = jobs_[*w.job];
      pool_.send(w, {{"definition", job.d->name}, {"first", job.next}, {"end", job.end}},
                 o_.timeout_seconds);
    }
  }

  /// What found no memory beside the others, one workload at a time.
  void run_again_alone() {
    alone_ = true;
    for (std::size_t i = 0; i < jobs_.size() && !cancelled(); ++i)
      for (const std::size_t row : jobs_[i].again) {
        jobs_[i].next = row;
        jobs_[i].end = row + 1;
        queue_.push_back(i);
        serve([&] { return idle(); });
      }
  }

  void complete(Job& job) {
    if (job.again.empty()) finish(job);
  }

  /// Writes the job's traces and moves its rows to the report.
  void finish(Job& job) {
    const Definition& d = *job.d;
    std::string unverified;
    for (const auto& r : job.rows)
      if (r.status.empty()) unverified = r.log;
    if (!unverified.empty()) report_.errors.push_back(d.name + ": not verified: " + unverified);
    const auto peers =
        o_.peers ? peer_files(o_.kernels.plugins_path, known_form(families_.families, d).family)
                 : std::vector<std::string>{};
    const int passed = write_traces(dataset_, d, job.rows, job.lines, job.author, report_,
                                    peers.empty() ? "" : peers[0]);
    if (o_.kernels.progress)
      o_.kernels.progress("[" + std::to_string(++finished_) + "/" + std::to_string(jobs_.size()) +
                          "] " + d.name + ": " + std::to_string(passed) + " of " +
                          std::to_string(job.rows.size()) + " workloads passed");
    report_.rows.insert(report_.rows.end(), std::make_move_iterator(job.rows.begin()),
                        std::make_move_iterator(job.rows.end()));
    job.rows.clear();
  }

  const VerifyOptions& o_;
  const std::string dataset_;
  const LoadedPlugins families_;
  TemporaryFolder folder_;
  WorkerPool pool_;  // ends before the folder that its processes use
  VerifyReport report_;
  DatasetIndex index_;
  std::vector<Job> jobs_;
  std::deque<std::size_t> queue_;
  std::size_t open_ = 0, finished_ = 0;
  bool alone_ = false;  ///< the second round: what found no memory beside the others
};

}  // namespace
}  // namespace verify

VerifyReport verify_kernels(const VerifyOptions& options) {
  if (options.worker_program.empty()) throw Error("no worker program is named", "verification");
  ::signal(SIGPIPE, SIG_IGN);
  return verify::Verification(options).run();
}

}  // namespace kdex
