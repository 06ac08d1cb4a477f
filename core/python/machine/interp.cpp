// The interpreter's general operations: values, calls, operators, iteration, text, bounds, origins.
#include "core/python/machine/interp.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using Impl = Interp::Impl;

namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

const char* const kOpNames[] = {"add",    "sub",    "mul",    "truediv", "floordiv", "mod", "pow",
                                "matmul", "lshift", "rshift", "and",     "or",       "xor"};
const char* const kOpSigns[] = {"+", "-",  "*",  "/", "//", "%", "** or pow()",
                                "@", "<<", ">>", "&", "|",  "^"};
const char* const kCmpNames[] = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"};
const char* const kCmpSigns[] = {"==", "!=", "<", "<=", ">", ">="};

bool is_number(V v) {
  return v.is_int() || v.is_real() || v.is_bool() ||
         (v.is_obj() && (v.o->kind == Kind::bigint || v.o->kind == Kind::boxed));
}

thread_local Interp* current = nullptr;  // the isolate that this thread made last

/// A thread that sees to the time limits: steps are no measure where one of them is a long copy.
/// Isolates past their limit stop at their next tick; where none comes, within one huge native
/// operation, the process ends.
class Watch {
 public:
  void add(Interp* in, double deadline) {
    std::lock_guard lock(mutex_);
    isolates_[in] = deadline;
    if (started_) return;
    pthread_attr_t small;
    pthread_t thread{};
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, std::size_t{256} << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    started_ =
        pthread_create(
            &thread, &small, [](void* w) -> void* { static_cast<Watch*>(w)->run(); }, this) == 0;
    pthread_attr_destroy(&small);
  }
  void remove(Interp* in) {
    std::lock_guard lock(mutex_);
    isolates_.erase(in);
  }

 private:
  [[noreturn]] void run() {
    constexpr double kPatience = 10;  // seconds
    for (;; std::this_thread::sleep_for(std::chrono::milliseconds(200))) {
      std::lock_guard lock(mutex_);
      const double now = now_seconds();
      for (auto [in, deadline] : isolates_) {
        if (now > deadline) in->look_at_clock();
        if (now < deadline + kPatience) continue;
        static const char text[] =
            "kdex: the time limit was reached within a single operation of the evaluated code, "
            "which cannot be stopped; fix that code or exclude this model\n";
        (void)!::write(2, text, sizeof text - 1);
        ::_exit(late_status);
      }
    }
  }
  std::mutex mutex_;
  std::map<Interp*, double> isolates_;
  bool started_ = false;
};

Watch& watch() {
  static auto* one = new Watch;  // outlives the thread
  return *one;
}

}  // namespace

Interp::Interp(std::int64_t memory_limit, std::int64_t step_limit, double seconds,
               std::span<char> room)
    : home(room),
      arena(home, memory_limit),
      impl(home.make<Impl>(home)),
      left_(step_limit),
      steps_(step_limit) {
  Impl& im = *impl;
  im.in = this;
  begin(seconds);
  install_object(*this);
  for (int i = 0; i < 13; ++i) {
    const std::string name = std::string(kOpNames[i]) + "__";
    im.s_op[i] = intern("__" + name);
    im.s_rop[i] = intern("__r" + name);
    im.s_iop[i] = intern("__i" + name);
  }
  for (int i = 0; i < 6; ++i) im.s_cmp[i] = intern(kCmpNames[i]);
  install_exceptions(*this);
  install_numbers(*this);
  install_strings(*this);
  install_containers(*this);
  im.install_modules();
  install_functions(*this);
  install_intrinsics(*this);
  install_copies(*this);
  install_repeats(*this);
  arena.on_pressure(
      [](void* owner, bool must) {
        auto* in = static_cast<Interp*>(owner);
        if (must) return in->collect();
        in->collection_wanted_ = true;  // at the next tick
        in->left_ += in->budget_;
        in->budget_ = 0;
      },
      this);
}

void Interp::begin(double seconds) {
  current = this;
  impl->deadline = now_seconds() + seconds;
  impl->stack_limit = reinterpret_cast<char*>(
      reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - (6u << 20));
  watch().add(this, impl->deadline);
}

void Interp::suspend() {
  watch().remove(this);
  if (current == this) current = nullptr;
  steps_ -= left_ + budget_;
  left_ = budget_ = 0;
  is_suspended_ = true;
  collection_wanted_ = false;
}

bool Interp::resume(std::int64_t memory_limit, std::int64_t step_limit, double seconds) {
  const std::int64_t spent = is_suspended_ ? steps_ : steps_ - left_ - budget_;
  if (spent >= step_limit || arena.held() > memory_limit) return false;
  budget_ = 0;
  left_ = step_limit - spent;
  steps_ = step_limit;
  is_suspended_ = false;
  arena.set_limit(memory_limit);
  arena.start_anew();
  begin(seconds);
  return true;
}

Interp::~Interp() {
  watch().remove(this);
  if (current == this) current = nullptr;
  for (Fiber* f : impl->fibers) destroy_fiber(f);
  for (ModCtx* c : impl->ctxs) c->keep.reset();
  impl->~Impl();
}

void Interp::out_of_budget() {
  constexpr std::int64_t kSlice = 1 << 17;
  if (now_seconds() > impl->deadline)
    out_of_budget_fail("the time limit was reached: kdex's own, which max_seconds raises");
  left_ += budget_;
  budget_ = std::min(left_, kSlice);
  left_ -= budget_;
  if (budget_ <= 0)
    out_of_budget_fail(
        "the step limit was reached (an endless loop?): kdex's own, which max_steps raises");
  if (collection_wanted_) collect();
}

void Interp::out_of_budget_fail(const char* what) { throw LimitError{what}; }

