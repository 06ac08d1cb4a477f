// export-csv: a line for each kernel of each checkpoint at each deployment, every axis a column;
// and any CSV file with columns N and K held against them.
#include <algorithm>

#include "exporters/shared/csv_text.h"
#include "exporters/shared/shape_columns.h"

namespace kdex::exporters {
namespace {

class Csv : public ShapeColumns {
 protected:
  std::string form() const override { return "csv"; }
  std::string summary() const override {
    return "write a line for each definition, checkpoint and deployment, every axis a column";
  }
  void write(const StageContext& context, const std::vector<Kernel>&,
             StageResult& result) const override {
    Cells axes;
    for (const auto& d : context.definitions)
      for (const auto& a : d.definition.axes)
        if (std::find(axes.begin(), axes.end(), a.name) == axes.end()) axes.push_back(a.name);
    Cells head = {"checkpoint", "deployment", "op_type", "definition", "modules"};
    head.insert(head.end(), axes.begin(), axes.end());
    std::string text = csv_line(head);
    for (const auto& d : context.definitions)
      for (const auto& place : d.met) text += csv_line(cells_of(d, place, axes));
    result.files.push_back({"exports/csv/kernels.csv", text});
  }

 private:
  /// An axis whose size varies, or that the definition does not have, is empty.
  static Cells cells_of(const StageDefinition& d, const StagePlace& place, const Cells& axes) {
    Cells out = {place.checkpoint, place.deployment, d.definition.op_type, d.definition.name,
                 d.what};
    for (const auto& name : axes) {
      std::string value;
      for (const auto& a : d.definition.axes)
        if (a.name == name && a.value) value = std::to_string(*a.value);
      out.push_back(value);
    }
    return out;
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::Csv)
