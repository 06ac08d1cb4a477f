// repeats.h.
#include "core/python/machine/repeats.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "core/python/machine/impl.h"

namespace kdex::py {
namespace {

/// Numbers and texts in which an object's twins may differ; with more, twins are not looked for.
constexpr std::size_t kMostPatches = 256;
constexpr std::size_t kMostCalls = 64;  // that are kept at once
constexpr int kDeepest = 60;            // of a result

}  // namespace

/// Copies of what is younger than `from`; objects that stand for others are replaced.
class Copy {
 public:
  Copy(Interp& in, std::uint32_t from, const Alike* twins) : in_(in), from_(from), twins_(twins) {}

  V of(V v, int depth = 0) {
    if (!v.is_obj()) return v;
    if (Obj* twin = twins_ ? twins_->twin(v.o) : nullptr) return V(twin);
    if (v.o->born < from_ || is_constant(v.o->kind)) return v;
    if (const auto known = made_.find(v.o); known != made_.end()) return V(known->second);
    return depth > kDeepest ? failed() : of_object(v, depth + 1);
  }
  /// False where something could not be copied; what was given then means nothing.
  bool ok() const { return ok_; }

 private:
  static bool is_constant(Kind k) {
    switch (k) {
      case Kind::str:
      case Kind::bigint:
      case Kind::range:
      case Kind::builtin:
      case Kind::code:
      case Kind::type:
      case Kind::module:
      case Kind::unknown:
      case Kind::singleton:
      case Kind::member:
        return true;
      default:
        return false;
    }
  }

  V failed() {
    ok_ = false;
    return V::none();
  }

  V of_object(V v, int depth) {
    switch (v.o->kind) {
      case Kind::tuple:
        return of_tuple(v.as<Tuple>(), depth);
      case Kind::list: {
        const List* from = v.as<List>();
        List* to = entered(v.o, in_.list(from->n));
        for (std::uint32_t i = 0; i < from->n; ++i) in_.append(to, of(from->at[i], depth));
        return V(to);
      }
      case Kind::dict: {
        Dict* to = entered(v.o, in_.dict());
        entries(v.as<Dict>(), to, depth);
        return V(to);
      }
      case Kind::instance:
        return of_instance(v.as<Instance>(), depth);
      case Kind::method: {
        Method* to = entered(v.o, in_.make<Method>(Kind::method, v.o->cls));
        to->func = of(v.as<Method>()->func, depth);
        to->self = of(v.as<Method>()->self, depth);
        return V(to);
      }
      default:
        return failed();
    }
  }

  /// A container's copy before its items.
  template <class T>
  T* entered(const Obj* from, T* to) {
    to->cls = from->cls;
    made_.emplace(from, to);
    if (from->kind != Kind::instance && from->attrs && from->attrs->live) failed();
    return to;
  }

  void entries(const Dict* from, Dict* to, int depth) {
    for (std::uint32_t i = 0; i < from->used; ++i) {
      const V key = from->e[i].key;
      if (key.is_undef()) continue;
      in_.put(to, of(key, depth), of(from->e[i].val, depth));
    }
  }

  V of_tuple(const Tuple* from, int depth) {
    if (from->n == 0) return V(const_cast<Tuple*>(from));
    Held<V> items(in_.arena);
    for (std::uint32_t i = 0; i < from->n; ++i) items.push_back(of(from->at[i], depth));
    return V(entered(from, in_.tuple(items.data(), from->n).as<Tuple>()));
  }

  V of_instance(const Instance* from, int depth) {
    Instance* to = nullptr;
    if (from->cls->nslots) {
      const auto* slots = static_cast<const Slotted*>(from);
      auto* s = entered(from, in_.make<Slotted>(Kind::instance, from->cls));
      s->n = slots->n;
      s->slot = in_.arena.array<V>(slots->n);
      for (std::uint32_t i = 0; i < slots->n; ++i) s->slot[i] = V();
      for (std::uint32_t i = 0; i < slots->n; ++i) s->slot[i] = of(slots->slot[i], depth);
      to = s;
    } else {
      to = entered(from, in_.make<Instance>(Kind::instance, from->cls));
    }
    to->created = from->created;
    if (!from->attrs) return V(to);
    to->attrs = in_.dict();
    entries(from->attrs, to->attrs, depth);
    return V(to);
  }