LimitError::LimitError(std::string text, bool placed) : what(std::move(text)) {
  if (placed || !current || !current->impl->top || !current->impl->top->ast) return;
  what = std::string(current->impl->top->ast->file) + ":" +
         std::to_string(current->impl->top->line) + ": " + what;
}

void Interp::check_size(std::int64_t elements, std::size_t element_bytes) {
  const std::int64_t most =
      arena.limit() / static_cast<std::int64_t>(element_bytes ? element_bytes : 1);
  if (elements < 0 || elements > most)
    throw LimitError{"a collection of more than " + std::to_string(most) +
                     " elements was asked for"};
}

void Interp::check_text(std::size_t bytes) {
  constexpr std::size_t kLongest = std::size_t{1} << 27;
  if (bytes > kLongest)
    throw LimitError{"a text of more than " + std::to_string(kLongest >> 20) + " MB was asked for"};
}

// ---------------------------------------------------------------- making values

Str*& Interned::place(std::string_view s, std::uint64_t hash) {
  if (2 * (count_ + 1) > slots_.size()) {
    std::pmr::vector<Str*> old(std::max<std::size_t>(std::size_t{1} << 14, slots_.size() * 2),
                               slots_.get_allocator());
    old.swap(slots_);
    for (Str* x : old)
      if (x) place(x->view(), x->hash) = x;
  }
  for (std::size_t i = hash >> 20;; ++i) {
    Str*& x = slots_[i & (slots_.size() - 1)];
    if (!x ||
        (x->hash == hash && x->len == s.size() && std::memcmp(x->data, s.data(), s.size()) == 0))
      return x;
  }
}

Str* Impl::intern(std::string_view s, std::uint64_t hash) {
  Str*& place = interned.place(s, hash);
  if (place) return place;
  Str* o = in->str(s).as<Str>();
  o->interned = true;
  o->hash = hash;
  interned.added();
  return place = o;
}

Str* Interp::intern(std::string_view s) { return impl->intern(s, text_hash(s)); }

Str* Interp::intern(Str* s) { return s->interned ? s : impl->intern(s->view(), str_hash(s)); }

V Interp::str(std::string_view s) { return concat(&s, 1); }

V Interp::concat(const std::string_view* parts, std::uint32_t n) {
  std::size_t size = 0;
  for (std::uint32_t i = 0; i < n; ++i) size += parts[i].size();
  check_text(size);
  char* at = static_cast<char*>(arena.alloc(sizeof(Str) + size + 1, Arena::Holds::text));
  Str* o = new (at) Str(Kind::str, t.str);
  char* text = at + sizeof(Str);
  o->data = text;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (!parts[i].empty()) std::memcpy(text, parts[i].data(), parts[i].size());
    text += parts[i].size();
  }
  *text = 0;
  o->len = static_cast<std::uint32_t>(size);
  o->nchars = static_cast<std::uint32_t>(utf8_length(o->view()));
  return V(o);
}

void Interp::give_back(V fresh) {
  if (fresh.is(Kind::set)) {
    Set* s = fresh.as<Set>();
    Dict* d = s->d;
    if (d->mask) arena.give_back(d->index, sizeof(std::int32_t) * (std::size_t{d->mask} + 1));
    if (d->cap) arena.give_back(d->e, sizeof(Dict::Entry) * d->cap);
    arena.give_back(d, sizeof(Dict));
    return arena.give_back(s, sizeof(Set));
  }
  Str* s = fresh.as<Str>();
  if (s->data == reinterpret_cast<const char*>(s) + sizeof(Str))
    arena.give_back(s, sizeof(Str) + s->len + 1);
}

V Interp::bytes(std::string_view data, bool mutable_) {
  Bytes* b = make<Bytes>(Kind::bytes, mutable_ ? t.bytearray : t.bytes);
  b->is_bytearray = mutable_;
  b->data = static_cast<char*>(arena.alloc(data.size() + 1, Arena::Holds::no_pointers));
  if (!data.empty()) std::memcpy(b->data, data.data(), data.size());
  b->data[data.size()] = 0;
  b->len = b->cap = static_cast<std::uint32_t>(data.size());
  return V(b);
}

V Interp::unknown(std::string_view why) {
  ++impl->unknowns;
  Unknown* u = make<Unknown>(Kind::unknown, t.unknown);
  u->why = intern(why.size() > 300 ? why.substr(0, 300) : why);
  return V(u);
}

V Interp::builtin(const char* name, NativeFn fn, int min, int max, bool takes_kw) {
  Builtin* b = make<Builtin>(Kind::builtin, t.builtin);
  b->name = name;
  b->fn = fn;
  b->min = min;
  b->max = max;
  b->takes_kw = takes_kw;
  b->binds = false;
  return V(b);
}

// ---------------------------------------------------------------- types of values

Type* Interp::type_of_small(V v) {
  switch (v.tag) {
    case Tag::none:
      return t.none;
    case Tag::boolean:
      return t.boolean;
    case Tag::integer:
      return t.integer;
    case Tag::real:
      return t.real;
    default:
      return t.object;
  }
}

void Interp::check_stack() {
  char here;
  if (&here < impl->stack_limit) raise(t.RecursionError, "maximum recursion depth exceeded");
}

