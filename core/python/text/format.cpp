// The format mini-language and str.format.
#include "core/python/text/format.h"

#include <charconv>
#include <cmath>

#include "core/python/machine/ops.h"

namespace kdex::py {
namespace {

bool parse(Interp& in, std::string_view s, Spec& p) {
  if (s.empty()) return true;
  const std::string_view align = "<>=^";
  bool filled = false;
  const std::size_t n = std::min(char_size(s), s.size());
  if (s.size() > n && align.find(s[n]) != std::string_view::npos) {
    p.fill = s.substr(0, n);
    filled = true;
    p.align = s[n];
    s.remove_prefix(n + 1);
  } else if (align.find(s[0]) != std::string_view::npos) {
    p.align = s[0];
    s.remove_prefix(1);
  }
  if (!s.empty() && (s[0] == '+' || s[0] == '-' || s[0] == ' ')) {
    p.sign = s[0];
    s.remove_prefix(1);
  }
  if (!s.empty() && s[0] == 'z') {
    p.no_negative_zero = true;
    s.remove_prefix(1);
  }
  if (!s.empty() && s[0] == '#') {
    p.alt = true;
    s.remove_prefix(1);
  }
  if (!s.empty() && s[0] == '0') {
    if (!filled) {
      p.fill = "0";
      if (!p.align) {
        p.align = '=';
        p.zero = true;
      }
    }
    s.remove_prefix(1);
  }
  auto number = [&](std::int64_t& v) {
    bool any = false;
    while (!s.empty() && s[0] >= '0' && s[0] <= '9') {
      if (!any) v = 0;
      any = true;
      v = v * 10 + (s[0] - '0');
      if (v > 1'000'000'000) in.check_text(SIZE_MAX);
      s.remove_prefix(1);
    }
    return any;
  };
  number(p.width);
  if (!s.empty() && (s[0] == ',' || s[0] == '_')) {
    p.group = s[0];
    s.remove_prefix(1);
  }
  if (!s.empty() && s[0] == '.') {
    s.remove_prefix(1);
    if (!number(p.precision)) in.raise(in.t.ValueError, "Format specifier missing precision");
    if (p.precision > 100'000)
      throw LimitError{"a format precision of " + std::to_string(p.precision) + " was asked for"};
  }
  if (s.size() > 1) in.raise(in.t.ValueError, "Invalid format specifier");
  if (!s.empty()) p.type = s[0];
  return true;
}

}  // namespace

std::string pad(Interp& in, const Spec& p, const std::string& sign, const std::string& body,
                char def) {
  const auto n = static_cast<std::int64_t>(utf8_length(sign) + utf8_length(body));
  if (p.width <= n) return sign + body;
  in.check_text(static_cast<std::size_t>(p.width) * p.fill.size());
  const std::int64_t room = p.width - n;
  auto fill = [&](std::int64_t k) {
    std::string f;
    for (; k > 0; --k) f += p.fill;
    return f;
  };
  switch (p.align ? p.align : def) {
    case '<':
      return sign + body + fill(room);
    case '^':
      return fill(room / 2) + sign + body + fill(room - room / 2);
    case '=':
      return sign + fill(room) + body;
    default:
      return fill(room) + sign + body;
  }
}

namespace {

std::string group(const std::string& digits, char sep, std::size_t every,
                  std::size_t min_width = 0) {
  std::string d = digits;
  auto grouped = [&](const std::string& x) {
    std::string out;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i && (x.size() - i) % every == 0) out += sep;
      out += x[i];
    }
    return out;
  };
  std::string out = grouped(d);
  while (out.size() < min_width) {
    d = "0" + d;
    std::string next = grouped(d);
    if (next.size() > min_width && next[1] == sep && next.size() == min_width + 1) {
      out = next;
      break;
    }
    out = next;
  }
  return out;
}

}  // namespace

std::string to_base(Interp& in, V v, int base) {
  // digits of |v|, by repeated division on big values
  std::string out;
  V x = v;
  bool r = false;
  num_compare(in, Cmp::lt, x, V::integer(0), r);
  if (r) {
    V y;
    num_unary(in, '-', x, y);
    x = y;
  }
  if (base == 10) return num_repr(in, x.is_bool() ? V::integer(x.i) : x);
  if (x.is(Kind::bigint)) return num_digits(x, base == 2 ? 1 : base == 8 ? 3 : 4);
  const V b = V::integer(base);
  for (;;) {
    V q, m;
    num_binary(in, Op::floordiv, x, b, q);
    num_binary(in, Op::mod, x, b, m);
    out += "0123456789abcdef"[m.i];
    x = q;
    if (!num_truth(x)) break;
  }
  return {out.rbegin(), out.rend()};
}

namespace {

std::string float_body(double d, char type, std::int64_t precision, bool alt) {
  char buf[64];
  if (std::isinf(d)) return type == 'F' || type == 'E' || type == 'G' ? "INF" : "inf";
  if (std::isnan(d)) return type == 'F' || type == 'E' || type == 'G' ? "NAN" : "nan";
  std::string f = alt ? "%#." : "%.";
  f += "*";
  f += type == 'n' ? 'g' : type;
  const int n = std::snprintf(buf, sizeof buf, f.c_str(), static_cast<int>(precision), d);
  if (n < static_cast<int>(sizeof buf)) return buf;
  std::string big(static_cast<std::size_t>(n) + 1, 0);
  std::snprintf(big.data(), big.size(), f.c_str(), static_cast<int>(precision), d);
  big.pop_back();
  return big;
}

}  // namespace

std::string format_int(Interp& in, V v, const Spec& p) {
  bool negative = false;
  num_compare(in, Cmp::lt, v, V::integer(0), negative);
  std::string sign = negative ? "-" : p.sign == '-' ? "" : std::string(1, p.sign);
  if (p.precision >= 0)
    in.raise(in.t.ValueError, "Precision not allowed in integer format specifier");
  if (p.no_negative_zero)
    in.raise(in.t.ValueError, "Negative zero coercion (z) not allowed in integer format specifier");
  const int base = p.type == 'b' ? 2 : p.type == 'o' ? 8 : p.type == 'x' || p.type == 'X' ? 16 : 10;
  std::string body;
  if (p.type == 'c') {
    const std::int64_t c = in.index(v);
    std::string out;
    V s = in.call(*in.find(in.builtins, in.intern("chr")), {V::integer(c)});
    return pad(in, p, "", std::string(s.as<Str>()->view()), '<');
  }
  body = to_base(in, v, base);
  if (p.type == 'X')
    for (char& c : body) c = static_cast<char>(std::toupper(c));
  if (p.group) {
    const std::size_t min = p.zero && p.width > static_cast<std::int64_t>(sign.size())
                                ? static_cast<std::size_t>(p.width) - sign.size()
                                : 0;
    body = group(body, p.group, base == 10 ? 3 : 4, min);
  }
  if (p.alt && base != 10)
    sign += base == 2 ? "0b" : base == 8 ? "0o" : p.type == 'X' ? "0X" : "0x";
  return pad(in, p, sign, body, '>');
}

std::string format_real(Interp& in, double d, const Spec& p) {
  bool negative = std::signbit(d) && !std::isnan(d);
  if (negative && p.no_negative_zero) {
    Spec plain = p;
    plain.no_negative_zero = false;
    plain.width = 0;
    if (format_real(in, d, plain).find_first_of("123456789infn") == std::string::npos)
      negative = false;
  }
  const std::string sign = negative ? "-" : p.sign == '-' ? "" : std::string(1, p.sign);
  const double m = std::fabs(d);
  std::string body;
  if (!p.type && p.precision < 0) {
    body = float_repr(m);
  } else if (!p.type) {
    // like g, but with a digit after the point, and in exponent form one digit earlier
    const std::int64_t digits = p.precision ? p.precision : 1;
    const std::string x = float_body(m, 'e', digits - 1, p.alt);
    const auto e = x.find('e');
    if (e != std::string::npos && std::atoi(x.c_str() + e + 1) + 1 > digits - 1) {
      std::string head = x.substr(0, e);
      if (!p.alt && head.find('.') != std::string::npos) {
        head.erase(head.find_last_not_of('0') + 1);
        if (head.back() == '.') head.pop_back();
      }
      body = head + x.substr(e);
    } else {
      body = float_body(m, 'g', digits, p.alt);
      if (std::isfinite(m) && body.find_first_of(".e") == std::string::npos) body += ".0";
    }
  } else if (p.type == '%') {
    body = float_body(m * 100, 'f', p.precision < 0 ? 6 : p.precision, p.alt) + "%";
  } else {
    body = float_body(m, p.type,
                      p.precision < 0 ? 6
                      : p.precision == 0 && (p.type == 'g' || p.type == 'G' || p.type == 'n')
                          ? 1
                          : p.precision,
                      p.alt);
  }
  if (p.group) {
    const auto end = body.find_first_not_of("0123456789");
    const std::string rest = end == std::string::npos ? "" : body.substr(end);
    const std::size_t taken = sign.size() + rest.size();
    const std::size_t min = p.zero && p.width > static_cast<std::int64_t>(taken)
                                ? static_cast<std::size_t>(p.width) - taken
                                : 0;
    body = group(body.substr(0, end), p.group, 3, min) + rest;
  }
  return pad(in, p, sign, body, '>');
}

bool format_native(Interp& in, V v, std::string_view text, V& out) {
  const V u = in.unbox(v);
  const bool number = u.is_int() || u.is_bool() || u.is_real() || u.is(Kind::bigint);
  if (!number && !v.is(Kind::str) && !v.is_none()) return false;
  if (text.empty()) {
    out = in.str(in.str_of(v));
    return true;
  }
  if (v.is_none())
    in.raise(in.t.TypeError, "unsupported format string passed to NoneType.__format__");
  Spec p;
  parse(in, text, p);
  auto bad = [&]() {
    in.raise(in.t.ValueError, std::string("Unknown format code '") + p.type +
                                  "' for object of type '" + in.type_name(v) + "'");
  };
  if (v.is(Kind::str)) {
    if (p.type && p.type != 's') bad();
    if (p.sign != '-') in.raise(in.t.ValueError, "Sign not allowed in string format specifier");
    if (p.group)
      in.raise(in.t.ValueError, std::string("Cannot specify '") + p.group + "' with 's'.");
    if (p.no_negative_zero)
      in.raise(in.t.ValueError,
               "Negative zero coercion (z) not allowed in string format specifier");
    if (p.alt)
      in.raise(in.t.ValueError, "Alternate form (#) not allowed in string format specifier");
    if (p.align == '=' && !p.zero)
      in.raise(in.t.ValueError, "'=' alignment not allowed in string format specifier");
    if (p.zero) p.align = '<';
    std::string s(v.as<Str>()->view());
    if (p.precision >= 0 && static_cast<std::int64_t>(v.as<Str>()->nchars) > p.precision) {
      std::size_t at = 0;
      for (std::int64_t k = 0; k < p.precision; ++k)
        at += char_size(std::string_view(s).substr(at));
      s.resize(at);
    }
    out = in.str(pad(in, p, "", s, '<'));
    return true;
  }
  if (u.is_real()) {
    if (p.type && std::string_view("eEfFgGn%").find(p.type) == std::string_view::npos) bad();
    out = in.str(format_real(in, u.f, p));
    return true;
  }
  if (p.type && std::string_view("eEfFgG%").find(p.type) != std::string_view::npos) {
    double d;
    in.as_double(u, d);
    out = in.str(format_real(in, d, p));
    return true;
  }
  if (p.type && std::string_view("bcdnoxX").find(p.type) == std::string_view::npos) bad();
  if (u.is_bool() && !p.type) {
    out = in.str(
        pad(in, p, "", p.width || p.align ? num_repr(in, V::integer(u.i)) : num_repr(in, u), '>'));
    return true;
  }
  out = in.str(format_int(in, u, p));
  return true;
}

namespace {

V field_value(Interp& in, const Args& a, Dict* map, std::string_view name, std::int64_t& next) {
  std::size_t end = name.find_first_of(".[");
  const std::string_view first = name.substr(0, end);
  V v;
  const bool digits =
      !first.empty() && first.find_first_not_of("0123456789") == std::string_view::npos;
  if (first.empty() || digits) {
    if (first.empty() && next < 0)
      in.raise(in.t.ValueError,
               "cannot switch from manual field specification to automatic field numbering");
    if (digits && next > 0)
      in.raise(in.t.ValueError,
               "cannot switch from automatic field numbering to manual field specification");
    if (first.size() > 18) in.raise(in.t.ValueError, "Too many decimal digits in format string");
    const std::int64_t i = first.empty() ? next++ : std::atoll(std::string(first).c_str());
    if (digits) next = -1;
    if (map) in.raise(in.t.ValueError, "Format string contains positional fields");
    if (i + 1 >= static_cast<std::int64_t>(a.npos))
      in.raise(in.t.IndexError, "Replacement index " + std::to_string(i) +
                                    " out of range for positional args tuple");
    v = a[static_cast<std::uint32_t>(i) + 1];
  } else if (map) {
    v = in.getitem(V(map), in.str(first));
  } else {
    v = Interp::kwarg(a, first);
    if (v.is_undef()) {
      V e = in.call(V(in.t.KeyError), {in.str(first)});
      in.raise(e);
    }
  }
  while (end != std::string_view::npos && end < name.size()) {
    if (name[end] == '.') {
      const std::size_t stop = name.find_first_of(".[", end + 1);
      v = in.getattr(v, in.intern(name.substr(
                            end + 1, stop == std::string_view::npos ? stop : stop - end - 1)));
      end = stop;
    } else {
      const std::size_t close = name.find(']', end);
      if (close == std::string_view::npos)
        in.raise(in.t.ValueError, "Missing ']' in format string");
      const std::string_view key = name.substr(end + 1, close - end - 1);
      const bool num =
          !key.empty() && key.find_first_not_of("0123456789") == std::string_view::npos;
      if (num && key.size() > 18)
        in.raise(in.t.ValueError, "Too many decimal digits in format string");
      v = in.getitem(v, num ? V::integer(std::atoll(std::string(key).c_str())) : in.str(key));
      end = close + 1;
    }
  }
  return v;
}

V format_text(Interp& in, const Args& a, Dict* map, std::string_view s, std::int64_t& next,
              int level) {
  if (level > 2) in.raise(in.t.ValueError, "Max string recursion exceeded");
  std::string out;
  for (std::size_t i = 0; i < s.size();) {
    if (s[i] == '{' && i + 1 < s.size() && s[i + 1] == '{') {
      out += '{';
      i += 2;
      continue;
    }
    if (s[i] == '}') {
      if (i + 1 < s.size() && s[i + 1] == '}') {
        out += '}';
        i += 2;
        continue;
      }
      in.raise(in.t.ValueError, "Single '}' encountered in format string");
    }
    if (s[i] != '{') {
      out += s[i++];
      continue;
    }
    std::size_t depth = 1, j = i + 1;
    while (j < s.size() && depth) {
      if (s[j] == '{') ++depth;
      if (s[j] == '}') --depth;
      ++j;
    }
    if (depth)
      in.raise(in.t.ValueError, i + 1 >= s.size() ? "Single '{' encountered in format string"
                                                  : "expected '}' before end of string");
    std::string_view body = s.substr(i + 1, j - i - 2);
    i = j;
    std::size_t colon = std::string_view::npos, bracket = 0;
    for (std::size_t k = 0; k < body.size(); ++k) {
      if (body[k] == '[') ++bracket;
      if (body[k] == ']' && bracket) --bracket;
      if (!bracket && (body[k] == ':' || body[k] == '!')) {
        colon = k;
        break;
      }
    }
    std::string_view name = body.substr(0, colon), spec;
    char conversion = 0;
    if (colon != std::string_view::npos) {
      if (body[colon] == '!') {
        conversion = colon + 1 < body.size() ? body[colon + 1] : 0;
        if (colon + 2 < body.size() && body[colon + 2] == ':') spec = body.substr(colon + 3);
      } else {
        spec = body.substr(colon + 1);
      }
    }
    V v = field_value(in, a, map, name, next);
    std::string real(spec);
    if (spec.find('{') != std::string_view::npos) {
      const V r = format_text(in, a, map, spec, next, level + 1);
      if (r.is(Kind::unknown)) return r;
      real = r.as<Str>()->view();
    }
    if (v.is(Kind::unknown)) return v;
    if (conversion == 'r') v = in.str(in.repr_of(v));
    if (conversion == 'a') v = in.call(*in.find(in.builtins, in.intern("ascii")), {v});
    if (conversion == 's') v = in.str(in.str_of(v));
    if (conversion && conversion != 'r' && conversion != 's' && conversion != 'a')
      in.raise(in.t.ValueError, std::string("Unknown conversion specifier ") + conversion);
    const V r = in.format(v, real);
    if (r.is(Kind::unknown)) return r;
    out += r.as<Str>()->view();
    in.check_text(out.size());
  }
  return in.str(out);
}

}  // namespace

V str_format_method(Interp& in, const Args& a) {
  std::int64_t next = 0;
  return format_text(in, a, nullptr, a[0].as<Str>()->view(), next, 0);
}

V str_format_map(Interp& in, const Args& a) {
  std::int64_t next = 0;
  if (!a[1].is(Kind::dict)) in.raise(in.t.TypeError, "format_map() argument must be a mapping");
  return format_text(in, a, a[1].as<Dict>(), a[0].as<Str>()->view(), next, 0);
}

}  // namespace kdex::py
