// str: construction and methods of its own.
#include "core/python/text/codecs.h"
#include "core/python/text/format.h"
#include "core/python/text/text.h"
#include "core/python/types/types.h"

namespace kdex::py {

namespace {

V translate(Interp& in, const Args& a) {
  std::string out;
  for (U c : decode(self(a))) {
    V r = V::none();
    const V missing = in.caught(
        in.t.LookupError, [&] { r = in.getitem(a[1], V::integer(static_cast<std::int64_t>(c))); });
    if (!missing.is_undef()) {
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

const AttributeDef kStr[] = {
    method(
        "__hash__",
        [](Interp&, const Args& a) {
          return V::integer(static_cast<std::int64_t>(str_hash(a[0].as<Str>())));
        },
        1, 1),
    method(
        "__repr__", [](Interp& i, const Args& a) { return i.str(str_repr(self(a))); }, 1, 1),
    method(
        "__str__",
        [](Interp& i, const Args& a) { return a[0].o->cls == i.t.str ? a[0] : i.str(self(a)); }, 1,
        1),
    method(
        "__mod__", [](Interp& i, const Args& a) { return str_percent(i, a[0], a[1]); }, 2, 2),
    method(
        "__format__",
        [](Interp& i, const Args& a) {
          V o;
          format_native(i, i.str(self(a)), i.text(a[1], "format spec"), o);
          return o;
        },
        2, 2),
    method("format", str_format_method, 1, -1, true),
    method("format_map", str_format_map, 2, 2),
    method(
        "join", [](Interp& i, const Args& a) { return str_join(i, self(a), a[1]); }, 2, 2),
    method(
        "casefold",
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
        1, 1),
    method(
        "encode",
        [](Interp& i, const Args& a) {
          return i.bytes(
              encoded(i, a[0], Interp::arg(a, 1, "encoding"), Interp::arg(a, 2, "errors")));
        },
        1, 3, true),
    method(
        "isidentifier",
        [](Interp&, const Args& a) {
          const std::u32string u = decode(self(a));
          if (u.empty() || (!is_alpha(u[0]) && u[0] != '_')) return V::boolean(false);
          for (U c : u)
            if (!is_alnum(c) && c != '_') return V::boolean(false);
          return V::boolean(true);
        },
        1, 1),
    method("translate", translate, 2, 2),
    static_method(
        "maketrans",
        [](Interp& i, const Args& a) {
          Dict* d = i.dict();
          if (a.npos == 1) {
            if (!a[0].is(Kind::dict))
              i.raise(i.t.TypeError,
                      "if you give only one argument to maketrans it must be a dict");
            Dict* o = a[0].as<Dict>();
            for (std::uint32_t k = 0; k < o->used; ++k) {
              if (o->e[k].key.is_undef()) continue;
              if (o->e[k].key.is(Kind::str) && o->e[k].key.as<Str>()->nchars != 1)
                i.raise(i.t.ValueError, "string keys in translate table must be of length 1");
              const V key = o->e[k].key.is(Kind::str) ? V::integer(static_cast<std::int64_t>(decode(
                                                            o->e[k].key.as<Str>()->view())[0]))
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
        1, 3),
};

}  // namespace

void install_str(Interp& in) {
  in.t.str->construct = str_new;
  define_text_methods(in, in.t.str);
  define(in, in.t.str, kStr);
}

}  // namespace kdex::py
