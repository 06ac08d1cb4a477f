// The descriptors that read and write __slots__.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

const AttributeDef kMember[] = {
    attribute("__name__", [](Interp&, const Args& a) { return V(a[0].as<Member>()->name); }),
    attribute("__objclass__", [](Interp&, const Args& a) { return V(a[0].as<Member>()->owner); }),
    attribute("__doc__", [](Interp&, const Args&) { return V::none(); }),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          return i.str("<member '" + std::string(a[0].as<Member>()->name->view()) + "' of '" +
                       std::string(a[0].as<Member>()->owner->name->view()) + "' objects>");
        },
        1, 1),
    method(
        "__get__",
        [](Interp& i, const Args& a) {
          return i.impl->descr_get(a[0], a[1].is_none() ? V() : a[1], i.type_of(a[1]));
        },
        2, 3),
    method(
        "__set__",
        [](Interp& i, const Args& a) {
          *i.impl->slot_of(a[0].as<Member>(), a[1]) = a[2];
          return V::none();
        },
        3, 3),
    method(
        "__delete__",
        [](Interp& i, const Args& a) {
          i.impl->generic_delattr(a[1], a[0].as<Member>()->name);
          return V::none();
        },
        2, 2),
};

}  // namespace

void install_member_type(Interp& in) { define(in, in.t.member, kMember); }

}  // namespace kdex::py