bool Interp::isinstance_any(V o, V cls) {
  if (cls.is(Kind::tuple)) {
    check_stack();
    for (std::uint32_t i = 0; i < cls.as<Tuple>()->n; ++i)
      if (isinstance_any(o, cls.as<Tuple>()->at[i])) return true;
    return false;
  }
  if (cls.is(Kind::unknown) || o.is(Kind::unknown))
    return cls.is(Kind::type) && cls.as<Type>() == t.unknown;
  if (cls.is(Kind::type)) {
    Type* c = cls.as<Type>();
    if (type_of(o) == c) return true;
    if (c->cls != t.type) {
      const V hook = lookup(c->cls, impl->s_instancecheck);
      if (!hook.is_undef() && !hook.is(Kind::builtin))
        return truth(call(impl->descr_get(hook, cls, c->cls), {o}));
    }
    if (is_subtype(type_of(o), c)) return true;
    V claimed;
    if (!o.is(Kind::instance)) return false;
    impl->refresh(o.o->cls);
    if (o.o->cls->getattribute.is_undef() &&
        impl->name_of(o.o->cls, impl->s_class).same(impl->name_of(t.object, impl->s_class)))
      return false;  // it claims what it is
    if (impl->getattr_impl(o, impl->s_class, claimed) && claimed.is(Kind::type))
      return is_subtype(claimed.as<Type>(), c);
    return false;
  }
  const V hook = special(cls, impl->s_instancecheck);
  if (!hook.is_undef()) return truth(call(hook, {o}));
  V args;
  if (try_getattr(cls, intern("__args__"), args) && args.is(Kind::tuple))
    return isinstance_any(o, args);
  if (cls.is_none()) return o.is_none();
  raise(t.TypeError, "isinstance() arg 2 must be a type, a tuple of types, or a union");
}

bool Interp::callable(V v) {
  if (!v.is_obj()) return false;
  switch (v.o->kind) {
    case Kind::function:
    case Kind::builtin:
    case Kind::method:
    case Kind::type:
    case Kind::unknown:
      return true;
    default:
      return !lookup(type_of(v), impl->s_call).is_undef();
  }
}

bool Interp::as_int64(V v, std::int64_t& out) const {
  v = unbox(v);
  if (!v.is_int() && !v.is_bool()) return false;
  out = v.i;
  return true;
}

bool Interp::is_index(V v) {
  if (v.is_int() || v.is_bool() || v.is(Kind::bigint)) return true;
  if (v.is(Kind::boxed)) return !v.as<Boxed>()->value.is_real();
  return v.is_obj() && !lookup(type_of(v), impl->s_index).is_undef();
}

std::int64_t Interp::index(V v) {
  std::int64_t n;
  if (as_int64(v, n)) return n;
  if (v.is(Kind::bigint) || (v.is(Kind::boxed) && v.as<Boxed>()->value.is(Kind::bigint)))
    raise(t.OverflowError, "Python int too large to convert to C ssize_t");
  if (v.is_obj() && v.o->kind != Kind::boxed) {
    const V f = special(v, impl->s_index);
    if (!f.is_undef()) {
      const V r = call(f);
      if (r.is(Kind::unknown) || unbox(r).is_int() || unbox(r).is_bool() ||
          unbox(r).is(Kind::bigint))
        return index(r);
      raise(t.TypeError, "__index__ returned non-int (type " + type_name(r) + ")");
    }
  }
  raise(t.TypeError, "'" + type_name(v) + "' object cannot be interpreted as an integer");
}

std::string_view Interp::text(V v, const char* what) {
  if (!v.is(Kind::str)) raise(t.TypeError, std::string(what) + " must be str, not " + type_name(v));
  return v.as<Str>()->view();
}

// ---------------------------------------------------------------- calls

namespace {
[[noreturn]] void wrong_count(Interp& in, const Builtin* b, int n) {
  const int self = b->owner ? 1 : 0, min = b->min - self, max = b->max < 0 ? -1 : b->max - self;
  n -= self;
  const std::string name = b->name,
                    full = (b->owner ? std::string(b->owner->name->view()) + "." : "") + name;
  auto count = [](int k) { return std::to_string(k) + " argument" + (k == 1 ? "" : "s"); };
  if (b->takes_kw && max >= 0 && n > max)
    in.raise(in.t.TypeError, name + "() takes " + (min == max ? "exactly " : "at most ") +
                                 (max == 1 && min == max ? "one argument" : count(max)) + " (" +
                                 std::to_string(n) + " given)");
  if (min == max && min < 2)
    in.raise(in.t.TypeError, full + "() takes " + (min ? "exactly one argument" : "no arguments") +
                                 " (" + std::to_string(n) + " given)");
  if (min == max)
    in.raise(in.t.TypeError, name + " expected " + count(min) + ", got " + std::to_string(n));
  if (n < min)
    in.raise(in.t.TypeError,
             name + " expected at least " + count(min) + ", got " + std::to_string(n));
  in.raise(in.t.TypeError, name + " expected at most " + count(max) + ", got " + std::to_string(n));
}
}  // namespace

V Interp::call(V f, const Args& a) {
  V out;
  if (!impl->try_call(f, a, out)) impl->throw_raised();
  return out;
}

bool Impl::try_builtin(Builtin* b, const Args& a, V& out) {
  const int n = static_cast<int>(a.npos);
  in->tick(2);
  if (b->owner && b->owner != in->t.object) {
    if (n && a.pos[0].is(Kind::unknown)) {
      out = in->unknown(std::string(b->owner->name->view()) + "." + b->name);
      return true;
    }
    if (!n)
      in->raise(in->t.TypeError, "unbound method " + std::string(b->owner->name->view()) + "." +
                                     b->name + "() needs an argument");
    const bool other_layout = b->owner == in->t.builtin &&
                              !a.pos[0].is(Kind::builtin);  // a bound method of a native type
    if (other_layout || !Interp::is_subtype(in->type_of(a.pos[0]), b->owner))
      in->raise(in->t.TypeError, "descriptor '" + std::string(b->name) + "' for '" +
                                     std::string(b->owner->name->view()) +
                                     "' objects doesn't apply to a '" + in->type_name(a.pos[0]) +
                                     "' object");
  }
  if (a.nkw && !b->takes_kw)
    in->raise(in->t.TypeError, std::string(b->name) + "() takes no keyword arguments");
  if (n < b->min || (b->max >= 0 && n > b->max)) wrong_count(*in, b, n);
  if (static_cast<char*>(__builtin_frame_address(0)) < stack_limit)
    in->raise(in->t.RecursionError, "maximum recursion depth exceeded");
  Builtin* saved = in->current_builtin;
  in->current_builtin = b;
  struct Restore {
    Interp& in;
    Builtin* b;
    ~Restore() { in.current_builtin = b; }
  } restore{*in, saved};
  std::string fault;
  try {
    out = b->fn(*in, a);
    return !out.is_undef() || in->raised.is_undef();
  } catch (const std::bad_alloc&) {
    throw LimitError{"the machine has no memory left"};
  } catch (const std::exception& e) {
    fault = e.what();
  }
  in->raise(in->t.SystemError, std::string("kdex: ") + b->name + ": " + fault);
}

