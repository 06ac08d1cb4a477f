// str and bytes: text by code point over UTF-8, with CPython's methods and messages. Formatting is
// in format.cpp.
#include <algorithm>
#include <cstring>

#include "core/python/text/codecs.h"
#include "core/python/text/format.h"
#include "core/python/text/text.h"

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

void install_strings(Interp& in) {
  in.t.bytes = in.new_type("bytes", in.t.object, Kind::bytes);
  in.t.bytearray = in.new_type("bytearray", in.t.object, Kind::bytes);
  in.t.memoryview = in.new_type("memoryview", in.t.object, Kind::bytes);
  for (Type* t : {in.t.str, in.t.bytes, in.t.bytearray, in.t.memoryview})
    in.put(in.builtins, t->name, V(t));
  install_str(in);
  install_bytes(in);
}

}  // namespace kdex::py