  Interp& in_;
  std::uint32_t from_;
  const Alike* twins_;
  bool ok_ = true;
  std::unordered_map<const Obj*, Obj*> made_;
};

namespace {

/// An item of a list or tuple by its place; null where there is none.
const V* item_at(V container, std::int64_t n) {
  const bool list = container.is(Kind::list);
  if (!list && !container.is(Kind::tuple)) return nullptr;
  const V* at = list ? container.as<List>()->at : container.as<Tuple>()->at;
  const std::int64_t size = list ? container.as<List>()->n : container.as<Tuple>()->n;
  if (n < 0) n += size;
  return n >= 0 && n < size ? at + n : nullptr;
}

/// A text of its own, whose reading is told (Str::view).
Str* standing_text(Interp& in, const Str* s) {
  Str* copy = in.concat(std::array{std::string_view(s->data, s->len)}.data(), 1).as<Str>();
  copy->stands = true;
  return copy;
}

}  // namespace

struct Repeats::Running {
  Call call;
  std::vector<V> others;                      // that may be stood for; the place 0 is the object
  std::vector<std::unique_ptr<Alike>> twins;  // of each place but the first
  std::vector<Boxed*> boxed;
  std::vector<std::pair<Dict*, V>> entries;  // by keys that stand for several
};

namespace {

/// While this lives, identities are read for several.
struct Quiet {
  bool& is;
  bool before;
  explicit Quiet(bool& quiet) : is(quiet), before(std::exchange(quiet, true)) {}
  ~Quiet() { is = before; }
  Quiet(const Quiet&) = delete;
};

}  // namespace

Repeats::Repeats(Interp& in) : in_(in) { hold_nothing(); }

void Repeats::hold_nothing() {
  held_ = in_.list();
  held_->born = kUncounted;
  in_.impl->held_by_repeats = held_;
}

V Repeats::kept(V v) {
  if (v.is_obj()) in_.append(held_, v);
  return v;
}

void Repeats::forget() {
  calls_.clear();
  if (running_)
    running_->call.open = false;
  else
    hold_nothing();
  set_journal();
}

/// Changes are noted while a run goes on or stands for others.
void Repeats::set_journal() {
  const bool open =
      running_ || std::any_of(calls_.begin(), calls_.end(), [](const Call& c) { return c.open; });
  in_.journal_from = open ? in_.age : 0;
}

void Repeats::made(Boxed* choice) {
  if (!running_) return;
  kept(V(choice));
  running_->boxed.push_back(choice);
}

// ---------------------------------------------------------------- what changes

/// What an object holds; undef where changes of it are not followed.
V Repeats::content(Obj* o) {
  switch (o->kind) {
    case Kind::dict: {
      Dict* d = in_.dict();
      in_.copy_entries(d, static_cast<Dict*>(o));
      return V(d);
    }
    case Kind::list:
      return V(in_.list(static_cast<List*>(o)->at, static_cast<List*>(o)->n));
    case Kind::cell:
      return in_.tuple({static_cast<Cell*>(o)->v});
    case Kind::instance:
      if (!o->cls->nslots) return {};
      return in_.tuple(static_cast<Slotted*>(o)->slot, static_cast<Slotted*>(o)->n);
    default:
      return {};
  }
}

void Repeats::changes(Obj* o) {
  if (o->kind == Kind::iterator || o->kind == Kind::generator) {
    // One that a run advances cannot be advanced again; what loops around runs does is no run's.
    if (running_ && o->born < running_->call.from) running_->call.open = false;
    return;
  }
  const std::uint32_t paused = std::exchange(in_.journal_from, 0);
  V was;
  const auto note = [&](Call& c) {
    if (!c.open || o->born >= c.from || c.before.contains(o)) return;
    if (was.is_undef()) was = kept(content(o));
    if (was.is_undef()) {
      c.open = false;
    } else {
      c.before.emplace(o, was);
      kept(V(o));
    }
  };
  for (Call& c : calls_) note(c);
  if (running_) note(running_->call);
  in_.journal_from = paused;
}

namespace {

bool is_same(const V* a, std::uint32_t n, const V* b, std::uint32_t m) {
  return n == m && std::equal(a, a + n, b, [](V x, V y) { return x.same(y); });
}

/// Whether two contents are of the very same things, in order.
bool is_same_content(V a, V b) {
  if (a.is(Kind::list))
    return is_same(a.as<List>()->at, a.as<List>()->n, b.as<List>()->at, b.as<List>()->n);
  if (a.is(Kind::tuple))
    return is_same(a.as<Tuple>()->at, a.as<Tuple>()->n, b.as<Tuple>()->at, b.as<Tuple>()->n);
  const Dict *x = a.as<Dict>(), *y = b.as<Dict>();
  if (x->live != y->live) return false;
  for (std::uint32_t i = 0, k = 0; i < x->used; ++i) {
    if (x->e[i].key.is_undef()) continue;
    while (y->e[k].key.is_undef()) ++k;
    if (!x->e[i].key.same(y->e[k].key) || !x->e[i].val.same(y->e[k].val)) return false;
    ++k;
  }
  return true;
}

}  // namespace

/// What each object that a run changed holds after it; false where that cannot be copied.
bool Repeats::note_effects(Call& c, Copy& copy) {
  for (const auto& [o, was] : c.before) {
    const V now = content(o);
    if (is_same_content(was, now)) continue;
    c.effects.push_back({o, was, kept(copy.of(now))});
  }
  return copy.ok();
}

/// Does to an object what a run did to the one that it stands for.
void Repeats::apply(const Effect& e, Obj* to, Copy& copy) {
  in_.changing(to);
  const auto each = [&](const V* was, std::uint32_t n, const V* now, std::uint32_t m, V* at) {
    for (std::uint32_t i = 0; i < m; ++i)
      if (i >= n || !was[i].same(now[i])) at[i] = copy.of(now[i]);
  };
  switch (to->kind) {
    case Kind::dict: {
      auto *was = e.before.as<Dict>(), *now = e.after.as<Dict>(), *d = static_cast<Dict*>(to);
      for (std::uint32_t i = 0; i < was->used; ++i)
        if (!was->e[i].key.is_undef() && !in_.find(now, was->e[i].key)) in_.erase(d, was->e[i].key);
      for (std::uint32_t i = 0; i < now->used; ++i) {
        if (now->e[i].key.is_undef()) continue;
        const V* known = in_.find(was, now->e[i].key);
        if (!known || !known->same(now->e[i].val))
          in_.put(d, now->e[i].key, copy.of(now->e[i].val));
      }
      return;
    }
    case Kind::list: {
      const auto *was = e.before.as<List>(), *now = e.after.as<List>();
      auto* l = static_cast<List*>(to);
      in_.presize(l, now->n);
      for (std::uint32_t i = l->n; i < now->n; ++i) l->at[i] = V();
      l->n = now->n;
      return each(was->at, was->n, now->at, now->n, l->at);
    }
    case Kind::cell:
      return each(e.before.as<Tuple>()->at, 1, e.after.as<Tuple>()->at, 1,
                  &static_cast<Cell*>(to)->v);
    default:
      return each(e.before.as<Tuple>()->at, e.before.as<Tuple>()->n, e.after.as<Tuple>()->at,
                  e.after.as<Tuple>()->n, static_cast<Slotted*>(to)->slot);
  }
}

// ---------------------------------------------------------------- what twins differ in

V* Repeats::place_of(Obj* holder, V key) {
  if (holder->kind == Kind::dict) return in_.find(static_cast<Dict*>(holder), key);
  auto* l = static_cast<List*>(holder);
  return key.i < l->n ? &l->at[key.i] : nullptr;
}

void Repeats::add_difference(Running& r, const Alike::Difference& d, std::size_t place) {
  auto& patches = r.call.patches;
  auto it = std::find_if(patches.begin(), patches.end(),
                         [&](const Patch& p) { return p.holder == d.holder && p.key.same(d.key); });
  if (it == patches.end()) {
    patches.push_back({d.holder, d.key, d.first, V(), {}});
    it = patches.end() - 1;
  }
  it->values.resize(place, d.first);
  it->values.push_back(d.second);
}

/// Those of `others` that hold the same as the object.
void Repeats::find_places(Running& r, V others, V last) {
  r.others.push_back(r.call.object);
  std::vector<std::int64_t> steps{0};  // of each place, how many calls come before its
  const List* list = others.as<List>();
  for (std::uint32_t i = 0; i < list->n; ++i) {
    auto twins = std::make_unique<Alike>(true);
    if (!twins->compare(r.call.object, list->at[i])) continue;
    for (const auto& d : twins->differences()) add_difference(r, d, r.others.size());
    r.others.push_back(list->at[i]);
    steps.push_back(i + 1);
    r.twins.push_back(std::move(twins));
  }
  for (Patch& p : r.call.patches) p.values.resize(r.others.size(), p.was);
  if (last.is(Kind::dict)) continue_arguments(r, last.as<Dict>(), steps);
}

/// Numbers among the arguments that are others than the last call's: that they go on so is a guess,
/// which repeat() holds against what comes.
void Repeats::continue_arguments(Running& r, Dict* last, const std::vector<std::int64_t>& steps) {
  Dict* now = r.call.kwargs.as<Dict>();
  for (std::uint32_t i = 0; i < now->used; ++i) {
    const V key = now->e[i].key, v = now->e[i].val;
    const V* before = key.is_undef() || !v.is_int() ? nullptr : in_.find(last, key);
    if (!before || !before->is_int() || before->i == v.i) continue;
    Patch p{now, key, v, V(), {}};
    for (const std::int64_t n : steps) p.values.push_back(V::integer(v.i + n * (v.i - before->i)));
    r.call.patches.push_back(std::move(p));
  }
}

/// Puts what stands for several where the object's own numbers and texts are.
void Repeats::patch(Running& r) {
  Interp::Impl& im = *in_.impl;
  const Quiet quiet(is_quiet_);
  im.undecided.clear();  // the first choice fills it
  for (Patch& p : r.call.patches) {
    if (p.was.is_obj()) {
      kept(p.was);
      p.standing = V(standing_text(in_, p.was.as<Str>()));
    } else {
      std::vector<std::int64_t> numbers;
      for (const V& v : p.values) numbers.push_back(v.i);
      p.standing = im.choice(std::move(numbers));
      p.standing.org = p.was.org;
    }
    kept(p.standing);
    kept(V(p.holder));
    *place_of(p.holder, p.key) = p.standing;
  }
  if (im.choices.empty())
    for (std::size_t i = 0; i < r.others.size(); ++i) im.undecided.push_back(i);
}

void Repeats::unpatch(Running& r) {
  const Quiet quiet(is_quiet_);
  const auto restore = [](V* at, const Patch& p) {
    if (at && at->same(p.standing)) *at = p.was;
  };
  const auto saved = [&](const Call& c, const Patch& p) {
    if (const auto it = c.before.find(p.holder); it != c.before.end())
      restore(place_of(it->second.o, p.key), p);
  };
  for (const Patch& p : r.call.patches) {
    restore(place_of(p.holder, p.key), p);
    for (const Call& c : calls_) saved(c, p);
    saved(r.call, p);
    if (p.was.is_obj() && p.standing.is_obj()) p.standing.as<Str>()->stands = false;
  }
  for (Boxed* b : r.boxed) b->choice = 0;
  in_.impl->choices.clear();
  in_.impl->undecided.clear();
}

// ---------------------------------------------------------------- a run

V Repeats::run(V function, V object, V others, V args, V kwargs, V last, std::int64_t& number) {
  number = -1;
  Interp::Impl& im = *in_.impl;
  const auto call = [&] {
    const Tuple* t = args.as<Tuple>();
    const Dict* d = kwargs.as<Dict>();
    Held<Str*> names(in_.arena);
    Held<V> values(in_.arena);
    for (std::uint32_t i = 0; i < d->used; ++i) {
      if (d->e[i].key.is_undef()) continue;
      names.push_back(in_.intern(d->e[i].key.as<Str>()));
      values.push_back(d->e[i].val);
    }
    return in_.call(function, Args{t->at, t->n, names.data(), values.data(),
                                   static_cast<std::uint32_t>(names.size())});
  };
  if (running_ || !im.choices.empty()) return call();
  Running r{};
  r.call.object = object;
  r.call.args = args;
  r.call.kwargs = kwargs;
  find_places(r, others, last);
  if (r.others.size() < 2 || r.call.patches.size() > kMostPatches) return call();
  for (const V& v : {object, args, kwargs}) kept(v);
  r.call.from = ++in_.age;
  r.call.open = true;
  Str::was_read = false;
  running_ = &r;
  struct End {
    Repeats& self;
    Running& r;
    ~End() {
      if (self.running_) self.unpatch(r);
      self.running_ = nullptr;
      self.set_journal();
    }
  } end{*this, r};
  patch(r);
  r.call.compared = compared();
  set_journal();
  const V result = call();
  finish(r, result);
  if (!r.call.open) return result;
  if (calls_.size() == kMostCalls) calls_.pop_front();
  number = r.call.number = next_++;
  calls_.push_back(std::move(r.call));
  return result;
}

/// How often each comparison on a size was made (regimes.h).
std::vector<std::int64_t> Repeats::compared() const {
  std::vector<std::int64_t> out;
  if (const auto& regimes = in_.impl->regimes)
    for (const SizeBound& b : regimes->found) out.push_back(b.count);
  return out;
}

/// Whether the run stands for others, and for which.
void Repeats::finish(Running& r, V result) {
  const std::uint32_t journal = std::exchange(in_.journal_from, 0);
  if (Str::was_read) in_.impl->decide();
  std::vector<std::size_t> places = in_.impl->undecided;
  unpatch(r);
  running_ = nullptr;
  in_.journal_from = journal;
  Call& c = r.call;
  c.open = c.open && !leaves_entries(r);
  if (!c.open) return;
  const std::vector<std::int64_t> before = std::exchange(c.compared, compared());
  for (std::size_t i = 0; i < before.size(); ++i) c.compared[i] -= before[i];
  Copy copy(in_, c.from, nullptr);
  c.result = kept(copy.of(result));
  c.open = places.size() > 1 && note_effects(c, copy);
  if (!c.open) return;
  for (const std::size_t place : places)
    if (place != 0) c.places.emplace_back(place, kept(r.others[place]));
}

// ---------------------------------------------------------------- another's

Repeats::Call* Repeats::call_of(std::int64_t number) {
  const auto it = std::find_if(calls_.begin(), calls_.end(),
                               [&](const Call& c) { return c.open && c.number == number; });
  return it == calls_.end() ? nullptr : &*it;
}

/// Whether what stands at a place differs from the call's in what was a choice, and as it was one.
bool Repeats::is_chosen(const Call& c, const Alike& twins, std::size_t place) {
  std::size_t numbers = 0;
  for (const Alike::Difference& d : twins.differences()) {
    const auto p = std::find_if(c.patches.begin(), c.patches.end(), [&](const Patch& x) {
      return x.holder == d.holder && x.key.same(d.key);
    });
    if (p == c.patches.end() || (!d.second.is_obj() && !p->values[place].same(d.second)))
      return false;
    if (!d.second.is_obj()) ++numbers;
  }
  const auto expected = std::count_if(c.patches.begin(), c.patches.end(), [&](const Patch& p) {
    return !p.was.is_obj() && !p.values[place].same(p.was);
  });
  return numbers == static_cast<std::size_t>(expected);
}

Repeats::Answer Repeats::repeat(std::int64_t number, V object, V args, V kwargs, V& out) {
  Call* c = call_of(number);
  if (!c) return Answer::gone;
  const auto place = std::find_if(c->places.begin(), c->places.end(),
                                  [&](const auto& p) { return p.second.same(object); });
  if (place == c->places.end()) return Answer::other;
  Alike twins(true, &c->before);
  if (!twins.compare(in_.tuple({c->object, c->args, c->kwargs}), in_.tuple({object, args, kwargs})))
    return Answer::other;
  for (const auto& [o, was] : c->before)
    if (!twins.twin(o) && !twins.compare(V(o), V(o))) {
      *c = Call{};
      return Answer::gone;
    }
  if (!is_chosen(*c, twins, place->first)) return Answer::other;
  Copy copy(in_, c->from, &twins);
  out = copy.of(c->result);
  for (std::size_t i = 0; i < c->compared.size(); ++i)
    in_.impl->regimes->found[i].count += c->compared[i];
  const std::uint32_t paused = std::exchange(in_.journal_from, in_.age);
  for (const Effect& e : c->effects) {
    Obj* twin = twins.twin(e.of);
    apply(e, twin ? twin : e.of, copy);
  }
  in_.journal_from = paused;
  return Answer::repeated;
}

// ---------------------------------------------------------------- what a run reads

Obj* Repeats::at_place(Obj* o, std::size_t place) const {
  Obj* twin = place == 0 ? nullptr : running_->twins[place - 1]->twin(o);
  return twin ? twin : o;
}

V Repeats::number_of(Obj* o, FunctionRef<std::int64_t(Obj*)> number) {
  const V own = V::integer(number(o));
  if (!running_ || at_place(o, in_.impl->undecided.back()) == o) return own;
  std::vector<std::int64_t> numbers;
  for (std::size_t place = 0; place < running_->others.size(); ++place)
    numbers.push_back(number(at_place(o, place)));
  return in_.impl->choice(std::move(numbers));
}

/// Whether a key is, or holds, a choice or an object with twins.
bool Repeats::stands(V key) const {
  if (!key.is_obj()) return false;
  if (is_choice(key)) return true;
  if (key.is(Kind::tuple)) {
    const Tuple* t = key.as<Tuple>();
    return std::any_of(t->at, t->at + t->n, [&](V v) { return stands(v); });
  }
  const std::size_t last = in_.impl->undecided.back();
  return key.o->kind != Kind::str && last != 0 && at_place(key.o, last) != key.o;
}

V Repeats::key_at(V key, std::size_t place) {
  if (!key.is_obj()) return key;
  if (is_choice(key)) return in_.impl->alternative(key, place);
  if (!key.is(Kind::tuple)) return V(at_place(key.o, place));
  Held<V> parts(in_.arena);
  for (std::uint32_t i = 0; i < key.as<Tuple>()->n; ++i)
    parts.push_back(key_at(key.as<Tuple>()->at[i], place));
  return in_.tuple(parts.data(), static_cast<std::uint32_t>(parts.size()));
}

/// Whether this run made an entry by such a key, which each of the others would have made.
bool Repeats::has_made(Dict* d, V own) {
  const Quiet quiet(is_quiet_);
  return std::any_of(running_->entries.begin(), running_->entries.end(),
                     [&](const auto& e) { return e.first == d && in_.eq(e.second, own); });
}

bool Repeats::find(Dict* d, V key, V*& at) {
  if (!running_ || is_quiet_ || !stands(key)) return false;
  const V own = key_at(key, in_.impl->undecided.front());
  const bool is_made = has_made(d, own);
  const Quiet quiet(is_quiet_);
  at = in_.find(d, own);
  if (is_made) return true;
  std::vector<V> items(running_->others.size());
  std::vector<bool> stays(items.size());
  const auto undecided = in_.impl->undecided;
  for (const std::size_t place : undecided) {
    const V* p = in_.find(d, key_at(key, place));
    stays[place] = !p == !at;
    if (p) items[place] = *p;
  }
  drop_places(stays);
  if (!at) return true;
  found_ = merged(items);
  at = &found_;
  return true;
}

V Repeats::own_key(Dict* d, V key, bool erases) {
  if (!running_ || is_quiet_ || !stands(key)) return key;
  V* at = nullptr;
  find(d, key, at);
  const V own = key_at(key, in_.impl->undecided.front());
  if (has_made(d, own)) return own;
  if (erases && at)
    running_->call.open = false;  // of others, another entry would be gone
  else if (!erases)
    running_->entries.emplace_back(d, kept(own));
  return own;
}

/// Whether an entry is left by a key that stood for several: others would have left another.
bool Repeats::leaves_entries(const Running& r) {
  const Quiet quiet(is_quiet_);
  return std::any_of(r.entries.begin(), r.entries.end(), [&](const auto& e) {
    return e.first->born < r.call.from && in_.find(e.first, e.second);
  });
}

void Repeats::identity_of(const Obj* o) {
  if (!running_ || is_quiet_) return;
  for (const auto& twins : running_->twins)
    if (Obj* twin = twins->twin(o); twin && twin != o) return in_.impl->decide();
}

void Repeats::drop_places(const std::vector<bool>& stays) {
  std::erase_if(in_.impl->undecided, [&](std::size_t place) { return !stays[place]; });
}

/// One value for what stands at each place, as far as these are alike; the other places drop out.
V Repeats::merged(const std::vector<V>& items) {
  const auto undecided = in_.impl->undecided;
  const V first = items[undecided.front()];
  const auto each = [&](const auto& f) {
    return std::all_of(undecided.begin(), undecided.end(),
                       [&](std::size_t place) { return f(items[place]); });
  };
  if (each([&](V v) { return v.same(first); })) return first;
  if (each([](V v) { return v.is_int(); })) {
    std::vector<std::int64_t> numbers;
    for (const V& v : items) numbers.push_back(v.is_int() ? v.i : 0);
    V out = in_.impl->choice(std::move(numbers));
    out.org = first.org;
    return out;
  }
  const auto is_like_first = [&](V v) {
    return v.is(Kind::tuple) && v.o->cls == in_.t.tuple && v.as<Tuple>()->n == first.as<Tuple>()->n;
  };
  if (first.is(Kind::tuple) && each(is_like_first)) {
    Held<V> parts(in_.arena);
    for (std::uint32_t i = 0; i < first.as<Tuple>()->n; ++i) {
      std::vector<V> column(items.size());
      for (const std::size_t place : undecided) column[place] = items[place].as<Tuple>()->at[i];
      parts.push_back(merged(column));
    }
    return in_.tuple(parts.data(), static_cast<std::uint32_t>(parts.size()));
  }
  std::vector<bool> stays(items.size());
  for (const std::size_t place : undecided) {
    const V v = items[place];
    const bool is_twin = place > 0 && v.is_obj() && first.is_obj() &&
                         running_->twins[place - 1]->twin(first.o) == v.o;
    stays[place] = v.same(first) || is_twin || Alike().compare(first, v);
  }
  drop_places(stays);
  return first;
}

bool Repeats::item(V container, V key, V& out) {
  if (!running_ || !is_choice(key) || container.is(Kind::dict)) return false;
  std::vector<V> items(running_->others.size());
  std::vector<bool> stays(items.size());
  const auto undecided = in_.impl->undecided;
  for (const std::size_t place : undecided) {
    const V* at = item_at(container, in_.impl->alternative(key, place).i);
    if (!at && place == undecided.front()) return false;
    if (at) items[place] = *at;
    stays[place] = at != nullptr;
  }
  drop_places(stays);
  out = merged(items);
  return true;
}

// ---------------------------------------------------------------- for the interpreter

void Interp::note_change(Obj* o) { impl->repeats->changes(o); }

bool item_by_choice(Interp& in, V container, V key, V& out) {
  return in.impl->repeats && in.impl->repeats->item(container, key, out);
}

bool find_by_choice(Interp& in, Dict* d, V key, V*& at) {
  return in.impl->repeats->find(d, key, at);
}

V own_key(Interp& in, Dict* d, V key, bool erases) {
  return in.impl->repeats->own_key(d, key, erases);
}

V number_of(Interp& in, Obj* o, FunctionRef<std::int64_t(Obj*)> number) {
  return in.journal_from ? in.impl->repeats->number_of(o, number) : V::integer(number(o));
}

void read_identity(Interp& in, const Obj* o) {
  if (in.journal_from) in.impl->repeats->identity_of(o);
}

namespace {

Repeats& repeats_of(Interp& in) {
  if (!in.impl->repeats) in.impl->repeats = std::make_shared<Repeats>(in);
  return *in.impl->repeats;
}

/// run_once(function, object, others, args, kwargs, last) → (result, number)
V run_once(Interp& in, const Args& a) {
  if (!a[2].is(Kind::list) || !a[3].is(Kind::tuple) || !a[4].is(Kind::dict))
    in.raise(in.t.TypeError, "run_once() takes a list of others, a tuple and a dict of arguments");
  std::int64_t number = -1;
  const V result = repeats_of(in).run(a[0], a[1], a[2], a[3], a[4], a[5], number);
  return in.tuple({result, V::integer(number)});
}

/// repeat(number, object, args, kwargs) → (result,), False where the call does not stand for it,
/// None where it stands for nothing any more
V repeat_run(Interp& in, const Args& a) {
  std::int64_t number = 0;
  if (!in.as_int64(a[0], number) || !a[2].is(Kind::tuple) || !a[3].is(Kind::dict))
    in.raise(in.t.TypeError, "repeat() takes a number, a tuple and a dict of arguments");
  V out;
  switch (repeats_of(in).repeat(number, a[1], a[2], a[3], out)) {
    case Repeats::Answer::gone:
      return V::none();
    case Repeats::Answer::other:
      return V::boolean(false);
    case Repeats::Answer::repeated:
      break;
  }
  return in.tuple({out});
}

/// unobserved(function, *args, **kwargs): what it changes and reads counts for no run.
V unobserved(Interp& in, const Args& a) {
  struct Paused {
    Interp& in;
    std::uint32_t journal = std::exchange(in.journal_from, 0);
    bool was_read = Str::was_read;
    ~Paused() {
      in.journal_from = journal;
      Str::was_read = was_read;
    }
  } paused{in};
  return in.call(a[0], Args{a.pos + 1, a.npos - 1, a.kwname, a.kwval, a.nkw});
}

/// uncounted(object): its changes count for no run, whatever it holds is alike.
V uncounted(Interp&, const Args& a) {
  if (a[0].is_obj()) a[0].o->born = kUncounted;
  return a[0];
}

V forget_runs(Interp& in, const Args&) {
  if (in.impl->repeats) in.impl->repeats->forget();
  return V::none();
}

}  // namespace

void install_repeats(Interp& in) {
  Dict* ns = in.native_module("_kdex")->ns;
  const auto def = [&](const char* name, NativeFn fn, int min, int max, bool keywords = false) {
    in.put(ns, in.intern(name), in.builtin(name, fn, min, max, keywords));
  };
  def("run_once", run_once, 6, 6);
  def("repeat", repeat_run, 4, 4);
  def("unobserved", unobserved, 1, -1, true);
  def("uncounted", uncounted, 1, 1);
  def("forget_runs", forget_runs, 0, 0);
}

}  // namespace kdex::py