/// Hands a call of what is not known to the function that `_kdex.border` was given: false where
/// that one does not know it either.
bool Impl::call_border(Unknown* f, const Args& a, V& out) {
  List* pos = in->list();
  for (std::uint32_t i = 0; i < a.npos; ++i) in->append(pos, a.pos[i]);
  Dict* named = in->dict();
  for (std::uint32_t i = 0; i < a.nkw; ++i) in->put(named, a.kwname[i], a.kwval[i]);
  out = in->call(border, {V(f->why), V(pos), V(named)});
  return !out.same(in->not_implemented);
}

bool Impl::try_call(V f, const Args& a, V& out) {
  if (!f.is_obj()) in->raise(in->t.TypeError, "'" + in->type_name(f) + "' object is not callable");
  switch (f.o->kind) {
    case Kind::function:
      return try_function(f.as<Function>(), a, V(), out);
    case Kind::method: {
      Method* m = f.as<Method>();
      if (m->func.is(Kind::function)) return try_function(m->func.as<Function>(), a, m->self, out);
      if (static_cast<char*>(__builtin_frame_address(0)) < stack_limit)
        in->raise(in->t.RecursionError, "maximum recursion depth exceeded");
      in->tick(1 + a.npos / 16);
      return try_call(m->func, Prefixed(*in, m->self, a), out);
    }
    case Kind::builtin:
      return try_builtin(f.as<Builtin>(), a, out);
    case Kind::type:
      out = type_call(f.as<Type>(), a);
      return true;
    case Kind::unknown: {
      in->tick(2);
      if (!border.is_undef() && call_border(f.as<Unknown>(), a, out)) return true;
      out = in->unknown(std::string(f.as<Unknown>()->why->view()) + "()");
      return true;
    }
    default:
      break;
  }
  V m = in->special(f, s_call);
  for (int hops = 0; m.is(Kind::instance); m = in->special(m, s_call))
    if (++hops > 1000) in->raise(in->t.RecursionError, "maximum recursion depth exceeded");
  if (m.is_undef()) in->raise(in->t.TypeError, "'" + in->type_name(f) + "' object is not callable");
  return try_call(m, a, out);
}

// ---------------------------------------------------------------- operators

static bool unknown_of(V a, V b, V& out) {
  if (a.is(Kind::unknown)) {
    out = a;
    return true;
  }
  if (b.is(Kind::unknown)) {
    out = b;
    return true;
  }
  return false;
}

namespace {
V binary_with(Interp& in, Op op, V a, V b, const char* assign);
}

V Interp::binary(Op op, V a, V b) {
  V out;
  if (a.is_int() && b.is_int()) {
    std::int64_t r;
    bool done = true;
    switch (op) {
      case Op::add:
        done = !__builtin_add_overflow(a.i, b.i, &r);
        break;
      case Op::sub:
        done = !__builtin_sub_overflow(a.i, b.i, &r);
        break;
      case Op::mul:
        done = !__builtin_mul_overflow(a.i, b.i, &r);
        break;
      default:
        done = false;
    }
    if (done) {
      out = V::integer(r);
      if (a.org | b.org) out.org = origin_op(kOpSigns[static_cast<int>(op)], a, b, out);
      return out;
    }
  }
  return binary_with(*this, op, a, b, "");
}

namespace {

/// The general case; `assign` is "=" where the statement was an augmented assignment.
V binary_with(Interp& in, Op op, V a, V b, const char* assign) {
  V out;
  if (in.impl->choose_binary(op, kOpSigns[static_cast<int>(op)], a, b, out)) return out;
  const bool plain_a = !a.is_obj() || !a.o->cls->user, plain_b = !b.is_obj() || !b.o->cls->user;
  if (plain_a && plain_b) {
    if (unknown_of(a, b, out)) return in.unknown(out.as<Unknown>()->why->view());
    if (num_binary(in, op, a, b, out)) {
      add_origin(in, op, a, b, out);
      return out;
    }
    if (str_binary(in, op, a, b, out) || seq_binary(in, op, a, b, out)) return out;
  }
  Str* fwd = in.impl->s_op[static_cast<int>(op)];
  Str* rev = in.impl->s_rop[static_cast<int>(op)];
  Type *ta = in.type_of(a), *tb = in.type_of(b);
  const V fa = in.lookup(ta, fwd), fb = in.lookup(tb, rev);
  auto attempt = [&](V f, V self, V other) {
    if (f.is_undef()) return false;
    out = in.call(in.impl->descr_get(f, self, in.type_of(self)), {other});
    return !out.same(in.not_implemented);
  };
  const bool right_first =
      ta != tb && Interp::is_subtype(tb, ta) && !fb.is_undef() && !fb.same(in.lookup(ta, rev));
  if (right_first && attempt(fb, b, a)) return out;
  if (attempt(fa, a, b)) return out;
  if (!right_first && ta != tb && attempt(fb, b, a)) return out;
  if (num_binary(in, op, a, b, out)) {
    add_origin(in, op, a, b, out);
    return out;
  }
  if (str_binary(in, op, a, b, out) || seq_binary(in, op, a, b, out)) return out;
  if (unknown_of(a, b, out)) return in.unknown(out.as<Unknown>()->why->view());
  if (op == Op::bitor_ && (a.is(Kind::type) || a.is_none()) &&
      (b.is(Kind::type) || b.is_none() || b.is_obj())) {
    const V made = in.impl->overlay("_alias", "union");
    if (!made.is_undef()) return in.call(made, {a, b});
  }
  std::string sign = kOpSigns[static_cast<int>(op)];
  if (*assign) sign = op == Op::pow ? "**=" : sign + assign;
  if (op == Op::mul) {
    std::int64_t n;
    auto is_sequence = [&](V v) {
      return v.is_obj() &&
             (v.o->kind == Kind::str || v.o->kind == Kind::bytes || v.o->kind == Kind::list ||
              v.o->kind == Kind::tuple) &&
             seq_length(v, n);
    };
    const bool first = is_sequence(a);
    const V sequence = first ? a : b, times = first ? b : a;
    if (is_sequence(sequence))
      in.raise(in.t.TypeError,
               "can't multiply sequence by non-int of type '" + in.type_name(times) + "'");
  }
  in.raise(in.t.TypeError, std::string("unsupported operand type(s) for ") + sign + ": '" +
                               in.type_name(a) + "' and '" + in.type_name(b) + "'");
}

}  // namespace

