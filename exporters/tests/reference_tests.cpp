// tests: a pytest file for each definition, in the place and manner of FlashInfer-Bench's datasets
// (tests/references/test_NAME.py): its reference against formulas in float64, and against
// FlashInfer's kernels on a GPU. What the tests share is kdex_references.py beside them.
#include "reference_tests.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <kdex/stage.h>

namespace {

/// Beginnings of the op types that kdex_references.py has formulas of; a test holds the two lists
/// against one another.
const std::vector<std::string>& known_types() {
  static const std::vector<std::string> types = {
      "gemm", "bmm", "rmsnorm", "activation", "rope", "quantization", "gqa_", "mla_", "moe"};
  return types;
}

bool is_known(const std::string& op_type) {
  return std::any_of(known_types().begin(), known_types().end(),
                     [&](const std::string& begin) { return op_type.starts_with(begin); });
}

std::string test_of(const std::string& name) {
  return "\"\"\"The reference of " + name +
         R"py( against formulas in float64 and FlashInfer's kernels."""

import pytest
from kdex_references import cases, check_flashinfer, check_formula

NAME = ")py" +
         name + R"py("


@pytest.mark.parametrize("case", cases(NAME))
def test_formula(case):
    check_formula(NAME, case)


@pytest.mark.parametrize("case", cases(NAME))
def test_flashinfer(case):
    check_flashinfer(NAME, case)
)py";
}

class ReferenceTests : public kdex::Stage {
 public:
  kdex::StageInfo info() const override {
    return {.name = "tests",
            .version = "0.1.0",
            .summary = "write a pytest file for each definition: its reference against formulas",
            .needs = {"definitions/"},
            .writes = {"tests/references/"},
            .options = {{.key = "definitions",
                         .type = kdex::Option::Type::texts,
                         .help = "only these definitions or op types (default: all)"}}};
  }

  kdex::StageResult run(const kdex::StageContext& context) const override {
    kdex::StageResult result;
    const auto only = context.options.texts("definitions");
    const auto is_asked = [&](const std::string& word) {
      return std::find(only.begin(), only.end(), word) != only.end();
    };
    std::map<std::string, int> unknown;
    int written = 0;
    for (const auto& d : context.definitions) {
      const auto& [name, op_type] = std::pair(d.definition.name, d.definition.op_type);
      if (!only.empty() && !is_asked(name) && !is_asked(op_type)) continue;
      if (!is_known(op_type)) {
        ++unknown[op_type];
        continue;
      }
      result.files.push_back({"tests/references/test_" + name + ".py", test_of(name)});
      ++written;
    }
    for (const auto& [op_type, count] : unknown)
      result.notes.push_back("no formula of the op type " + op_type + ": " + std::to_string(count) +
                             " definitions have no test");
    if (written == 0) {
      result.errors.push_back("no definition of the dataset is asked for and has a formula");
      return result;
    }
    result.files.push_back({"tests/references/kdex_references.py",
                            std::string(kdex_reference_tests::kdex_references)});
    result.text = std::to_string(written) + " tests in " + context.dataset +
                  "/tests/references; `python3 -m pytest` there runs them\n";
    return result;
  }
};

}  // namespace

KDEX_STAGE(ReferenceTests)
