// Prepared states: a machine that begins with an image gives what one that ran all itself gives,
// and an image that does not fit counts as none.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/paths.h"
#include "core/python/machine.h"
#include "core/python/snapshot.h"
#include "core/python/sources.h"

using namespace kdex;
using namespace kdex::py;
namespace fs = std::filesystem;

namespace {

using End = Machine::Result::End;

// What is shared leaves all kinds of things behind: classes, closures, big numbers, regular
// expressions, iterators in the middle, cached results, numbers with an origin, a lazy module.
constexpr const char* kDriver = R"py(
import collections, dataclasses, enum, functools, re
import common

SHARED = {}

class Color(enum.Enum):
    RED = 1
    BLUE = "b"

@dataclasses.dataclass
class Point:
    x: int
    y: "list[int]" = dataclasses.field(default_factory=list)

@functools.lru_cache(maxsize=None)
def squared(n):
    return n * n

def numbers():
    yield from (n for n in range(5))

def share(request):
    it = iter([1, 2, 3])
    next(it)
    SHARED.update(it=it, pattern=re.compile(r"(\d+)-(\w)"), big=1 << 200, squares=squared(12),
                  point=Point(common.SIZE * 2, [common.SIZE]), listed=list(numbers()),
                  counter=collections.Counter("abca"), names={"é", "ab", ()},
                  adder=(lambda n: lambda m: n + m)(40), wanted=request.get("platform"))
    if request.get("asks"):
        import os
        SHARED["there"] = os.path.exists(request["asks"])
    if request.get("fails"):
        raise ValueError("not shared")

def build(request):
    import late
    try:
        if not SHARED:
            share(request)
    except ValueError:
        pass
    point = SHARED["point"]
    point.y.append(late.grow(point.x))
    return {"rest": list(SHARED["it"]), "match": SHARED["pattern"].match("12-a").groups(),
            "big": str(SHARED["big"]), "squares": squared(12), "info": str(squared.cache_info()),
            "point": repr(point), "sum": SHARED["adder"](2), "color": repr(Color("b")),
            "counter": repr(SHARED["counter"]), "names": sorted(map(str, SHARED["names"])),
            "listed": SHARED["listed"], "x": point.x, "wanted": SHARED["wanted"],
            "there": SHARED.get("there"), "module": late.__name__}
)py";

/// A folder of sources, with a cache beside it; both end with this.
class Place {
 public:
  Place() : folder(fs::temp_directory_path() / ("kdex-snapshot-" + std::to_string(::getpid()))) {
    fs::remove_all(folder);
    fs::create_directories(folder / "src");
    write("driver.py", kDriver);
    write("common.py", "SIZE = 4 + 3\n");
    write("late.py", "import common\ndef grow(n):\n    return n + common.SIZE\n");
  }
  ~Place() {
    std::error_code error;
    fs::remove_all(folder, error);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / "src" / name) << text;
  }
  std::string cache() const { return (folder / "cache").string(); }
  std::vector<fs::path> images() const {
    std::vector<fs::path> out;
    std::error_code error;
    for (const auto& e : fs::directory_iterator(cache(), error))
      if (e.path().filename().string().starts_with("image-")) out.push_back(e.path());
    return out;
  }
  fs::path folder;
};

/// One process's view of the place: sources and images, read anew.
struct Process {
  explicit Process(const Place& p, const std::string& cache)
      : sources(overlay_folders(data_folder()), {(p.folder / "src").string()}, cache),
        snapshots(sources, cache) {
    snapshots.is_on = true;  // whatever the environment says
  }
  explicit Process(const Place& p) : Process(p, p.cache()) {}
  Sources sources;
  Snapshots snapshots;
};

struct Asked {
  std::string asks;
  bool fails = false;
  Bounds bounds = {50'000'000, 512 << 20, 30};
  Host host = {};
};

View request(Machine& m, const Asked& asked) {
  std::vector<std::pair<std::string, View>> entries = {{"platform", m.text("h9")}};
  if (!asked.asks.empty()) entries.emplace_back("asks", m.text(asked.asks));
  if (asked.fails) entries.emplace_back("fails", m.truth(true));
  return m.dict(entries);
}