V Interp::binary_inplace(Op op, V a, V b) {
  V out;
  if (a.is_obj() && a.o->kind != Kind::unknown) {
    if (!a.o->cls->user && seq_inplace(*this, op, a, b, out)) return out;
    const V f = lookup(type_of(a), impl->s_iop[static_cast<int>(op)]);
    if (!f.is_undef()) {
      out = call(impl->descr_get(f, a, type_of(a)), {b});
      if (!out.same(not_implemented)) return out;
    }
    return binary_with(*this, op, a, b, "=");
  }
  return a.is_int() && b.is_int() ? binary(op, a, b) : binary_with(*this, op, a, b, "=");
}

V Interp::compare(Cmp op, V a, V b) {
  switch (op) {
    case Cmp::is:
    case Cmp::is_not:
      if ((is_choice(a) && (b.is_int() || is_choice(b))) || (a.is_int() && is_choice(b)))
        return compare(op == Cmp::is ? Cmp::eq : Cmp::ne, a, b);
      return V::boolean(a.same(b) == (op == Cmp::is));
    case Cmp::in:
    case Cmp::not_in:
      if (b.is(Kind::unknown)) return unknown(b.as<Unknown>()->why->view());
      return V::boolean(contains(b, a) == (op == Cmp::in));
    default:
      break;
  }
  if (a.is_int() && b.is_int()) {
    switch (op) {
      case Cmp::eq:
        return V::boolean(a.i == b.i);
      case Cmp::ne:
        return V::boolean(a.i != b.i);
      case Cmp::lt:
        return V::boolean(a.i < b.i);
      case Cmp::le:
        return V::boolean(a.i <= b.i);
      case Cmp::gt:
        return V::boolean(a.i > b.i);
      default:
        return V::boolean(a.i >= b.i);
    }
  }
  if ((op == Cmp::eq || op == Cmp::ne) && a.is(Kind::str) && b.is(Kind::str) && a.o->cls == t.str &&
      b.o->cls == t.str)
    return V::boolean(same_text(a.as<Str>(), b.as<Str>()) == (op == Cmp::eq));
  bool r;
  V out;
  if (impl->choose_compare(op, a, b, out)) return out;
  const bool plain_a = !a.is_obj() || !a.o->cls->user, plain_b = !b.is_obj() || !b.o->cls->user;
  if (plain_a && plain_b) {
    if (unknown_of(a, b, out)) {
      if (a.same(b)) return V::boolean(op == Cmp::eq || op == Cmp::le || op == Cmp::ge);
      return unknown(out.as<Unknown>()->why->view());
    }
    if (is_number(a) && is_number(b) && num_compare(*this, op, a, b, r)) return V::boolean(r);
    if (str_compare(*this, op, a, b, r) || seq_compare(*this, op, a, b, r)) return V::boolean(r);
  }
  static const int swapped[] = {0, 1, 4, 5, 2, 3};
  Type *ta = type_of(a), *tb = type_of(b);
  const V fa = lookup(ta, impl->s_cmp[static_cast<int>(op)]);
  const V fb = lookup(tb, impl->s_cmp[swapped[static_cast<int>(op)]]);
  auto attempt = [&](V f, V self, V other) {
    if (f.is_undef() || f.is_none()) return false;
    out = call(impl->descr_get(f, self, type_of(self)), {other});
    return !out.same(not_implemented);
  };
  const bool right_first = ta != tb && is_subtype(tb, ta);
  if (right_first && attempt(fb, b, a)) return out;
  if (attempt(fa, a, b)) return out;
  if (!right_first && attempt(fb, b, a)) return out;
  if (op == Cmp::eq) return V::boolean(a.same(b));
  if (op == Cmp::ne) return V::boolean(!a.same(b));
  if (unknown_of(a, b, out)) return unknown(out.as<Unknown>()->why->view());
  raise(t.TypeError, std::string("'") + kCmpSigns[static_cast<int>(op)] +
                         "' not supported between instances of '" + type_name(a) + "' and '" +
                         type_name(b) + "'");
}

bool Interp::eq(V a, V b) {
  if (a.is_int() && b.is_int()) return a.i == b.i;
  if (a.is_obj() && b.is_obj() && a.o == b.o) return true;
  const V r = compare(Cmp::eq, a, b);
  return r.is_bool() ? r.i : truth(r);
}

