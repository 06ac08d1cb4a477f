// Implementation of core/plugin/known_form.h.
#include "core/plugin/known_form.h"

#include <algorithm>
#include <exception>

#include <kdex/form_definition.h>

#include "core/plugin/guard.h"

namespace kdex {

KnownForm known_form(const std::vector<LoadedFamily>& families, const Definition& d) {
  KnownForm none;
  for (const auto& f : families) {
    const auto& types = f.info.op_types;
    if (!f.own && std::find(types.begin(), types.end(), d.op_type) == types.end()) continue;
    FormReading r;
    try {
      try_call(f, [&] { (void)find_form(f.family->forms(), d); });
      r = find_form(f.family->forms(), d);
    } catch (const std::exception& e) {
      none.family = f.info.name, none.why = f.info.name + ": reading failed: " + e.what();
      none.failed = true;
      continue;
    }
    if (r.form != nullptr) return {r.form, std::move(r.params), f.info.name, ""};
    if (!r.why.empty() && none.why.empty())
      none.family = f.info.name, none.why = f.info.name + ": " + r.why;
  }
  if (none.why.empty()) none.why = "no family has a form of op type " + d.op_type;
  return none;
}

}  // namespace kdex
