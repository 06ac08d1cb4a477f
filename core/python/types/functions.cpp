// Builtin functions: len, sorted, zip, isinstance, print, ... Must not know modules or frames.
#include <cmath>
#include <vector>

#include "core/python/machine/impl.h"
#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

V unknown_call(Interp& in, const char* name, V u) {
  return unknown_of(in, (std::string("builtins.") + name).c_str(), u);
}

std::string encoded(std::uint32_t c) {
  std::string s;
  if (c < 0x80) {
    s += static_cast<char>(c);
  } else if (c < 0x800) {
    s += static_cast<char>(0xC0 | c >> 6);
    s += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    s += static_cast<char>(0xE0 | c >> 12);
    s += static_cast<char>(0x80 | (c >> 6 & 63));
    s += static_cast<char>(0x80 | (c & 63));
  } else {
    s += static_cast<char>(0xF0 | c >> 18);
    s += static_cast<char>(0x80 | (c >> 12 & 63));
    s += static_cast<char>(0x80 | (c >> 6 & 63));
    s += static_cast<char>(0x80 | (c & 63));
  }
  return s;
}

/// The code point at s[i]; moves i behind it.
std::uint32_t decoded(std::string_view s, std::size_t& i) {
  const auto b = static_cast<unsigned char>(s[i++]);
  if (b < 0x80) return b;
  int more = b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : 1;
  std::uint32_t c = b & (0x3F >> more);
  for (; more && i < s.size(); --more) c = c << 6 | (static_cast<unsigned char>(s[i++]) & 63);
  return c;
}

V f_abs(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return unknown_call(in, "abs", a[0]);
  V m = in.special(a[0], in.intern("__abs__"));
  V out;
  const V n = in.unbox(a[0]);
  if (n.is_int() || n.is_bool() || n.is_real() || n.is(Kind::bigint)) {
    bool negative = false;
    if (n.is_real())
      out = V::real(std::fabs(n.f));
    else if (num_compare(in, Cmp::lt, n, V::integer(0), negative) && !negative)
      out = n.is_bool() ? V::integer(n.i) : n;
    else
      num_unary(in, '-', n, out);
    if (!out.is_obj() && n.org) out.org = in.origin_op("abs", n, V(), out);
    return out;
  }
  if (!m.is_undef()) return in.call(m);
  in.raise(in.t.TypeError, "bad operand type for abs(): '" + in.type_name(a[0]) + "'");
}

template <bool all>
V f_all(Interp& in, const Args& a) {
  bool out = all;
  in.for_each(a[0], [&](V v) {
    in.tick();
    if (in.truth(v) == all) return true;
    out = !all;
    return false;
  });
  return V::boolean(out);
}

