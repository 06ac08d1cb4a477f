// The collector: marks what the isolate's roots reach and frees the rest. Roots are the thread's
// stack, the stacks of generators that live, the registers, and the interpreter's own tables. Words
// are taken for pointers where they point into the arena (conservatively), so that native code
// holds values in plain locals; values in memory of malloc are not seen, hence Held (arena.h).
//
// Objects do not move. What it frees, nothing can tell: weak references are plain ones, and there
// are no finalizers.
#include <pthread.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

#include <algorithm>

#include "core/python/machine/impl.h"

namespace kdex::py {

namespace {

class Collector {
 public:
  explicit Collector(Interp& in) : in_(in), arena_(in.arena) {}

  /// `sp`: the lowest address of the current stack that may hold a value.
  void run(const char* sp) {
    arena_.begin_marking();
    Interp::Impl& im = *in_.impl;
    std::fill(std::begin(im.cache), std::end(im.cache), Interp::Impl::CacheLine{});
    tables(im);
    const std::vector<GeneratorStack> stacks = im.generator_stacks();
    std::vector<const char*> sps{sp};  // where stacks were left: at jumps, and here
    for (const GeneratorStack& s : stacks)
      if (s.running) sps.push_back(s.outside);
    stack(thread_stack(), sps);
    for (const GeneratorStack& s : stacks)
      if (s.running) {
        object(s.generator);
        stack({s.begin, s.end}, sps);
      }
    finish();
    suspended(stacks);
    arena_.sweep();
  }

 private:
  struct Bounds {
    const char *begin, *end;
  };

  static Bounds thread_stack() {
    pthread_attr_t attr;
    void* low = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
      throw LimitError{"the thread's stack cannot be found"};
    pthread_attr_getstack(&attr, &low, &size);
    pthread_attr_destroy(&attr);
    return {static_cast<char*>(low), static_cast<char*>(low) + size};
  }

  /// Stacks hold the sanitizer's forbidden zones, and arenas what valgrind calls uninitialised.
#if defined(__SANITIZE_ADDRESS__)
  [[gnu::no_sanitize_address]]
#endif
  void
  words(const void* begin, const void* end) {
    const auto* w = reinterpret_cast<const std::uintptr_t*>(
        (reinterpret_cast<std::uintptr_t>(begin) + 7) & ~std::uintptr_t{7});
    for (; w + 1 <= static_cast<const std::uintptr_t*>(end); ++w) arena_.mark(*w);
  }
  template <class T>
  void object(const T* p) {
    arena_.mark(reinterpret_cast<std::uintptr_t>(p));
  }

  /// A stack that is in use, from the lowest place where it was left.
  void stack(Bounds b, const std::vector<const char*>& sps) {
    const char* from = nullptr;
    for (const char* sp : sps)
      if (sp >= b.begin && sp < b.end && (!from || sp < from)) from = sp;
    if (from) words(from, b.end);
  }

  void tables(Interp::Impl& im) {
    words(&in_, &in_ + 1);
    words(&im, &im + 1);
    im.interned.each([&](Str* s) { object(s); });
    for (const auto& [name, m] : im.modules) object(m);
    for (const auto& [names, m] : im.namespaces) {
      object(names);
      object(m);
    }
    for (const ModCtx* c : im.ctxs) words(c, c + 1);
    for (const Lazy* l : im.lazies) words(l, l + 1);
  }

  void finish() {
    Arena::Range r;
    while (arena_.take(r)) words(r.begin, r.end);
  }

  /// The stacks of generators that wait, as far as these are reached: each may reach others.
  void suspended(const std::vector<GeneratorStack>& stacks) {
    std::vector<bool> done(stacks.size());
    for (bool more = true; more;) {
      more = false;
      for (std::size_t i = 0; i < stacks.size(); ++i) {
        const GeneratorStack& s = stacks[i];
        if (s.running || done[i] || !arena_.marked(s.generator)) continue;
        done[i] = more = true;
        words(s.inside, s.end);
        finish();
      }
    }
    for (std::size_t i = 0; i < stacks.size(); ++i)
      if (!stacks[i].running && !done[i]) in_.impl->abandon(stacks[i].generator);
  }

  Interp& in_;
  Arena& arena_;
};

[[gnu::noinline]] void collect_below(Interp& in) {
  const char here = 0;
  Collector(in).run(&here);
}

}  // namespace

/// Puts the registers on the stack; they may hold the only pointer to an object.
[[gnu::noinline]] void Interp::collect() {
  collection_wanted_ = false;
  if (keep_all) return;
#if defined(__SANITIZE_ADDRESS__)
  if (__asan_get_current_fake_stack()) return;  // locals are not on the stack
#endif
  __builtin_unwind_init();
  collect_below(*this);
}

}  // namespace kdex::py
