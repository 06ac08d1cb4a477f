// core/python/machine/regimes.h: reads origins back to sizes and writes comparisons with one side
// constant.
#include "core/python/machine/regimes.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <iterator>
#include <numeric>
#include <set>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using Impl = Interp::Impl;

namespace {

constexpr std::string_view kSize = "a size of the step";   // the file of its origin
constexpr std::size_t kLongest = 120;                      // of a formula that is shown
constexpr std::size_t kLongestKey = 400, kMostTerms = 64;  // beyond, a formula is a term of its own

/// For a positive divisor.
std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool is_size(const OriginEntry& e) {
  return e.kind == Origin::Kind::deployment && e.file != nullptr && e.file->view() == kSize;
}

/// "extend_len" of "extend_len.2".
std::string without_place(std::string_view name) {
  const auto dot = name.rfind('.');
  const bool has_place =
      dot != std::string_view::npos && dot + 1 < name.size() &&
      std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1, name.end(),
                  [](unsigned char c) { return std::isdigit(c) != 0; });
  return std::string(has_place ? name.substr(0, dot) : name);
}

/// "2*num_tokens - batch_size"; terms that are alike but for their place are one sum.
std::string shown(const SizeForm& form) {
  std::map<std::pair<std::string, std::int64_t>, int> like;
  for (const auto& [key, t] : form.terms) ++like[{t.shown(), t.factor}];
  std::string out;
  for (const auto& [term, n] : like) {
    const auto& [name, factor] = term;
    out += out.empty() ? (factor < 0 ? "-" : "") : (factor < 0 ? " - " : " + ");
    if (std::abs(factor) != 1) out += std::to_string(std::abs(factor)) + "*";
    out += n > 1 ? "sum(" + name + ")" : name;
  }
  return out;
}

std::string with_constant(const SizeForm& form) {
  std::string out = shown(form);
  if (form.constant == 0 && !out.empty()) return out;
  if (out.empty()) return std::to_string(form.constant);
  return out + (form.constant < 0 ? " - " : " + ") + std::to_string(std::abs(form.constant));
}

/// All that tells a form from another, places included.
std::string key_of(const SizeForm& form) {
  std::string out;
  for (const auto& [key, t] : form.terms) out += std::to_string(t.factor) + "*" + key + "+";
  return out + std::to_string(form.constant);
}

class Reader {
 public:
  Reader(Impl& im, Regimes& regimes) : im_(im), r_(regimes) {}

  bool leads(std::uint32_t id) {
    if (id == 0 || (id & kLiteral) != 0) return false;
    if (id >= r_.leads.size()) r_.leads.resize(id + 1024, 0);
    if (r_.leads[id] != 0) return r_.leads[id] == 2;
    const OriginEntry e = im_.origins[id];
    bool yes = is_size(e);
    for (std::uint8_t i = 0; !yes && i < e.operands; ++i) yes = leads(e.in[i]);
    r_.leads[id] = yes ? 2 : 1;
    return yes;
  }

  SizeForm of(V v) { return leads(v.org) ? of(v.org) : constant(v.i); }

 private:
  std::int64_t literal(std::uint32_t id) const {
    const std::uint32_t at = id & ~kLiteral;
    const ModCtx& file = im_.file_of(at);
    const Node& n = file.ast->node(at - file.first_node);
    const auto bits = static_cast<std::uint64_t>(n.c) << 32 | n.b;
    return n.kind == N::const_int ? static_cast<std::int64_t>(bits) : n.kind == N::const_true;
  }

  static SizeForm constant(std::int64_t n) {
    SizeForm f;
    f.constant = n;
    return f;
  }

  static SizeForm term(std::string key, std::string text, std::int64_t least) {
    SizeForm f;
    f.add({{std::move(key), std::move(text), least}}, 1);
    return f;
  }

  SizeForm of(std::uint32_t id) {
    if (id & kLiteral) return constant(literal(id));
    if (!leads(id)) return constant(im_.origins[id].value);
    if (const auto known = r_.forms.find(id); known != r_.forms.end()) return known->second;
    SizeForm f = read(im_.origins[id]);
    const bool is_long =
        f.terms.size() > kMostTerms ||
        std::any_of(f.terms.begin(), f.terms.end(), [](const auto& t) {
          return t.first.size() > kLongestKey || t.second.shown().size() > kLongest;
        });
    if (is_long) f = term("#" + std::to_string(id), std::string(kLongest + 1, '.'), 0);
    r_.forms.emplace(id, f);
    return f;
  }