std::string escaped_ascii(const std::string& s) {
  std::string out;
  for (std::size_t i = 0; i < s.size();) {
    const std::uint32_t c = decoded(s, i);
    char buf[16];
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    std::snprintf(buf, sizeof buf, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    out += buf;
  }
  return out;
}

template <char letter>
V f_base(Interp& in, const Args& a) {
  V n = in.unbox(a[0]);
  if (n.is(Kind::unknown)) return unknown_call(in, "format", n);
  if (!n.is_int() && !n.is_bool() && !n.is(Kind::bigint)) {
    if (!in.is_index(n))
      in.raise(in.t.TypeError,
               "'" + in.type_name(n) + "' object cannot be interpreted as an integer");
    n = V::integer(in.index(n));
  }
  if (n.is_bool()) n = V::integer(n.i);
  const char spec[] = {'#', letter, 0};
  return in.format(n, spec);
}

V f_chr(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return unknown_call(in, "chr", a[0]);
  const std::int64_t c = in.index(a[0]);
  if (c < 0 || c > 0x10FFFF) in.raise(in.t.ValueError, "chr() arg not in range(0x110000)");
  return in.str(encoded(static_cast<std::uint32_t>(c)));
}

V f_ord(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return unknown_call(in, "ord", a[0]);
  std::int64_t n = -1;
  if (!a[0].is(Kind::str) && !a[0].is(Kind::bytes))
    in.raise(in.t.TypeError,
             "ord() expected string of length 1, but " + in.type_name(a[0]) + " found");
  seq_length(a[0], n);
  if (n != 1)
    in.raise(in.t.TypeError,
             "ord() expected a character, but string of length " + number_of(n) + " found");
  std::size_t i = 0;
  if (a[0].is(Kind::bytes))
    return V::integer(static_cast<unsigned char>(a[0].as<Bytes>()->data[0]));
  return V::integer(decoded(a[0].as<Str>()->view(), i));
}

V f_dir(Interp& in, const Args& a) {
  if (!a.npos) {
    V names = in.to_list(in.call(*in.find(in.builtins, in.intern("locals"))));
    sort_list(in, names.as<List>(), V(), false);
    return names;
  }
  V own = in.special(a[0], in.intern("__dir__"));
  List* out = in.list();
  const bool is_own =  // of a class below the type of modules
      a[0].is(Kind::module) && in.lookup(in.type_of(a[0]), in.intern("__dir__")).is(Kind::function);
  if (a[0].is(Kind::module) && !is_own) {
    Module* m = a[0].as<Module>();
    V hook;
    if (m->lazy && in.impl->module_lookup(m, in.intern("__dir__"), hook)) {
      list_extend(in, out, in.call(hook));
    } else {
      Set* s = in.set();
      for (std::uint32_t i = 0; i < m->ns->used; ++i)
        if (m->ns->e[i].key.is(Kind::str)) in.add(s, m->ns->e[i].key);
      if (m->lazy)
        for (const auto& [name, at] : m->lazy->binds) in.add(s, V(name));
      list_extend(in, out, V(s));
    }
  } else if (own.is(Kind::method) || own.is(Kind::function)) {
    list_extend(in, out, in.call(own));
  } else {
    Set* s = in.set();
    auto names = [&](Dict* d) {
      if (!d) return;
      for (std::uint32_t i = 0; i < d->used; ++i)
        if (d->e[i].key.is(Kind::str)) in.add(s, d->e[i].key);
    };
    auto classes = [&](Type* t) {
      for (std::uint32_t i = 0; i < t->nmro; ++i) names(t->mro[i]->ns);
    };
    if (a[0].is_obj()) names(a[0].o->attrs);
    classes(a[0].is(Kind::type) ? a[0].as<Type>() : in.type_of(a[0]));
    list_extend(in, out, V(s));
  }
  sort_list(in, out, V(), false);
  return V(out);
}

V f_divmod(Interp& in, const Args& a) {
  if (V u = first_unknown(a); !u.is_undef())
    return in.tuple({unknown_call(in, "divmod", u), unknown_call(in, "divmod", u)});
  V m = in.special(a[0], in.intern("__divmod__"));
  if (!m.is_undef() && !m.is(Kind::builtin)) {
    V r = a[0].is(Kind::instance) ? in.call(m, {a[1]}) : V();
    if (!r.is_undef() && !r.same(in.not_implemented)) return r;
  }
  return in.tuple({in.binary(Op::floordiv, a[0], a[1]), in.binary(Op::mod, a[0], a[1])});
}

// ---- iterator types
struct Enumerate final : Iter {
  V it;
  std::int64_t at;
  Enumerate(Type* t, V i, std::int64_t start) : Iter(t), it(i), at(start) {}
  bool next(Interp& in, V& out) override {
    V v;
    if (!in.next(it, v)) return false;
    out = in.tuple({V::integer(at++), v});
    return true;
  }
};

struct Zip final : Iter {
  Tuple* its;
  bool strict;
  Zip(Type* t, Tuple* i, bool s) : Iter(t), its(i), strict(s) {}
  bool next(Interp& in, V& out) override {
    if (!its->n) return false;
    Tuple* r = in.tuple_raw(its->n);
    for (std::uint32_t i = 0; i < its->n; ++i) {
      if (in.next(its->at[i], r->at[i])) continue;
      if (!strict) return false;
      if (i)
        in.raise(in.t.ValueError, "zip() argument " + std::to_string(i + 1) +
                                      " is shorter than argument" +
                                      (i == 1 ? " 1" : "s 1-" + std::to_string(i)));
      V extra;
      for (std::uint32_t k = 1; k < its->n; ++k)
        if (in.next(its->at[k], extra))
          in.raise(in.t.ValueError, "zip() argument " + std::to_string(k + 1) +
                                        " is longer than argument" +
                                        (k == 1 ? " 1" : "s 1-" + std::to_string(k)));
      return false;
    }
    out = V(r);
    return true;
  }
};

struct Map final : Iter {
  V f;
  Tuple* its;
  Map(Type* t, V fn, Tuple* i) : Iter(t), f(fn), its(i) {}
  bool next(Interp& in, V& out) override {
    Tuple* r = in.tuple_raw(its->n);
    for (std::uint32_t i = 0; i < its->n; ++i)
      if (!in.next(its->at[i], r->at[i])) return false;
    out = in.call(f, Args{r->at, r->n});
    return true;
  }
};

struct Filter final : Iter {
  V f, it;
  Filter(Type* t, V fn, V i) : Iter(t), f(fn), it(i) {}
  bool next(Interp& in, V& out) override {
    while (in.next(it, out)) {
      in.tick();
      if (in.truth(f.is_none() ? out : in.call(f, {out}))) return true;
    }
    return false;
  }
};

struct Sentinel final : Iter {
  V f, stop;
  bool done = false;
  Sentinel(Interp& in, V fn, V s) : Iter(in.t.iterator), f(fn), stop(s) {}
  bool next(Interp& in, V& out) override {
    if (done) return false;
    out = in.call(f);
    done = same_or_eq(in, out, stop);
    return !done;
  }
};

Tuple* iterators(Interp& in, const Args& a, std::uint32_t from) {
  Tuple* its = in.tuple_raw(a.npos - from);
  for (std::uint32_t i = from; i < a.npos; ++i) its->at[i - from] = in.iter(a[i]);
  return its;
}

V make_enumerate(Interp& in, const Args& a) {
  V it = Interp::arg(a, 1, "iterable"), start = Interp::arg(a, 2, "start", V::integer(0));
  if (it.is_undef()) in.raise(in.t.TypeError, "enumerate() missing required argument 'iterable'");
  return V(in.make<Enumerate>(a[0].as<Type>(), in.iter(it), in.index(start)));
}
V make_zip(Interp& in, const Args& a) {
  V strict = Interp::kwarg(a, "strict");
  return V(
      in.make<Zip>(a[0].as<Type>(), iterators(in, a, 1), !strict.is_undef() && in.truth(strict)));
}
V make_map(Interp& in, const Args& a) {
  if (a.npos < 3) in.raise(in.t.TypeError, "map() must have at least two arguments.");
  return V(in.make<Map>(a[0].as<Type>(), a[1], iterators(in, a, 2)));
}
V make_filter(Interp& in, const Args& a) {
  if (a.npos != 3)
    in.raise(in.t.TypeError, "filter expected 2 arguments, got " + std::to_string(a.npos - 1));
  return V(in.make<Filter>(a[0].as<Type>(), a[1], in.iter(a[2])));
}

V make_reversed(Interp& in, const Args& whole) {
  if (whole.npos != 2)
    in.raise(in.t.TypeError, "reversed expected 1 argument, got " + std::to_string(whole.npos - 1));
  const Args a{whole.pos + 1, 1};
  if (a[0].is(Kind::unknown)) return in.iter(a[0]);
  V m = in.special(a[0], in.intern("__reversed__"));
  if (!m.is_undef() && !m.is_none()) return in.call(m);
  bool ok = false;
  V out = reversed_of(in, a[0], ok);
  if (!ok) in.raise(in.t.TypeError, "'" + in.type_name(a[0]) + "' object is not reversible");
  return out;
}

// ---- attributes and classes
Str* attr_name(Interp& in, V v) {
  if (!v.is(Kind::str))
    in.raise(in.t.TypeError, "attribute name must be string, not '" + in.type_name(v) + "'");
  return in.intern(v.as<Str>());
}
V f_getattr(Interp& in, const Args& a) {
  if (!a[1].is(Kind::str) && a[1].is(Kind::unknown)) return unknown_call(in, "getattr", a[1]);
  Str* n = attr_name(in, a[1]);
  if (a.npos == 2) return in.getattr(a[0], n);
  V out;
  return in.try_getattr(a[0], n, out) ? out : a[2];
}
V f_hasattr(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return V::boolean(true);
  if (a[1].is(Kind::unknown)) return V::boolean(false);
  V out;
  return V::boolean(in.try_getattr(a[0], attr_name(in, a[1]), out));
}

V f_issubclass(Interp& in, const Args& a) {
  in.check_stack();
  if (!first_unknown(a).is_undef()) return V::boolean(false);
  if (a[1].is(Kind::tuple)) {
    for (std::uint32_t i = 0; i < a[1].as<Tuple>()->n; ++i) {
      V pair[] = {a[0], a[1].as<Tuple>()->at[i]};
      V r = f_issubclass(in, Args{pair, 2});
      if (in.truth(r)) return r;
    }
    return V::boolean(false);
  }
  if (!a[0].is(Kind::type)) {
    V bases;
    if (!in.try_getattr(a[0], in.intern("__bases__"), bases))
      in.raise(in.t.TypeError, "issubclass() arg 1 must be a class");
  }
  if (!a[1].is(Kind::type) || a[1].o->cls != in.t.type) {
    V check = in.special(a[1], in.intern("__subclasscheck__"));
    if (!check.is_undef()) return V::boolean(in.truth(in.call(check, {a[0]})));
    V args;
    if (in.try_getattr(a[1], in.intern("__args__"), args) && args.is(Kind::tuple)) {
      V pair[] = {a[0], args};
      return f_issubclass(in, Args{pair, 2});
    }
  }
  if (!a[1].is(Kind::type) || !a[0].is(Kind::type))
    in.raise(in.t.TypeError, "issubclass() arg 2 must be a class, a tuple of classes, or a union");
  return V::boolean(Interp::is_subtype(a[0].as<Type>(), a[1].as<Type>()));
}

V f_id(Interp& in, const Args& a) {
  if (a[0].is_obj())
    return number_of(in, a[0].o, [](Obj* o) {
      return static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(o));
    });
  const std::uint64_t h = static_cast<std::uint64_t>(a[0].is_none() ? 0 : a[0].i) * 32 +
                          static_cast<std::uint64_t>(a[0].tag);
  return V::integer(static_cast<std::int64_t>(h & 0x3FFFFFFFFFFFFFFF));
}

