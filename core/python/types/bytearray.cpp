// bytearray as a mutable sequence.
#include <algorithm>

#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

char byte_of(Interp& in, V v) {
  const std::int64_t n = in.index(v);
  if (n < 0 || n > 255) in.raise(in.t.ValueError, "byte must be in range(0, 256)");
  return static_cast<char>(n);
}

std::string bytes_of(Interp& in, V v) {
  if (v.is(Kind::bytes)) return std::string(v.as<Bytes>()->view());
  if (v.is(Kind::str)) in.raise(in.t.TypeError, "can't extend bytearray with str");
  std::string s;
  in.for_each(v, [&](V x) {
    s += byte_of(in, x);
    return true;
  });
  return s;
}

void set_text(Interp& in, Bytes* b, const std::string& s) {
  in.changing(b);
  if (s.size() + 1 > b->cap) {
    in.check_size(static_cast<std::int64_t>(s.size()), 1);
    const std::size_t cap = s.size() * 2 + 16;
    b->data = static_cast<char*>(in.arena.alloc(cap, Arena::Holds::no_pointers));
    b->cap = static_cast<std::uint32_t>(cap);
  }
  std::copy(s.begin(), s.end(), b->data);
  b->data[s.size()] = 0;
  b->len = static_cast<std::uint32_t>(s.size());
}

std::int64_t place(Interp& in, const Bytes* b, V key) {
  std::int64_t i = in.index(key);
  if (i < 0) i += b->len;
  if (i < 0 || i >= b->len) in.raise(in.t.IndexError, "bytearray index out of range");
  return i;
}

V set_item(Interp& in, const Args& a) {
  auto* b = a[0].as<Bytes>();
  if (!a[1].is(Kind::slice)) {
    const std::int64_t i = place(in, b, a[1]);
    in.changing(b);
    b->data[i] = byte_of(in, a[2]);
    return V::none();
  }
  std::int64_t start, stop, step, count;
  slice_indices(in, a[1].as<Slice>(), b->len, start, stop, step, count);
  const std::string put = bytes_of(in, a[2]);
  std::string s(b->view());
  if (step == 1) {
    s.replace(static_cast<std::size_t>(start), static_cast<std::size_t>(count), put);
  } else {
    if (static_cast<std::int64_t>(put.size()) != count)
      in.raise(in.t.ValueError, "attempt to assign bytes of size " +
                                    number_of(static_cast<std::int64_t>(put.size())) +
                                    " to extended slice of size " + number_of(count));
    for (std::int64_t k = 0; k < count; ++k)
      s[static_cast<std::size_t>(start + k * step)] = put[static_cast<std::size_t>(k)];
  }
  set_text(in, b, s);
  return V::none();
}

V del_item(Interp& in, const Args& a) {
  auto* b = a[0].as<Bytes>();
  std::string s(b->view());
  if (!a[1].is(Kind::slice)) {
    s.erase(static_cast<std::size_t>(place(in, b, a[1])), 1);
  } else {
    std::int64_t start, stop, step, count;
    slice_indices(in, a[1].as<Slice>(), b->len, start, stop, step, count);
    std::string left;
    for (std::int64_t i = 0; i < b->len; ++i) {
      const std::int64_t from_start = i - start;
      const bool gone =
          count && from_start % step == 0 && from_start / step >= 0 && from_start / step < count;
      if (!gone) left += b->data[i];
    }
    s = left;
  }
  set_text(in, b, s);
  return V::none();
}

V extend(Interp& in, const Args& a) {
  auto* b = a[0].as<Bytes>();
  set_text(in, b, std::string(b->view()) + bytes_of(in, a[1]));
  return V::none();
}

}  // namespace

void install_bytearray(Interp& in) {
  Type* t = in.t.bytearray;
  in.def(t, "__setitem__", set_item, 3, 3);
  in.def(t, "__delitem__", del_item, 2, 2);
  in.def(t, "extend", extend, 2, 2);
  in.def(
      t, "__iadd__",
      [](Interp& i, const Args& a) {
        if (!a[1].is(Kind::bytes))
          i.raise(i.t.TypeError, "can't concat " + i.type_name(a[1]) + " to bytearray");
        extend(i, a);
        return a[0];
      },
      2, 2);
  in.def(
      t, "append",
      [](Interp& i, const Args& a) {
        auto* b = a[0].as<Bytes>();
        set_text(i, b, std::string(b->view()) + byte_of(i, a[1]));
        return V::none();
      },
      2, 2);
  in.def(
      t, "insert",
      [](Interp& i, const Args& a) {
        auto* b = a[0].as<Bytes>();
        std::string s(b->view());
        std::int64_t at = i.index(a[1]);
        if (at < 0) at = std::max<std::int64_t>(0, at + b->len);
        s.insert(static_cast<std::size_t>(std::min<std::int64_t>(at, b->len)), 1, byte_of(i, a[2]));
        set_text(i, b, s);
        return V::none();
      },
      3, 3);
  in.def(
      t, "pop",
      [](Interp& i, const Args& a) {
        auto* b = a[0].as<Bytes>();
        if (!b->len) i.raise(i.t.IndexError, "pop from empty bytearray");
        std::int64_t at = a.npos > 1 ? i.index(a[1]) : -1;
        if (at < 0) at += b->len;
        if (at < 0 || at >= b->len) i.raise(i.t.IndexError, "pop index out of range");
        std::string s(b->view());
        const V out = V::integer(static_cast<unsigned char>(s[static_cast<std::size_t>(at)]));
        s.erase(static_cast<std::size_t>(at), 1);
        set_text(i, b, s);
        return out;
      },
      1, 2);
  in.def(
      t, "clear",
      [](Interp& i, const Args& a) {
        set_text(i, a[0].as<Bytes>(), "");
        return V::none();
      },
      1, 1);
  in.def(
      t, "reverse",
      [](Interp& i, const Args& a) {
        auto* b = a[0].as<Bytes>();
        i.changing(b);
        std::reverse(b->data, b->data + b->len);
        return V::none();
      },
      1, 1);
  in.def(
      t, "copy", [](Interp& i, const Args& a) { return i.bytes(a[0].as<Bytes>()->view(), true); },
      1, 1);
  in.put(t->ns, in.intern("__hash__"), V::none());
}

}  // namespace kdex::py
