// export-nvbench: arguments of an nvbench program, a `--benchmark` with an `--axis` for each
// constant axis and lists for M: axes of one benchmark multiply, so each shape stands on its own.
#include <algorithm>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {
namespace {

class NvBench : public TableStage {
 protected:
  std::string form() const override { return "nvbench"; }
  std::string summary() const override {
    return "write arguments of nvbench programs: a benchmark and its axes for each definition";
  }
  std::vector<Option> own_options() const override {
    return {{.key = "tokens",
             .type = Option::Type::integers,
             .default_value = "1,16,64,256,1024,4096",
             .help = "values of the axis `tokens`, which stands for the axes that vary"}};
  }
  void write(const StageContext& context, const std::vector<Kernel>&,
             StageResult& result) const override {
    std::string tokens;
    for (const auto n : context.options.integers("tokens"))
      tokens += (tokens.empty() ? "" : ",") + std::to_string(n);
    std::string text;
    for (const auto& d : context.definitions) {
      const Definition& definition = d.definition;
      bool varies = false;
      std::string line = "--benchmark " + definition.op_type;
      for (const auto& a : definition.axes) {
        varies = varies || !a.value;
        if (a.value) line += " --axis " + a.name + "=" + std::to_string(*a.value);
      }
      if (varies) line += " --axis tokens=[" + tokens + "]";
      text += line + "\n";
    }
    result.files.push_back({"exports/nvbench/arguments.txt", text});
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::NvBench)
