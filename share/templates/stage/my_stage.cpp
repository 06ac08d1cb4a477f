// The stage my_stage: lists the names of the definitions, one a line.
#include <string>

#include <kdex/stage.h>

namespace {

class MyStage : public kdex::Stage {
 public:
  kdex::StageInfo info() const override {
    return {.name = "my_stage",
            .version = "0.1.0",
            .summary = "list the names of the definitions",
            .needs = {"definitions/"},  // what must be there before it runs
            .writes = {"my_stage/"},    // where its files go, below the dataset
            .options = {{.key = "op_type",
                         .type = kdex::Option::Type::text,
                         .help = "only definitions of this op type (default: all)"}}};
  }

  kdex::StageResult run(const kdex::StageContext& context) const override {
    const std::string& wanted = context.options.text("op_type");
    std::string names;
    for (const auto& d : context.definitions)
      if (wanted.empty() || d.definition.op_type == wanted) names += d.definition.name + "\n";
    return {.files = {{"my_stage/names.txt", names}}};
  }
};

}  // namespace

KDEX_STAGE(MyStage)
