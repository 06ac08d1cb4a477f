// str and bytes: text by code point over UTF-8, with CPython's methods and messages. Formatting is
// in format.cpp.
#include <algorithm>
#include <cstring>

#include "core/python/machine/ops.h"
#include "core/python/text/codecs.h"

namespace kdex::py {

std::size_t utf8_length(std::string_view s) {
  std::size_t n = s.size(), i = 0;
  for (; i + 8 <= s.size(); i += 8) {  // a continuation byte has bit 7 and not bit 6
    std::uint64_t w;
    std::memcpy(&w, s.data() + i, 8);
    if (const std::uint64_t high = w & 0x8080808080808080ull)
      n -= ((high & ~(w << 1)) >> 7) * 0x0101010101010101ull >> 56;
  }
  for (; i < s.size(); ++i) n -= (static_cast<unsigned char>(s[i]) & 0xC0) == 0x80;
  return n;
}

std::uint64_t text_hash(std::string_view s) {
  std::uint64_t h = 0x9E3779B97F4A7C15ull ^ (s.size() * 0xD6E8FEB86659FD93ull);
  const char* p = s.data();
  std::size_t n = s.size();
  while (n >= 8) {
    std::uint64_t w;
    std::memcpy(&w, p, 8);
    h = (h ^ w) * 0xD6E8FEB86659FD93ull;
    h ^= h >> 29;
    p += 8;
    n -= 8;
  }
  std::uint64_t w = 0;
  if (n) std::memcpy(&w, p, n);
  h = (h ^ w) * 0xBF58476D1CE4E5B9ull;
  h ^= h >> 32;
  return h ? h : 1;
}

std::uint64_t str_hash(Str* s) {
  if (!s->hash) s->hash = text_hash(s->view());
  return s->hash;
}

namespace {

using U = char32_t;

std::u32string decode(std::string_view s) {
  std::u32string out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    const int n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    U v = n == 1 ? c : n == 2 ? c & 0x1F : n == 3 ? c & 0x0F : c & 0x07;
    for (int k = 1; k < n && i + static_cast<std::size_t>(k) < s.size(); ++k)
      v = v << 6 | (static_cast<unsigned char>(s[i + static_cast<std::size_t>(k)]) & 0x3F);
    out += v;
    i += static_cast<std::size_t>(n);
  }
  return out;
}

void encode(std::string& out, U c) {
  if (c < 0x80)
    out += static_cast<char>(c);
  else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 63));
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}
std::string encode(const std::u32string& s) {
  std::string out;
  for (U c : s) encode(out, c);
  return out;
}

bool is_space(U c) {
  return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x3000;
}
bool is_digit(U c) {
  return (c >= '0' && c <= '9') || (c >= 0x660 && c <= 0x669) || (c >= 0xFF10 && c <= 0xFF19);
}
U lower(U c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
      (c >= 0x410 && c <= 0x42F))
    return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x100 && c <= 0x177 && !(c & 1) && c != 0x130) return c + 1;
  return c;
}
U upper(U c) {
  if (c >= 'a' && c <= 'z') return c - 32;
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) ||
      (c >= 0x430 && c <= 0x44F))
    return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if (c >= 0x101 && c <= 0x177 && (c & 1) && c != 0x131) return c - 1;
  return c;
}
bool is_upper(U c) { return lower(c) != c; }
bool is_lower(U c) { return upper(c) != c || c == 0xDF || c == 0xAA || c == 0xBA; }
bool is_alpha(U c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == 0xAA || c == 0xB5 || c == 0xBA ||
         (c >= 0xC0 && c != 0xD7 && c != 0xF7 && !is_digit(c) && !(c >= 0x2000 && c <= 0x2BFF) &&
          !(c >= 0x3000 && c <= 0x303F) && !(c >= 0xFE00 && c <= 0xFE2F) && c < 0x1F000 &&
          !is_space(c) && !(c >= 0x300 && c <= 0x36F));
}
bool is_alnum(U c) { return is_alpha(c) || is_digit(c); }

V make(Interp& in, std::string_view s, bool bytes = false) {
  return bytes ? in.bytes(s) : in.str(s);
}

