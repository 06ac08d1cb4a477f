// How exceptions are raised (README.md): the only file that throws PyErr. Interp::caught is the
// only place that catches it.
#include "core/python/machine/impl.h"

namespace kdex::py {

using Impl = Interp::Impl;

V Impl::current_exception() {
  for (Frame* f = top; f; f = f->back)
    if (f->handling.is(Kind::exception)) return f->handling;
  return {};
}

void Impl::note_context(V exc) {
  Exc* e = exc.as<Exc>();
  if (!e->ntrace) {
    std::uint32_t n = 0;
    for (Frame* f = top; f; f = f->back) ++n;
    e->trace = in->arena.array<TraceEntry>(n ? n : 1);
    e->ntrace = n;
    for (Frame* f = top; f; f = f->back) e->trace[--n] = {f->code, f->line};
  }
  const V cur = current_exception();
  if (!cur.is_undef() && cur.o != exc.o && e->context.is_undef()) e->context = cur;
}

void Interp::reraise(V exc) { throw PyErr{exc}; }

void Interp::raise(V exc) {
  impl->note_context(exc);
  reraise(exc);
}

void Interp::raise(Type* exc, std::string_view message) { raise(make_exception(exc, message)); }

void Impl::throw_raised() { in->reraise(std::exchange(in->raised, V())); }

}  // namespace kdex::py
