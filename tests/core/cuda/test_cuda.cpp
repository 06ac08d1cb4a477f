// The cubin cache against damage and crowding; NVRTC on the kernels where a toolkit is at hand.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <kdex/error.h>

#include "core/cuda/cubin_cache.h"
#include "core/cuda/nvrtc.h"

namespace fs = std::filesystem;
using namespace kdex::cuda;

static std::string fresh_folder(const char* name) {
  fs::path folder =
      fs::temp_directory_path() / (std::string("kdex-") + name + std::to_string(::getpid()));
  fs::remove_all(folder);
  return folder.string();
}

TEST_CASE("a damaged entry is gone, a whole one comes back") {
  std::string folder = fresh_folder("cache");
  CubinCache cache(folder);
  std::string key = CubinCache::key_of("source");
  CHECK(key.size() == 32);
  CHECK_FALSE(cache.load(key));
  REQUIRE(cache.store(key, std::string("code\0more", 9)));
  CHECK(cache.load(key).value() == std::string("code\0more", 9));
  fs::resize_file(fs::path(folder) / key, 20);
  CHECK_FALSE(cache.load(key));
  CHECK_FALSE(fs::exists(fs::path(folder) / key));
  fs::remove_all(folder);
}

TEST_CASE("the folder stays within its limit") {
  std::string folder = fresh_folder("limit");
  CubinCache cache(folder, 5000);
  for (int i = 0; i < 20; ++i)
    REQUIRE(cache.store(CubinCache::key_of(std::to_string(i)), std::string(1000, 'x')));
  uint64_t total = 0;
  for (const auto& entry : fs::directory_iterator(folder)) total += entry.file_size();
  CHECK(total <= 5000);
  CHECK(cache.load(CubinCache::key_of("19")));
  fs::remove_all(folder);
}

TEST_CASE("threads that store one key leave a whole entry") {
  std::string folder = fresh_folder("race");
  CubinCache cache(folder);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) cache.store("k", std::string(10000, 'y'));
    });
  for (auto& thread : threads) thread.join();
  CHECK(cache.load("k").value() == std::string(10000, 'y'));
  fs::remove_all(folder);
}

TEST_CASE("ptxas's report") {
  auto found = parse_resources(
      "ptxas info    : Function properties for one\n"
      "    0 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads\n"
      "ptxas info    : Used 57 registers, used 1 barriers, 32 bytes smem\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].kernel == "one");
  CHECK(found[0].registers == 57);
  CHECK(found[0].spill_bytes == 12);
  CHECK(found[0].shared_bytes == 32);
}

TEST_CASE("a folder without NVRTC is named") {
  CHECK_THROWS_WITH_AS(Nvrtc("/nonexistent"),
                       doctest::Contains("/nonexistent: NVRTC was not found"), kdex::Error);
}

static std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST_CASE("the kernels compile; an error names file and line") {
  std::unique_ptr<Nvrtc> nvrtc;
  try {
    nvrtc = std::make_unique<Nvrtc>();
  } catch (const kdex::Error& e) {
    MESSAGE("not run: " << e.what());
    return;
  }
  auto compile = [&](const char* file, const char* arch, std::vector<std::string> options) {
    options.push_back("-Ikernels/" + std::filesystem::path(file).parent_path().string());
    return nvrtc->compile(
        {text_of(std::string("kernels/") + file), file, arch, std::move(options)});
  };
  for (const char* arch : {"sm_80", "sm_89", "sm_90a", "sm_100", "sm_120"}) {
    CAPTURE(std::string(arch));
    for (auto& [file, options] : std::vector<std::pair<const char*, std::vector<std::string>>>{
             {"rmsnorm/rmsnorm.cu",
              {"-DHIDDEN_SIZE=4096", "-DEPS=1e-5", "-DFUSED_ADD=1", "-DGEMMA=0",
               "-DRESIDUAL_OUTPUT=0", "-DTHREADS_PER_ROW=256"}},
             {"gemm/tiled.cu",
              {"-DKDEX_DTYPE=0", "-DN=4096", "-DK=4096", "-DBLOCK_M=64", "-DBLOCK_N=64",
               "-DNUM_STAGES=4", "-DB_MN_MAJOR=0"}},
             {"gqa/decode.cu",
              {"-DNUM_QO_HEADS=32", "-DNUM_KV_HEADS=8", "-DHEAD_DIM_QK=128", "-DHEAD_DIM_VO=128",
               "-DPAGE_SIZE=64", "-DHAS_LAST_PAGE_LEN=1", "-DWINDOW_LEFT=-1", "-DLOGIT_CAP=0",
               "-DSINKS=2", "-DNUM_WARPS=4", "-DNUM_STAGES=2"}},
             {"gqa/decode_fp8.cu",
              {"-DNUM_QO_HEADS=32", "-DNUM_KV_HEADS=8", "-DHEAD_DIM_QK=128", "-DHEAD_DIM_VO=128",
               "-DPAGE_SIZE=64", "-DHAS_LAST_PAGE_LEN=1", "-DWINDOW_LEFT=-1", "-DLOGIT_CAP=0",
               "-DSINKS=0", "-DFP8_QUERIES=1", "-DNUM_WARPS=4", "-DNUM_STAGES=2"}}}) {
      Compiled done = compile(file, arch, options);
      CHECK_MESSAGE(done.ok(), done.error);
      CHECK(!done.cubin.empty());
      REQUIRE(!done.kernels.empty());
      for (const Resources& kernel : done.kernels) CHECK(kernel.spill_bytes == 0);
    }
  }
  Compiled refused =
      compile("gqa/decode.cu", "sm_90a",
              {"-DNUM_QO_HEADS=32", "-DNUM_KV_HEADS=8", "-DHEAD_DIM_QK=520", "-DHEAD_DIM_VO=520",
               "-DPAGE_SIZE=64", "-DHAS_LAST_PAGE_LEN=1", "-DWINDOW_LEFT=-1", "-DLOGIT_CAP=0",
               "-DNUM_WARPS=4", "-DNUM_STAGES=2"});
  CHECK(refused.error.find("gqa: head_dim must be") != std::string::npos);
  CHECK(refused.error.find("gqa/decode.cu:") == 0);
  Compiled unknown = compile("rmsnorm/rmsnorm.cu", "sm_1", {"-DHIDDEN_SIZE=128", "-DEPS=1e-5"});
  CHECK_FALSE(unknown.ok());
  MESSAGE(unknown.error);
}
