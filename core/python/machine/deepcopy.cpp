// `_kdex.deepcopy`: copy.deepcopy over plain lists, dicts, tuples, sets and what cannot change; for
// anything else it calls the overlay's copy.py. Configurations are copied often and are large.
#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

class DeepCopy {
 public:
  /// `other(x, memo)`: the copy of what is not plain, entered into `memo`.
  DeepCopy(Interp& in, Dict* memo, V other) : in_(in), memo_(memo), other_(other) {}

  V copy(V x) {
    if (atomic(x)) return x;
    in_.tick();
    in_.check_stack();
    const V key = identity(x);
    if (V* known = in_.find(memo_, key)) return *known;
    Type* cls = x.o->cls;
    if (cls == in_.t.list) return list(x, key);
    if (cls == in_.t.dict) return dict(x, key);
    V y;
    if (cls == in_.t.tuple)
      y = tuple(x, key);
    else if (cls == in_.t.set)
      y = set(x);
    else
      return in_.call(other_, {x, V(memo_)});
    if (!y.same(x)) remember(x, key, y);
    return y;
  }

 private:
  bool atomic(V x) const {
    if (!x.is_obj()) return true;
    const Types& t = in_.t;
    const Type* c = in_.type_of(x);
    return c == t.str || c == t.integer || c == t.function || c == t.bytes || c == t.builtin ||
           c == t.type || c == t.range || c == t.slice || c == t.property || c == t.ellipsis ||
           c == t.not_implemented;
  }
  static V identity(V x) {
    return V::integer(static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(x.o)));
  }
  /// Enters a copy; `x` lives as long as the memo, so that its id stays its own.
  void remember(V x, V key, V y) {
    in_.put(memo_, key, y);
    const V own = identity(V(memo_));
    V* kept = in_.find(memo_, own);
    if (!kept || !kept->is(Kind::list)) {
      in_.put(memo_, own, V(in_.list()));
      kept = in_.find(memo_, own);
    }
    in_.append(kept->as<List>(), x);
  }

  V list(V x, V key) {
    const List* from = x.as<List>();
    List* to = in_.list(from->n);
    in_.put(memo_, key, V(to));
    for (std::uint32_t i = 0; i < from->n; ++i) in_.append(to, copy(from->at[i]));
    remember(x, key, V(to));
    return V(to);
  }

  V dict(V x, V key) {
    Dict* from = x.as<Dict>();
    in_.reading(from, V());
    Dict* to = in_.dict();
    in_.presize(to, from->live);
    in_.put(memo_, key, V(to));
    const std::uint32_t live = from->live;
    for (std::uint32_t i = 0; i < from->used; ++i) {
      const Dict::Entry e = from->e[i];
      if (e.key.is_undef()) continue;
      const V value = copy(e.val);
      in_.put(to, copy(e.key), value);
      if (from->live != live)
        in_.raise(in_.t.RuntimeError, "dictionary changed size during iteration");
    }
    remember(x, key, V(to));
    return V(to);
  }

  V tuple(V x, V key) {
    const Tuple* from = x.as<Tuple>();
    Held<V> items(in_.arena);
    bool same = true;
    for (std::uint32_t i = 0; i < from->n; ++i) {
      items.push_back(copy(from->at[i]));
      same &= items.back().same(from->at[i]);
    }
    if (V* known = in_.find(memo_, key)) return *known;  // it holds itself
    return same ? x : in_.tuple(items.data(), from->n);
  }

  V set(V x) {
    const Dict* from = x.as<Set>()->d;
    Set* to = in_.set();
    for (std::uint32_t i = 0; i < from->used; ++i)
      if (!from->e[i].key.is_undef()) in_.add(to, copy(from->e[i].key));
    return V(to);
  }

  Interp& in_;
  Dict* memo_;
  V other_;
};

V deepcopy(Interp& in, const Args& a) {
  if (!a[1].is(Kind::dict)) in.raise(in.t.TypeError, "deepcopy's memo must be a dict");
  return DeepCopy(in, a[1].as<Dict>(), a[2]).copy(a[0]);
}

/// A JSON string literal of `text`; `ascii`: other characters as \u escapes.
V json_quote(Interp& in, const Args& a) {
  const std::string_view s = in.text(a[0], "text");
  const bool ascii = in.truth(a[1]);
  in.tick(static_cast<std::int64_t>(s.size() / 64));
  std::string out = "\"";
  out.reserve(s.size() + 2);
  auto escape = [&](unsigned unit) {
    static const char hex[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += hex[unit >> shift & 15];
  };
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    if (c >= 0x80 && ascii) {
      const unsigned n = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
      unsigned code = c & (0xFFu >> (n + 1));
      for (unsigned k = 1; k < n && i + k < s.size(); ++k)
        code = code << 6 | (static_cast<unsigned char>(s[i + k]) & 0x3F);
      i += n;
      if (code < 0x10000) {
        escape(code);
      } else {
        code -= 0x10000;
        escape(0xD800 | code >> 10);
        escape(0xDC00 | (code & 0x3FF));
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += static_cast<char>(c);
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (c < 0x20 || (c == 0x7F && ascii))
          escape(c);
        else
          out += static_cast<char>(c);
    }
  }
  out += '"';
  return in.str(out);
}

}  // namespace

void install_copies(Interp& in) {
  Dict* ns = in.native_module("_kdex")->ns;
  in.put(ns, in.intern("deepcopy"), in.builtin("deepcopy", deepcopy, 3, 3));
  in.put(ns, in.intern("json_quote"), in.builtin("json_quote", json_quote, 2, 2));
}

}  // namespace kdex::py
