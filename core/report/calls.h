// Kernel calls as text: JSON, CSV and a table.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/kernel_calls.h>

#include "core/model/regimes.h"

namespace kdex {

/// {"status": "ok", "calls": [{"fn", "kind", "path", "count", "layers", "tensors", "where",
/// "elementwise"}], "unknown", "regimes", "reads", "assumptions"} in order of first appearance, or
/// {"status": "refused" (by the engine) or "failed" (kdex itself), "stage", "error_type", "error",
/// "where"}. `sides`: of each regime, or none.
std::string calls_to_json(const CallTrace& trace, const std::vector<OtherSide>& sides = {});
/// "ok", "refused" or "failed".
const char* status_of(const CallTrace& trace);
/// One of these calls.
nlohmann::ordered_json call_json(const KernelCall& call);
/// A line a call: function, kind, path, count, layers, tensors, source.
std::string calls_to_csv(const CallTrace& trace);
/// For a reader; torch's elementwise functions are left out. Below: branches on sizes. `lines`:
/// with the lines that led to each call, innermost first.
std::string calls_to_table(const CallTrace& trace, const std::vector<OtherSide>& sides = {},
                           bool lines = false);
/// One of the three: "json", "csv" or "table".
std::string calls_text(const CallTrace& trace, const std::string& format,
                       const std::vector<OtherSide>& sides = {}, bool lines = false);

}  // namespace kdex