/// Text of a str or of bytes, told apart.
bool text_of(V v, std::string_view& s, bool& bytes) {
  if (v.is(Kind::str)) {
    s = v.as<Str>()->view();
    bytes = false;
    return true;
  }
  if (v.is(Kind::bytes)) {
    s = v.as<Bytes>()->view();
    bytes = true;
    return true;
  }
  return false;
}
std::string_view self(const Args& a) {
  std::string_view s;
  bool b;
  text_of(a[0], s, b);
  return s;
}
bool self_bytes(const Args& a) { return a[0].is(Kind::bytes); }
std::string_view want(Interp& in, const Args& a, std::uint32_t i) {
  if (self_bytes(a)) {
    if (!a[i].is(Kind::bytes))
      in.raise(in.t.TypeError, "a bytes-like object is required, not '" + in.type_name(a[i]) + "'");
    return a[i].as<Bytes>()->view();
  }
  if (!a[i].is(Kind::str)) {
    static const std::string_view bare[] = {"find",  "rfind",     "index",      "rindex",
                                            "count", "partition", "rpartition", "__contains__"};
    const std::string name = in.current_builtin ? in.current_builtin->name : "argument";
    std::string who =
        std::find(std::begin(bare), std::end(bare), name) != std::end(bare)
            ? ""
            : name + "() argument" + (name == "replace" ? " " + std::to_string(i) : "") + " ";
    in.raise(in.t.TypeError, who + "must be str, not " + in.type_name(a[i]));
  }
  return a[i].as<Str>()->view();
}
/// Byte offset of code point i.
std::size_t offset(std::string_view s, std::size_t i) {
  std::size_t b = 0;
  while (i && b < s.size()) {
    ++b;
    while (b < s.size() && (static_cast<unsigned char>(s[b]) & 0xC0) == 0x80) ++b;
    --i;
  }
  return b;
}
bool one_byte(V v) { return v.is(Kind::bytes) || v.as<Str>()->ascii(); }
std::int64_t chars(V v) { return v.is(Kind::bytes) ? v.as<Bytes>()->len : v.as<Str>()->nchars; }

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
/// Where `needle` stands in `s` from `at` on; in linear time, whatever they are.
std::size_t position(std::string_view s, std::string_view needle, std::size_t at = 0) {
  if (at > s.size()) return std::string_view::npos;
  if (needle.empty()) return at;
  const void* found = ::memmem(s.data() + at, s.size() - at, needle.data(), needle.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - s.data())
               : std::string_view::npos;
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

struct CharIter final : Iter {
  V s;
  std::size_t at = 0;
  CharIter(Type* c, V v) : Iter(c), s(v) {}
  bool next(Interp& in, V& out) override {
    if (s.is(Kind::bytes)) {
      if (at >= s.as<Bytes>()->len) return false;
      out = V::integer(static_cast<unsigned char>(s.as<Bytes>()->data[at++]));
      return true;
    }
    const auto v = s.as<Str>()->view();
    if (at >= v.size()) return false;
    const std::size_t n = offset(v.substr(at), 1);
    out = n == 1 ? V(in.intern(v.substr(at, 1))) : in.str(v.substr(at, n));
    at += n;
    return true;
  }
};

V translate(Interp& in, const Args& a) {
  std::string out;
  for (U c : decode(self(a))) {
    V r, failed;
    try {
      r = in.getitem(a[1], V::integer(static_cast<std::int64_t>(c)));
    } catch (const PyErr& e) {
      failed = e.exc;
    }
    if (!failed.is_undef()) {
      if (!in.isinstance(failed, in.t.LookupError)) throw PyErr{failed};
      encode(out, c);
    } else if (r.is_int()) {
      encode(out, static_cast<U>(r.i));
    } else if (r.is(Kind::str)) {
      out += r.as<Str>()->view();
      in.check_text(out.size());
    }
  }
  return in.str(out);
}

V str_new(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  V r;
  const V x = Interp::arg(a, 1, "object");
  if (a.npos > 4)
    in.raise(in.t.TypeError,
             "str() takes at most 3 arguments (" + std::to_string(a.npos - 1) + " given)");
  if (x.is_undef())
    r = in.str("");
  else if (x.is(Kind::unknown))
    return x;
  else if (a.npos > 2 || !Interp::kwarg(a, "encoding").is_undef() ||
           !Interp::kwarg(a, "errors").is_undef()) {
    if (x.is(Kind::str)) in.raise(in.t.TypeError, "decoding str is not supported");
    if (!x.is(Kind::bytes))
      in.raise(in.t.TypeError,
               "decoding to str: need a bytes-like object, " + in.type_name(x) + " found");
    r = in.str(decoded(in, x, Interp::arg(a, 2, "encoding"), Interp::arg(a, 3, "errors")));
  } else if (x.is(Kind::str) && x.o->cls == in.t.str)
    r = x;
  else {
    const V f = in.special(x, in.intern("__str__"));
    r = !f.is_undef() && x.is_obj() ? in.call(f) : in.str(in.str_of(x));
    if (r.is(Kind::unknown)) return r;
    if (!r.is(Kind::str))
      in.raise(in.t.TypeError, "__str__ returned non-string (type " + in.type_name(r) + ")");
  }
  if (cls == in.t.str) return r;
  Str* s = in.make<Str>(Kind::str, cls);
  const Str* o = r.as<Str>();
  s->data = o->data;
  s->len = o->len;
  s->nchars = o->nchars;
  return V(s);
}

V bytes_new(Interp& in, const Args& a, bool mutable_);

/// bytes or bytearray of a class.
V bytes_of_class(Interp& in, const Args& a, bool mutable_) {
  V b = bytes_new(in, a, mutable_);
  if (b.is(Kind::bytes)) b.o->cls = a[0].as<Type>();
  return b;
}

V bytes_new(Interp& in, const Args& a, bool mutable_) {
  if (a.npos < 2) return in.bytes("", mutable_);
  const V x = a[1];
  if (x.is(Kind::unknown)) return x;
  if (x.is(Kind::str)) {
    if (a.npos < 3 && !a.nkw) in.raise(in.t.TypeError, "string argument without an encoding");
    return in.bytes(encoded(in, x, Interp::arg(a, 2, "encoding"), Interp::arg(a, 3, "errors")),
                    mutable_);
  }
  if (x.is(Kind::bytes)) return in.bytes(x.as<Bytes>()->view(), mutable_);
  if (in.is_index(x)) {
    const std::int64_t n = in.index(x);
    if (n < 0) in.raise(in.t.ValueError, "negative count");
    in.check_text(static_cast<std::size_t>(n));
    return in.bytes(std::string(static_cast<std::size_t>(n), '\0'), mutable_);
  }
  if (in.special(x, in.intern("__iter__")).is_undef() &&
      in.special(x, in.intern("__getitem__")).is_undef())
    in.raise(in.t.TypeError, "cannot convert '" + in.type_name(x) + "' object to bytes");
  std::string s;
  in.for_each(x, [&](V v) {
    const std::int64_t n = in.index(v);
    if (n < 0 || n > 255) in.raise(in.t.ValueError, "bytes must be in range(0, 256)");
    s += static_cast<char>(n);
    return true;
  });
  return in.bytes(s, mutable_);
}

}  // namespace