bool Interp::truth(V v) {
  switch (v.tag) {
    case Tag::none:
      return false;
    case Tag::boolean:
    case Tag::integer:
      return v.i != 0;
    case Tag::real:
      return v.f != 0;
    case Tag::object:
      break;
    default:
      return false;
  }
  switch (v.o->kind) {
    case Kind::unknown:
      impl->assume(impl->top, impl->top ? impl->top->line : 0,
                   std::string(v.as<Unknown>()->why->view()));
      return false;
    case Kind::bigint:
      return true;
    case Kind::boxed:
      if (is_choice(v)) return impl->choose_truth(v);
      if (!v.o->cls->user) return num_truth(v);
      break;
    case Kind::function:
    case Kind::builtin:
    case Kind::method:
    case Kind::module:
    case Kind::generator:
      return true;
    case Kind::type:
      if (v.o->cls == t.type) return true;
      break;
    default:
      break;
  }
  bool r;
  if (!v.o->cls->user && seq_truth(v, r)) return r;
  const V f = special(v, impl->s_bool);
  if (!f.is_undef()) {
    const V x = call(f);
    if (x.is(Kind::unknown)) return truth(x);
    if (!x.is_bool()) raise(t.TypeError, "__bool__ should return bool, returned " + type_name(x));
    return x.i;
  }
  const V l = special(v, impl->s_len);
  if (!l.is_undef()) {
    const V x = call(l);
    if (x.is(Kind::unknown)) return truth(x);
    return index(x) != 0;
  }
  if (v.o->kind == Kind::boxed) return num_truth(v);
  if (seq_truth(v, r)) return r;
  return true;
}

std::uint64_t Interp::hash(V v) {
  if (v.is(Kind::str)) return str_hash(v.as<Str>());
  if (v.is_none()) return 0x5bd1e995;
  if (!v.is_obj() || v.o->kind == Kind::bigint) return num_hash(*this, v);
  if (!v.o->cls->user) {
    std::uint64_t h;
    if (v.o->kind == Kind::boxed) return num_hash(*this, v);
    if (seq_hash(*this, v, h)) return h;
    if (v.o->kind == Kind::bytes) {
      if (v.as<Bytes>()->is_bytearray) raise(t.TypeError, "unhashable type: 'bytearray'");
      return str_hash(intern(v.as<Bytes>()->view()));
    }
    if (v.o->kind != Kind::instance) {
      read_identity(*this, v.o);
      if (v.o->kind == Kind::method)
        return (reinterpret_cast<std::uint64_t>(v.as<Method>()->func.o) >> 4) * 31 +
               (reinterpret_cast<std::uint64_t>(v.as<Method>()->self.o) >> 4);
      return reinterpret_cast<std::uint64_t>(v.o) >> 4;
    }
  }
  const V f = lookup(type_of(v), impl->s_hash);
  if (f.is_none()) raise(t.TypeError, "unhashable type: '" + type_name(v) + "'");
  if (!f.is_undef() && !f.is(Kind::builtin)) {
    const V r = call(impl->descr_get(f, v, type_of(v)));
    std::int64_t n;
    if (as_int64(r, n)) return static_cast<std::uint64_t>(n);
    if (!isinstance(r, t.integer)) raise(t.TypeError, "__hash__ method should return an integer");
    return num_hash(*this, r);
  }
  std::uint64_t h;
  if (v.o->kind == Kind::boxed) return num_hash(*this, v);
  if (v.o->kind != Kind::instance && seq_hash(*this, v, h)) return h;
  read_identity(*this, v.o);
  return reinterpret_cast<std::uint64_t>(v.o) >> 4;
}

static V unary(Interp& in, V v, char sign, const char* dunder) {
  V out;
  if (v.is(Kind::unknown)) return v;
  if ((!v.is_obj() || !v.o->cls->user) && num_unary(in, sign, v, out)) {
    if (v.org) out.org = in.origin_op(sign == '-' ? "-" : sign == '+' ? "+" : "~", v, V(), out);
    return out;
  }
  const V f = in.special(v, in.intern(dunder));
  if (!f.is_undef()) return in.call(f);
  if (num_unary(in, sign, v, out)) return out;
  in.raise(in.t.TypeError,
           std::string("bad operand type for unary ") + sign + ": '" + in.type_name(v) + "'");
}
V Interp::negate(V v) { return unary(*this, v, '-', "__neg__"); }
V Interp::positive(V v) { return unary(*this, v, '+', "__pos__"); }
V Interp::invert(V v) { return unary(*this, v, '~', "__invert__"); }

// ---------------------------------------------------------------- containers

V Interp::getitem(V o, V key) {
  V out;
  if (o.is_obj()) {
    if (!o.o->cls->user) {
      if (seq_getitem(*this, o, key, out) || str_getitem(*this, o, key, out)) return out;
      if (o.o->kind == Kind::unknown)
        return unknown(std::string(o.as<Unknown>()->why->view()) + "[]");
    }
    if (o.o->kind == Kind::type) {
      const V meta = o.o->cls == t.type ? V() : special(o, impl->s_getitem);
      if (!meta.is_undef()) return call(meta, {key});
      V f;
      if (try_getattr(o, impl->s_class_getitem, f)) return call(f, {key});
      if (!o.as<Type>()->user || o.as<Type>()->unknown_base) {
        const V alias = impl->overlay("_alias", "GenericAlias");
        if (!alias.is_undef()) return call(alias, {o, key});
        return unknown(std::string(o.as<Type>()->name->view()) + "[]");
      }
      raise(t.TypeError,
            "type '" + std::string(o.as<Type>()->name->view()) + "' is not subscriptable");
    }
    const V f = special(o, impl->s_getitem);
    if (!f.is_undef()) return call(f, {key});
    if (seq_getitem(*this, o, key, out) || str_getitem(*this, o, key, out)) return out;
  }
  raise(t.TypeError, "'" + type_name(o) + "' object is not subscriptable");
}

