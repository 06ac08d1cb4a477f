// range and slice: construction and methods.
#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

Range* self_range(Interp& in, const Args& a) { return self_as<Range>(in, a, Kind::range, "range"); }

V make_range(Interp& in, const Args& a) {
  V u = first_unknown(a, 1);
  if (!u.is_undef()) return unknown_of(in, "builtins.range", u);
  if (a.npos < 2) in.raise(in.t.TypeError, "range expected at least 1 argument, got 0");
  if (a.npos > 4)
    in.raise(in.t.TypeError,
             "range expected at most 3 arguments, got " + std::to_string(a.npos - 1));
  std::int64_t x[3] = {0, 0, 1};
  for (std::uint32_t i = 1; i < a.npos; ++i) {
    if (!in.is_index(a[i]))
      in.raise(in.t.TypeError,
               "'" + in.type_name(a[i]) + "' object cannot be interpreted as an integer");
    x[i - 1] = in.index(a[i]);
  }
  if (a.npos == 2) std::swap(x[0], x[1]);
  if (!x[2]) in.raise(in.t.ValueError, "range() arg 3 must not be zero");
  return in.range(x[0], x[1], x[2]);
}

V make_slice(Interp& in, const Args& a) {
  if (a.npos < 2) in.raise(in.t.TypeError, "slice expected at least 1 argument, got 0");
  if (a.npos > 4)
    in.raise(in.t.TypeError,
             "slice expected at most 3 arguments, got " + std::to_string(a.npos - 1));
  if (a.npos == 2) return in.slice(V::none(), a[1], V::none());
  return in.slice(a[1], a[2], a.npos > 3 ? a[3] : V::none());
}

V slice_indices_method(Interp& in, const Args& a) {
  std::int64_t start = 0, stop = 0, step = 0, count = 0;
  const std::int64_t n = in.index(a[1]);
  if (n < 0) in.raise(in.t.ValueError, "length should not be negative");
  slice_indices(in, self_as<Slice>(in, a, Kind::slice, "slice"), n, start, stop, step, count);
  return in.tuple({V::integer(start), V::integer(stop), V::integer(step)});
}

V range_index(Interp& in, const Args& a) {
  bool there = false;
  seq_contains(in, V(self_range(in, a)), a[1], there);
  if (!there) in.raise(in.t.ValueError, in.repr_of(a[1]) + " is not in range");
  double f = 0;
  std::int64_t x = 0;
  if (!in.as_int64(a[1], x) && in.as_double(a[1], f)) x = static_cast<std::int64_t>(f);
  const Range* r = a[0].as<Range>();
  return V::integer((x - r->start) / r->step);
}

}  // namespace

V Interp::range(std::int64_t start, std::int64_t stop, std::int64_t step) {
  Range* r = make<Range>(Kind::range, t.range);
  r->start = start;
  r->stop = stop;
  r->step = step;
  if (r->size() < 0) raise(t.OverflowError, "Python int too large to convert to C ssize_t");
  return V(r);
}

V Interp::slice(V start, V stop, V step) {
  Slice* s = make<Slice>(Kind::slice, t.slice);
  s->start = start;
  s->stop = stop;
  s->step = step;
  return V(s);
}

V range_item(Interp&, const Range* r, std::int64_t i) { return V::integer(r->start + i * r->step); }

void install_ranges(Interp& in) {
  Type* t = in.t.range = in.new_type("range", in.t.object, Kind::range);
  t->construct = make_range;
  def_protocol(in, t, "licgrv=h");
  in.def(t, "index", range_index, 2, 2);
  in.def(
      t, "count",
      [](Interp& i, const Args& a) {
        bool there = false;
        seq_contains(i, V(self_range(i, a)), a[1], there);
        return V::integer(there);
      },
      2, 2);
  in.def_property(t, "start",
                  [](Interp& i, const Args& a) { return V::integer(self_range(i, a)->start); });
  in.def_property(t, "stop",
                  [](Interp& i, const Args& a) { return V::integer(self_range(i, a)->stop); });
  in.def_property(t, "step",
                  [](Interp& i, const Args& a) { return V::integer(self_range(i, a)->step); });

  t = in.t.slice = in.new_type("slice", in.t.object, Kind::slice);
  t->construct = make_slice;
  def_protocol(in, t, "r=u");
  in.def(t, "indices", slice_indices_method, 2, 2);
  in.def_property(t, "start", [](Interp& i, const Args& a) {
    return self_as<Slice>(i, a, Kind::slice, "slice")->start;
  });
  in.def_property(t, "stop", [](Interp& i, const Args& a) {
    return self_as<Slice>(i, a, Kind::slice, "slice")->stop;
  });
  in.def_property(t, "step", [](Interp& i, const Args& a) {
    return self_as<Slice>(i, a, Kind::slice, "slice")->step;
  });
}

}  // namespace kdex::py