  SizeForm read(const OriginEntry& e) {
    if (is_size(e)) {
      // A size that is another under a second name is that one.
      if (e.operands == 1 && leads(e.in[0]) && is_size(im_.origins[e.in[0]])) return of(e.in[0]);
      const std::string name(e.text.name->view());
      return term(name, without_place(name), e.at);
    }
    if (e.kind != Origin::Kind::operation) return of(e.in[0]);
    const std::string_view op = e.text.op;
    if (e.operands == 1) {
      if (op == "int" || op == "round") return of(e.in[0]);
      SizeForm f;
      if (op == "-") f.add(of(e.in[0]), -1);
      return op == "-" ? f : formula(e, op);
    }
    if (op == "+" || op == "sum" || op == "-") {
      SizeForm f = of(e.in[0]);
      f.add(of(e.in[1]), op == "-" ? -1 : 1);
      return f;
    }
    if (op == "*") {
      const SizeForm a = of(e.in[0]), b = of(e.in[1]);
      if (a.terms.size() * b.terms.size() <= kMostTerms) return a.times(b);
    }
    if (op == "//" || op == "%") return quotient(e, op);
    return formula(e, op);
  }

  /// Of what the divisor divides whatever the sizes, no formula is left.
  SizeForm quotient(const OriginEntry& e, std::string_view op) {
    SizeForm f = of(e.in[0]);
    SizeForm by = of(e.in[1]);
    if (by.terms.size() == 1 && by.constant == 0 && f.constant == 0 && cancel(f, by)) {
      if (op == "%") return constant(0);
    }
    const bool divides = by.terms.empty() && by.constant > 0 &&
                         std::all_of(f.terms.begin(), f.terms.end(), [&](const auto& t) {
                           return t.second.factor % by.constant == 0;
                         });
    if (!divides) return formula(e, op);
    const std::int64_t whole = floor_div(f.constant, by.constant);
    if (op == "%") return constant(f.constant - whole * by.constant);
    for (auto& [key, t] : f.terms) t.factor /= by.constant;
    f.constant = whole;
    return f;
  }

  /// Takes a single term's sizes out of `f` where each of its terms has them: `by` is then a
  /// number.
  static bool cancel(SizeForm& f, SizeForm& by) {
    const SizeForm::Term divisor = by.terms.begin()->second;
    SizeForm out;
    for (const auto& [key, t] : f.terms) {
      std::vector<SizeForm::Atom> rest;
      if (!std::includes(t.atoms.begin(), t.atoms.end(), divisor.atoms.begin(),
                         divisor.atoms.end()) ||
          t.factor % divisor.factor != 0)
        return false;
      std::set_difference(t.atoms.begin(), t.atoms.end(), divisor.atoms.begin(),
                          divisor.atoms.end(), std::back_inserter(rest));
      if (rest.empty())
        out.constant += t.factor;
      else
        out.add(std::move(rest), t.factor);
    }
    f = std::move(out);
    by = constant(divisor.factor);
    return true;
  }

  /// What is no sum: "num_tokens // 16", "max(extend_len)".
  SizeForm formula(const OriginEntry& e, std::string_view op) {
    const bool is_call = std::isalpha(static_cast<unsigned char>(op.front())) != 0;
    std::vector<std::uint32_t> operands(e.in, e.in + e.operands);
    while (is_call && !(operands.front() & kLiteral) && leads(operands.front())) {
      const OriginEntry& first = im_.origins[operands.front()];  // max(max(a, b), c)
      if (first.kind != Origin::Kind::operation || first.text.op != op || first.operands != 2)
        break;
      operands.front() = first.in[0];
      operands.insert(operands.begin() + 1, first.in[1]);
    }
    std::string key, text;
    std::set<std::string> said;
    std::vector<std::optional<std::int64_t>> least;
    for (const auto id : operands) {
      const SizeForm f = of(id);
      least.push_back(f.least());
      std::string one = with_constant(f);
      key += (key.empty() ? "" : ",") + key_of(f);
      if (!is_call && f.terms.size() + (f.constant != 0) > 1) one = "(" + one + ")";
      if (!is_call || said.insert(one).second)
        text += (text.empty() ? "" : is_call ? ", " : " " + std::string(op) + " ") + one;
    }
    const std::string name(op);
    return term(name + "(" + key + ")", is_call ? name + "(" + text + ")" : text,
                least_of(op, least));
  }

