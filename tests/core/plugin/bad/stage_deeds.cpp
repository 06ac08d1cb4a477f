// A stage that does what its option `deed` says, in check() or in run(). It is well while it is
// loaded.
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include <kdex/error.h>
#include <kdex/stage.h>

namespace {

volatile unsigned turns = 0;

class StageDeeds : public kdex::Stage {
 public:
  kdex::StageInfo info() const override {
    return {.name = "stage_deeds",
            .version = "0.1.0",
            .summary = "does what it is told",
            .needs = {"definitions/"},
            .writes = {"deeds/", "deed.txt"},
            .options = {{.key = "deed", .default_value = "nothing", .help = "what to do"},
                        {.key = "sizes",
                         .type = kdex::Option::Type::integers,
                         .default_value = "1,64",
                         .help = "a list"}},
            .seconds = 1};
  }

  void check(const kdex::OptionValues& options) const override {
    const std::string& deed = options.text("deed");
    if (deed == "check_throw") throw kdex::Error("no such deed", "deed");
    if (deed == "check_crash") *static_cast<volatile int*>(nullptr) = 1;
  }

  kdex::StageResult run(const kdex::StageContext& context) const override {
    const std::string& deed = context.options.text("deed");
    kdex::StageResult out;
    out.files = {{"deeds/a/b.txt", "b"}, {"deed.txt", deed}};
    if (deed == "throw") throw std::runtime_error("no luck\nat all");
    if (deed == "throw_number") throw 3;
    if (deed == "crash") *static_cast<volatile int*>(nullptr) = 1;
    if (deed == "exit") std::exit(0);
    if (deed == "loop")
      for (;;) turns = turns + 1;
    if (deed == "elsewhere") out.files.push_back({"definitions/gemm/mine.json", "{}"});
    if (deed == "up") out.files.push_back({"deeds/../../up.txt", "up"});
    if (deed == "errors") out.errors = {"the first", "the second"};
    if (deed == "failed") out.failed = true;
    context.say("the deed is " + deed);
    out.notes = {"a note"};
    out.text = std::to_string(context.definitions.size()) + " definitions\n";
    return out;
  }
};

}  // namespace

KDEX_STAGE(StageDeeds)
