// A table of kernel shapes: its rows, and what a run of the engine says of each. Knows no form of a
// file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporters/shared/kernels.h"

namespace kdex::exporters {

/// One shape of a table, or one that is run.
struct Row {
  Kind kind = Kind::product;
  Sizes sizes;          ///< those that the form has, by its own names
  std::string section;  ///< the form's word for the kernel: "gemm_a16w16"; "" where it has none
  /// Of a table: how many of its rows say this (other token counts, other sections).
  int count = 1;
  /// Of a run: modules and definition, "model.layers.*.mlp.down_proj (gemm_n4096_k14336)".
  std::vector<std::string> layers;
  bool launched = true;  ///< of a run: whether a step launches it

  bool same_shape(const Row& other) const { return kind == other.kind && sizes == other.sizes; }
};

/// Adds a row; one of the same shape that is there gains its count, layers and section.
void add_row(std::vector<Row>& rows, Row row);

/// "model.layers.*.mlp.down_proj (gemm_n4096_k14336)".
std::string layer_of(const Kernel& kernel);

/// What a table has and what is run, held against one another.
struct Comparison {
  struct Pair {
    Row row;  ///< the table's, or a missing one of the run
    Row run;  ///< run: the run's row; idle: what is built and not launched; none: the closest
    bool closest = false;  ///< `run` is another shape of the same kind
  };
  std::vector<Pair> run;      ///< rows that a layer runs
  std::vector<Pair> idle;     ///< rows of a layer that is built and that no step launches
  std::vector<Pair> none;     ///< rows that no layer has
  std::vector<Row> missing;   ///< what is run and the table does not have, of kinds that it has
  std::vector<Row> untabled;  ///< what is run of kinds that the table has no row of
};
Comparison compare(const std::vector<Row>& table, const std::vector<Row>& run);

/// For people: one line a row, and sums.
std::string comparison_text(const Comparison& comparison, const std::string& table);
/// {"table", "run": [{"sizes", "section", "rows", "layers"}], "idle", "none": [... "closest"],
/// "missing", "untabled"}
std::string comparison_json(const Comparison& comparison, const std::string& table);

}  // namespace kdex::exporters