V f_iter(Interp& in, const Args& a) {
  if (a.npos == 1) return in.iter(a[0]);
  if (!in.callable(a[0])) in.raise(in.t.TypeError, "iter(v, w): v must be callable");
  return V(in.make<Sentinel>(in, a[0], a[1]));
}

V f_next(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return unknown_call(in, "next", a[0]);
  if (a[0].is_obj() && a[0].o->kind != Kind::iterator && a[0].o->kind != Kind::generator &&
      in.lookup(in.type_of(a[0]), in.intern("__next__")).is_undef())
    in.raise(in.t.TypeError, "'" + in.type_name(a[0]) + "' object is not an iterator");
  if (!a[0].is_obj())
    in.raise(in.t.TypeError, "'" + in.type_name(a[0]) + "' object is not an iterator");
  V out;
  if (a.npos == 2) return in.next(a[0], out) ? out : a[1];
  if (a[0].is(Kind::instance)) return in.call(in.special(a[0], in.intern("__next__")));
  if (a[0].is(Kind::generator)) return in.call_method(a[0], "__next__");
  if (!in.next(a[0], out)) stop_iteration(in);
  return out;
}

/// What the __len__ of a class of the program gives, with its origin; not an int where it has none.
V length_of_class(Interp& in, V v) {
  if (!v.is(Kind::instance)) return {};
  const V method = in.special(v, in.intern("__len__"));
  if (method.is_undef()) return {};
  const V n = in.call(method);
  return n.is_int() && n.i >= 0 ? n : V();
}