std::string str_repr(std::string_view s) {
  const char q =
      s.find('\'') != std::string_view::npos && s.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, q);
  char buf[16];
  for (U c : decode(s)) {
    if (c == static_cast<U>(q) || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (c < 32 || c == 127 || (c >= 0x80 && c <= 0xA0) || c == 0xAD) {
      std::snprintf(buf, sizeof buf, "\\x%02x", static_cast<unsigned>(c));
      out += buf;
    } else if (c == 0x200b || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
               (c >= 0xD7FC && c <= 0xF8FF) || (c >= 0x200c && c <= 0x200f) ||
               (c >= 0x202a && c <= 0x202f) || (c >= 0x2060 && c <= 0x206f)) {
      std::snprintf(buf, sizeof buf, "\\u%04x", static_cast<unsigned>(c));
      out += buf;
    } else
      encode(out, c);
  }
  return out + q;
}

static std::string bytes_repr(const Bytes* b) {
  const auto s = b->view();
  const char q =
      s.find('\'') != std::string_view::npos && s.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out = b->is_bytearray ? "bytearray(b" : "b";
  out += q;
  char buf[8];
  for (char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == q || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 32 || byte > 126) {
      std::snprintf(buf, sizeof buf, "\\x%02x", byte);
      out += buf;
    } else
      out += c;
  }
  out += q;
  return b->is_bytearray ? out + ")" : out;
}

V str_iter(Interp& in, V s) { return V(in.make<CharIter>(in.t.iterator, s)); }