/// What a run gives, with the origin of a number and all that is counted, as text.
std::string told(Machine& m, const Asked& asked) {
  const Machine::Result r =
      m.run("driver", "build", [&](Machine& machine) { return request(machine, asked); });
  if (r.end != End::returned) return r.error_type + ": " + r.error;
  std::string out = r.value.repr();
  std::vector<std::uint32_t> next{r.value.entry("x").origin()};
  while (!next.empty()) {
    const Origin o = m.origin(next.back());
    next.pop_back();
    out +=
        "\n" + o.file + ":" + std::to_string(o.line) + " " + o.text + " " + std::to_string(o.value);
    next.insert(next.end(), o.inputs.begin(), o.inputs.end());
  }
  for (const auto& file : m.files()) out += "\n" + file;
  return out + "\n" + std::to_string(m.calls()) + " calls " + std::to_string(m.unknowns());
}

/// The same without images.
std::string alone(const Place& place, const Asked& asked = {}) {
  Process p(place, "");
  Machine m(p.sources, asked.host, asked.bounds);
  return told(m, asked);
}

/// And with them; adds to `prepared` where the state had to be made.
std::string with_images(Process& p, std::atomic<int>& prepared, const Asked& asked = {}) {
  Machine m(p.sources, asked.host, asked.bounds, p.snapshots, "key", [&](Machine& machine) {
    ++prepared;
    return machine.run("driver", "share", [&](Machine& inner) { return request(inner, asked); })
               .end == End::returned;
  });
  return told(m, asked);
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Lets the files be old enough for their times to be trusted, or so that only their contents are.
void age(const Place& place) {
  for (const auto& e : fs::recursive_directory_iterator(place.folder / "src"))
    fs::last_write_time(e.path(), fs::file_time_type::clock::now() - std::chrono::hours(1));
}

}  // namespace

TEST_CASE("a state is prepared once, for this process and the next") {
  const Place place;
  const std::string expected = alone(place);
  CHECK(expected.find("'rest': [2, 3]") != std::string::npos);
  std::atomic<int> prepared = 0;
  {
    Process p(place);
    CHECK(with_images(p, prepared) == expected);
    CHECK(prepared == 1);
    CHECK(with_images(p, prepared) == expected);
    CHECK(with_images(p, prepared) == expected);
    CHECK(prepared == 1);
    CHECK(place.images().size() == 1);
  }
  Process later(place);
  CHECK(with_images(later, prepared) == expected);
  CHECK(prepared == 1);
}

TEST_CASE("a file that changed makes an image stale, one that is only newer does not") {
  const Place place;
  age(place);
  std::atomic<int> prepared = 0;
  {
    Process p(place);
    with_images(p, prepared);
  }
  place.write("common.py", "SIZE = 4 + 3\n");
  {
    Process p(place);
    CHECK(with_images(p, prepared) == alone(place));
    CHECK(prepared == 1);
  }
  place.write("common.py", "SIZE = 4 + 5\n");
  {
    Process p(place);
    const std::string now = with_images(p, prepared);
    CHECK(now == alone(place));
    CHECK(now.find("'x': 18") != std::string::npos);
    CHECK(prepared == 2);
  }
  place.write("late.py", "def grow(n):\n    return -n\n");  // no part of the state
  Process p(place);
  CHECK(with_images(p, prepared).find("Point(x=18, y=[9, -18])") != std::string::npos);
  CHECK(prepared == 2);
}

TEST_CASE("a module that comes to hide another makes an image stale") {
  const Place place;
  std::atomic<int> prepared = 0;
  {
    Process p(place);
    with_images(p, prepared);
  }
  fs::create_directories(place.folder / "src" / "common");
  place.write("common/__init__.py", "SIZE = 1\n");
  Process p(place);
  CHECK(with_images(p, prepared) == alone(place));
  CHECK(prepared == 2);
}