V f_len(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return unknown_call(in, "len", a[0]);
  if (const V own = length_of_class(in, a[0]); own.is_int())
    return own.org != 0 ? own : counted(in, a[0], own.i);
  return counted(in, a[0], in.length(a[0]));
}

/// The origin of the greatest or least of numbers: a chain of comparisons of two.
void add_extreme_origin(Interp& in, const char* name, bool greatest, const Held<V>& v, V& best) {
  const auto plain = [&](V x) { return x.is_int() || x.is_real(); };
  if (!std::all_of(v.begin(), v.end(), plain)) return;
  V so_far = v[0];
  for (std::size_t i = 1; i < v.size(); ++i) {
    V next = in.truth(in.compare(greatest ? Cmp::gt : Cmp::lt, v[i], so_far)) ? v[i] : so_far;
    next.org = in.origin_op(name, so_far, v[i], next);
    so_far = next;
  }
  best.org = so_far.org;
}

template <bool is_max>
V f_best(Interp& in, const Args& a) {
  const char* name = is_max ? "max" : "min";
  V key = Interp::kwarg(a, "key"), otherwise = Interp::kwarg(a, "default");
  const bool keyed = !key.is_undef() && !key.is_none();
  if (!a.npos) in.raise(in.t.TypeError, std::string(name) + " expected at least 1 argument, got 0");
  if (V u = first_unknown(a); !u.is_undef()) return unknown_call(in, name, u);
  Held<V> v(in.arena);
  if (a.npos > 1)
    v.assign(a.pos, a.pos + a.npos);
  else
    in.for_each(a[0], [&](V x) {
      in.tick();
      v.push_back(x);
      return true;
    });
  if (v.empty()) {
    if (!otherwise.is_undef()) return otherwise;
    in.raise(in.t.ValueError, std::string(name) + "() arg is an empty sequence");
  }
  for (V& x : v)
    if (is_choice(x)) x = in.unbox(x);
  V best, best_key;
  for (V x : v) {
    if (x.is(Kind::unknown)) return unknown_call(in, name, x);
    V k = keyed ? in.call(key, {x}) : x;
    if (best.is_undef() || in.truth(in.compare(is_max ? Cmp::gt : Cmp::lt, k, best_key))) {
      best = x;
      best_key = k;
    }
  }
  if (v.size() > 1 && v.size() <= 64 && !keyed) add_extreme_origin(in, name, is_max, v, best);
  return best;
}