V str_join(Interp& in, std::string_view sep, V iterable) {
  std::string out;
  std::int64_t i = 0;
  V unknown;
  if (iterable.is(Kind::unknown)) return iterable;
  if (!iterable.is_obj() || (iterable.o->kind == Kind::instance &&
                             in.special(iterable, in.intern("__iter__")).is_undef() &&
                             in.special(iterable, in.intern("__getitem__")).is_undef()))
    in.raise(in.t.TypeError, "can only join an iterable");
  in.for_each(iterable, [&](V v) {
    if (v.is(Kind::unknown)) {
      unknown = v;
      ++i;
      return true;
    }
    if (!v.is(Kind::str))
      in.raise(in.t.TypeError, "sequence item " + std::to_string(i) + ": expected str instance, " +
                                   in.type_name(v) + " found");
    if (i++) out += sep;
    out += v.as<Str>()->view();
    in.check_text(out.size());
    return true;
  });
  return unknown.is_undef() ? in.str(out) : unknown;
}

V str_percent(Interp& in, V fmt, V args);  // format.cpp

bool str_binary(Interp& in, Op op, V a, V b, V& out) {
  std::string_view x, y;
  bool bx = false, by = false;
  const bool ta = text_of(a, x, bx), tb = text_of(b, y, by);
  if (!ta && !tb) return false;
  if (op == Op::mod && ta && !bx) {
    out = str_percent(in, a, b);
    return true;
  }
  if (op == Op::add) {
    if (!ta) return false;
    if (!tb || bx != by) {
      if (a.o->cls->user || (b.is_obj() && b.o->cls->user)) return false;
      if (bx) in.raise(in.t.TypeError, "can't concat " + in.type_name(b) + " to bytes");
      in.raise(in.t.TypeError, "can only concatenate str (not \"" + in.type_name(b) + "\") to str");
    }
    std::string s;
    s.reserve(x.size() + y.size());
    s += x;
    s += y;
    out = bx ? in.bytes(s, a.as<Bytes>()->is_bytearray) : in.str(s);
    return true;
  }
  if (op == Op::mul) {
    const V n = ta ? b : a;
    const V t = ta ? a : b;
    if (!in.is_index(n) || (ta && tb)) return false;
    const std::int64_t k = std::max<std::int64_t>(0, in.index(n));
    const auto s = ta ? x : y;
    if (k && static_cast<std::int64_t>(s.size()) > (std::int64_t{1} << 33) / k)
      in.check_text(SIZE_MAX);
    in.check_text(s.size() * static_cast<std::size_t>(k));
    std::string r;
    r.reserve(s.size() * static_cast<std::size_t>(k));
    for (std::int64_t i = 0; i < k && !s.empty(); ++i) r += s;
    out = t.is(Kind::bytes) ? in.bytes(r, t.as<Bytes>()->is_bytearray) : in.str(r);
    return true;
  }
  return false;
}

bool str_compare(Interp&, Cmp op, V a, V b, bool& out) {
  std::string_view x, y;
  bool bx = false, by = false;
  if (!text_of(a, x, bx) || !text_of(b, y, by) || bx != by) return false;
  const int c = x.compare(y);  // UTF-8 sorts as code points do
  return ordered(op, c, out);
}

bool str_getitem(Interp& in, V s, V key, V& out) {
  std::string_view t;
  bool bytes = false;
  if (!text_of(s, t, bytes)) return false;
  if (key.is(Kind::unknown)) {
    out = key;
    return true;
  }
  const std::int64_t n = chars(s);
  if (key.is(Kind::slice)) {
    std::int64_t start, stop, step, count;
    slice_indices(in, key.as<Slice>(), n, start, stop, step, count);
    if (step == 1 && one_byte(s)) {
      const auto part = t.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(count));
      out = bytes ? in.bytes(part, s.as<Bytes>()->is_bytearray) : in.str(part);
      return true;
    }
    if (step == 1) {
      const std::size_t a = offset(t, static_cast<std::size_t>(start));
      out = in.str(t.substr(a, offset(t.substr(a), static_cast<std::size_t>(count))));
      return true;
    }
    if (bytes) {
      std::string r;
      for (std::int64_t i = 0, k = start; i < count; ++i, k += step)
        r += t[static_cast<std::size_t>(k)];
      out = in.bytes(r, s.as<Bytes>()->is_bytearray);
      return true;
    }
    const std::u32string u = decode(t);
    std::string r;
    for (std::int64_t i = 0, k = start; i < count; ++i, k += step)
      encode(r, u[static_cast<std::size_t>(k)]);
    out = in.str(r);
    return true;
  }
  if (!in.is_index(key))
    in.raise(in.t.TypeError,
             bytes ? "byte indices must be integers or slices, not " + in.type_name(key)
                   : "string indices must be integers, not '" + in.type_name(key) + "'");
  std::int64_t i = in.index(key);
  if (i < 0) i += n;
  if (i < 0 || i >= n)
    in.raise(in.t.IndexError, bytes ? "index out of range" : "string index out of range");
  if (bytes) {
    out = V::integer(static_cast<unsigned char>(t[static_cast<std::size_t>(i)]));
    return true;
  }
  if (one_byte(s)) {
    out = V(in.intern(t.substr(static_cast<std::size_t>(i), 1)));
    return true;
  }
  const std::size_t a = offset(t, static_cast<std::size_t>(i));
  out = in.str(t.substr(a, offset(t.substr(a), 1)));
  return true;
}

