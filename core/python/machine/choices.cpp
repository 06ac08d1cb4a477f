// Ints that stand for several: one run does for all of them as long as it would be the same with
// each. Such a number is a Boxed of the class int itself. It may be moved about freely. A
// comparison keeps the places whose answer is the first one's, arithmetic gives another such
// number, and whatever else reads it (Interp::unbox) keeps the first place alone. The run is always
// the first one's. Must not know what the numbers mean.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/machine/repeats.h"

namespace kdex::py {

using Impl = Interp::Impl;

V Impl::choice(std::vector<std::int64_t> values) {
  if (choices.empty())
    for (std::size_t i = 0; i < values.size(); ++i) undecided.push_back(i);
  Boxed* b = in->make<Boxed>(Kind::boxed, in->t.integer);
  b->value = V::integer(values.front());
  choices.push_back(std::move(values));
  b->choice = static_cast<std::uint32_t>(choices.size());
  if (repeats) repeats->made(b);
  return V(b);
}

/// A number's value at a place, without its origin; what is no choice is the same at all.
V Impl::alternative(V v, std::size_t place) const {
  return is_choice(v) ? V::integer(choices[v.as<Boxed>()->choice - 1][place]) : v;
}

V Interp::decided(V v) const {
  Impl& im = *impl;
  if (!im.shows) im.decide();
  const V value = im.alternative(v, im.shows ? im.shown : im.undecided.front());
  return V::integer(value.i, v.org);
}

namespace {

bool is_plain_number(V v) {
  return v.is_int() || v.is_bool() || v.is_real() || v.is(Kind::bigint) || is_choice(v);
}

/// x op y; false where it is none of these, or no 64-bit int.
bool whole(Op op, std::int64_t x, std::int64_t y, std::int64_t& out) {
  switch (op) {
    case Op::add:
      return !__builtin_add_overflow(x, y, &out);
    case Op::sub:
      return !__builtin_sub_overflow(x, y, &out);
    case Op::mul:
      return !__builtin_mul_overflow(x, y, &out);
    case Op::floordiv:
    case Op::mod: {
      if (y <= 0) return false;
      const std::int64_t rest = x % y, below = rest < 0 ? 1 : 0;
      out = op == Op::mod ? rest + below * y : x / y - below;
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

/// False: neither is a choice, or it is to be read.
bool Impl::choose_compare(Cmp op, V a, V b, V& out) {
  if (!is_choice(a) && !is_choice(b)) return false;
  const V other = is_choice(a) ? b : a;
  const std::size_t first = undecided.front();
  if (!is_plain_number(other)) {
    // None, a text or an unknown: the answer is the same for every number
    const bool same = other.is_none() || other.is(Kind::unknown) || plain_str(*in, other);
    if (!same) decide();
    out = in->compare(op, alternative(a, first), alternative(b, first));
    return true;
  }
  const auto answer = [&](std::size_t place) {
    return in->compare(op, alternative(a, place), alternative(b, place));
  };
  out = answer(first);
  std::erase_if(undecided, [&](std::size_t place) { return !answer(place).same(out); });
  return true;
}

/// False: neither is a choice, or it is to be read.
bool Impl::choose_binary(Op op, const char* sign, V a, V b, V& out) {
  if (!is_choice(a) && !is_choice(b)) return false;
  std::vector<std::int64_t> values(choices.front().size());
  bool same = true;
  for (const std::size_t place : undecided) {
    const V x = alternative(a, place), y = alternative(b, place);
    if (!x.is_int() || !y.is_int() || !whole(op, x.i, y.i, values[place])) return false;
    same = same && values[place] == values[undecided.front()];
  }
  out = same ? V::integer(values[undecided.front()]) : choice(std::move(values));
  if (a.org | b.org) out.org = in->origin_op(sign, a, b, out);
  return true;
}

bool Impl::choose_truth(V v) {
  const bool first = alternative(v, undecided.front()).i != 0;
  std::erase_if(undecided,
                [&](std::size_t place) { return (alternative(v, place).i != 0) != first; });
  return first;
}

}  // namespace kdex::py