void Interp::setitem(V o, V key, V value) {
  if (o.is_obj()) {
    if (o.o->kind == Kind::unknown) return;
    if (!o.o->cls->user && seq_setitem(*this, o, key, value)) return;
    const V f = special(o, impl->s_setitem);
    if (!f.is_undef()) {
      call(f, {key, value});
      return;
    }
    if (seq_setitem(*this, o, key, value)) return;
  }
  raise(t.TypeError, "'" + type_name(o) + "' object does not support item assignment");
}

static bool seq_list_like(V o) {
  return o.is(Kind::tuple) || o.is(Kind::str) || o.is(Kind::range) || o.is(Kind::bytes);
}

void Interp::delitem(V o, V key) {
  if (o.is_obj()) {
    if (o.o->kind == Kind::unknown) return;
    if (!o.o->cls->user && seq_delitem(*this, o, key)) return;
    const V f = special(o, impl->s_delitem);
    if (!f.is_undef()) {
      call(f, {key});
      return;
    }
    if (seq_delitem(*this, o, key)) return;
  }
  raise(t.TypeError, "'" + type_name(o) + "' object " +
                         (seq_list_like(o) ? "doesn't" : "does not") + " support item deletion");
}

bool Interp::contains(V c, V item) {
  bool r;
  if (c.is(Kind::unknown)) return false;
  if (c.is_obj()) {
    if (!c.o->cls->user && (seq_contains(*this, c, item, r) || str_contains(*this, c, item, r)))
      return r;
    const V f = special(c, impl->s_contains);
    if (!f.is_undef()) return truth(call(f, {item}));
    if (seq_contains(*this, c, item, r) || str_contains(*this, c, item, r)) return r;
  }
  V probe;
  if (!c.is_obj() ||
      (special(c, impl->s_iter).is_undef() && special(c, impl->s_getitem).is_undef() &&
       c.o->kind != Kind::generator && c.o->kind != Kind::iterator))
    raise(t.TypeError, "argument of type '" + type_name(c) + "' is not iterable");
  bool found = false;
  for_each(c, [&](V v) {
    if (v.same(item) || eq(v, item)) {
      found = true;
      return false;
    }
    return true;
  });
  return found;
}

namespace {
struct GetitemIter final : Iter {
  V o;
  std::int64_t i = 0;
  explicit GetitemIter(Type* c, V v) : Iter(c), o(v) {}
  bool next(Interp& in, V& out) override {
    const V failed = in.caught([&] { out = in.getitem(o, V::integer(i)); });
    if (failed.is_undef()) {
      ++i;
      return true;
    }
    if (in.isinstance(failed, in.t.IndexError) || in.isinstance(failed, in.t.StopIteration))
      return false;
    in.reraise(failed);
  }
};
struct EmptyIter final : Iter {
  explicit EmptyIter(Type* c) : Iter(c) {}
  bool next(Interp&, V&) override { return false; }
};
}  // namespace

V Interp::iter(V o) {
  V out;
  if (o.is_obj()) {
    if (o.o->kind == Kind::generator || o.o->kind == Kind::iterator) return o;
    if (o.o->kind == Kind::unknown) {
      impl->assume(impl->top, impl->top ? impl->top->line : 0,
                   std::string(o.as<Unknown>()->why->view()));
      return V(make<EmptyIter>(t.iterator));
    }
    if (!o.o->cls->user && seq_iter(*this, o, out)) return out;
    const V f = special(o, impl->s_iter);
    if (!f.is_undef() && !f.is_none()) {
      const V it = call(f);
      if (it.is(Kind::unknown)) return iter(it);
      if (!it.is(Kind::generator) && !it.is(Kind::iterator) &&
          (!it.is_obj() || lookup(type_of(it), impl->s_next).is_undef()))
        raise(t.TypeError, "iter() returned non-iterator of type '" + type_name(it) + "'");
      return it;
    }
    if (f.is_undef()) {
      if (seq_iter(*this, o, out)) return out;
      if (!lookup(type_of(o), impl->s_getitem).is_undef())
        return V(make<GetitemIter>(t.iterator, o));
    }
  }
  raise(t.TypeError, "'" + type_name(o) + "' object is not iterable");
}

bool Interp::next(V it, V& out) {
  check_stack();  // an iterator may stand on another, and that on another
  if (it.is(Kind::iterator)) {
    changing(it.o);
    return it.as<Iter>()->next(*this, out);
  }
  if (it.is(Kind::generator)) return impl->resume(it.as<Generator>(), V::none(), V(), out);
  const V f = special(it, impl->s_next);
  if (f.is_undef()) raise(t.TypeError, "'" + type_name(it) + "' object is not an iterator");
  return caught(t.StopIteration, [&] { impl->try_call(f, Args{}, out); }).is_undef();
}

void Interp::for_each(V o, FunctionRef<bool(V)> f) {
  if (o.is_obj() && !o.o->cls->user) {
    if (o.o->kind == Kind::list) {
      List* l = o.as<List>();
      for (std::uint32_t i = 0; i < l->n; ++i)
        if (!f(l->at[i])) return;
      return;
    }
    if (o.o->kind == Kind::tuple) {
      Tuple* l = o.as<Tuple>();
      for (std::uint32_t i = 0; i < l->n; ++i)
        if (!f(l->at[i])) return;
      return;
    }
  }
  const V it = iter(o);
  V v;
  while (next(it, v)) {
    tick();
    if (!f(v)) return;
  }
}

