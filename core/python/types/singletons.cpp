// NotImplemented and Ellipsis, and what all native iterators share.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

const AttributeDef kSingleton[] = {
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          return i.str(i.type_of(a[0]) == i.t.ellipsis ? "Ellipsis" : "NotImplemented");
        },
        1, 1),
};

const AttributeDef kIterator[] = {
    method(
        "__iter__", [](Interp&, const Args& a) { return a[0]; }, 1, 1),
    method(
        "__next__",
        [](Interp& i, const Args& a) {
          V out;
          if (!i.next(a[0], out)) i.raise(i.t.StopIteration, "");
          return out;
        },
        1, 1),
};

}  // namespace

void install_singleton_types(Interp& in) {
  for (Type* t : {in.t.not_implemented, in.t.ellipsis}) define(in, t, kSingleton);
  define(in, in.t.iterator, kIterator);
}

}  // namespace kdex::py
