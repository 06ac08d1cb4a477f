// Shapes in a CSV file by the names of its columns: products by N and K, experts by the columns of
// fused-experts tables.
#pragma once

#include <string>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {

/// Rows of `N`, `K` and, where there is such a column, `B` or `batch`; or of `model_dim`,
/// `inter_dim`, `expert` and `topk`. Columns may be in any order, in capitals or not. Throws
/// kdex::Error where neither are there, and for a cell that is no number.
Table read_shape_columns(const std::string& path);

/// The same rows of kernels: products, batched products and experts.
std::vector<Row> shape_column_rows(const std::vector<Kernel>& kernels);

}  // namespace kdex::exporters
