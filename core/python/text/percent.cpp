// printf-style formatting: "text" % values.
#include "core/python/machine/ops.h"
#include "core/python/text/format.h"

namespace kdex::py {
namespace {

bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

class Percent {
 public:
  Percent(Interp& in, std::string_view format, V args)
      : in_(in), s_(format), args_(args), tuple_(args.is(Kind::tuple)) {
    have_ = tuple_ ? args.as<Tuple>()->n : 1;
  }

  V run() {
    while (i_ < s_.size()) {
      if (s_[i_] != '%') {
        out_ += s_[i_++];
        continue;
      }
      ++i_;
      conversion();
    }
    if (!unknown_.is_undef()) return unknown_;
    if (!mapping_ && used_ < have_ && !(args_.is(Kind::dict) && !tuple_))
      in_.raise(in_.t.TypeError, "not all arguments converted during string formatting");
    return in_.str(out_);
  }

 private:
  bool at(std::string_view set) const { return i_ < s_.size() && one_of(s_[i_], set); }

  V take() {
    if (used_ >= have_) in_.raise(in_.t.TypeError, "not enough arguments for format string");
    return tuple_ ? args_.as<Tuple>()->at[used_++] : (++used_, args_);
  }

  /// After "%": a key, flags, a width, a precision and the conversion's letter.
  void conversion() {
    V v;
    const bool keyed = at("(");
    if (keyed) v = named();
    Spec p;
    bool left = flags(p);
    left |= width(p);
    precision(p);
    while (at("lhL")) ++i_;
    if (i_ >= s_.size()) in_.raise(in_.t.ValueError, "incomplete format");
    const char c = s_[i_++];
    if (c == '%') {
      out_ += '%';
      return;
    }
    if (!keyed) v = take();
    if (v.is(Kind::unknown)) {
      unknown_ = v;
      return;
    }
    p.align = left ? '<' : '>';
    if (one_of(c, "sra")) return text(p, c, v);
    if (c == 'c') return character(p, v);
    if (p.zero && !left) {
      p.fill = "0";
      p.align = '=';
    }
    if (one_of(c, "diuoxX")) return integer(p, c, v);
    if (one_of(c, "eEfFgG")) return real(p, c, v);
    in_.raise(in_.t.ValueError, std::string("unsupported format character '") + c + "' (0x" +
                                    to_base(in_, V::integer(c), 16) + ") at index " +
                                    std::to_string(i_ - 1));
  }

  V named() {
    const auto close = s_.find(')', i_);
    if (close == std::string_view::npos) in_.raise(in_.t.ValueError, "incomplete format key");
    if (!args_.is(Kind::dict)) in_.raise(in_.t.TypeError, "format requires a mapping");
    const V v = in_.getitem(args_, in_.str(s_.substr(i_ + 1, close - i_ - 1)));
    mapping_ = true;
    i_ = close + 1;
    return v;
  }

  bool flags(Spec& p) {  // whether '-' is one
    bool left = false;
    for (; at("-+ #0"); ++i_) {
      if (s_[i_] == '-')
        left = true;
      else if (s_[i_] == '+')
        p.sign = '+';
      else if (s_[i_] == ' ' && p.sign == '-')
        p.sign = ' ';
      else if (s_[i_] == '#')
        p.alt = true;
      else if (s_[i_] == '0')
        p.zero = true;
    }
    return left;
  }

  bool width(Spec& p) {  // whether it is negative
    if (at("*")) {
      p.width = in_.index(take());
      ++i_;
      if (p.width >= 0) return false;
      p.width = -p.width;
      return true;
    }
    while (at("0123456789")) {
      p.width = p.width * 10 + (s_[i_++] - '0');
      if (p.width > 1'000'000'000) in_.check_text(SIZE_MAX);
    }
    return false;
  }

  void precision(Spec& p) {
    if (!at(".")) return;
    ++i_;
    p.precision = 0;
    if (at("*")) {
      p.precision = std::max<std::int64_t>(0, in_.index(take()));
      ++i_;
      return;
    }
    while (at("0123456789")) {
      p.precision = p.precision * 10 + (s_[i_++] - '0');
      if (p.precision > 100'000)
        throw LimitError{"a format precision of more than 100000 was asked for"};
    }
  }

  void text(Spec& p, char c, V v) {
    std::string t = c == 's' ? in_.str_of(v) : in_.repr_of(v);
    if (p.precision >= 0 && static_cast<std::int64_t>(utf8_length(t)) > p.precision) {
      std::size_t end = 0;
      for (std::int64_t k = 0; k < p.precision; ++k)
        end += char_size(std::string_view(t).substr(end));
      t.resize(end);
    }
    p.fill = " ";
    out_ += pad(in_, p, "", t, '>');
  }

  void character(Spec& p, V v) {
    if (v.is(Kind::str) ? v.as<Str>()->nchars != 1 : !in_.is_index(v))
      in_.raise(in_.t.TypeError, "%c requires int or char");
    const V s = v.is(Kind::str) ? v : in_.call(*in_.find(in_.builtins, in_.intern("chr")), {v});
    out_ += pad(in_, p, "", std::string(s.as<Str>()->view()), '>');
  }

  void integer(Spec& p, char c, V v) {
    const bool decimal = one_of(c, "diu");
    V u = in_.unbox(v);
    if (u.is_real() && decimal) u = int_from_double(in_, u.f);
    if (!u.is_int() && !u.is_bool() && !u.is(Kind::bigint))
      in_.raise(in_.t.TypeError, std::string("%") + c +
                                     " format: " + (decimal ? "a real number" : "an integer") +
                                     " is required, not " + in_.type_name(v));
    p.type = decimal ? 'd' : c;
    p.precision = -1;
    out_ += format_int(in_, u.is_bool() ? V::integer(u.i) : u, p);
  }

  void real(Spec& p, char c, V v) {
    double d;
    if (!in_.as_double(in_.unbox(v), d))
      in_.raise(in_.t.TypeError, "must be real number, not " + in_.type_name(v));
    p.type = c;
    out_ += format_real(in_, d, p);
  }

  Interp& in_;
  const std::string_view s_;
  const V args_;
  const bool tuple_;  // else `args_` is the only one
  std::uint32_t have_ = 0, used_ = 0;
  bool mapping_ = false;  // some were found by name
  std::size_t i_ = 0;
  std::string out_;
  V unknown_;
};

}  // namespace

V str_percent(Interp& in, V format, V args) {
  if (args.is(Kind::unknown)) return args;
  return Percent(in, format.as<Str>()->view(), args).run();
}

}  // namespace kdex::py