  /// The least value of a formula of these: 0 where nothing better is known, as sizes are counts.
  static std::int64_t least_of(std::string_view op,
                               const std::vector<std::optional<std::int64_t>>& of) {
    const auto known = [](const auto& n) { return n.has_value(); };
    if (!std::all_of(of.begin(), of.end(), known)) return 0;
    if (op == "max") return **std::max_element(of.begin(), of.end());
    if (op == "min") return **std::min_element(of.begin(), of.end());
    return op == "//" && *of[1] > 0 ? floor_div(*of[0], *of[1]) : 0;
  }

  Impl& im_;
  Regimes& r_;
};

constexpr std::string_view kSigns[] = {"==", "!=", "<", "<=", ">", ">="};
constexpr Cmp kSwapped[] = {Cmp::eq, Cmp::ne, Cmp::gt, Cmp::ge, Cmp::lt, Cmp::le};

/// Divides both sides by what all factors share. False where no size meets the bound.
bool reduce(SizeForm& f, Cmp op, std::int64_t& bound) {
  std::int64_t shared = 0;
  for (const auto& [key, t] : f.terms) shared = std::gcd(shared, t.factor);
  if (shared <= 1) return true;
  for (auto& [key, t] : f.terms) t.factor /= shared;
  if ((op == Cmp::eq || op == Cmp::ne) && bound % shared != 0) return false;
  const bool up = op == Cmp::lt || op == Cmp::ge;
  bound = up ? -floor_div(-bound, shared) : floor_div(bound, shared);
  return true;
}

/// Whether every size goes the same way.
bool is_settled(const SizeForm& f, Cmp op, std::int64_t bound) {
  const auto least = f.least();
  return least && (bound < *least || (bound == *least && (op == Cmp::lt || op == Cmp::ge)));
}

}  // namespace

void SizeForm::add(const SizeForm& other, std::int64_t factor) {
  constant += other.constant * factor;
  for (const auto& [key, t] : other.terms) add(t.atoms, t.factor * factor);
}

void SizeForm::add(std::vector<Atom> atoms, std::int64_t factor) {
  std::sort(atoms.begin(), atoms.end());
  std::string key;
  for (const auto& a : atoms) key += (key.empty() ? "" : "*") + a.key;
  Term& mine = terms[key];
  mine.factor += factor;
  mine.atoms = std::move(atoms);
  if (mine.factor == 0) terms.erase(key);
}

SizeForm SizeForm::times(const SizeForm& other) const {
  SizeForm out;
  out.add(other, constant);
  SizeForm sizes = *this;
  sizes.constant = 0;
  out.add(sizes, other.constant);
  for (const auto& [key, a] : terms)
    for (const auto& [other_key, b] : other.terms) {
      std::vector<Atom> atoms = a.atoms;
      atoms.insert(atoms.end(), b.atoms.begin(), b.atoms.end());
      out.add(std::move(atoms), a.factor * b.factor);
    }
  return out;
}

std::string SizeForm::Term::shown() const {
  std::string out;
  const bool alone = atoms.size() == 1 && std::abs(factor) <= 1;
  for (const auto& a : atoms) {
    const bool is_open =
        !alone && a.shown.find(' ') != std::string::npos && !a.shown.ends_with(')');
    out += (out.empty() ? "" : "*") + (is_open ? "(" + a.shown + ")" : a.shown);
  }
  return out;
}

std::int64_t SizeForm::Term::least() const {
  std::int64_t out = 1;
  for (const auto& a : atoms) out *= a.least;
  return out;
}

std::optional<std::int64_t> SizeForm::least() const {
  std::int64_t sum = constant;
  for (const auto& [key, t] : terms) {
    if (t.factor < 0) return std::nullopt;
    sum += t.factor * t.least();
  }
  return sum;
}

/// The comparison of `a` with `b` as one with a constant, for `found`; false where sizes do not
/// decide it.
static bool bound_of(Impl& im, Cmp op, V a, V b, SizeBound& out) {
  Reader reader(im, *im.regimes);
  SizeForm f = reader.of(a);
  f.add(reader.of(b), -1);
  if (f.terms.empty()) return false;
  std::int64_t bound = -f.constant;
  f.constant = 0;
  if (f.terms.begin()->second.factor < 0 &&
      std::all_of(f.terms.begin(), f.terms.end(),
                  [](const auto& t) { return t.second.factor < 0; })) {
    SizeForm other;
    other.add(f, -1);
    f = std::move(other);
    bound = -bound;
    op = kSwapped[static_cast<int>(op)];
    std::swap(a, b);
  }
  const std::int64_t value = bound + a.i - b.i;
  std::int64_t shared = 0;
  for (const auto& [key, t] : f.terms) shared = std::gcd(shared, t.factor);
  if (!reduce(f, op, bound) || is_settled(f, op, bound)) return false;
  out.size = shown(f);
  out.relation = kSigns[static_cast<int>(op)];
  out.bound = bound;
  out.value = value / std::max<std::int64_t>(shared, 1);
  return out.size.size() <= kLongest;
}

