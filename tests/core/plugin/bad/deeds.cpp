// A family that does what it is told: in match() by its option `deed`, in its form's
// functions by the parameter `deed`. It is well while it is loaded.
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <kdex/family.h>

namespace {

volatile int zero = 0;
volatile unsigned turns = 0;

int overflow(int n) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(n);
  return (zero == 0 ? overflow(n + 1) : 0) + frame[0];
}

void act(const std::string& deed) {
  if (deed == "throw") throw std::runtime_error("no luck\nat all");
  if (deed == "throw_number") throw 3;
  if (deed == "crash") *static_cast<volatile int*>(nullptr) = 1;
  if (deed == "abort") std::abort();
  if (deed == "overflow") zero = overflow(zero);
  if (deed == "exit") std::exit(0);
  if (deed == "kill") _exit(7);
  if (deed == "close") {  // the pipe of its answer among them
    for (int fd = 3; fd < 256; ++fd) close(fd);
  }
  if (deed == "loop")
    for (;;) turns = turns + 1;
  if (deed == "memory") {
    std::vector<std::vector<char>> all;
    for (;;) all.emplace_back(std::size_t{1} << 30);
  }
  if (deed == "corrupt") {
    char* volatile p = static_cast<char*>(std::malloc(64));
    for (int i = -64; i < 512; ++i) p[i] = 'x';
    std::free(p);
    std::abort();  // where the allocator did not see it
  }
}

/// A form that does what its parameter says, "plan_crash" in its plan and "work_crash" in its
/// workloads.
kdex::Form deed() {
  namespace form = kdex::form;
  std::vector<std::string> deeds;
  for (const char* part : {"plan_", "work_"})
    for (const char* d : {"nothing", "throw", "crash", "exit", "loop", "corrupt"})
      deeds.push_back(std::string(part) + d);
  kdex::Form f;
  f.id = "deed";
  f.op_type = "deed";
  f.name = {"deed_{deed}"};
  f.params = {form::choice("deed", deeds)};
  f.axes = {form::var("M")};
  f.inputs = {form::tensor("x", {"M"}, "bfloat16")};
  f.outputs = {form::tensor("y", {"M"}, "bfloat16")};
  f.reference = "DEED = None  # kdex:constant\n\n\ndef run(x):\n    return x\n";
  f.constants = {{"DEED", "{deed}"}};
  f.workloads = [](const kdex::Params& p, kdex::Random&, const kdex::EmitWorkload& emit) {
    if (p.text("deed").starts_with("work_")) act(p.text("deed").substr(5));
    for (std::int64_t m : {1, 2, 3, 4, 5}) emit({"rows", {{"M", m}}, {}});
  };
  f.plan = [](const kdex::Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    if (p.text("deed").starts_with("plan_")) act(p.text("deed").substr(5));
    kdex::KernelPlan plan;
    plan.available = true;
    plan.summary = chip.arch + " " + std::to_string(tuning.number_or("SIZE", 5));
    plan.units = {{"x.cu", "text", {{"A", "1"}}, {"x"}}};
    kdex::KernelLaunch l;
    l.entry = "x";
    const kdex::Expr m = kdex::Expr::named("M");
    l.grid[0] = kdex::select(m < 8 || !(m != 4), kdex::ceil_div(m, 3), m * 2);
    l.when = m > 1;
    plan.launches.push_back(l);
    return plan;
  };
  return f;
}

class Deeds : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"deeds", "1", "does what it is told", {"deed"}, "", {{"deed", "", {}}}};
  }
  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    const std::string deed = view.options.text("deed");
    act(deed);
    kdex::FamilyResult r;
    kdex::Definition d;
    d.name = "deed";
    d.op_type = "deed";
    d.axes = {{"N", 7, "", deed == "origin" ? 1000u : 0u, "", "a rule"}, {"M", {}, "", 0, "", ""}};
    d.inputs = {{"x", std::vector<std::string>{"M", "N"}, "bfloat16", ""},
                {"s", {}, "float32", ""}};
    d.outputs = {{"y", std::vector<std::string>{"M", "N"}, "bfloat16", ""}};
    d.reference =
        deed == "parameters" ? "def run(s, x):\n    return x\n" : "def run(x, s):\n    return x\n";
    r.matches.push_back({{deed == "module" ? std::size_t{1000000} : 0}, false, "a module", d});
    d.name = "other";
    r.matches.push_back({{0}, deed == "tp1", "a module", d});
    r.notes.push_back({"a.b", "a note", {"file.py", 3}});
    r.claimed = {deed == "claim" ? std::size_t{1000000} : 0};
    return r;
  }
  const std::vector<kdex::Form>& forms() const override {
    static const std::vector<kdex::Form> all = {deed()};
    return all;
  }
};

}  // namespace
KDEX_FAMILY(Deeds)
