// Names, text and files: what core/base gives to every room.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/base/once.h"
#include "core/base/text.h"

namespace fs = std::filesystem;
using namespace kdex;

namespace {

/// An empty folder for one case, gone with its end.
struct Folder {
  const fs::path path = temporary_folder();
  ~Folder() { remove_temporary_folder(); }
};

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("close names come nearest first, case and punctuation aside") {
  CHECK(closest_names("gqua", {"gemm", "gqa", "moe"}) == std::vector<std::string>{"gqa"});
  CHECK(closest_names("Llama_3.1", {"llama-3.1-8b", "llama-3.1"}) ==
        std::vector<std::string>{"llama-3.1", "llama-3.1-8b"});
  CHECK(closest_names("a", {"a1", "a2", "a3", "a4"}, 2) == std::vector<std::string>{"a1", "a2"});
  CHECK(closest_names("mla", {"mla_paged", "mla_paged"}) == std::vector<std::string>{"mla_paged"});
  CHECK(closest_names("quantization", {"moe", "gqa"}).empty());
  CHECK(closest_names("x", {}).empty());
}

TEST_CASE("did_you_mean is one question, or nothing") {
  CHECK(did_you_mean("rmsnrm", {"rmsnorm", "gemm"}) == "did you mean 'rmsnorm'?");
  CHECK(did_you_mean("a", {"a1", "a2"}) == "did you mean 'a1' or 'a2'?");
  CHECK(did_you_mean("a", {"a1", "a2", "a3"}) == "did you mean 'a1', 'a2' or 'a3'?");
  CHECK(did_you_mean("quantization", {"moe"}).empty());
}

TEST_CASE("UTF-8: surrogates, over-long forms and cut characters are refused") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("aé€😀"));
  CHECK_FALSE(is_utf8("\x80"));
  CHECK_FALSE(is_utf8("\xC3"));
  CHECK_FALSE(is_utf8("\xC0\xAF"));
  CHECK_FALSE(is_utf8("\xE0\x80\xAF"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));
}

TEST_CASE("printable text is one line of UTF-8 of a bounded size") {
  CHECK(printable("plain é") == "plain é");
  CHECK(printable("a\nb\tc\x7F") == "a b c ");
  CHECK(printable("a\xFF\xC3") == "a??");
  CHECK(printable(std::string(100, 'x'), 10) == "xxxxx ... xxxxx");
  const std::string cut = printable("ééééééééé", 7);
  CHECK(is_utf8(cut));
  CHECK(cut == "é ... é");
}

TEST_CASE("read_file gives a file's bytes and refuses what is no plain file or too large") {
  const Folder made;
  const fs::path& folder = made.path;
  const std::string file = (folder / "a").string();
  std::ofstream(file) << std::string("a\0b", 3);
  CHECK(read_file(file) == std::string("a\0b", 3));
  CHECK_THROWS_AS(read_file(file, 2), Error);
  CHECK_THROWS_AS(read_file((folder / "missing").string()), Error);
  CHECK_THROWS_AS(read_file(folder.string()), Error);
  CHECK_THROWS_AS(read_file("/dev/null"), Error);
}

TEST_CASE("a file is written whole, and nothing is left behind where it cannot be") {
  const Folder made;
  const fs::path& folder = made.path;
  const std::string file = (folder / "a").string();
  write_file_atomically(file, "one");
  write_file_atomically(file, "two", false);
  CHECK(read_file(file) == "two");
  CHECK(files_in(folder) == 1);
  fs::create_directory(folder / "folder");
  CHECK_THROWS_AS(write_file_atomically((folder / "folder").string(), "x"), Error);
  CHECK_THROWS_AS(write_file_atomically((folder / "no/such").string(), "x"), Error);
  CHECK(files_in(folder) == 2);
}

TEST_CASE("a link is replaced, not followed") {
  const Folder made;
  const fs::path& folder = made.path;
  std::ofstream(folder / "target") << "kept";
  fs::create_symlink(folder / "target", folder / "link");
  write_file_atomically((folder / "link").string(), "new");
  CHECK(read_file((folder / "target").string()) == "kept");
  CHECK_FALSE(fs::is_symlink(folder / "link"));
}

TEST_CASE("the temporary folder is made once and removed on request") {
  const std::string folder = temporary_folder();
  CHECK(temporary_folder() == folder);
  CHECK(fs::is_directory(folder));
  remove_temporary_folder();
  CHECK_FALSE(fs::exists(folder));
  CHECK(fs::is_directory(temporary_folder()));
  remove_temporary_folder();
}

TEST_CASE("work that throws is tried again, work that is done is not") {
  Once once;
  int calls = 0;
  const auto work = [&] {
    if (++calls == 1) throw Error("not yet");
  };
  CHECK_THROWS_AS(once.run(work), Error);
  once.run(work);
  once.run(work);
  CHECK(calls == 2);
}
