// Implementation of core/plugin/known_form.h.
#include "core/plugin/known_form.h"

#include <kdex/form_definition.h>

namespace kdex {

KnownForm known_form(const std::vector<LoadedFamily>& families, const Definition& d) {
  KnownForm none;
  for (const auto& f : families) {
    FormReading r = find_form(f.family->forms(), d);
    if (r.form != nullptr) return {r.form, std::move(r.params), f.info.name, ""};
    if (!r.why.empty() && none.why.empty())
      none.family = f.info.name, none.why = f.info.name + ": " + r.why;
  }
  if (none.why.empty()) none.why = "no family has a form of op type " + d.op_type;
  return none;
}

}  // namespace kdex
