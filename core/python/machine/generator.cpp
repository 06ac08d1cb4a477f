// Generators: a Python frame that runs on its own stack and is switched to and from.
#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using Impl = Interp::Impl;
namespace ctx = boost::context::detail;

struct Fiber {
  void* stack = nullptr;
  std::size_t size = 1 << 20;
  ctx::fcontext_t inside = nullptr;   // where the generator stopped
  ctx::fcontext_t outside = nullptr;  // who resumed it
  Impl* im = nullptr;
  Generator* gen = nullptr;
  V error;             // a Python exception that left the frame
  bool limit = false;  // a LimitError left the frame
  std::string limit_text;
  const void* outer_stack = nullptr;  // of who resumed it; told to the address sanitizer
  std::size_t outer_size = 0;
};

namespace {

#if defined(__SANITIZE_ADDRESS__)
void leave(void** kept, const void* stack, std::size_t size) {
  __sanitizer_start_switch_fiber(kept, stack, size);
}
void enter(void* kept, const void** from, std::size_t* size) {
  __sanitizer_finish_switch_fiber(kept, from, size);
}
#else
void leave(void**, const void*, std::size_t) {}
void enter(void*, const void**, std::size_t*) {}
#endif

}  // namespace

void destroy_fiber(Fiber* f) {
#if defined(__SANITIZE_ADDRESS__)
  // what was left on an abandoned stack is not to be found in the memory that is mapped there next
  ASAN_UNPOISON_MEMORY_REGION(f->stack, f->size);
#endif
  munmap(f->stack, f->size);
  delete f;
}

bool is_fiber_free(const Fiber* f) { return f->gen == nullptr; }

void Impl::drop_fibers() {
  for (Fiber* f : fibers) destroy_fiber(f);
  std::vector<Fiber*>().swap(fibers);
  std::vector<Fiber*>().swap(free_fibers);
}

std::vector<GeneratorStack> Impl::generator_stacks() const {
  std::vector<GeneratorStack> out;
  for (const Fiber* f : fibers) {
    if (!f->gen) continue;
    const char* low = static_cast<char*>(f->stack);
    out.push_back({f->gen, f->gen->state == Generator::running, low, low + f->size,
                   static_cast<char*>(f->inside), static_cast<char*>(f->outside)});
  }
  return out;
}

void Impl::abandon(Generator* g) {
  Fiber* f = g->fiber;
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(f->stack, f->size);
#endif
  f->gen = nullptr;
  free_fibers.push_back(f);
}

namespace {

void run(ctx::transfer_t t) {
  auto* f = static_cast<Fiber*>(t.data);
  enter(nullptr, &f->outer_stack, &f->outer_size);
  f->outside = t.fctx;
  Generator* g = f->gen;
  try {
    const Impl::Outcome end = f->im->outcome([&] {
      if (!g->thrown.is_undef()) f->im->in->reraise(std::exchange(g->thrown, V()));
      return f->im->run_frame(*g->frame);
    });
    f->error = end.exc;
    if (end.exc.is_undef()) g->result = g->frame->ret;
  } catch (const LimitError& e) {
    f->limit = true;
    f->limit_text = e.what;
  } catch (const std::bad_alloc&) {
    f->limit = true;
    f->limit_text = "the machine has no memory left";
  } catch (const std::exception& e) {
    f->limit = true;
    f->limit_text = std::string("a fault of kdex: ") + e.what();
  }
  g->state = Generator::closed;
  leave(nullptr, f->outer_stack, f->outer_size);
  ctx::jump_fcontext(f->outside, nullptr);
}

}  // namespace

V Impl::make_generator(Frame* frame, Function* fn, bool coroutine) {
  Generator* g =
      in->make<Generator>(Kind::generator, coroutine ? in->t.coroutine : in->t.generator);
  g->frame = frame;
  frame->gen = g;
  g->name = fn->name;
  return V(g);
}

