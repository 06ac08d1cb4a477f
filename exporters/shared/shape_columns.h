// Shapes in a CSV file by the names of its columns: products by N and K, experts by the columns of
// fused-experts tables.
#pragma once

#include <string>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {

/// An exporter whose tables are such files.
class ShapeColumns : public TableStage {
 protected:
  bool reads() const final { return true; }
  /// Rows of `N`, `K` and, where there is such a column, `B` or `batch`; or of `model_dim`,
  /// `inter_dim`, `expert` and `topk`. Columns may be in any order, in capitals or not. Throws
  /// kdex::Error where neither are there, and for a cell that is no number.
  Table read(const std::string& path, const StageContext&) const final;
  /// The same rows of kernels: products, batched products and experts.
  std::vector<Row> rows(const std::vector<Kernel>& kernels, const StageContext&) const final;
};

}  // namespace kdex::exporters
