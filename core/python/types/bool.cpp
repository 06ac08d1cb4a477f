// bool: the integers True and False. Its operators are int's, which give a bool for two of them.
#include "core/python/machine/ops.h"
#include "core/python/types/numbers.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

V bool_construct(Interp& in, const Args& a) {
  if (a.npos > 2)
    in.raise(in.t.TypeError, "bool expected at most 1 argument, got " + std::to_string(a.npos - 1));
  return V::boolean(a.npos > 1 && in.truth(a[1]));
}

}  // namespace

void install_bool(Interp& in) {
  in.t.boolean = in.new_type("bool", in.t.integer, Kind::boxed);
  in.t.boolean->construct = bool_construct;
}

}  // namespace kdex::py
