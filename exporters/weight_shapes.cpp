// export-weight-shapes: the WEIGHT_SHAPES of vLLM's and SGLang's kernel benchmarks, weights at tp 1
// as ([K, N], the dimension that tensor parallelism divides); and such a file held against what is
// run.
#include <map>
#include <regex>
#include <set>

#include <kdex/error.h>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {
namespace {

std::int64_t product_of(const std::string& factors) {
  std::int64_t out = 1, n = 0;
  for (const char c : factors + "*") {
    if (c == '*')
      out *= n, n = 0;
    else if (c >= '0' && c <= '9')
      n = n * 10 + (c - '0');
  }
  return out;
}

/// The lists of shapes by model: `"NAME": [([K, N], DIM), ...]`.
std::map<std::string, std::vector<Row>> models_of(const std::string& text) {
  static const std::regex model(R"re("([^"]+)"\s*:\s*\[)re");
  static const std::regex shape(R"(\(\s*\[\s*([\d *]+),\s*([\d *]+)\]\s*,\s*(\d)\s*\))");
  std::map<std::string, std::vector<Row>> out;
  for (std::sregex_iterator it(text.begin(), text.end(), model), end; it != end;) {
    const std::string name = (*it)[1];
    const auto begin = text.begin() + it->position() + it->length();
    ++it;
    const auto stop = it == end ? text.end() : text.begin() + it->position();
    std::vector<Row>& rows = out[name];
    for (std::sregex_iterator s(begin, stop, shape); s != end; ++s)
      add_row(rows, {.kind = Kind::product,
                     .sizes = {{"N", product_of((*s)[2])}, {"K", product_of((*s)[1])}}});
  }
  return out;
}

class WeightShapes : public TableStage {
 protected:
  std::string form() const override { return "weight-shapes"; }
  std::string summary() const override {
    return "write the weight_shapes.py of vLLM's and SGLang's kernel benchmarks, at tp 1";
  }
  void write(const StageContext&, const std::vector<Kernel>& kernels,
             StageResult& result) const override {
    std::string split, whole;
    for (const auto& checkpoint : checkpoints_of(kernels)) {
      const Lists lists = lists_of(kernels, checkpoint);
      const std::string begin = "    \"" + checkpoint + "\": [\n";
      if (!lists.split.empty()) split += begin + lists.split + "    ],\n";
      if (!lists.whole.empty()) whole += begin + lists.whole + "    ],\n";
    }
    if (split.empty() && whole.empty()) {
      result.errors.push_back("the form has weights at tp 1; the dataset has none");
      return;
    }
    result.files.push_back({"exports/weight-shapes/weight_shapes.py",
                            "# ([K, N], the dimension that tensor parallelism divides): at tp 1.\n"
                            "WEIGHT_SHAPES = {\n" +
                                split +
                                "}\n\n# [K, N] of weights that tensor parallelism leaves whole.\n"
                                "WHOLE_SHAPES = {\n" +
                                whole + "}\n"});
  }
  bool reads() const override { return true; }
  bool of_whole_model() const override { return true; }
  Table read(const std::string& path, const StageContext& context) const override {
    const auto models = models_of(text_of_file(path));
    if (models.empty()) throw Error("expected \"MODEL\": [([K, N], DIM), ...]", path);
    std::vector<std::string> names;
    for (const auto& [name, rows] : models) names.push_back(name);
    Table out;
    out.name = part_for(names, context.options.text("part"),
                        context.models.empty() ? "" : context.models[0].checkpoint.name);
    out.rows = models.at(out.name);
    return out;
  }
  std::vector<Row> rows(const std::vector<Kernel>& kernels, const StageContext&) const override {
    std::vector<Row> out;
    for (const auto& k : kernels)
      if (k.kind == Kind::product) add_row(out, product_row(k));
    return out;
  }

 private:
  /// Lines of the weights that are divided, and of those that are not.
  struct Lists {
    std::string split, whole;
  };

  static Lists lists_of(const std::vector<Kernel>& kernels, const std::string& checkpoint) {
    Lists out;
    std::set<std::string> seen;
    for (const auto& k : kernels) {
      if (k.kind != Kind::product || k.tp != 1 || k.checkpoint != checkpoint) continue;
      const std::string kn =
          "[" + std::to_string(k.size("K")) + ", " + std::to_string(k.size("N")) + "]";
      const std::string layer = layer_of(k);
      const std::string line =
          k.split.empty() ? kn + ",  # " + layer + "\n"
                          : "(" + kn + (k.split == "N" ? ", 1" : ", 0") + "),  # " + layer + "\n";
      if (seen.insert(line).second) (k.split.empty() ? out.whole : out.split) += "        " + line;
    }
    return out;
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::WeightShapes)