V f_pow(Interp& in, const Args& a) {
  V base = Interp::arg(a, 0, "base"), exp = Interp::arg(a, 1, "exp"),
    mod = Interp::arg(a, 2, "mod");
  if (base.is_undef() || exp.is_undef())
    in.raise(in.t.TypeError, base.is_undef() ? "pow() missing required argument 'base' (pos 1)"
                                             : "pow() missing required argument 'exp' (pos 2)");
  if (mod.is_undef() || mod.is_none()) return in.binary(Op::pow, base, exp);
  if (base.is(Kind::instance)) {
    V m = in.special(base, in.intern("__pow__"));
    if (!m.is_undef()) return in.call(m, {exp, mod});
  }
  if (in.eq(mod, V::integer(0))) in.raise(in.t.ValueError, "pow() 3rd argument cannot be 0");
  std::int64_t e = in.index(exp);
  V b = in.binary(Op::mod, base, mod);
  if (e < 0) {  // the inverse by Euclid's algorithm
    V r0 = mod, r1 = b, t0 = V::integer(0), t1 = V::integer(1);
    while (in.truth(r1)) {
      in.tick();
      V q = in.binary(Op::floordiv, r0, r1);
      V r2 = in.binary(Op::sub, r0, in.binary(Op::mul, q, r1)),
        t2 = in.binary(Op::sub, t0, in.binary(Op::mul, q, t1));
      r0 = r1, r1 = r2, t0 = t1, t1 = t2;
    }
    if (!in.eq(r0, V::integer(1)))
      in.raise(in.t.ValueError, "base is not invertible for the given modulus");
    b = in.binary(Op::mod, t0, mod);
    e = -e;
  }
  V out = in.binary(Op::mod, V::integer(1), mod);
  for (; e; e >>= 1) {
    if (e & 1) out = in.binary(Op::mod, in.binary(Op::mul, out, b), mod);
    b = in.binary(Op::mod, in.binary(Op::mul, b, b), mod);
  }
  return out;
}

/// sys.stdout where Python code has put something else there, else undef.
V replaced_stdout(Interp& in) {
  const auto it = in.impl->modules.find("sys");
  if (it == in.impl->modules.end()) return {};
  V* now = in.find(it->second->ns, in.intern("stdout"));
  V* own = in.find(it->second->ns, in.intern("__stdout__"));
  return now && own && !now->same(*own) ? *now : V();
}

V f_print(Interp& in, const Args& a) {
  for (std::uint32_t i = 0; i < a.nkw; ++i)
    if (const auto k = a.kwname[i]->view(); k != "sep" && k != "end" && k != "file" && k != "flush")
      in.raise(in.t.TypeError,
               "'" + std::string(k) + "' is an invalid keyword argument for print()");
  V sep = Interp::kwarg(a, "sep"), end = Interp::kwarg(a, "end"), file = Interp::kwarg(a, "file");
  auto text = [&](V v, const char* otherwise) {
    if (v.is_undef() || v.is_none()) return std::string(otherwise);
    return std::string(in.text(v, "sep and end"));
  };
  const std::string between = text(sep, " ");
  std::string s;
  for (std::uint32_t i = 0; i < a.npos; ++i) {
    if (i) s += between;
    s += in.str_of(a[i]);
  }
  s += text(end, "\n");
  if (!file.is_undef() && !file.is_none())
    in.call_method(file, "write", {in.str(s)});
  else if (V replaced = replaced_stdout(in); !replaced.is_undef())
    in.call_method(replaced, "write", {in.str(s)});
  else
    print_out(in, s);
  return V::none();
}

