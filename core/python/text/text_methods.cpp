// The methods that str, bytes and bytearray have in common.
#include "core/python/text/text.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

struct Span {
  std::size_t from, to;
  bool ok;
};

/// Optional start and end of find, count, startswith, in bytes.
Span span(Interp& in, const Args& a, std::uint32_t i) {
  const std::int64_t n = chars(a[0]);
  std::int64_t b = 0, e = n;
  if (a.npos > i && !a[i].is_none()) b = in.index(a[i]);
  if (a.npos > i + 1 && !a[i + 1].is_none()) e = in.index(a[i + 1]);
  if (b < 0) b = std::max<std::int64_t>(0, b + n);
  if (e < 0) e = std::max<std::int64_t>(0, e + n);
  e = std::min(e, n);
  if (b > e) return {0, 0, false};
  if (one_byte(a[0])) return {static_cast<std::size_t>(b), static_cast<std::size_t>(e), true};
  return {offset(self(a), static_cast<std::size_t>(b)),
          offset(self(a), static_cast<std::size_t>(e)), true};
}

std::int64_t to_chars(V s, std::size_t byte) {
  if (one_byte(s)) return static_cast<std::int64_t>(byte);
  return static_cast<std::int64_t>(utf8_length(s.as<Str>()->view().substr(0, byte)));
}

std::int64_t find_in(Interp& in, const Args& a, bool reverse) {
  if (self_bytes(a) && a[1].is_int()) {
    const char c = static_cast<char>(a[1].i);
    const auto r = reverse ? self(a).rfind(c) : self(a).find(c);
    return r == std::string_view::npos ? -1 : static_cast<std::int64_t>(r);
  }
  const auto needle = want(in, a, 1);
  const Span p = span(in, a, 2);
  if (!p.ok) return -1;
  const auto s = self(a).substr(p.from, p.to - p.from);
  const auto r = reverse ? s.rfind(needle) : position(s, needle);
  return r == std::string_view::npos ? -1 : to_chars(a[0], p.from + r);
}

enum Side { left = 1, right = 2, both = 3 };

V strip(Interp& in, const Args& a, int side) {
  const bool bytes = self_bytes(a);
  if (a.npos > 1 && a[1].is(Kind::unknown)) return a[1];
  if (a.npos > 1 && !a[1].is_none() && !a[1].is(Kind::str) && !bytes)
    in.raise(in.t.TypeError, std::string(in.current_builtin->name) + " arg must be None or str");
  if (a.npos > 1 && !a[1].is_none()) want(in, a, 1);
  if (one_byte(a[0]) && (a.npos < 2 || a[1].is_none() || one_byte(a[1]))) {
    auto s = self(a);
    const bool ws = a.npos < 2 || a[1].is_none();
    const auto set = ws ? std::string_view() : want(in, a, 1);
    auto drop = [&](char c) {
      return ws ? is_space(static_cast<unsigned char>(c)) : set.find(c) != std::string_view::npos;
    };
    if (side & left)
      while (!s.empty() && drop(s.front())) s.remove_prefix(1);
    if (side & right)
      while (!s.empty() && drop(s.back())) s.remove_suffix(1);
    if (plain_str(in, a[0]) && s.size() == self(a).size()) return a[0];
    return make(in, s, bytes);
  }
  std::u32string s = decode(self(a));
  const bool ws = a.npos < 2 || a[1].is_none();
  const std::u32string set = ws ? std::u32string() : decode(want(in, a, 1));
  auto drop = [&](U c) { return ws ? is_space(c) : set.find(c) != std::u32string::npos; };
  std::size_t b = 0, e = s.size();
  if (side & left)
    while (b < e && drop(s[b])) ++b;
  if (side & right)
    while (e > b && drop(s[e - 1])) --e;
  return in.str(encode(s.substr(b, e - b)));
}