bool Impl::resume(Generator* g, V send, V thrown, V& out) {
  if (g->state == Generator::running) in->raise(in->t.ValueError, "generator already executing");
  in->changing(g);
  if (g->state == Generator::closed) {
    if (!thrown.is_undef()) in->raise(thrown);
    g->result = V::none();
    return false;
  }
  if (g->state == Generator::created) {
    if (!thrown.is_undef()) {
      g->state = Generator::closed;
      in->raise(thrown);
    }
    if (!send.is_none())
      in->raise(in->t.TypeError, "can't send non-None value to a just-started generator");
  }
  char here;
  if (depth >= 1000 || &here < stack_limit)
    in->raise(in->t.RecursionError, "maximum recursion depth exceeded");
  Fiber* f = g->fiber;
  if (!f) {
    if (!free_fibers.empty()) {
      f = free_fibers.back();
      free_fibers.pop_back();
    } else {
      if (fibers.size() > 20000) throw LimitError{"more than 20000 generators are open at once"};
      f = new Fiber;
      f->stack = mmap(nullptr, f->size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
      if (f->stack == MAP_FAILED) {
        delete f;
        throw LimitError{"no memory for another generator"};
      }
      fibers.push_back(f);
    }
    g->fiber = f;
    f->im = this;
    f->gen = g;
    f->error = V();
    f->limit = false;
    f->inside = ctx::make_fcontext(static_cast<char*>(f->stack) + f->size, f->size, run);
  }
  g->state = Generator::running;
  g->sent = send;
  g->thrown = thrown;
  g->yielded = V();
  Frame* const saved_top = top;
  const int saved_depth = depth;
  char* const saved_limit = stack_limit;
  Builtin* const saved_builtin = in->current_builtin;
  g->frame->back = top;
  top = g->frame;
  ++depth;
  stack_limit = static_cast<char*>(f->stack) + (128 << 10);
  void* kept = nullptr;
  leave(&kept, f->stack, f->size);
  const ctx::transfer_t t = ctx::jump_fcontext(f->inside, f);
  enter(kept, nullptr, nullptr);
  f->inside = t.fctx;
  top = saved_top;
  depth = saved_depth;
  stack_limit = saved_limit;
  in->current_builtin = saved_builtin;
  g->frame->back = nullptr;  // it may lie on a stack that ends
  if (g->state != Generator::closed) {
    g->state = Generator::suspended;
    out = g->yielded;
    return true;
  }
  g->fiber = nullptr;
  f->gen = nullptr;
  free_fibers.push_back(f);
  if (f->limit) throw LimitError{f->limit_text, true};
  if (!f->error.is_undef()) {
    const V e = f->error;
    if (in->isinstance(e, in->t.StopIteration)) {
      V r = in->make_exception(in->t.RuntimeError, "generator raised StopIteration");
      r.as<Exc>()->cause = e;
      r.as<Exc>()->suppress_context = true;
      in->raise(r);
    }
    in->reraise(e);
  }
  return false;
}

V Impl::yield(Frame& f, V value) {
  Generator* g = f.gen;
  if (!g || !g->fiber) in->raise(in->t.RuntimeError, "yield outside a generator");
  g->yielded = value;
  Fiber* fb = g->fiber;
  void* kept = nullptr;
  leave(&kept, fb->outer_stack, fb->outer_size);
  const ctx::transfer_t t = ctx::jump_fcontext(fb->outside, nullptr);
  enter(kept, &fb->outer_stack, &fb->outer_size);
  fb->outside = t.fctx;
  if (!g->thrown.is_undef()) {
    const V e = g->thrown;
    g->thrown = V();
    in->raise(e);
  }
  return g->sent;
}

V Impl::yield_from(Frame& f, V iterable) {
  if (iterable.is(Kind::unknown)) return iterable;
  const V it = iterable.is(Kind::generator) ? iterable : in->iter(iterable);
  V send = V::none(), thrown, out;
  for (;;) {
    bool more;
    if (it.is(Kind::generator)) {
      Generator* g = it.as<Generator>();
      more = resume(g, send, thrown, out);
      if (!more) return g->result;
    } else if (!thrown.is_undef()) {
      V m;
      if (!in->try_getattr(it, in->intern("throw"), m)) in->raise(thrown);
      out = in->call(m, {thrown});
    } else if (!send.is_none()) {
      const V stop =
          in->caught(in->t.StopIteration, [&] { out = in->call_method(it, "send", {send}); });
      if (!stop.is_undef()) return stop.as<Exc>()->value;
    } else if (it.is(Kind::iterator)) {
      if (!in->next(it, out)) return V::none();
    } else {
      const V stop =
          in->caught(in->t.StopIteration, [&] { out = in->call(in->special(it, s_next)); });
      if (!stop.is_undef())
        return stop.as<Exc>()->value.is_undef() ? V::none() : stop.as<Exc>()->value;
    }
    thrown = V();
    const V failed = in->caught([&] { send = yield(f, out); });
    if (!failed.is_undef()) {
      if (in->isinstance(failed, in->t.GeneratorExit)) {
        V m;
        if (in->try_getattr(it, in->intern("close"), m)) in->call(m);
        in->reraise(failed);
      }
      thrown = failed;
      send = V::none();
    }
  }
}

void install_generators(Interp& in) {
  for (Type* t : {in.t.generator, in.t.coroutine}) {
    in.def(
        t, "__iter__", [](Interp&, const Args& a) { return a[0]; }, 1, 1);
    in.def(
        t, "__await__", [](Interp&, const Args& a) { return a[0]; }, 1, 1);
    auto step = [](Interp& i, Generator* g, V send, V thrown) {
      V out;
      if (i.impl->resume(g, send, thrown, out)) return out;
      V e = g->result.is_none() ? i.call(V(i.t.StopIteration))
                                : i.call(V(i.t.StopIteration), {g->result});
      i.raise(e);
      return V();
    };
    static auto steps = step;
    in.def(
        t, "__next__",
        [](Interp& i, const Args& a) { return steps(i, a[0].as<Generator>(), V::none(), V()); }, 1,
        1);
    in.def(
        t, "send",
        [](Interp& i, const Args& a) { return steps(i, a[0].as<Generator>(), a[1], V()); }, 2, 2);
    in.def(
        t, "throw",
        [](Interp& i, const Args& a) {
          V e = a.npos > 2 && a[2].is(Kind::exception) ? a[2] : a[1];
          if (e.is(Kind::type)) e = a.npos > 2 && !a[2].is_none() ? i.call(e, {a[2]}) : i.call(e);
          if (!e.is(Kind::exception))
            i.raise(i.t.TypeError,
                    "exceptions must be classes or instances deriving from BaseException, not " +
                        i.type_name(a[1]));
          return steps(i, a[0].as<Generator>(), V::none(), e);
        },
        2, 4);
    in.def(
        t, "close",
        [](Interp& i, const Args& a) {
          Generator* g = a[0].as<Generator>();
          if (g->state == Generator::created || g->state == Generator::closed) {
            g->state = Generator::closed;
            return V::none();
          }
          V out;
          bool more = false;
          const V failed = i.caught([&] {
            more = i.impl->resume(g, V::none(), i.make_exception(i.t.GeneratorExit, ""), out);
          });
          if (more) i.raise(i.t.RuntimeError, "generator ignored GeneratorExit");
          if (!failed.is_undef() && !i.isinstance(failed, i.t.GeneratorExit) &&
              !i.isinstance(failed, i.t.StopIteration))
            i.reraise(failed);
          return V::none();
        },
        1, 1);
    in.def_property(t, "__name__",
                    [](Interp&, const Args& a) { return V(a[0].as<Generator>()->name); });
    in.def_property(t, "gi_running", [](Interp&, const Args& a) {
      return V::boolean(a[0].as<Generator>()->state == Generator::running);
    });
    in.def(
        t, "__repr__",
        [](Interp& i, const Args& a) {
          return i.str("<generator object " + std::string(a[0].as<Generator>()->name->view()) +
                       " at 0x7f0000000000>");
        },
        1, 1);
  }
}

}  // namespace kdex::py
