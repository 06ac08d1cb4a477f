// machine.h: the calls of the door, and views as windows on the machine's objects.
#include "core/python/machine.h"

#include <algorithm>
#include <bit>

#include <kdex/error.h>

#include "core/python/machine/image.h"
#include "core/python/machine/impl.h"
#include "core/python/machine/room.h"
#include "core/python/snapshot.h"
#include "core/python/sources.h"
#include "core/python/text/json.h"

namespace kdex::py {

// ---------------------------------------------------------------- views

View::View(Interp* in, const V& held) : in_(in), origin_(held.org) {
  const V v = is_choice(held) ? in->decided(held) : held;
  tag_ = static_cast<std::uint8_t>(v.tag);
  bits_ = v.i;
}

V View::value() const {
  V v;
  v.tag = static_cast<Tag>(tag_);
  v.org = origin_;
  v.i = bits_;
  return v;
}

bool View::is_object() const { return tag_ == static_cast<std::uint8_t>(Tag::object); }

const void* View::identity() const { return is_object() ? value().o : nullptr; }

View::Kind View::kind() const {
  switch (static_cast<Tag>(tag_)) {
    case Tag::undef:
      return Kind::absent;
    case Tag::none:
      return Kind::none;
    case Tag::boolean:
      return Kind::boolean;
    case Tag::integer:
      return Kind::integer;
    case Tag::real:
      return Kind::real;
    case Tag::object:
      break;
  }
  switch (value().o->kind) {
    case py::Kind::str:
      return Kind::text;
    case py::Kind::boxed:
      return Kind::boxed;
    case py::Kind::bigint:
      return Kind::big_integer;
    case py::Kind::unknown:
      return Kind::unknown;
    case py::Kind::list:
      return Kind::list;
    case py::Kind::tuple:
      return Kind::tuple;
    case py::Kind::set:
      return Kind::set;
    case py::Kind::dict:
      return Kind::dict;
    case py::Kind::function:
      return Kind::function;
    case py::Kind::method:
      return Kind::method;
    case py::Kind::builtin:
      return Kind::builtin;
    case py::Kind::type:
      return Kind::type;
    case py::Kind::exception:
      return Kind::exception;
    default:
      return Kind::object;
  }
}

double View::real() const { return value().f; }

std::string_view View::text() const {
  const V v = value();
  const Str* s = nullptr;
  switch (kind()) {
    case Kind::text:
      s = v.as<Str>();
      break;
    case Kind::unknown:
      s = v.as<Unknown>()->why;
      break;
    case Kind::function:
      s = v.as<Function>()->qualname;
      break;
    case Kind::builtin:
      return v.as<Builtin>()->name;
    default:
      break;
  }
  return s ? s->view() : std::string_view();
}

View View::unboxed() const { return {in_, value().as<Boxed>()->value}; }

View View::function() const { return {in_, value().as<Method>()->func}; }

std::uint32_t View::size() const {
  switch (kind()) {
    case Kind::list:
      return value().as<List>()->n;
    case Kind::tuple:
      return value().as<Tuple>()->n;
    case Kind::dict:
      return value().as<Dict>()->live;
    default:
      return 0;
  }
}

View View::item(std::uint32_t i) const {
  return {in_, is(Kind::list) ? value().as<List>()->at[i] : value().as<Tuple>()->at[i]};
}

void View::each_element(FunctionRef<bool(View)> f) const {
  const Dict* d = value().as<Set>()->d;
  for (std::uint32_t i = 0; i < d->used; ++i)
    if (!d->e[i].key.is_undef() && !f(View(in_, d->e[i].key))) return;
}

void View::each_entry(FunctionRef<void(std::uint32_t, View, View)> f) const {
  const Dict* d = value().as<Dict>();
  for (std::uint32_t i = 0; i < d->used; ++i)
    if (!d->e[i].key.is_undef()) f(i, View(in_, d->e[i].key), View(in_, d->e[i].val));
}

View View::entry(std::string_view key) const {
  const V* p = is(Kind::dict) ? in_->find(value().as<Dict>(), in_->intern(key)) : nullptr;
  return p ? View(in_, *p) : View();
}

ClassView View::type() const {
  const V v = value();
  return {in_, v.is_obj() ? v.o->cls : in_->type_of_small(v)};
}

ClassView View::as_class() const { return {in_, value().as<Type>()}; }

bool View::has_attributes() const { return is_object() && value().o->attrs; }

std::uint32_t View::attribute_count() const {
  return has_attributes() ? value().o->attrs->live : 0;
}

void View::each_attribute(FunctionRef<void(Name, View)> f) const {
  if (!has_attributes()) return;
  const Dict* d = value().o->attrs;
  for (std::uint32_t i = 0; i < d->used; ++i) {
    if (!d->e[i].key.is(py::Kind::str)) continue;
    const Str* name = in_->intern(d->e[i].key.as<Str>());
    f({name, name->view()}, View(in_, d->e[i].val));
  }
}

View View::attribute(Name name) const {
  if (!has_attributes()) return {};
  const V* p = in_->find(value().o->attrs, static_cast<Str*>(const_cast<void*>(name.id)));
  return p ? View(in_, *p) : View();
}

void View::each_slot(FunctionRef<void(Name, View)> f) const {
  const V v = value();
  if (!v.is(py::Kind::instance)) return;
  const Type* cls = v.o->cls;
  for (std::uint32_t i = cls->nslots ? cls->nmro : 0; i-- > 0;) {
    const Dict* ns = cls->mro[i]->user ? cls->mro[i]->ns : nullptr;
    for (std::uint32_t k = 0; ns && k < ns->used; ++k) {
      if (!ns->e[k].val.is(py::Kind::member)) continue;
      const auto* m = ns->e[k].val.as<Member>();
      const V held = v.as<Slotted>()->slot[m->at];
      if (m->owner == cls->mro[i] && !held.is_undef())
        f({m->name, m->name->view()}, View(in_, held));
    }
  }
}

namespace {

/// Runs Python code for a view; its exceptions become Raised.
template <class F>
auto running(Interp& in, const F& f) {
  decltype(f()) out{};
  const V failed = in.caught([&] { out = f(); });
  if (failed.is_undef()) return out;
  std::string text = in.type_name(failed);
  in.caught([&] { text += ": " + in.str_of(failed); });  // its __str__ may raise as well
  throw Raised{text};
}

std::vector<std::string> traceback_of(Interp& in, V exc) {
  std::vector<std::string> out;
  if (!exc.is(Kind::exception)) return out;
  const auto* e = exc.as<Exc>();
  for (std::uint32_t i = 0; i < e->ntrace; ++i) {
    const TraceEntry& t = e->trace[i];
    std::string line(t.code->ast ? t.code->ast->file : "?");
    line += ":" + std::to_string(t.line) + " " +
            (t.code->qualname ? std::string(t.code->qualname->view()) : "?");
    if (in.impl->finder && t.code->ast) {
      const std::string source =
          in.impl->finder->read_line(std::string(t.code->ast->file), static_cast<int>(t.line));
      if (!source.empty()) line += ": " + source;
    }
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

View View::get(Name name) const {
  V out;
  const bool there = running(*in_, [&] {
    return in_->try_getattr(value(), static_cast<Str*>(const_cast<void*>(name.id)), out);
  });
  return there ? View(in_, out) : View();
}

std::string View::str() const {
  return running(*in_, [&] { return in_->str_of(value()); });
}

std::string View::repr() const {
  return running(*in_, [&] { return in_->repr_of(value()); });
}

SourcePlace View::created() const {
  SourcePlace p;
  if (!value().is(py::Kind::instance)) return p;
  const CreatedAt at = value().as<Instance>()->created;
  const auto& ctxs = in_->impl->ctxs;
  if (!at.context || at.context > ctxs.size()) return p;
  p.file = ctxs[at.context - 1]->ast->file;
  p.line = static_cast<int>(at.line);
  return p;
}

std::vector<std::string> View::traceback() const { return traceback_of(*in_, value()); }

// ---------------------------------------------------------------- classes

std::string ClassView::name() const { return std::string(type_->name->view()); }

std::string ClassView::module() const {
  if (type_->ns)
    if (const V* p = in_->find(type_->ns, in_->impl->s_module); p && p->is(Kind::str))
      return std::string(p->as<Str>()->view());
  return type_->defined_in ? std::string(type_->defined_in->name->view()) : "builtins";
}

std::string ClassView::qualified() const {
  const Str* name = type_->qualname ? type_->qualname : type_->name;
  return module() + "." + std::string(name->view());
}

bool ClassView::is(std::string_view name) const {
  for (std::uint32_t i = 0; i < type_->nmro; ++i)
    if (type_->mro[i]->name->view() == name) return true;
  return false;
}

std::uint32_t ClassView::mro_size() const { return type_->nmro; }

ClassView ClassView::mro(std::uint32_t i) const { return {in_, type_->mro[i]}; }

bool ClassView::in_python() const { return type_->user; }

SourcePlace ClassView::defined() const {
  SourcePlace p;
  if (!type_->defined_in || !type_->defined_in->lazy) return p;
  p.file = type_->defined_in->lazy->shown;
  p.line = static_cast<int>(type_->line);
  return p;
}

std::uint32_t ClassView::slot_count() const { return type_->nslots; }

void ClassView::each_name(FunctionRef<void(Name, View)> f) const {
  for (std::uint32_t k = 0; type_->ns && k < type_->ns->used; ++k) {
    const Dict::Entry& e = type_->ns->e[k];
    if (!e.key.is(Kind::str)) continue;
    const Str* name = in_->intern(e.key.as<Str>());
    f({name, name->view()}, View(in_, e.val));
  }
}

// ---------------------------------------------------------------- the machine

Machine::Machine(Finder& finder, const Host& host, const Bounds& bounds)
    : in_(new Interp(bounds.memory_bytes, bounds.steps, bounds.seconds),
          [](Interp* in) { delete in; }) {
  in_->impl->finder = &finder;
  in_->keep_all = true;  // callers hold views where the collector does not look
  set_host(*in_, &host);
}

namespace {

void end_in_room(Interp* in) { in->~Interp(); }

/// What every run of one isolate says of where its files lie.
void know_files(const Interp& in, Sources& sources) {
  for (const Lazy* l : in.impl->lazies)
    if (l->parsed) sources.know(std::string(l->shown), std::string(l->path));
}

}  // namespace

Machine::Machine(Sources& sources, const Host& host, const Bounds& bounds, Snapshots& snapshots,
                 const std::string& key, FunctionRef<bool(Machine&)> prepare)
    : in_(nullptr, end_in_room) {
  auto adopt = [&] {
    in_->impl->finder = &sources;
    in_->impl->host = &host;
    in_->impl->is_preparing = false;
    in_->keep_all = true;
  };
  auto take = [&](Interp* in) {
    if (!in || !is_indifferent(*in, host) ||
        !take_up(*in, bounds.memory_bytes, bounds.steps, bounds.seconds))
      return false;
    in_.reset(in);
    adopt();
    return true;
  };
  if (snapshots.is_on && !snapshots.is_given_up(key)) {
    room_ = std::make_unique<Room>();
    if (room_->place() >= 0) {
      if (Interp* in = snapshots.load(*room_, key)) {
        if (take(in)) {
          know_files(*in, sources);
          return;
        }
      } else {
        Host bare = host;
        bare.files.clear();
        bare.linked.clear();
        in_.reset(make_in(*room_, bounds.memory_bytes, bounds.steps, bounds.seconds));
        in_->impl->finder = &sources;
        in_->impl->is_preparing = in_->keep_all = true;
        set_host(*in_, &bare);
        if (prepare(*this)) {
          Interp* prepared = in_.release();
          snapshots.save(*room_, key, *prepared);
          if (take(prepared)) return;
          in_.reset(prepared);
        } else {
          snapshots.give_up(key);
        }
        in_.reset();
      }
    }
    room_.reset();
  }
  in_ = {new Interp(bounds.memory_bytes, bounds.steps, bounds.seconds),
         [](Interp* in) { delete in; }};
  adopt();
  set_host(*in_, &host);
}

Machine::~Machine() = default;

View Machine::text(std::string_view utf8) { return {in_.get(), in_->str(utf8)}; }

View Machine::number(std::string_view name, std::int64_t n, Origin::Kind kind) {
  return {in_.get(), named_origin(*in_, kind, name, V::integer(n))};
}

View Machine::choice(std::string_view name, const std::vector<std::int64_t>& values,
                     Origin::Kind kind) {
  const V v = named_origin(*in_, kind, name, in_->impl->choice(values));
  View out;
  out.in_ = in_.get();
  out.tag_ = static_cast<std::uint8_t>(v.tag);
  out.origin_ = v.org;
  out.bits_ = v.i;
  return out;
}

View Machine::json(std::string_view text, std::string_view file, Origin::Kind kind) {
  return {in_.get(), running(*in_, [&] { return json_loads(*in_, text, file, kind); })};
}

View Machine::truth(bool value) { return {in_.get(), V::boolean(value)}; }

View Machine::dict(const std::vector<std::pair<std::string, View>>& entries) {
  Dict* d = in_->dict();
  for (const auto& [name, view] : entries) in_->put(d, in_->intern(name), view.value());
  return {in_.get(), V(d)};
}

View Machine::list(const std::vector<View>& items) {
  List* l = in_->list(static_cast<std::uint32_t>(items.size()));
  for (const auto& item : items) in_->append(l, item.value());
  return {in_.get(), V(l)};
}

/// Calls `f`, and makes a result of what it throws.
template <class F>
Machine::Result Machine::guarded(const F& f) {
  Result r;
  try {
    const V failed = in_->caught([&] { f(r); });
    if (failed.is_undef()) return r;
    r.end = Result::End::raised;
    r.value = View(in_.get(), failed);
    const V silent = in_->caught([&] {
      r.error_type = in_->type_name(failed);
      r.where = traceback_of(*in_, failed);
      r.error = in_->str_of(failed);
    });
    if (!silent.is_undef()) {  // its text cannot be made
      r.error_type = "InternalError";
      r.error = "an exception while the model was read";
    }
  } catch (const LimitError& e) {
    r.end = Result::End::limit;
    r.error_type = "LimitError";
    r.error = e.what;
    r.where.clear();
    for (const Frame* frame = in_->impl->top; frame; frame = frame->back)
      if (frame->ast)
        r.where.insert(r.where.begin(),
                       std::string(frame->ast->file) + ":" + std::to_string(frame->line));
  } catch (const Raised& e) {
    r.end = Result::End::raised;
    r.error_type = "InternalError";
    r.error = e.text;
  }
  return r;
}

Machine::Result Machine::run(const std::string& driver, const char* function,
                             FunctionRef<View(Machine&)> request) {
  Result r = guarded([&](Result& result) {
    Module* module = in_->impl->import_module(driver);
    V f;
    if (!in_->impl->module_getattr(module, in_->intern(function), f))
      throw Error("the module " + driver + " has no function " + function);
    const V asked = request(*this).value();
    in_->keep_all = false;
    result.value = View(in_.get(), in_->call(f, {asked}));
  });
  in_->keep_all = true;
  return r;
}

bool Machine::has_function(const std::string& driver, const char* function) {
  bool found = false;
  const Result r = guarded([&](Result&) {
    V f;
    found = in_->impl->module_getattr(in_->impl->import_module(driver), in_->intern(function), f);
  });
  return found && r.end == Result::End::returned;
}

Machine::Result Machine::read(FunctionRef<void()> f) {
  return guarded([&](Result&) { f(); });
}

View Machine::call(const std::string& module, const char* function,
                   const std::vector<View>& arguments) {
  std::vector<V> values;
  for (const View& v : arguments) values.push_back(v.value());
  Args a;
  a.pos = values.data();
  a.npos = static_cast<std::uint32_t>(values.size());
  return {
      in_.get(), running(*in_, [&] {
        V f;
        if (!in_->impl->module_getattr(in_->impl->import_module(module), in_->intern(function), f))
          throw Error("the module " + module + " has no function " + function);
        return in_->call(f, a);
      })};
}

Name Machine::name(std::string_view text) {
  const Str* s = in_->intern(text);
  return {s, s->view()};
}

namespace {

void set_value(Origin& o, OriginEntry::Holds holds, std::int64_t bits) {
  o.has_value = holds == OriginEntry::Holds::integer || holds == OriginEntry::Holds::boolean;
  o.has_real = holds == OriginEntry::Holds::real;
  if (o.has_value) o.value = bits;
  if (o.has_real) o.real = std::bit_cast<double>(bits);
}

Origin literal(const Interp::Impl& im, std::uint32_t index) {
  using Holds = OriginEntry::Holds;
  const std::uint32_t at = index & ~kLiteral;
  const ModCtx& file = im.file_of(at);
  const Node& n = file.ast->node(at - file.first_node);
  Origin o;
  o.kind = Origin::Kind::literal;
  o.file = file.ast->file;
  o.line = static_cast<int>(n.line);
  o.column = n.col + 1;
  const auto bits = static_cast<std::int64_t>(static_cast<std::uint64_t>(n.c) << 32 | n.b);
  switch (n.kind) {
    case N::const_int:
      set_value(o, n.op ? Holds::nothing : Holds::integer, bits);
      o.text = n.op ? std::string(file.ast->str(n.a)) : std::to_string(bits);
      break;
    case N::const_float:
      set_value(o, Holds::real, bits);
      o.text = float_repr(o.real);
      break;
    default:
      set_value(o, Holds::boolean, n.kind == N::const_true);
      o.text = n.kind == N::const_true ? "True" : "False";
  }
  return o;
}

std::string way_text(const OriginEntry& e) {
  std::string name(e.text.name->view());
  const std::string owner(e.file ? e.file->view() : "");
  switch (e.way) {
    case Origin::Way::class_attribute:
      return owner + "." + name;
    case Origin::Way::default_value:
    case Origin::Way::attribute:
      return name + " of " + owner;
    case Origin::Way::entry:
      return "'" + name + "'";
    default:
      return name;
  }
}

}  // namespace

Origin Machine::origin(std::uint32_t index) const {
  const Interp::Impl& im = *in_->impl;
  if (index & kLiteral) return literal(im, index);
  const OriginEntry& e = im.origins[index];
  Origin o;
  o.kind = e.kind;
  o.way = e.way;
  set_value(o, e.holds, e.choice && im.shows ? im.choices[e.choice - 1][im.shown] : e.value);
  const ModCtx* file = e.context ? im.ctxs[e.context - 1u] : nullptr;
  if (file) o.file = file->ast->file;
  if (e.kind == Origin::Kind::operation) {
    o.text = e.text.op;
    o.line = static_cast<int>(e.at);
  } else if (e.kind == Origin::Kind::way) {
    o.text = way_text(e);
    o.line = static_cast<int>(file->ast->node(e.at).line);
    o.column = file->ast->node(e.at).col + 1;
  } else {
    if (e.text.name) o.text = e.text.name->view();
    if (e.file) o.file = e.file->view();
  }
  o.inputs.assign(e.in, e.in + e.operands);
  return o;
}

std::uint32_t Machine::origin_inputs(std::uint32_t index, std::uint32_t (&inputs)[2]) const {
  if (index & kLiteral) return 0;
  const OriginEntry& e = in_->impl->origins[index];
  std::copy_n(e.in, e.operands, inputs);
  return e.operands;
}

std::vector<Machine::Assumption> Machine::assumptions() const {
  std::vector<Assumption> out;
  for (const AssumptionEntry& a : in_->impl->assumptions)
    out.push_back({{a.file, a.line}, a.condition, a.reason});
  return out;
}

std::int64_t Machine::unknowns() const { return in_->impl->unknowns; }

std::int64_t Machine::calls() const { return in_->impl->calls; }

std::vector<std::string> Machine::files() const {
  std::vector<std::string> out;
  for (const auto& c : in_->impl->ctxs)
    if (!c->ast->file.empty()) out.emplace_back(c->ast->file);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::size_t> Machine::undecided() const { return in_->impl->undecided; }

void Machine::showing(std::size_t place, FunctionRef<void()> f) {
  struct Shown {
    Interp::Impl& im;
    Shown(Interp::Impl& im_, std::size_t place_) : im(im_) {
      im.shown = place_;
      im.shows = true;
    }
    ~Shown() { im.shows = false; }
  } shown(*in_->impl, place);
  f();
}

bool Machine::is_choice(std::uint32_t origin) const {
  return (origin & kLiteral) == 0 && in_->impl->origins[origin].choice != 0;
}

}  // namespace kdex::py