V split(Interp& in, const Args& a, bool reverse) {
  const bool bytes = self_bytes(a);
  const V sep = Interp::arg(a, 1, "sep", V::none());
  const V mx = Interp::arg(a, 2, "maxsplit", V::integer(-1));
  std::int64_t limit = in.index(mx);
  if (limit < 0) limit = INT64_MAX;
  std::vector<std::string_view> parts;
  auto s = self(a);
  if (sep.is_none()) {
    auto ws = [](char c) {
      return is_space(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80;
    };
    if (!reverse) {
      std::size_t i = 0;
      for (;;) {
        while (i < s.size() && ws(s[i])) ++i;
        if (i >= s.size()) break;
        if (static_cast<std::int64_t>(parts.size()) == limit) {
          parts.push_back(s.substr(i));
          break;
        }
        const std::size_t b = i;
        while (i < s.size() && !ws(s[i])) ++i;
        parts.push_back(s.substr(b, i - b));
      }
    } else {
      std::size_t e = s.size();
      for (;;) {
        while (e > 0 && ws(s[e - 1])) --e;
        if (!e) break;
        if (static_cast<std::int64_t>(parts.size()) == limit) {
          parts.push_back(s.substr(0, e));
          break;
        }
        const std::size_t z = e;
        while (e > 0 && !ws(s[e - 1])) --e;
        parts.push_back(s.substr(e, z - e));
      }
      std::reverse(parts.begin(), parts.end());
    }
  } else {
    std::string_view d;
    bool b2;
    if (!text_of(sep, d, b2) || b2 != bytes)
      in.raise(in.t.TypeError,
               bytes ? "a bytes-like object is required, not '" + in.type_name(sep) + "'"
                     : "must be str or None, not " + in.type_name(sep));
    if (d.empty()) in.raise(in.t.ValueError, "empty separator");
    if (!reverse) {
      while (static_cast<std::int64_t>(parts.size()) < limit) {
        const auto p = position(s, d);
        if (p == std::string_view::npos) break;
        parts.push_back(s.substr(0, p));
        s.remove_prefix(p + d.size());
      }
      parts.push_back(s);
    } else {
      while (static_cast<std::int64_t>(parts.size()) < limit) {
        const auto p = s.rfind(d);
        if (p == std::string_view::npos) break;
        parts.push_back(s.substr(p + d.size()));
        s = s.substr(0, p);
      }
      parts.push_back(s);
      std::reverse(parts.begin(), parts.end());
    }
  }
  List* l = in.list(static_cast<std::uint32_t>(parts.size()));
  for (auto p : parts) in.append(l, make(in, p, bytes));
  return V(l);
}

V pad(Interp& in, const Args& a, int how) {  // 0 left-justify, 1 right-justify, 2 center
  const std::int64_t w = in.index(a[1]), n = chars(a[0]);
  std::string fill = a.npos > 2 ? std::string(want(in, a, 2)) : " ";
  if (utf8_length(fill) != 1)
    in.raise(in.t.TypeError, "The fill character must be exactly one character long");
  if (w <= n) return make(in, self(a), self_bytes(a));
  in.check_text(static_cast<std::size_t>(w));
  const std::int64_t room = w - n;
  const std::int64_t l = how == 0 ? 0 : how == 1 ? room : room / 2 + (room & w & 1);
  std::string out;
  for (std::int64_t i = 0; i < l; ++i) out += fill;
  out += self(a);
  for (std::int64_t i = l; i < room; ++i) out += fill;
  return make(in, out, self_bytes(a));
}

template <class F>
V map_chars(Interp& in, const Args& a, F f) {
  if (one_byte(a[0])) {
    std::string s(self(a));
    for (char& c : s)
      if (static_cast<unsigned char>(c) < 0x80)
        c = static_cast<char>(f(static_cast<U>(static_cast<unsigned char>(c))));
    return make(in, s, self_bytes(a));
  }
  std::u32string s = decode(self(a));
  for (U& c : s) c = f(c);
  return in.str(encode(s));
}

template <class F>
V all_chars(const Args& a, F f) {
  if (self(a).empty()) return V::boolean(false);
  for (U c : decode(self(a)))
    if (!f(c)) return V::boolean(false);
  return V::boolean(true);
}

V affix(Interp& in, const Args& a, bool suffix) {
  const Span p = span(in, a, 2);
  auto test = [&](V v) {
    std::string_view x;
    bool b;
    if (!text_of(v, x, b) || b != self_bytes(a))
      in.raise(in.t.TypeError, std::string(suffix ? "endswith" : "startswith") +
                                   " first arg must be " + (self_bytes(a) ? "bytes" : "str") +
                                   " or a tuple of " + (self_bytes(a) ? "bytes" : "str") +
                                   ", not " + in.type_name(v));
    if (!p.ok) return false;
    const auto s = self(a).substr(p.from, p.to - p.from);
    return suffix ? s.ends_with(x) : s.starts_with(x);
  };
  if (a[1].is(Kind::unknown)) return in.unknown("startswith");
  if (a[1].is(Kind::tuple)) {
    for (std::uint32_t i = 0; i < a[1].as<Tuple>()->n; ++i)
      if (test(a[1].as<Tuple>()->at[i])) return V::boolean(true);
    return V::boolean(false);
  }
  return V::boolean(test(a[1]));
}

V partition(Interp& in, const Args& a, bool reverse) {
  const auto s = self(a), d = want(in, a, 1);
  const bool b = self_bytes(a);
  if (d.empty()) in.raise(in.t.ValueError, "empty separator");
  const auto p = reverse ? s.rfind(d) : position(s, d);
  if (p == std::string_view::npos) {
    const V e = make(in, "", b), whole = make(in, s, b);
    return reverse ? in.tuple({e, e, whole}) : in.tuple({whole, e, e});
  }
  return in.tuple(
      {make(in, s.substr(0, p), b), make(in, d, b), make(in, s.substr(p + d.size()), b)});
}

V replace(Interp& in, const Args& a) {
  for (std::uint32_t i = 1; i < 3; ++i)
    if (a[i].is(Kind::unknown)) return a[i];
  const auto s = self(a), from = want(in, a, 1), to = want(in, a, 2);
  std::int64_t limit = a.npos > 3 ? in.index(a[3]) : -1;
  if (limit < 0) limit = INT64_MAX;
  std::string out;
  if (from.empty()) {
    std::size_t i = 0;
    while (i <= s.size() && limit > 0) {
      out += to;
      in.check_text(out.size());
      --limit;
      if (i == s.size()) {
        ++i;
        break;
      }
      const std::size_t n = self_bytes(a) ? 1 : offset(s.substr(i), 1);
      out += s.substr(i, n);
      i += n;
    }
    if (i < s.size()) out += s.substr(i);
    return make(in, out, self_bytes(a));
  }
  std::size_t at = 0;
  while (limit-- > 0) {
    const auto p = position(s, from, at);
    if (p == std::string_view::npos) break;
    out += s.substr(at, p - at);
    out += to;
    in.check_text(out.size());
    at = p + from.size();
  }
  out += s.substr(at);
  return make(in, out, self_bytes(a));
}

V splitlines(Interp& in, const Args& a) {
  const V k = Interp::arg(a, 1, "keepends", V::boolean(false));
  const bool keep = in.truth(k), b = self_bytes(a);
  const auto s = self(a);
  List* l = in.list();
  std::size_t at = 0;
  for (std::size_t i = 0; i < s.size();) {
    std::size_t n = 0;
    if ((s[i] == '\r' && i + 1 < s.size() && s[i + 1] == '\n') ||
        (!b && s.substr(i).starts_with("\xC2\x85")))
      n = 2;
    else if (s[i] == '\n' || s[i] == '\r' ||
             (!b && (s[i] == '\v' || s[i] == '\f' || (s[i] >= 0x1c && s[i] <= 0x1e))))
      n = 1;
    else if (!b &&
             (s.substr(i).starts_with("\xE2\x80\xA8") || s.substr(i).starts_with("\xE2\x80\xA9")))
      n = 3;
    if (!n) {
      ++i;
      continue;
    }
    in.append(l, make(in, s.substr(at, i - at + (keep ? n : 0)), b));
    i += n;
    at = i;
  }
  if (at < s.size()) in.append(l, make(in, s.substr(at), b));
  return V(l);
}

V index_of(Interp& in, const Args& a, bool reverse) {
  const auto r = find_in(in, a, reverse);
  if (r < 0)
    in.raise(in.t.ValueError, self_bytes(a) ? "subsection not found" : "substring not found");
  return V::integer(r);
}

#define KDEX_CMP(name, op)                                                            \
  method(                                                                             \
      name,                                                                           \
      [](Interp& i, const Args& a) {                                                  \
        bool r;                                                                       \
        return str_compare(i, op, a[0], a[1], r) ? V::boolean(r) : i.not_implemented; \
      },                                                                              \
      2, 2)

const AttributeDef kText[] = {
    method(
        "__len__", [](Interp&, const Args& a) { return V::integer(chars(a[0])); }, 1, 1),
    method(
        "__getitem__",
        [](Interp& i, const Args& a) {
          V o;
          str_getitem(i, a[0], a[1], o);
          return o;
        },
        2, 2),
    method(
        "__contains__",
        [](Interp& i, const Args& a) {
          bool r = false;
          str_contains(i, a[0], a[1], r);
          return V::boolean(r);
        },
        2, 2),
    method(
        "__iter__", [](Interp& i, const Args& a) { return str_iter(i, a[0]); }, 1, 1),
    method(
        "__add__",
        [](Interp& i, const Args& a) {
          V o;
          return str_binary(i, Op::add, a[0], a[1], o) ? o : i.not_implemented;
        },
        2, 2),
    method(
        "__mul__",
        [](Interp& i, const Args& a) {
          V o;
          return str_binary(i, Op::mul, a[0], a[1], o) ? o : i.not_implemented;
        },
        2, 2),
    method(
        "__rmul__",
        [](Interp& i, const Args& a) {
          V o;
          return str_binary(i, Op::mul, a[0], a[1], o) ? o : i.not_implemented;
        },
        2, 2),
    KDEX_CMP("__eq__", Cmp::eq),
    KDEX_CMP("__ne__", Cmp::ne),
    KDEX_CMP("__lt__", Cmp::lt),
    KDEX_CMP("__le__", Cmp::le),
    KDEX_CMP("__gt__", Cmp::gt),
    KDEX_CMP("__ge__", Cmp::ge),
    method(
        "find", [](Interp& i, const Args& a) { return V::integer(find_in(i, a, false)); }, 2, 4),
    method(
        "rfind", [](Interp& i, const Args& a) { return V::integer(find_in(i, a, true)); }, 2, 4),
    method(
        "index", [](Interp& i, const Args& a) { return index_of(i, a, false); }, 2, 4),
    method(
        "rindex", [](Interp& i, const Args& a) { return index_of(i, a, true); }, 2, 4),
    method(
        "count",
        [](Interp& i, const Args& a) {
          const Span p = span(i, a, 2);
          if (!p.ok) return V::integer(0);
          const auto x = want(i, a, 1);
          auto v = self(a).substr(p.from, p.to - p.from);
          if (x.empty())
            return V::integer(static_cast<std::int64_t>(self_bytes(a) ? v.size() : utf8_length(v)) +
                              1);
          std::int64_t n = 0;
          for (std::size_t at = 0; (at = position(v, x, at)) != std::string_view::npos;
               at += x.size())
            ++n;
          return V::integer(n);
        },
        2, 4),
    method(
        "startswith", [](Interp& i, const Args& a) { return affix(i, a, false); }, 2, 4),
    method(
        "endswith", [](Interp& i, const Args& a) { return affix(i, a, true); }, 2, 4),
    method(
        "strip", [](Interp& i, const Args& a) { return strip(i, a, both); }, 1, 2),
    method(
        "lstrip", [](Interp& i, const Args& a) { return strip(i, a, left); }, 1, 2),
    method(
        "rstrip", [](Interp& i, const Args& a) { return strip(i, a, right); }, 1, 2),
    method(
        "split", [](Interp& i, const Args& a) { return split(i, a, false); }, 1, 3, true),
    method(
        "rsplit", [](Interp& i, const Args& a) { return split(i, a, true); }, 1, 3, true),
    method("splitlines", splitlines, 1, 2, true),
    method(
        "partition", [](Interp& i, const Args& a) { return partition(i, a, false); }, 2, 2),
    method(
        "rpartition", [](Interp& i, const Args& a) { return partition(i, a, true); }, 2, 2),
    method("replace", replace, 3, 4),
    method(
        "ljust", [](Interp& i, const Args& a) { return pad(i, a, 0); }, 2, 3),
    method(
        "rjust", [](Interp& i, const Args& a) { return pad(i, a, 1); }, 2, 3),
    method(
        "center", [](Interp& i, const Args& a) { return pad(i, a, 2); }, 2, 3),
    method(
        "zfill",
        [](Interp& i, const Args& a) {
          const std::int64_t w = i.index(a[1]), n = chars(a[0]);
          std::string v(self(a));
          if (w > n) i.check_text(static_cast<std::size_t>(w));
          if (w > n)
            v.insert(!v.empty() && (v[0] == '+' || v[0] == '-') ? 1 : 0,
                     static_cast<std::size_t>(w - n), '0');
          return make(i, v, self_bytes(a));
        },
        2, 2),
    method(
        "lower", [](Interp& i, const Args& a) { return map_chars(i, a, lower); }, 1, 1),
    method(
        "upper",
        [](Interp& i, const Args& a) {
          if (!one_byte(a[0]) && self(a).find("\xC3\x9F") != std::string_view::npos) {
            std::string out;
            for (U c : decode(self(a))) {
              if (c == 0xDF)
                out += "SS";
              else
                encode(out, upper(c));
            }
            return i.str(out);
          }
          return map_chars(i, a, upper);
        },
        1, 1),
    method(
        "swapcase",
        [](Interp& i, const Args& a) {
          return map_chars(i, a, [](U c) { return is_upper(c) ? lower(c) : upper(c); });
        },
        1, 1),
    method(
        "capitalize",
        [](Interp& i, const Args& a) {
          bool first = true;
          return map_chars(i, a, [&](U c) {
            const U r = first ? upper(c) : lower(c);
            first = false;
            return r;
          });
        },
        1, 1),
    method(
        "title",
        [](Interp& i, const Args& a) {
          bool prev = false;
          return map_chars(i, a, [&](U c) {
            const U r = prev ? lower(c) : upper(c);
            prev = is_alpha(c);
            return r;
          });
        },
        1, 1),
    method(
        "isspace", [](Interp&, const Args& a) { return all_chars(a, is_space); }, 1, 1),
    method(
        "isdigit",
        [](Interp&, const Args& a) {
          return all_chars(a,
                           [](U c) { return is_digit(c) || c == 0xB2 || c == 0xB3 || c == 0xB9; });
        },
        1, 1),
    method(
        "isdecimal", [](Interp&, const Args& a) { return all_chars(a, is_digit); }, 1, 1),
    method(
        "isnumeric",
        [](Interp&, const Args& a) {
          return all_chars(a, [](U c) {
            return is_digit(c) || c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0xBC && c <= 0xBE);
          });
        },
        1, 1),
    method(
        "isalpha", [](Interp&, const Args& a) { return all_chars(a, is_alpha); }, 1, 1),
    method(
        "isalnum", [](Interp&, const Args& a) { return all_chars(a, is_alnum); }, 1, 1),
    method(
        "isascii",
        [](Interp&, const Args& a) {
          for (char c : self(a))
            if (c & 0x80) return V::boolean(false);
          return V::boolean(true);
        },
        1, 1),
    method(
        "isprintable",
        [](Interp&, const Args& a) {
          for (U c : decode(self(a)))
            if (c < 32 || c == 127 || (c >= 0x80 && c <= 0xA0)) return V::boolean(false);
          return V::boolean(true);
        },
        1, 1),
    method(
        "isupper",
        [](Interp&, const Args& a) {
          bool any = false;
          for (U c : decode(self(a))) {
            if (is_lower(c)) return V::boolean(false);
            any |= is_upper(c);
          }
          return V::boolean(any);
        },
        1, 1),
    method(
        "islower",
        [](Interp&, const Args& a) {
          bool any = false;
          for (U c : decode(self(a))) {
            if (is_upper(c)) return V::boolean(false);
            any |= is_lower(c);
          }
          return V::boolean(any);
        },
        1, 1),
    method(
        "istitle",
        [](Interp&, const Args& a) {
          bool any = false, prev = false;
          for (U c : decode(self(a))) {
            if (is_upper(c)) {
              if (prev) return V::boolean(false);
              any = prev = true;
            } else if (is_lower(c)) {
              if (!prev) return V::boolean(false);
              prev = true;
            } else
              prev = false;
          }
          return V::boolean(any);
        },
        1, 1),
    method(
        "expandtabs",
        [](Interp& i, const Args& a) {
          const std::int64_t w = a.npos > 1 ? i.index(a[1]) : 8;
          std::string out;
          std::int64_t col = 0;
          for (U c : decode(self(a))) {
            if (c == '\t') {
              const std::int64_t to = w > 0 ? w - col % w : 0;
              i.check_text(out.size() + static_cast<std::size_t>(to));
              out.append(static_cast<std::size_t>(to), ' ');
              col += to;
            } else {
              encode(out, c);
              col = c == '\n' || c == '\r' ? 0 : col + 1;
            }
          }
          return make(i, out, self_bytes(a));
        },
        1, 2, true),
    method(
        "removeprefix",
        [](Interp& i, const Args& a) {
          auto v = self(a);
          const auto x = want(i, a, 1);
          if (v.starts_with(x)) v.remove_prefix(x.size());
          return make(i, v, self_bytes(a));
        },
        2, 2),
    method(
        "removesuffix",
        [](Interp& i, const Args& a) {
          auto v = self(a);
          const auto x = want(i, a, 1);
          if (!x.empty() && v.ends_with(x)) v.remove_suffix(x.size());
          return make(i, v, self_bytes(a));
        },
        2, 2),
};

#undef KDEX_CMP

}  // namespace

void define_text_methods(Interp& in, Type* type) { define(in, type, kText); }

}  // namespace kdex::py
