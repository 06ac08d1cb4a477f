// Times kdex beside what only parses: tree-sitter for one model, CPython's ast.parse for a folder
// of them. Usage: kdex_bench --source DIR... --checkpoint DIR [--configs DIR] [--repeat N]
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tree_sitter/api.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "core/model/extract.h"

extern "C" const TSLanguage* tree_sitter_python(void);

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Run {
  double seconds = 0;
  long peak_kb = 0;
  int status = 0;
};

/// One process from its start to its end; its output goes nowhere.
Run run(const std::vector<std::string>& command, int cores) {
  const auto start = Clock::now();
  const pid_t child = fork();
  if (child == 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < cores; ++i) CPU_SET(static_cast<std::size_t>(i), &set);
    sched_setaffinity(0, sizeof set, &set);
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2);
    std::vector<char*> arguments;
    for (const auto& c : command) arguments.push_back(const_cast<char*>(c.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  rusage usage{};
  int status = 0;
  wait4(child, &status, 0, &usage);
  return {since(start), usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128};
}

std::string read(const fs::path& p) {
  std::ifstream in(p, std::ios::binary | std::ios::ate);
  if (!in) return "";
  std::string s(static_cast<std::size_t>(in.tellg()), '\0');
  in.seekg(0).read(s.data(), static_cast<std::streamsize>(s.size()));
  return s;
}

/// Reads and parses every file with tree-sitter alone.
double tree_sitter_seconds(const std::vector<fs::path>& files) {
  const auto start = Clock::now();
  TSParser* parser = ts_parser_new();
  ts_parser_set_language(parser, tree_sitter_python());
  for (const auto& f : files) {
    const std::string text = read(f);
    TSTree* tree = ts_parser_parse_string(parser, nullptr, text.data(),
                                          static_cast<std::uint32_t>(text.size()));
    ts_tree_delete(tree);
  }
  ts_parser_delete(parser);
  return since(start);
}

/// CPython's ast.parse over the files, its own start left out.
double ast_seconds(const std::vector<fs::path>& files) {
  const fs::path list = fs::temp_directory_path() / ("kdex-bench-" + std::to_string(getpid()));
  {
    std::ofstream out(list);
    for (const auto& f : files) out << f.string() << "\n";
  }
  const std::string command =
      "taskset -c 0 python3 -W ignore -c \"import ast,sys,time\n"
      "files=open(sys.argv[1]).read().split()\n"
      "t=time.perf_counter()\n"
      "for f in files: ast.parse(open(f,'rb').read())\n"
      "print(time.perf_counter()-t)\" " +
      list.string();
  double seconds = 0;
  if (FILE* p = popen(command.c_str(), "r")) {
    if (std::fscanf(p, "%lf", &seconds) != 1) seconds = 0;
    pclose(p);
  }
  fs::remove(list);
  return seconds;
}

template <class F>
double best(int n, F f) {
  double least = 1e30;
  for (int i = 0; i < n; ++i) least = std::min(least, f());
  return least;
}

std::vector<fs::path> reached(const std::vector<std::string>& sources,
                              const std::vector<std::string>& checkpoints) {
  std::set<fs::path> files;
  auto tree = kdex::SourceTree::open({sources}, "");
  for (const auto& c : checkpoints) {
    kdex::Checkpoint checkpoint;
    checkpoint.folder = c;
    for (const auto& f : kdex::extract_modules(*tree, checkpoint, {}).files)
      for (const auto& s : sources)
        if (fs::exists(fs::path(s) / f)) {
          files.insert(fs::path(s) / f);
          break;
        }
  }
  return {files.begin(), files.end()};
}

struct Arguments {
  std::vector<std::string> sources;
  std::string checkpoint, configs;
  int repeat = 5;
};

int bench(const Arguments& a) {
  const fs::path work = fs::temp_directory_path() / ("kdex-bench-work-" + std::to_string(getpid()));
  fs::create_directories(work);
  const std::string cache = (work / "cache").string();
  setenv("KDEX_CACHE", cache.c_str(), 1);
  auto clean = [&] {
    fs::remove_all(cache);
    fs::remove_all(work / "out");
  };
  {
    std::vector<std::string> command{KDEX_BENCH_PROGRAM, "extract", "--checkpoint",
                                     a.checkpoint,       "--out",   (work / "out").string(),
                                     "--jobs",           "1"};
    for (const auto& s : a.sources) command.insert(command.end(), {"--source", s});
    const auto files = reached(a.sources, {a.checkpoint});
    long peak = 0;
    int status = 0;
    const double parse = best(a.repeat, [&] { return tree_sitter_seconds(files); });
    const double cold = best(a.repeat, [&] {
      clean();
      const Run r = run(command, 1);
      peak = std::max(peak, r.peak_kb);
      status = std::max(status, r.status);
      return r.seconds;
    });
    const double warm = best(a.repeat, [&] {
      fs::remove_all(work / "out");
      return run(command, 1).seconds;
    });
    setenv("KDEX_SNAPSHOT", "off", 1);
    const double alone = best(a.repeat, [&] {
      fs::remove_all(work / "out");
      return run(command, 1).seconds;
    });
    unsetenv("KDEX_SNAPSHOT");
    command.insert(command.end(), {"--tp", "1", "2"});
    const double both = best(a.repeat, [&] {
      fs::remove_all(work / "out");
      return run(command, 1).seconds;
    });
    std::printf(
        "one model: %zu files reached, tree-sitter %.3f s, cold %.3f s (x%.2f of tree-sitter), "
        "warm %.3f s (x%.2f of cold, x%.2f of warm without an image), "
        "a second deployment %.3f s more (x%.2f of the first), peak %ld MB, status %d\n",
        files.size(), parse, cold, cold / parse, warm, warm / cold, warm / alone, both - warm,
        both / warm - 1, peak / 1024, status);
  }
  if (!a.configs.empty()) {
    std::vector<std::string> checkpoints;
    for (const auto& e : fs::directory_iterator(a.configs))
      if (fs::exists(e.path() / "config.json"))
        checkpoints.push_back(fs::absolute(e.path()).string());
    std::sort(checkpoints.begin(), checkpoints.end());
    const fs::path pipeline = work / "all.yaml";
    {
      std::ofstream out(pipeline);
      out << "sources:\n";
      for (const auto& s : a.sources) out << "  - " << fs::absolute(s).string() << "\n";
      out << "output_dir: " << (work / "out").string()
          << "\ndeployments:\n  - {tp: 1}\ncheckpoints:\n";
      for (const auto& c : checkpoints) out << "  - " << c << "\n";
    }
    const auto files = reached(a.sources, checkpoints);
    const double parse = best(a.repeat, [&] { return ast_seconds(files); });
    long peak = 0;
    auto all = [&](int jobs, bool cold) {
      return best(a.repeat, [&] {
        if (cold) clean();
        fs::remove_all(work / "out");
        const Run r = run(
            {KDEX_BENCH_PROGRAM, "run", pipeline.string(), "--jobs", std::to_string(jobs)}, jobs);
        peak = std::max(peak, r.peak_kb);
        return r.seconds;
      });
    };
    const double cold = all(1, true), warm = all(1, false), two = all(2, false);
    std::printf(
        "%zu checkpoints: %zu files reached, ast.parse %.3f s, cold %.3f s (x%.2f), warm %.3f s "
        "(x%.2f), two threads %.3f s (x%.2f faster), peak %ld MB\n",
        checkpoints.size(), files.size(), parse, cold, cold / parse, warm, warm / parse, two,
        warm / two, peak / 1024);
  }
  fs::remove_all(work);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--source")
      a.sources.emplace_back(argv[i + 1]);
    else if (name == "--checkpoint")
      a.checkpoint = argv[i + 1];
    else if (name == "--configs")
      a.configs = argv[i + 1];
    else if (name == "--repeat")
      a.repeat = std::max(1, std::atoi(argv[i + 1]));
  }
  if (a.sources.empty() || a.checkpoint.empty()) {
    std::fprintf(
        stderr,
        "usage: kdex_bench --source DIR... --checkpoint DIR [--configs DIR] [--repeat N]\n");
    return 2;
  }
  static int status = 0;
  pthread_attr_t attributes;  // the machine recurses as deep as the Python that it runs
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{256} << 20);
  pthread_t thread;
  pthread_create(
      &thread, &attributes,
      [](void* p) -> void* {
        status = bench(*static_cast<Arguments*>(p));
        return nullptr;
      },
      &a);
  pthread_join(thread, nullptr);
  return status;
}