bool str_contains(Interp& in, V s, V item, bool& out) {
  std::string_view t, x;
  bool bt = false, bx = false;
  if (!text_of(s, t, bt)) return false;
  if (item.is(Kind::unknown)) {
    out = false;
    return true;
  }
  if (bt && item.is_int()) {
    out = t.find(static_cast<char>(item.i)) != std::string_view::npos;
    return true;
  }
  if (!text_of(item, x, bx) || bx != bt)
    in.raise(in.t.TypeError,
             bt ? "a bytes-like object is required, not '" + in.type_name(item) + "'"
                : "'in <string>' requires string as left operand, not " + in.type_name(item));
  out = position(t, x) != std::string_view::npos;
  return true;
}

void install_bytearray(Interp& in);              // bytearray.cpp
V str_format_method(Interp& in, const Args& a);  // format.cpp
V str_format_map(Interp& in, const Args& a);

void install_strings(Interp& in) {
  Type* s = in.t.str;
  in.t.bytes = in.new_type("bytes", in.t.object, Kind::bytes);
  in.t.bytearray = in.new_type("bytearray", in.t.object, Kind::bytes);
  in.t.memoryview = in.new_type("memoryview", in.t.object, Kind::bytes);
  for (Type* t : {s, in.t.bytes, in.t.bytearray, in.t.memoryview})
    in.put(in.builtins, t->name, V(t));
  s->construct = str_new;
  in.t.bytes->construct = [](Interp& i, const Args& a) { return bytes_of_class(i, a, false); };
  in.t.bytearray->construct = [](Interp& i, const Args& a) { return bytes_of_class(i, a, true); };
  in.t.memoryview->construct = [](Interp& i, const Args& a) { return bytes_new(i, a, false); };
  for (Type* t : {s, in.t.bytes, in.t.bytearray}) {
    in.def(
        t, "__len__", [](Interp&, const Args& a) { return V::integer(chars(a[0])); }, 1, 1);
    in.def(
        t, "__getitem__",
        [](Interp& i, const Args& a) {
          V o;
          str_getitem(i, a[0], a[1], o);
          return o;
        },
        2, 2);
    in.def(
        t, "__contains__",
        [](Interp& i, const Args& a) {
          bool r = false;
          str_contains(i, a[0], a[1], r);
          return V::boolean(r);
        },
        2, 2);
    in.def(
        t, "__iter__", [](Interp& i, const Args& a) { return str_iter(i, a[0]); }, 1, 1);
    in.def(
        t, "__add__",
        [](Interp& i, const Args& a) {
          V o;
          return str_binary(i, Op::add, a[0], a[1], o) ? o : i.not_implemented;
        },
        2, 2);
    in.def(
        t, "__mul__",
        [](Interp& i, const Args& a) {
          V o;
          return str_binary(i, Op::mul, a[0], a[1], o) ? o : i.not_implemented;
        },
        2, 2);
    in.def(
        t, "__rmul__",
        [](Interp& i, const Args& a) {
          V o;
          return str_binary(i, Op::mul, a[0], a[1], o) ? o : i.not_implemented;
        },
        2, 2);
#define KDEX_CMP(name, op)                                                            \
  in.def(                                                                             \
      t, name,                                                                        \
      [](Interp& i, const Args& a) {                                                  \
        bool r;                                                                       \
        return str_compare(i, op, a[0], a[1], r) ? V::boolean(r) : i.not_implemented; \
      },                                                                              \
      2, 2)
    KDEX_CMP("__eq__", Cmp::eq);
    KDEX_CMP("__ne__", Cmp::ne);
    KDEX_CMP("__lt__", Cmp::lt);
    KDEX_CMP("__le__", Cmp::le);
    KDEX_CMP("__gt__", Cmp::gt);
    KDEX_CMP("__ge__", Cmp::ge);
#undef KDEX_CMP
    in.def(
        t, "find", [](Interp& i, const Args& a) { return V::integer(find_in(i, a, false)); }, 2, 4);
    in.def(
        t, "rfind", [](Interp& i, const Args& a) { return V::integer(find_in(i, a, true)); }, 2, 4);
    for (auto [name, fn] : {std::pair<const char*, NativeFn>{
                                "index",
                                [](Interp&i, const Args&a) {
                                  const auto r = find_in(i, a, false);
                                  if (r < 0)
                                    i.raise(i.t.ValueError, self_bytes(a) ? "subsection not found"
                                                                          : "substring not found");
                                  return V::integer(r);
                                }},
                            {"rindex", [](Interp&i, const Args&a) {
                               const auto r = find_in(i, a, true);
                               if (r < 0)
                                 i.raise(i.t.ValueError, self_bytes(a) ? "subsection not found"
                                                                       : "substring not found");
                               return V::integer(r);
                             }}})
      in.def(t, name, fn, 2, 4);
    in.def(
        t, "count",
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
        2, 4);
    in.def(
        t, "startswith", [](Interp& i, const Args& a) { return affix(i, a, false); }, 2, 4);
    in.def(
        t, "endswith", [](Interp& i, const Args& a) { return affix(i, a, true); }, 2, 4);
    in.def(
        t, "strip", [](Interp& i, const Args& a) { return strip(i, a, both); }, 1, 2);
    in.def(
        t, "lstrip", [](Interp& i, const Args& a) { return strip(i, a, left); }, 1, 2);
    in.def(
        t, "rstrip", [](Interp& i, const Args& a) { return strip(i, a, right); }, 1, 2);
    in.def(
        t, "split", [](Interp& i, const Args& a) { return split(i, a, false); }, 1, 3, true);
    in.def(
        t, "rsplit", [](Interp& i, const Args& a) { return split(i, a, true); }, 1, 3, true);
    in.def(t, "splitlines", splitlines, 1, 2, true);
    in.def(
        t, "partition", [](Interp& i, const Args& a) { return partition(i, a, false); }, 2, 2);
    in.def(
        t, "rpartition", [](Interp& i, const Args& a) { return partition(i, a, true); }, 2, 2);
    in.def(t, "replace", replace, 3, 4);
    in.def(
        t, "ljust", [](Interp& i, const Args& a) { return pad(i, a, 0); }, 2, 3);
    in.def(
        t, "rjust", [](Interp& i, const Args& a) { return pad(i, a, 1); }, 2, 3);
    in.def(
        t, "center", [](Interp& i, const Args& a) { return pad(i, a, 2); }, 2, 3);
    in.def(
        t, "zfill",
        [](Interp& i, const Args& a) {
          const std::int64_t w = i.index(a[1]), n = chars(a[0]);
          std::string v(self(a));
          if (w > n) i.check_text(static_cast<std::size_t>(w));
          if (w > n)
            v.insert(!v.empty() && (v[0] == '+' || v[0] == '-') ? 1 : 0,
                     static_cast<std::size_t>(w - n), '0');
          return make(i, v, self_bytes(a));
        },
        2, 2);
    in.def(
        t, "lower", [](Interp& i, const Args& a) { return map_chars(i, a, lower); }, 1, 1);
    in.def(
        t, "upper",
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
        1, 1);
    in.def(
        t, "swapcase",
        [](Interp& i, const Args& a) {
          return map_chars(i, a, [](U c) { return is_upper(c) ? lower(c) : upper(c); });
        },
        1, 1);
    in.def(
        t, "capitalize",
        [](Interp& i, const Args& a) {
          bool first = true;
          return map_chars(i, a, [&](U c) {
            const U r = first ? upper(c) : lower(c);
            first = false;
            return r;
          });
        },
        1, 1);
    in.def(
        t, "title",
        [](Interp& i, const Args& a) {
          bool prev = false;
          return map_chars(i, a, [&](U c) {
            const U r = prev ? lower(c) : upper(c);
            prev = is_alpha(c);
            return r;
          });
        },
        1, 1);
    in.def(
        t, "isspace", [](Interp&, const Args& a) { return all_chars(a, is_space); }, 1, 1);
    in.def(
        t, "isdigit",
        [](Interp&, const Args& a) {
          return all_chars(a,
                           [](U c) { return is_digit(c) || c == 0xB2 || c == 0xB3 || c == 0xB9; });
        },
        1, 1);
    in.def(
        t, "isdecimal", [](Interp&, const Args& a) { return all_chars(a, is_digit); }, 1, 1);
    in.def(
        t, "isnumeric",
        [](Interp&, const Args& a) {
          return all_chars(a, [](U c) {
            return is_digit(c) || c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0xBC && c <= 0xBE);
          });
        },
        1, 1);
    in.def(
        t, "isalpha", [](Interp&, const Args& a) { return all_chars(a, is_alpha); }, 1, 1);
    in.def(
        t, "isalnum", [](Interp&, const Args& a) { return all_chars(a, is_alnum); }, 1, 1);
    in.def(
        t, "isascii",
        [](Interp&, const Args& a) {
          for (char c : self(a))
            if (c & 0x80) return V::boolean(false);
          return V::boolean(true);
        },
        1, 1);
    in.def(
        t, "isprintable",
        [](Interp&, const Args& a) {
          for (U c : decode(self(a)))
            if (c < 32 || c == 127 || (c >= 0x80 && c <= 0xA0)) return V::boolean(false);
          return V::boolean(true);
        },
        1, 1);
    in.def(
        t, "isupper",
        [](Interp&, const Args& a) {
          bool any = false;
          for (U c : decode(self(a))) {
            if (is_lower(c)) return V::boolean(false);
            any |= is_upper(c);
          }
          return V::boolean(any);
        },
        1, 1);
    in.def(
        t, "islower",
        [](Interp&, const Args& a) {
          bool any = false;
          for (U c : decode(self(a))) {
            if (is_upper(c)) return V::boolean(false);
            any |= is_lower(c);
          }
          return V::boolean(any);
        },
        1, 1);
    in.def(
        t, "istitle",
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
        1, 1);
    in.def(
        t, "expandtabs",
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
        1, 2, true);
    in.def(
        t, "removeprefix",
        [](Interp& i, const Args& a) {
          auto v = self(a);
          const auto x = want(i, a, 1);
          if (v.starts_with(x)) v.remove_prefix(x.size());
          return make(i, v, self_bytes(a));
        },
        2, 2);
    in.def(
        t, "removesuffix",
        [](Interp& i, const Args& a) {
          auto v = self(a);
          const auto x = want(i, a, 1);
          if (!x.empty() && v.ends_with(x)) v.remove_suffix(x.size());
          return make(i, v, self_bytes(a));
        },
        2, 2);
  }
  in.def(
      s, "__hash__",
      [](Interp&, const Args& a) {
        return V::integer(static_cast<std::int64_t>(str_hash(a[0].as<Str>())));
      },
      1, 1);
  in.def(
      s, "__repr__", [](Interp& i, const Args& a) { return i.str(str_repr(self(a))); }, 1, 1);
  in.def(
      s, "__str__",
      [](Interp& i, const Args& a) { return a[0].o->cls == i.t.str ? a[0] : i.str(self(a)); }, 1,
      1);
  in.def(
      s, "__mod__", [](Interp& i, const Args& a) { return str_percent(i, a[0], a[1]); }, 2, 2);
  in.def(
      s, "__format__",
      [](Interp& i, const Args& a) {
        V o;
        format_native(i, i.str(self(a)), i.text(a[1], "format spec"), o);
        return o;
      },
      2, 2);
  in.def(s, "format", str_format_method, 1, -1, true);
  in.def(s, "format_map", str_format_map, 2, 2);
  in.def(
      s, "join", [](Interp& i, const Args& a) { return str_join(i, self(a), a[1]); }, 2, 2);
  in.def(
      s, "casefold",
      [](Interp& i, const Args& a) {
        std::string out;
        for (U c : decode(self(a))) {
          if (c == 0xDF)
            out += "ss";
          else
            encode(out, lower(c));
        }
        return i.str(out);
      },
      1, 1);
  in.def(
      s, "encode",
      [](Interp& i, const Args& a) {
        return i.bytes(
            encoded(i, a[0], Interp::arg(a, 1, "encoding"), Interp::arg(a, 2, "errors")));
      },
      1, 3, true);
  in.def(
      s, "isidentifier",
      [](Interp&, const Args& a) {
        const std::u32string u = decode(self(a));
        if (u.empty() || (!is_alpha(u[0]) && u[0] != '_')) return V::boolean(false);
        for (U c : u)
          if (!is_alnum(c) && c != '_') return V::boolean(false);
        return V::boolean(true);
      },
      1, 1);
  in.def(s, "translate", translate, 2, 2);
  in.def_static(
      s, "maketrans",
      [](Interp& i, const Args& a) {
        Dict* d = i.dict();
        if (a.npos == 1) {
          if (!a[0].is(Kind::dict))
            i.raise(i.t.TypeError, "if you give only one argument to maketrans it must be a dict");
          Dict* o = a[0].as<Dict>();
          for (std::uint32_t k = 0; k < o->used; ++k) {
            if (o->e[k].key.is_undef()) continue;
            if (o->e[k].key.is(Kind::str) && o->e[k].key.as<Str>()->nchars != 1)
              i.raise(i.t.ValueError, "string keys in translate table must be of length 1");
            const V key = o->e[k].key.is(Kind::str) ? V::integer(static_cast<std::int64_t>(
                                                          decode(o->e[k].key.as<Str>()->view())[0]))
                                                    : o->e[k].key;
            i.put(d, key, o->e[k].val);
          }
          return V(d);
        }
        const auto x = decode(i.text(a[0], "argument")), y = decode(i.text(a[1], "argument"));
        if (x.size() != y.size())
          i.raise(i.t.ValueError, "the first two maketrans arguments must have equal length");
        for (std::size_t k = 0; k < x.size(); ++k)
          i.put(d, V::integer(static_cast<std::int64_t>(x[k])),
                V::integer(static_cast<std::int64_t>(y[k])));
        if (a.npos > 2)
          for (U c : decode(i.text(a[2], "argument")))
            i.put(d, V::integer(static_cast<std::int64_t>(c)), V::none());
        return V(d);
      },
      1, 3);
  for (Type* t : {in.t.bytes, in.t.bytearray}) {
    in.def(
        t, "__repr__", [](Interp& i, const Args& a) { return i.str(bytes_repr(a[0].as<Bytes>())); },
        1, 1);
    in.def(
        t, "decode",
        [](Interp& i, const Args& a) {
          return i.str(
              decoded(i, a[0], Interp::arg(a, 1, "encoding"), Interp::arg(a, 2, "errors")));
        },
        1, 3, true);
    in.def(
        t, "hex",
        [](Interp& i, const Args& a) {
          std::string o;
          char b[4];
          for (char c : self(a)) {
            std::snprintf(b, sizeof b, "%02x", static_cast<unsigned char>(c));
            o += b;
          }
          return i.str(o);
        },
        1, 1);
    in.def_class(
        t, "fromhex",
        [](Interp& i, const Args& a) {
          std::string h, o;
          for (char c : i.text(a[1], "fromhex() argument"))
            if (c != ' ') h += c;
          for (std::size_t k = 0; k + 1 < h.size(); k += 2)
            o += static_cast<char>(std::strtol(h.substr(k, 2).c_str(), nullptr, 16));
          return i.bytes(o);
        },
        2, 2);
    in.def(
        t, "join",
        [](Interp& i, const Args& a) {
          std::string o;
          std::size_t at = 0;
          i.for_each(a[1], [&](V v) {
            if (!v.is(Kind::bytes))
              i.raise(i.t.TypeError, "sequence item " + std::to_string(at) +
                                         ": expected a bytes-like object, " + i.type_name(v) +
                                         " found");
            if (at++) o += self(a);
            o += v.as<Bytes>()->view();
            return true;
          });
          return i.bytes(o);
        },
        2, 2);
  }
  install_bytearray(in);
  in.def(
      in.t.bytes, "__hash__",
      [](Interp& i, const Args& a) {
        return V::integer(static_cast<std::int64_t>(str_hash(i.intern(self(a)))));
      },
      1, 1);
}

}  // namespace kdex::py