TEST_CASE("damaged and foreign images are made anew") {
  const Place place;
  const std::string expected = alone(place);
  std::atomic<int> prepared = 0;
  {
    Process p(place);
    with_images(p, prepared);
  }
  REQUIRE(place.images().size() == 1);
  const fs::path image = place.images().front();
  const std::string whole = read(image);
  auto put = [&](const std::string& bytes) {
    fs::remove_all(image);
    std::ofstream(image, std::ios::binary) << bytes;
    ::chmod(image.c_str(), 0600);
  };
  auto flipped = [&](std::size_t at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
  };
  int expected_count = 1;
  for (const std::string& bytes :
       {std::string(), std::string("kdex"), std::string(5000, 'x'), whole.substr(0, 4096),
        whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1), whole + "more",
        flipped(0), flipped(8), flipped(16), flipped(24), flipped(4096), flipped(whole.size() / 2),
        flipped(whole.size() - 2)}) {
    put(bytes);
    Process p(place);
    CHECK(with_images(p, prepared) == expected);
    CHECK(prepared == ++expected_count);
    CHECK(read(image).size() == whole.size());  // and is whole again
  }
  put(whole);
  ::chmod(image.c_str(), 0666);  // anybody may have written it
  {
    Process p(place);
    CHECK(with_images(p, prepared) == expected);
    CHECK(prepared == ++expected_count);
  }
  fs::remove(image);
  std::ofstream(place.folder / "elsewhere", std::ios::binary) << whole;
  fs::create_symlink(place.folder / "elsewhere", image);
  {
    Process p(place);
    CHECK(with_images(p, prepared) == expected);
    CHECK(prepared == ++expected_count);
  }
  fs::remove(image);
  REQUIRE(::mkfifo(image.c_str(), 0600) == 0);
  Process p(place);
  CHECK(with_images(p, prepared) == expected);
  CHECK(prepared == ++expected_count);
}

TEST_CASE("a folder that cannot be written changes no result") {
  const Place place;
  const std::string expected = alone(place);
  std::atomic<int> prepared = 0;
  for (const std::string& cache : {std::string(), (place.folder / "src/driver.py").string()}) {
    Process p(place, cache);
    CHECK(with_images(p, prepared) == expected);
    CHECK(with_images(p, prepared) == expected);
  }
}

TEST_CASE("machines of several threads and processes do not meet") {
  const Place place;
  const std::string expected = alone(place);
  std::atomic<int> prepared = 0, wrong = 0;
  Process one(place), two(place);
  std::vector<std::thread> threads;
  for (Process* p : {&one, &two, &one, &two})
    threads.emplace_back([&, p] {
      for (int i = 0; i < 5; ++i)
        if (with_images(*p, prepared) != expected) ++wrong;
    });
  for (auto& t : threads) t.join();
  CHECK(wrong == 0);
  CHECK(prepared <= 8);
}

TEST_CASE("what fails while it is prepared is run by each machine itself") {
  const Place place;
  Asked asked;
  asked.fails = true;
  std::atomic<int> prepared = 0;
  Process p(place);
  CHECK(with_images(p, prepared, asked) == alone(place, asked));
  CHECK(with_images(p, prepared, asked) == alone(place, asked));
  CHECK(prepared == 1);
  CHECK(place.images().empty());
}

TEST_CASE("bounds hold as without an image") {
  const Place place;
  std::atomic<int> prepared = 0;
  Process p(place);
  CHECK(with_images(p, prepared) == alone(place));
  Asked asked;
  std::set<std::string> ends;
  for (const std::int64_t steps : {1000, 5000, 20000, 50000, 100000}) {
    asked.bounds.steps = steps;
    const std::string got = with_images(p, prepared, asked);
    CHECK(got == alone(place, asked));
    ends.insert(got.substr(0, 10));
  }
  CHECK(ends.contains("LimitError"));
  asked.bounds = {50'000'000, 2 << 20, 30};
  CHECK(with_images(p, prepared, asked) == alone(place, asked));
}

TEST_CASE("a host that has a file that was asked for begins without the image") {
  const Place place;
  std::atomic<int> prepared = 0;
  Process p(place);
  Asked asked;
  asked.asks = "/model/config.json";
  const std::string without = with_images(p, prepared, asked);
  CHECK(without == alone(place, asked));
  CHECK(without.find("'there': False") != std::string::npos);
  fs::create_directories(place.folder / "model");
  std::ofstream(place.folder / "model/config.json") << "{}";
  asked.host.files = {{"/model", (place.folder / "model").string()}};
  const std::string with = with_images(p, prepared, asked);
  CHECK(with == alone(place, asked));
  CHECK(with.find("'there': True") != std::string::npos);
  asked.host.files = {{"/other", (place.folder / "model").string()}};
  CHECK(with_images(p, prepared, asked) == without);
  CHECK(prepared == 1);
}
