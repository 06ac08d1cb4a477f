// Implementation of core/pipeline/check_solutions.h.
#include "core/pipeline/check_solutions.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cuda/nvcc.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Solutions with one text, and what came of it.
struct DistinctText {
  std::vector<Json*> solutions;
  std::vector<std::string> archs;
  std::map<std::string, std::string> errors;  ///< by architecture; empty: it compiled
};

bool is_wanted(const std::string& arch, const CheckOptions& o) {
  return o.archs.empty() || std::find(o.archs.begin(), o.archs.end(), arch) != o.archs.end();
}

std::vector<DistinctText> distinct_texts(const std::vector<Json*>& solutions) {
  std::map<std::string, std::size_t> at;
  std::vector<DistinctText> out;
  for (Json* s : solutions) {
    const auto archs = s->at("spec").at("target_hardware").get<std::vector<std::string>>();
    std::string key = cuda::SolutionCompiler::text_key(*s);
    for (const auto& arch : archs) key += " " + arch;
    const auto [it, fresh] = at.try_emplace(key, out.size());
    if (fresh) out.push_back({{}, archs, {}});
    out[it->second].solutions.push_back(s);
  }
  return out;
}

std::string name_of(const DistinctText& text) {
  return text.solutions[0]->at("definition").get<std::string>();
}

class Check {
 public:
  Check(std::vector<DistinctText>& texts, const CheckOptions& options)
      : texts_(texts), o_(options), compiler_(options.cuda_home, options.cache_folder) {}

  std::string run() {
    std::vector<std::thread> threads;
    const int jobs = std::max(1, std::min<int>(o_.jobs, static_cast<int>(texts_.size())));
    for (int t = 1; t < jobs; ++t) threads.emplace_back([this] { work(); });
    work();
    for (auto& t : threads) t.join();
    if (!fatal_.empty()) throw Error(fatal_);
    return compiler_.description();
  }

 private:
  void work() {
    for (std::size_t i; (i = next_++) < texts_.size();) {
      if (o_.cancelled && *o_.cancelled) return;
      try {
        check(texts_[i], temporary_folder() + "/solution-" + std::to_string(i));
      } catch (const std::exception& e) {
        const std::lock_guard lock(mutex_);
        fatal_ = e.what();
        next_ = texts_.size();
      }
    }
  }

  void check(DistinctText& text, const std::string& folder) {
    const auto start = std::chrono::steady_clock::now();
    fs::create_directories(folder);
    std::vector<std::string> archs;
    for (const auto& arch : text.archs)
      if (is_wanted(arch, o_)) archs.push_back(arch);
    text.errors = compiler_.compile(*text.solutions[0], archs, folder);
    fs::remove_all(folder);
    const auto seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::lock_guard lock(mutex_);
    ++finished_;
    if (!o_.progress) return;
    std::string bad;
    for (const auto& [arch, error] : text.errors)
      if (!error.empty()) bad += " " + arch;
    char line[64];
    std::snprintf(line, sizeof line, "[%zu/%zu] %.2f s solution ", finished_, texts_.size(),
                  seconds);
    o_.progress(line + name_of(text) + (bad.empty() ? "" : ": not for" + bad));
  }

  std::vector<DistinctText>& texts_;
  const CheckOptions& o_;
  const cuda::SolutionCompiler compiler_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  ///< of what follows
  std::size_t finished_ = 0;
  std::string fatal_;
};

}  // namespace

CheckReport check_solutions(const std::vector<Json*>& solutions, const CheckOptions& options) {
  std::vector<DistinctText> texts = distinct_texts(solutions);
  CheckReport report;
  report.texts = static_cast<int>(texts.size());
  report.compiler = Check(texts, options).run();
  for (const DistinctText& text : texts) {
    Json hardware = Json::array();
    for (const auto& arch : text.archs) {
      if (!is_wanted(arch, options)) {
        hardware.push_back(arch);
        continue;
      }
      const auto error = text.errors.find(arch);
      if (error == text.errors.end()) continue;  // interrupted
      if (error->second.empty()) {
        hardware.push_back(arch);
        ++report.compiled;
      } else {
        report.errors.push_back(name_of(text) + " " + arch + ": " + error->second);
      }
    }
    for (Json* s : text.solutions) (*s)["spec"]["target_hardware"] = hardware;
  }
  return report;
}

}  // namespace kdex
