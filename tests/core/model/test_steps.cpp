// Which steps stand for what a deployment serves.
#include <doctest/doctest.h>

#include "core/model/calls.h"

namespace {

using Texts = std::vector<std::string>;

/// "mode batch", or "mode new tokens/prefix".
Texts texts_of(const std::vector<kdex::Step>& steps) {
  Texts out;
  for (const auto& s : steps) {
    std::string text = s.mode + " ";
    if (!s.is_prefill()) {
      out.push_back(text + std::to_string(s.batch));
      continue;
    }
    std::int64_t all = 0;
    for (const auto n : s.extend_lens) all += n;
    text += std::to_string(all);
    for (const auto n : s.prefix_lens) text += "/" + std::to_string(n);
    out.push_back(text);
  }
  return out;
}

const kdex::StepSizes sizes{{1, 8}, {3, 40}, {7}};

}  // namespace

TEST_CASE("a deployment's steps are those of what it serves") {
  CHECK(texts_of(representative_steps(sizes, {})) ==
        Texts{"decode 1", "decode 8", "extend 3", "extend 40", "extend 3/7", "extend-graph 3"});
  CHECK(texts_of(representative_steps(sizes, {.prefill = false})) == Texts{"decode 1", "decode 8"});
  CHECK(texts_of(representative_steps(sizes, {.decode = false, .mixed = true})) ==
        Texts{"extend 3", "extend 40", "extend 3/7", "extend-graph 3"});
  CHECK(texts_of(representative_steps(sizes, {.mixed = true})).back() == "mixed 3");
}

TEST_CASE("speculation has its own steps, of the model and of its draft") {
  const auto steps = representative_steps(sizes, {.speculative = true});
  CHECK(texts_of(steps) == Texts{"spec-draft 1", "spec-draft 8", "spec-verify 1", "spec-verify 8",
                                 "spec-draft-extend 1", "spec-draft-extend 8", "spec-prefill 3",
                                 "spec-prefill 40", "spec-prefill 3/7", "spec-prefill-draft 3",
                                 "spec-prefill-draft 40", "spec-prefill-draft 3/7"});
  Texts of_draft;
  for (const auto& s : steps)
    if (s.runs_draft() && (of_draft.empty() || of_draft.back() != s.mode))
      of_draft.push_back(s.mode);
  CHECK(of_draft == Texts{"spec-draft", "spec-draft-extend", "spec-prefill-draft"});
}