/// Half to even on the exact decimal value, as repr's digits demand.
double round_real(double x, std::int64_t digits) {
  if (!std::isfinite(x) || digits > 323) return x;
  if (digits < -308) return 0.0 * x;
  if (digits >= 0) {
    char buf[800];
    std::snprintf(buf, sizeof buf, "%.*f", static_cast<int>(digits), x);
    return std::strtod(buf, nullptr);
  }
  const double unit = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(x / unit) * unit;
}

V f_round(Interp& in, const Args& a) {
  V x = Interp::arg(a, 0, "number"), d = Interp::arg(a, 1, "ndigits", V::none());
  if (x.is(Kind::unknown)) return unknown_call(in, "round", x);
  const V n = in.unbox(x);
  if (n.is_real()) {
    if (!d.is_none()) return V::real(round_real(n.f, in.index(d)));
    if (std::isnan(n.f)) in.raise(in.t.ValueError, "cannot convert float NaN to integer");
    V out = int_from_double(in, std::nearbyint(n.f));
    if (out.is_int() && n.org) out.org = in.origin_op("round", n, V(), out);
    return out;
  }
  if (n.is_int() || n.is_bool() || n.is(Kind::bigint)) {
    V out = n.is_bool() ? V::integer(n.i) : n;
    const std::int64_t digits = d.is_none() ? 0 : in.index(d);
    if (digits >= 0) return out;
    if (digits < -4000) return V::integer(0);
    V unit = in.binary(Op::pow, V::integer(10), V::integer(-digits));
    V rest = in.binary(Op::mod, out, unit), down = in.binary(Op::sub, out, rest);
    V twice = in.binary(Op::mul, rest, V::integer(2));
    const bool more = in.truth(in.compare(Cmp::gt, twice, unit));
    const bool odd =
        in.truth(in.binary(Op::mod, in.binary(Op::floordiv, down, unit), V::integer(2)));
    return more || (odd && in.eq(twice, unit)) ? in.binary(Op::add, down, unit) : down;
  }
  V m = in.special(x, in.intern("__round__"));
  if (m.is_undef())
    in.raise(in.t.TypeError, "type " + in.type_name(x) + " doesn't define __round__ method");
  return d.is_none() ? in.call(m) : in.call(m, {d});
}

V f_sorted(Interp& in, const Args& a) {
  if (a.npos != 1)
    in.raise(in.t.TypeError, "sorted expected 1 argument, got " + std::to_string(a.npos));
  if (a[0].is(Kind::unknown)) return unknown_call(in, "sorted", a[0]);
  List* l = in.list();
  list_extend(in, l, a[0]);
  V reverse = Interp::kwarg(a, "reverse");
  sort_list(in, l, Interp::kwarg(a, "key"), !reverse.is_undef() && in.truth(reverse));
  return V(l);
}

V f_sum(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return unknown_call(in, "sum", a[0]);
  const V given = Interp::arg(a, 1, "start");
  V total = given.is_undef() ? V::integer(0) : given;
  if (total.is(Kind::str))
    in.raise(in.t.TypeError, "sum() can't sum strings [use ''.join(seq) instead]");
  bool first = given.is_undef();
  in.for_each(a[0], [&](V x) {
    in.tick();
    std::int64_t r = 0;
    if (total.is_int() && x.is_int() && !__builtin_add_overflow(total.i, x.i, &r)) {
      V sum = V::integer(r, x.org);
      if (!first) sum.org = total.org | x.org ? in.origin_op("sum", total, x, sum) : 0;
      total = sum;
    } else {
      total = in.binary(Op::add, total, x);
    }
    first = false;
    return true;
  });
  return total;
}

V f_vars(Interp& in, const Args& a) {
  if (!a.npos) return in.call(*in.find(in.builtins, in.intern("locals")));
  V out;
  if (!in.try_getattr(a[0], in.intern("__dict__"), out))
    in.raise(in.t.TypeError, "vars() argument must have __dict__ attribute");
  return out;
}

V f_format(Interp& in, const Args& a) {
  return in.format(a[0], a.npos > 1 ? in.text(a[1], "format() argument 2") : std::string_view());
}

