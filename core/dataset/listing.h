// A dataset's definitions as rows: what they are, every axis a column, and where they were met.
// Knows neither plugins nor the command line.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/definition.h>

#include "core/dataset/query.h"

namespace kdex {

struct ListedDefinition {
  Definition definition;
  std::string file;                 ///< relative to the dataset
  std::vector<std::string> models;  ///< checkpoints, from the history and "model:" tags
  std::vector<std::string> met;     ///< "checkpoint tp8 ep1"
  std::string written_by;           ///< the run; "" where kdex did not
};

struct Listing {
  std::vector<ListedDefinition> rows;   ///< by op type and name
  std::vector<std::string> columns;     ///< those before the axes, then the axes of all rows
  std::vector<std::string> axes;        ///< in the order that they are met
  std::vector<std::string> unreadable;  ///< one line a file
};

/// All definitions of a dataset. Throws kdex::Error where it has none.
Listing list_dataset(const std::string& dataset);

/// A row's value: name, op_type, file, dtypes, tags, models, deployments (of `met`), model_count,
/// deployment_count, or an axis; none for an axis that it does not have or whose size varies.
Cell cell_of(const ListedDefinition& row, const std::string& column);

/// Keeps the rows that fulfil a condition, and the axes that they have.
void keep_rows(Listing& listing, const std::string& condition);

/// Columns side by side, for people.
std::string listing_table(const Listing& listing);
/// RFC 4180: every column; lists joined by ';'.
std::string listing_csv(const Listing& listing);
/// [{"name", "op_type", "file", "axes": {NAME: number or null}, "dtypes", "tags", "models",
/// "deployments"}]
nlohmann::ordered_json listing_json(const Listing& listing);

}  // namespace kdex