std::int64_t Interp::length(V o) {
  std::int64_t n;
  if (o.is_obj()) {
    if (!o.o->cls->user && seq_length(o, n)) return n;
    const V f = special(o, impl->s_len);
    if (!f.is_undef()) {
      const V r = call(f);
      n = index(r);
      if (n < 0) raise(t.ValueError, "__len__() should return >= 0");
      return n;
    }
    if (seq_length(o, n)) return n;
  }
  raise(t.TypeError, "object of type '" + type_name(o) + "' has no len()");
}

// ---------------------------------------------------------------- text

std::string Interp::repr_of(V v) {
  if (v.is_none()) return "None";
  if (!v.is_obj() || v.o->kind == Kind::bigint) return num_repr(*this, v);
  if (v.o->kind == Kind::unknown)
    return "<unknown " + std::string(v.as<Unknown>()->why->view()) + ">";
  if (v.o->kind == Kind::str && v.o->cls == t.str) return str_repr(v.as<Str>()->view());
  const V f = special(v, impl->s_repr);
  if (!f.is_undef()) {
    const V r = call(f);
    if (r.is(Kind::unknown)) return "<unknown>";
    if (!r.is(Kind::str))
      raise(t.TypeError, "__repr__ returned non-string (type " + type_name(r) + ")");
    return std::string(r.as<Str>()->view());
  }
  return "<" + type_name(v) + " object>";
}

std::string Interp::str_of(V v) {
  if (v.is(Kind::str) && v.o->cls == t.str) return std::string(v.as<Str>()->view());
  if (!v.is_obj() || v.o->kind == Kind::bigint) return repr_of(v);
  if (v.o->kind == Kind::unknown) return repr_of(v);
  const V f = special(v, impl->s_str);
  if (!f.is_undef()) {
    const V r = call(f);
    if (r.is(Kind::unknown)) return "<unknown>";
    if (!r.is(Kind::str))
      raise(t.TypeError, "__str__ returned non-string (type " + type_name(r) + ")");
    return std::string(r.as<Str>()->view());
  }
  return repr_of(v);
}

V Interp::format(V v, std::string_view spec) {
  V out;
  if (v.is(Kind::unknown)) return v;
  if ((!v.is_obj() || !v.o->cls->user) && format_native(*this, v, spec, out)) return out;
  const V f = special(v, impl->s_format);
  if (!f.is_undef()) return call(f, {str(spec)});
  return str(str_of(v));
}

// ---------------------------------------------------------------- native types

Type* Interp::new_type(const char* name, Type* base, Kind layout, const char* module) {
  Type* x = make<Type>(Kind::type, t.type);
  x->name = x->qualname = intern(name);
  x->base = base;
  x->layout = layout;
  x->ns = dict();
  x->is_exception = base && base->is_exception;
  if (base && layout == Kind::instance) x->layout = base->layout;
  x->nmro = base ? base->nmro + 1 : 1;
  x->mro = arena.array<Type*>(x->nmro);
  x->mro[0] = x;
  for (std::uint32_t i = 1; i < x->nmro; ++i) x->mro[i] = base->mro[i - 1];
  if (base && t.tuple) {
    const V b = V(base);
    x->bases = tuple(&b, 1).as<Tuple>();
  }
  put(x->ns, impl->s_module, V(intern(module)));
  return x;
}

static void add_method(Interp& in, Type* type, const char* name, NativeFn fn, int min, int max,
                       bool kw, int how) {
  Builtin* b = in.make<Builtin>(Kind::builtin, in.t.builtin);
  b->name = name;
  b->fn = fn;
  b->min = min;
  b->max = max;
  b->takes_kw = kw;
  b->binds = how == 0;
  if (how == 0 && type != in.t.unknown) {
    b->owner = type;
    const std::string_view n = name;
    b->cls =
        n.starts_with("__") && n.ends_with("__") ? in.t.wrapper_descriptor : in.t.method_descriptor;
  }
  V v(b);
  if (how == 1 || how == 2) {
    Wrap* w = in.make<Wrap>(how == 1 ? Kind::staticmethod : Kind::classmethod,
                            how == 1 ? in.t.staticmethod : in.t.classmethod);
    w->func = v;
    v = V(w);
  }
  in.put(type->ns, in.intern(name), v);
  ++in.impl->type_version;
}
void Interp::def(Type* type, const char* name, NativeFn fn, int min, int max, bool kw) {
  add_method(*this, type, name, fn, min, max, kw, 0);
}
void Interp::def_static(Type* type, const char* name, NativeFn fn, int min, int max, bool kw) {
  add_method(*this, type, name, fn, min, max, kw, 1);
}
void Interp::def_class(Type* type, const char* name, NativeFn fn, int min, int max, bool kw) {
  add_method(*this, type, name, fn, min, max, kw, 2);
}
void Interp::def_property(Type* type, const char* name, NativeFn getter, NativeFn setter, V data) {
  Property* p = make<Property>(Kind::property, t.property);
  p->get = builtin(name, getter, 1, 1);
  p->set = setter ? builtin(name, setter, 2, 2) : V::none();
  p->get.as<Builtin>()->data = data;
  p->get.as<Builtin>()->owner = type;  // a stranger that is given to fget or fset is refused
  if (setter) p->set.as<Builtin>()->owner = type;
  p->del = p->doc = V::none();
  put(type->ns, intern(name), V(p));
}
void Interp::def_builtin(const char* name, NativeFn fn, int min, int max, bool kw) {
  put(builtins, intern(name), builtin(name, fn, min, max, kw));
}

void write_bounded(std::string& out, std::string_view s) {
  constexpr std::size_t kMost = std::size_t{1} << 26;
  if (out.size() + s.size() > kMost)
    throw LimitError{"more than " + std::to_string(kMost >> 20) + " MB were printed"};
  out.append(s);
}

void print_out(Interp& in, std::string_view s) {
  if (in.impl->printed) write_bounded(*in.impl->printed, s);
}

}  // namespace kdex::py