void Impl::note_compare(const Frame& f, std::uint32_t line, Cmp op, V a, V b, V result) {
  Regimes& r = *regimes;
  if (!f.ctx || !f.ctx->literals || op > Cmp::ge || !a.is_int() || !b.is_int() || !result.is_bool())
    return;
  Reader reader(*this, r);
  const bool leads_a = reader.leads(a.org), leads_b = reader.leads(b.org);
  if (!leads_a && !leads_b) return;
  // What equals a size and was computed from none is the size itself, by a way that keeps no
  // origin.
  const V& other = leads_a ? b : a;
  const bool is_computed = other.org == 0 || (!(other.org & kLiteral) &&
                                              origins[other.org].kind == Origin::Kind::operation);
  if (a.i == b.i && a.i != 0 && leads_a != leads_b && is_computed) return;
  const std::int64_t parts[] = {f.ctx->index,    line,           static_cast<int>(op), a.org, b.org,
                                a.org ? 0 : a.i, b.org ? 0 : b.i};
  std::string key(sizeof parts, '\0');
  std::memcpy(key.data(), parts, sizeof parts);
  const auto [at, fresh] = r.seen.try_emplace(std::move(key), 0);
  if (fresh) {
    SizeBound one;
    if (!bound_of(*this, op, a, b, one)) return;
    one.holds = result.i != 0;
    one.file = std::string(f.ctx->ast->file);
    one.line = static_cast<int>(line);
    const auto same = std::find_if(r.found.begin(), r.found.end(), [&](const SizeBound& s) {
      return s.line == one.line && s.file == one.file && s.size == one.size &&
             s.relation == one.relation && s.bound == one.bound && s.holds == one.holds;
    });
    if (same == r.found.end() && r.found.size() >= Regimes::most) return;
    at->second = static_cast<std::size_t>(same - r.found.begin()) + 1;
    if (same == r.found.end()) r.found.push_back(std::move(one));
  }
  if (at->second != 0 && r.counts) ++r.found[at->second - 1].count;
}

V size_of_step(Interp& in, Str* name, V v, std::int64_t least) {
  if (!v.is_int()) return v;
  OriginEntry e;
  e.kind = Origin::Kind::deployment;
  e.text.name = in.intern(name->view());
  e.file = in.intern(kSize);
  e.at = static_cast<std::uint32_t>(least);
  e.hold(v);
  if (v.org) {
    OriginTable& table = in.impl->origins;
    e.operands = 1;
    e.in[0] = v.org;
    e.depth = static_cast<std::uint16_t>(table.depth(v.org) + 1);
  }
  return V::integer(v.i, in.impl->origins.add(e));
}

void watch_sizes(Interp& in, V how) {
  Impl& im = *in.impl;
  im.watches = !how.is_none();
  if (!im.watches) return;
  if (!im.regimes) im.regimes = std::make_unique<Regimes>();
  im.regimes->counts = in.truth(how);
}

void note_compared(Interp& in, Str* relation, V a, V b, V outcome) {
  Impl& im = *in.impl;
  if (!im.watches) return;
  const Frame* f = im.top;
  while (f && f->ctx && !f->ctx->literals) f = f->back;
  const auto* const sign = std::find(std::begin(kSigns), std::end(kSigns), relation->view());
  if (sign == std::end(kSigns)) in.raise(in.t.ValueError, "expected a sign of a comparison");
  if (!f || !f->ctx) return;
  OriginEntry entry;  // one of a list is a bound, where it equals the size too
  entry.kind = Origin::Kind::literal;
  for (V* v : {&a, &b})
    if (v->is_int() && !Reader(im, *im.regimes).leads(v->org)) {
      entry.hold(*v);
      v->org = im.origins.add(entry);
    }
  im.note_compare(*f, f->line, static_cast<Cmp>(sign - kSigns), a, b, outcome);
}

V take_regimes(Interp& in) {
  Impl& im = *in.impl;
  List* out = in.list(0);
  const V keep(out);
  if (!im.regimes) return keep;
  for (const SizeBound& s : im.regimes->found)
    in.append(out, in.tuple({in.str(s.size), in.str(s.relation), V::integer(s.bound),
                             V::integer(s.value), V::boolean(s.holds), V::integer(s.count),
                             in.str(s.file), V::integer(s.line)}));
  im.regimes.reset();
  return keep;
}

}  // namespace kdex::py