/// open is the overlay's io.open, which reads the virtual file roots only.
V f_open(Interp& in, const Args& a) {
  V* import = in.find(in.builtins, in.intern("__import__"));
  if (!import) in.raise(in.t.PermissionError, "open() is not available here");
  return in.call(in.getattr(in.call(*import, {in.str("io")}), "open"), a);
}

V f_input(Interp& in, const Args&) { in.raise(in.t.EOFError, "EOF when reading a line"); }
V f_exec(Interp& in, const Args&) {
  in.raise(in.t.RuntimeError, std::string(in.current_builtin ? in.current_builtin->name : "exec") +
                                  " is not run by kdex");
}

void iterator_type(Interp& in, const char* name, NativeFn construct) {
  Type* t = in.new_type(name, in.t.iterator, Kind::iterator);
  t->construct = construct;
  in.put(in.builtins, in.intern(name), V(t));
}

}  // namespace

void install_functions(Interp& in) {
  in.def_builtin("abs", f_abs, 1, 1);
  in.def_builtin("all", f_all<true>, 1, 1);
  in.def_builtin("any", f_all<false>, 1, 1);
  in.def_builtin(
      "ascii", [](Interp& i, const Args& a) { return i.str(escaped_ascii(i.repr_of(a[0]))); }, 1,
      1);
  in.def_builtin("bin", f_base<'b'>, 1, 1);
  in.def_builtin("oct", f_base<'o'>, 1, 1);
  in.def_builtin("hex", f_base<'x'>, 1, 1);
  in.def_builtin(
      "callable", [](Interp& i, const Args& a) { return V::boolean(i.callable(a[0])); }, 1, 1);
  in.def_builtin("chr", f_chr, 1, 1);
  in.def_builtin("ord", f_ord, 1, 1);
  in.def_builtin("dir", f_dir, 0, 1);
  in.def_builtin("divmod", f_divmod, 2, 2);
  in.def_builtin("format", f_format, 1, 2);
  in.def_builtin("getattr", f_getattr, 2, 3);
  in.def_builtin("hasattr", f_hasattr, 2, 2);
  in.def_builtin(
      "setattr",
      [](Interp& i, const Args& a) {
        i.setattr(a[0], attr_name(i, a[1]), a[2]);
        return V::none();
      },
      3, 3);
  in.def_builtin(
      "delattr",
      [](Interp& i, const Args& a) {
        i.delattr(a[0], attr_name(i, a[1]));
        return V::none();
      },
      2, 2);
  in.def_builtin(
      "hash",
      [](Interp& i, const Args& a) { return V::integer(static_cast<std::int64_t>(i.hash(a[0]))); },
      1, 1);
  in.def_builtin("id", f_id, 1, 1);
  in.def_builtin(
      "isinstance",
      [](Interp& i, const Args& a) {
        return V::boolean(!a[0].is(Kind::unknown) && i.isinstance_any(a[0], a[1]));
      },
      2, 2);
  in.def_builtin("issubclass", f_issubclass, 2, 2);
  in.def_builtin("iter", f_iter, 1, 2);
  in.def_builtin("next", f_next, 1, 2);
  in.def_builtin("len", f_len, 1, 1);
  in.def_builtin("max", f_best<true>, 0, -1, true);
  in.def_builtin("min", f_best<false>, 0, -1, true);
  in.def_builtin("pow", f_pow, 0, 3, true);
  in.def_builtin("print", f_print, 0, -1, true);
  in.def_builtin(
      "repr", [](Interp& i, const Args& a) { return i.str(i.repr_of(a[0])); }, 1, 1);
  in.def_builtin("round", f_round, 0, 2, true);
  in.def_builtin("sorted", f_sorted, 0, -1, true);
  in.def_builtin("sum", f_sum, 1, 2, true);
  in.def_builtin("vars", f_vars, 0, 1);
  in.def_builtin("input", f_input, 0, 1);
  in.def_builtin("open", f_open, 0, -1, true);
  for (const char* name : {"exec", "eval", "compile"})
    if (!in.find(in.builtins, in.intern(name))) in.def_builtin(name, f_exec, 0, -1, true);
  iterator_type(in, "enumerate", make_enumerate);
  iterator_type(in, "zip", make_zip);
  iterator_type(in, "map", make_map);
  iterator_type(in, "filter", make_filter);
  iterator_type(in, "reversed", make_reversed);
}

}  // namespace kdex::py
