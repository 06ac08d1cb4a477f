// Modules: found through a Finder, parsed when first touched, run statement by statement as names
// are asked for.
#include <algorithm>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using Impl = Interp::Impl;

std::string Finder::read_line(const std::string& shown, int line) {
  const std::string whole = text(shown);
  std::string_view s = whole;
  for (int i = 1; i < line; ++i) {
    const auto n = s.find('\n');
    if (n == std::string_view::npos) return "";
    s.remove_prefix(n + 1);
  }
  s = s.substr(0, s.find('\n'));
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\r')) s.remove_suffix(1);
  return std::string(s);
}

namespace {

/// A tree as it is kept in an image, with nothing outside of `home`.
const Ast* copy_of(const Ast& from, Home& home) {
  Ast* to = home.make<Ast>();
  const auto text = [&](std::string_view s) {
    const std::span<const char> kept = home.copy(std::span(s.data(), s.size()));
    return std::string_view(kept.data(), kept.size());
  };
  to->file = text(from.file);
  to->node_store = home.copy(from.node_store);
  to->extra_store = home.copy(from.extra_store);
  to->scope_store = home.copy(from.scope_store);
  to->top_store = home.copy(from.top_store);
  to->str_offset = home.copy(from.str_offset);
  to->text_store = text(from.text_store);
  to->future_annotations = from.future_annotations;
  return to;
}

}  // namespace

ModCtx* Impl::make_ctx(const std::shared_ptr<const Ast>& ast, Module* m, bool own) {
  auto* c = home->make<ModCtx>(home);
  if (is_preparing) {
    c->ast = copy_of(*ast, *home);
  } else {
    c->ast = ast.get();
    c->keep = ast;
  }
  c->module = m;
  const std::size_t n = ast->nstrs() + 1;
  c->names = in->arena.array<Str*>(n);
  std::fill_n(c->names, n, nullptr);
  if (ctxs.size() < 65535) c->index = static_cast<std::uint16_t>(ctxs.size() + 1);
  c->first_node = nodes;
  if (nodes + ast->node_store.size() >= kLiteral)
    throw LimitError{"more than 2147 million nodes of syntax trees were made"};
  if (!own) c->literals = kLiteral | nodes;
  nodes += static_cast<std::uint32_t>(ast->node_store.size());
  ctxs.push_back(c);
  return c;
}

CodeX* Impl::make_code(ModCtx* c, std::uint32_t scope) {
  CodeX* code = in->make<CodeX>(Kind::code, in->t.code);
  code->ast = c->ast;
  code->scope = scope;
  code->module = c->module;
  code->ctx = c;
  code->sc = &c->ast->scope_store[scope];
  code->name = name(c, code->sc->name);
  code->qualname = name(c, code->sc->qualname);
  return code;
}

Module* Interp::native_module(std::string_view dotted) {
  auto it = impl->modules.find(dotted);
  if (it != impl->modules.end()) return it->second;
  Module* m = make<Module>(Kind::module, t.module);
  m->name = intern(dotted);
  m->ns = dict();
  put(m->ns, impl->s_name, V(m->name));
  impl->modules.emplace(dotted, m);
  if (!impl->sys_modules) impl->sys_modules = dict();
  put(impl->sys_modules, m->name, V(m));
  return m;
}

Module* Impl::find_module(const std::string& dotted) {
  auto it = modules.find(std::string_view(dotted));
  if (it != modules.end()) return it->second;
  FoundModule found;
  if (!finder || !finder->find(dotted, found)) {
    V* made = sys_modules ? in->find(sys_modules, in->intern(dotted))
                          : nullptr;  // put there by Python code
    if (!made || !made->is(Kind::module)) return nullptr;
    modules.emplace(dotted, made->as<Module>());
    return made->as<Module>();
  }
  Module* m = in->make<Module>(Kind::module, in->t.module);
  m->name = in->intern(dotted);
  m->ns = in->dict();
  m->lazy = lazies.emplace_back(home->make<Lazy>(home));
  m->lazy->path = found.path;
  m->lazy->shown = found.shown;
  m->lazy->package = found.package;
  m->lazy->own = found.own;
  in->put(m->ns, s_name, V(m->name));
  in->put(m->ns, s_file, in->str(found.shown));
  in->put(m->ns, s_doc, V::none());
  const std::string parent =
      found.package
          ? dotted
          : dotted.substr(0, dotted.rfind('.') == std::string::npos ? 0 : dotted.rfind('.'));
  in->put(m->ns, in->intern("__package__"), in->str(parent));
  if (found.package) {
    const V p = in->str(found.shown.substr(0, found.shown.rfind('/')));
    in->put(m->ns, s_path, in->list(&p, 1));
  }
  modules.emplace(dotted, m);
  in->put(sys_modules, m->name, V(m));
  const auto dot = dotted.rfind('.');
  if (dot != std::string::npos) find_module(dotted.substr(0, dot));
  return m;
}

Module* Impl::import_module(const std::string& dotted) {
  if (Module* m = find_module(dotted)) return m;
  const std::string top_level = dotted.substr(0, dotted.find('.'));
  if (finder && finder->external(top_level)) {
    Module* m = in->make<Module>(Kind::module, in->t.module);
    m->name = in->intern(dotted);
    m->ns = in->dict();
    m->is_external = true;
    in->put(m->ns, s_name, V(m->name));
    modules.emplace(dotted, m);
    in->put(sys_modules, m->name, V(m));
    return m;
  }
  // the first part that is not there is what is missing
  std::string missing = dotted, why;
  for (auto dot = dotted.find('.'); dot != std::string::npos; dot = dotted.find('.', dot + 1)) {
    const Module* parent = find_module(dotted.substr(0, dot));
    if (parent && (!parent->lazy || parent->lazy->package)) continue;
    const auto next = dotted.find('.', dot + 1);
    missing = parent ? dotted.substr(0, next) : dotted.substr(0, dot);
    if (parent) why = "; '" + dotted.substr(0, dot) + "' is not a package";
    break;
  }
  V e = in->make_exception(in->t.ModuleNotFoundError, "No module named '" + missing + "'" + why);
  e.o->attrs = in->dict();
  in->put(e.o->attrs, in->intern("name"), in->str(missing));
  in->raise(e);
}

namespace {

/// Whether a word of a call's or decorator's last name begins with "register": `@register("x")`,
/// `Y.register(Z)`, `_register_all()`, `direct_register_op(f)`.
bool names_register(const Ast& ast, NodeId id) {
  const Node* n = &ast.node(id);
  if (n->kind == N::call) n = &ast.node(n->a);
  std::string_view last;
  if (n->kind == N::name)
    last = ast.str(n->a);
  else if (n->kind == N::attribute)
    last = ast.str(n->b);
  return last.starts_with("register") || last.find("_register") != std::string_view::npos;
}

/// The `from x import` statements of a block, those inside try, if and with statements included.
void collect_imports(const Ast& ast, std::uint32_t block, std::pmr::vector<NodeId>& out) {
  if (!block) return;
  const std::uint32_t* w = ast.extra(block);
  for (std::uint32_t k = 1; k <= w[0]; ++k) {
    const Node& n = ast.node(w[k]);
    if (n.kind == N::import_from) out.push_back(w[k]);
    if (n.kind == N::if_) {
      collect_imports(ast, n.b, out);
      collect_imports(ast, n.c, out);
    }
    if (n.kind == N::try_) {
      collect_imports(ast, n.a, out);
      collect_imports(ast, ast.extra(n.c)[0], out);
    }
  }
}

/// A top-level statement that is there for what it does to a registry, not for the name that it
/// binds.
bool registers(const Ast& ast, const Node& n) {
  auto inside = [&](std::uint32_t block) {
    if (!block) return false;
    const std::uint32_t* w = ast.extra(block);
    for (std::uint32_t k = 1; k <= w[0]; ++k)
      if (registers(ast, ast.node(w[k]))) return true;
    return false;
  };
  if (n.kind == N::if_) return inside(n.b) || inside(n.c);
  if (n.kind == N::for_) return inside(ast.extra(n.c)[0]);
  if (n.kind == N::with_) return inside(n.b);
  if (n.kind == N::try_) return inside(n.a) || inside(ast.extra(n.c)[0]);
  if (n.kind == N::expr_stmt) return ast.node(n.a).kind == N::call && names_register(ast, n.a);
  if (n.kind != N::class_def && n.kind != N::function_def) return false;
  const std::uint32_t* w = ast.extra(n.b);
  for (std::uint32_t k = 1; k <= w[0]; ++k)
    if (names_register(ast, w[k])) return true;
  return false;
}

/// As CPython's, with the line's text (one '?' for a byte that is not ASCII); `whole` is the
/// file's.
[[noreturn]] void raise_syntax_error(Interp& in, const std::string& file, const std::string& whole,
                                     const source::SyntaxError& error) {
  std::string_view text = whole;
  for (int at = 1; at < error.line && !text.empty(); ++at)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  std::string line(text.substr(0, text.find('\n')));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return (c & 0x80) != 0; }, '?');
  V e = in.make_exception(
      in.t.SyntaxError, error.message + " (" + file + ", line " + std::to_string(error.line) + ")");
  e.o->attrs = in.dict();
  const auto put = [&](const char* name, V value) { in.put(e.o->attrs, in.intern(name), value); };
  put("msg", in.str(error.message));
  put("filename", in.str(file));
  put("lineno", V::integer(error.line));
  put("offset", V::integer(error.column));
  put("text", in.str(line));
  in.raise(e);
}

}  // namespace

void Impl::ensure_parsed(Module* m) {
  Lazy* l = m->lazy;
  if (!l || l->parsed) return;
  l->parsed = true;
  FoundModule found;
  found.path = l->path;
  found.shown = l->shown;
  source::SyntaxError error;
  const auto ast = finder->load(found, error);
  if (!ast) raise_syntax_error(*in, found.shown, finder->text(found.shown), error);
  l->ctx = make_ctx(ast, m, l->own);
  l->code = make_code(l->ctx, 0);
  const Scope& s = *l->code->sc;
  Frame* f = new (in->arena.alloc(sizeof(Frame))) Frame;
  f->code = l->code;
  f->ctx = l->ctx;
  f->ast = l->ctx->ast;
  f->module = m;
  f->lazy_imports = true;
  f->slots = in->arena.array<V>(s.nslots + 1);
  for (std::uint32_t i = 0; i < s.nslots; ++i) f->slots[i] = V();
  f->line = 1;
  l->frame = f;
  l->state.assign(ast->top_store.size(), 0);
  if (s.doc != ~0u) in->put(m->ns, s_doc, const_str(l->ctx, s.doc));
  bool replaces_itself = false;
  std::vector<std::pair<std::uint32_t, Str*>> patches;
  for (std::uint32_t i = 0; i < ast->top_store.size(); ++i) {
    const std::uint32_t* w = ast->extra(ast->top_store[i].names);
    const std::uint32_t* changed = w + 1 + w[0];
    auto note = [&](std::uint32_t id) {
      auto& at = l->binds[name(l->ctx, id)];
      if (!at.empty() && at.back() == i) return;
      if (!at.empty()) l->before.emplace_back(i, at.back());
      at.push_back(i);
    };
    for (std::uint32_t k = 1; k <= w[0]; ++k) note(w[k]);
    for (std::uint32_t k = 1; k <= changed[0]; ++k) note(changed[k]);
    const Node& n = ast->node(ast->top_store[i].stmt);
    if (n.kind == N::import_from && n.op) l->stars.push_back(i);
    if (registers(*ast, n)) l->registrations.push_back(i);
    if (n.kind == N::assign1) {  // `imported.Class.method = f`: a change of another module
      const Node* t = &ast->node(n.a);
      const bool outside = t->kind == N::attribute || t->kind == N::subscript;
      while (t->kind == N::attribute || t->kind == N::subscript) t = &ast->node(t->a);
      if (outside && t->kind == N::name) patches.emplace_back(i, name(l->ctx, t->a));
    }
    if (n.kind == N::if_ && n.c) {
      // `if TYPE_CHECKING: <static imports> else: sys.modules[__name__] = ...`
      const std::uint32_t* other = ast->extra(n.c);
      for (std::uint32_t k = 1; k <= other[0]; ++k) {
        const Node& a = ast->node(other[k]);
        if (a.kind != N::assign1) continue;
        const Node& t = ast->node(a.a);
        if (t.kind != N::subscript || ast->node(t.a).kind != N::attribute) continue;
        if (ast->str(ast->node(t.a).b) == "modules") replaces_itself = true;
      }
      if (replaces_itself && l->static_imports.empty()) {
        collect_imports(*ast, n.b, l->static_imports);
        l->state[i] = 2;  // the replacement itself is not run
      }
    }
  }
  for (const auto& [i, root] : patches) {
    const auto at = l->binds.find(root);
    if (at == l->binds.end()) continue;
    const N first = ast->node(ast->top_store[at->second.front()].stmt).kind;
    if (first == N::import_ || first == N::import_from) l->registrations.push_back(i);
  }
  std::sort(l->registrations.begin(), l->registrations.end());
}

V Impl::resolve_lazy(Module* m, Str* name, V v) {
  if (!v.is_obj() || v.o->cls != lazy_import) return v;
  LazyImport* l = static_cast<LazyImport*>(v.o);
  if (l->being_looked_for) {
    if (Module* inner = find_module(std::string(m->name->view()) + "." + std::string(name->view())))
      return V(inner);
    if (l->attr)  // a package that takes its names from this module: what is left is its submodule
      if (Module* beside =
              find_module(std::string(l->module->view()) + "." + std::string(l->attr->view())))
        return V(beside);
    in->raise(
        in->make_exception(in->t.ImportError, "cannot import name '" + std::string(name->view()) +
                                                  "' from partially initialized module '" +
                                                  std::string(m->name->view()) +
                                                  "' (most likely due to a circular import)"));
  }
  l->being_looked_for = true;
  struct Done {
    LazyImport* l;
    ~Done() { l->being_looked_for = false; }
  } done{l};
  Module* from = import_module(std::string(l->module->view()));
  if (from == m && l->attr) {  // `from . import sub` in a package's own file
    const std::string sub = std::string(l->module->view()) + "." + std::string(l->attr->view());
    if (Module* inner = find_module(sub)) {
      in->put(m->ns, name, V(inner));
      return V(inner);
    }
  }
  V out = l->attr ? import_from(*m->lazy->frame, from, l->attr, std::string(l->module->view()))
                  : V(from);
  in->put(m->ns, name, out);
  return out;
}

void Impl::run_statement(Module* m, std::uint32_t i) {
  Lazy* l = m->lazy;
  char here;
  if (depth >= 1000 || &here < stack_limit)
    in->raise(in->t.RecursionError, "maximum recursion depth exceeded");
  l->state[i] = 1;
  // An earlier statement that binds a name of this one's must not come after it and take the name
  // back.
  for (auto it = std::lower_bound(l->before.begin(), l->before.end(), std::pair{i, 0u});
       it != l->before.end() && it->first == i; ++it) {
    if (l->state[it->second]) continue;
    in->caught([&] { run_statement(m, it->second); });  // fails again where its name is asked for
  }
  l->running.push_back(i);
  Frame* const saved = top;
  const int saved_depth = depth;
  const V saved_handling = l->frame->handling;
  Frame* const saved_back = l->frame->back;
  const std::uint32_t saved_line = l->frame->line;
  // a frame that is running already is not put on the stack twice
  bool on_stack = false;
  for (Frame* f = top; f; f = f->back) on_stack |= f == l->frame;
  if (!on_stack) {
    l->frame->back = top;
    top = l->frame;
  }
  ++depth;
  l->frame->handling = V();
  const Outcome end = outcome([&] { return exec(*l->frame, l->ctx->ast->top_store[i].stmt); });
  l->running.pop_back();
  top = saved;
  depth = saved_depth;
  l->frame->handling = saved_handling;
  l->frame->back = saved_back;
  l->frame->line = saved_line;
  l->state[i] = end.exc.is_undef() ? 2 : 0;
  if (!end.exc.is_undef()) in->reraise(end.exc);
}

/// What a module does to others, once: registrations, patches, imports that are there for their
/// effect, and, for a module that owns a registry, the modules beside it that register there.
void Impl::come_into_use(Module* m, bool for_effect) {
  if (!m->lazy) return;
  ensure_parsed(m);
  Lazy* l = m->lazy;
  if (!l->ctx || l->in_use) return;
  l->in_use = true;
  const Ast& ast = *l->ctx->ast;
  const std::string own(m->name->view()), top_level = own.substr(0, own.find('.')) + ".";
  auto use = [&](const std::string& dotted) {
    if (!dotted.starts_with(top_level)) return;
    if (Module* other = find_module(dotted)) come_into_use(other, true);
  };
  std::vector<std::string> registries;
  for (std::uint32_t i = 0; i < ast.top_store.size(); ++i) {
    const Node& n = ast.node(ast.top_store[i].stmt);
    if (n.kind == N::import_) {
      const std::uint32_t* w = ast.extra(n.a);
      for (std::uint32_t k = 0; k < w[0]; ++k)
        if (!w[3 + 3 * k]) use(std::string(ast.str(w[1 + 3 * k])));
    } else if (n.kind == N::import_from && for_effect && l->package && !n.op) {
      const std::uint32_t* w = ast.extra(n.a);
      const std::string from =
          absolute_name(*l->frame, w[0], w[1] == ~0u ? "" : std::string(ast.str(w[1])));
      if (from == own)
        for (std::uint32_t k = 0; k < w[2]; ++k)
          use(own + "." + std::string(ast.str(w[3 + 2 * k])));
    } else if (n.kind == N::function_def) {
      std::string_view name = ast.str(ast.node(n.c).a);
      const std::string whole(name);
      while (name.starts_with('_')) name.remove_prefix(1);
      if (name.starts_with("register"))
        for (const char* end : {"(", "\n"}) registries.push_back("\n@" + whole + end);
    }
    if (std::binary_search(l->registrations.begin(), l->registrations.end(), i) && !l->state[i]) {
      in->caught([&] { run_statement(m, i); });  // what it does not make is missing where looked up
    }
  }
  if (registries.empty() || own.find('.') == std::string::npos) return;
  const std::string parent = own.substr(0, own.rfind('.'));
  for (const std::string& beside : finder->submodules(parent)) {
    const std::string dotted = parent + "." + beside;
    if (beside.ends_with('/') || dotted == own) continue;
    if (finder->mentions(dotted, registries)) use(dotted);
  }
}

/// Runs the statements that bind `name`. False where there are none, or they have run.
bool Impl::run_binding(Module* m, Str* name) {
  Lazy* l = m->lazy;
  std::uint8_t& done = l->resolved[name];
  if (done) return false;
  const auto it = l->binds.find(name);
  done = it == l->binds.end() ? 2 : 1;
  if (it == l->binds.end()) return false;
  // While a statement of this module runs, what stands below it has not happened yet (unless
  // nothing above binds the name).
  std::vector<std::uint32_t> stmts(it->second.begin(), it->second.end());
  bool complete = true;
  if (!l->running.empty()) {
    const auto above = std::partition_point(
        stmts.begin(), stmts.end(), [&](std::uint32_t i) { return i <= l->running.back(); });
    if (above != stmts.begin() && above != stmts.end()) {
      stmts.erase(above, stmts.end());
      complete = false;
    }
  }
  for (const std::uint32_t i : stmts) {
    if (l->state[i]) continue;
    const V failed = in->caught([&] { run_statement(m, i); });
    if (!failed.is_undef()) {
      l->resolved[name] = 0;
      in->reraise(failed);
    }
  }
  l->resolved[name] = complete ? 2 : 0;
  return true;
}

/// A name that a module's statements bind for a type checker, or an `import *`, without their
/// being run.
bool Impl::lookup_in_imports(Module* m, Str* name, V& out) {
  Lazy* l = m->lazy;
  std::vector<NodeId> sources;
  for (std::uint32_t i : l->stars) sources.push_back(l->ctx->ast->top_store[i].stmt);
  for (NodeId id : l->static_imports) {
    const Node& n = l->ctx->ast->node(id);
    const std::uint32_t* w = l->ctx->ast->extra(n.a);
    if (n.op) {
      sources.push_back(id);
      continue;
    }
    for (std::uint32_t k = 0; k < w[2]; ++k) {
      const Node& bound = l->ctx->ast->node(w[4 + 2 * k]);
      if (this->name(l->ctx, bound.a) != name) continue;
      const std::string target =
          absolute_name(*l->frame, w[0], w[1] == ~0u ? "" : std::string(l->ctx->ast->str(w[1])));
      Module* from = import_module(target);
      out = import_from(*l->frame, from, this->name(l->ctx, w[3 + 2 * k]), target);
      in->put(m->ns, name, out);
      return true;
    }
  }
  if (!l->static_imports.empty())  // a package that loads its modules when they are asked for
                                   // knows them by name
    if (Module* inner =
            find_module(std::string(m->name->view()) + "." + std::string(name->view()))) {
      out = V(inner);
      in->put(m->ns, name, out);
      return true;
    }
  for (const std::string& target : likeliest(m, sources, name)) {
    Module* from = find_module(target);
    if (!from || !statically_binds(from, name)) continue;
    if (module_lookup(from, name, out)) {
      in->put(m->ns, name, out);
      return true;
    }
  }
  return false;
}

/// A name of a package that offers what the `__all__` of its files name: what stands under
/// TYPE_CHECKING need not be true.
bool Impl::lookup_in_files(Module* m, Str* name, V& out) {
  const std::string own(m->name->view()), word(name->view());
  for (const std::string& beside : finder->submodules(own)) {
    const std::string dotted = own + "." + beside;
    if (beside.ends_with('/') || !finder->mentions(dotted, {"\"" + word + "\"", "'" + word + "'"}))
      continue;
    Module* from = find_module(dotted);
    V all;
    if (!from || !module_lookup(from, s_all, all) || !(all.is(Kind::list) || all.is(Kind::tuple)) ||
        !in->contains(all, V(name)))
      continue;
    if (!module_lookup(from, name, out)) continue;
    in->put(m->ns, name, out);
    return true;
  }
  return false;
}

bool Impl::module_lookup(Module* m, Str* name, V& out) {
  if (m->lazy && !m->lazy->all_run) {
    ensure_parsed(m);
    if (!m->lazy->ctx) return false;
    if (run_binding(m, name) && m->lazy->running.empty() && !m->lazy->in_use) come_into_use(m);
  }
  if (V* p = in->find(m->ns, name)) {
    out = resolve_lazy(m, name, *p);
    return true;
  }
  if (!m->lazy || !m->lazy->ctx || name->view()[0] == '_') return false;
  if (lookup_in_imports(m, name, out)) return true;
  return !m->lazy->static_imports.empty() && m->lazy->package && finder &&
         lookup_in_files(m, name, out);
}

/// The modules that these `import *` statements name, the likeliest first: the one whose name,
/// without underscores, is the longest beginning of the wanted name. Looking is what costs: each
/// one has to be parsed.
std::vector<std::string> Impl::likeliest(Module* m, const std::vector<NodeId>& statements,
                                         Str* name) {
  Lazy* l = m->lazy;
  std::string wanted;
  for (char c : name->view())
    if (c != '_') wanted += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::vector<std::pair<int, const std::pmr::string*>> order;
  for (NodeId id : statements) {
    auto& [target, last] = l->targets[id];
    if (target.empty()) {
      const std::uint32_t* w = l->ctx->ast->extra(l->ctx->ast->node(id).a);
      target =
          absolute_name(*l->frame, w[0], w[1] == ~0u ? "" : std::string(l->ctx->ast->str(w[1])));
      for (char c : std::string_view(target).substr(target.rfind('.') + 1))
        if (c != '_') last += c;
    }
    order.emplace_back(
        wanted.starts_with(std::string_view(last)) ? -static_cast<int>(last.size()) : 0, &target);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& [rank, target] : order) out.emplace_back(*target);
  return out;
}

bool Impl::statically_binds(Module* m, Str* name, int level) {
  if (level > 12 || m->is_external) return false;
  if (in->find(m->ns, name)) return true;
  if (!m->lazy) return false;
  // Most modules do not speak of the name at all, and to parse them is what costs.
  if (!m->lazy->parsed && finder &&
      !finder->mentions(std::string(m->name->view()), {std::string(name->view()), "import *"}) &&
      !m->lazy->package)
    return false;
  ensure_parsed(m);
  Lazy* l = m->lazy;
  if (!l->ctx) return false;
  if (l->binds.contains(name)) return true;
  std::vector<NodeId> sources;
  for (std::uint32_t i : l->stars) sources.push_back(l->ctx->ast->top_store[i].stmt);
  for (NodeId id : l->static_imports) {
    const Node& n = l->ctx->ast->node(id);
    if (n.op) {
      sources.push_back(id);
      continue;
    }
    const std::uint32_t* w = l->ctx->ast->extra(n.a);
    for (std::uint32_t k = 0; k < w[2]; ++k)
      if (this->name(l->ctx, l->ctx->ast->node(w[4 + 2 * k]).a) == name) return true;
  }
  for (const std::string& target : likeliest(m, sources, name)) {
    Module* from = find_module(target);
    if (from && statically_binds(from, name, level + 1)) return true;
  }
  return find_module(std::string(m->name->view()) + "." + std::string(name->view())) != nullptr;
}

Dict* Impl::exposed(Module* m) {
  if (m->lazy && !m->ns->is_namespace) {
    m->ns->is_namespace = true;
    namespaces[m->ns] = m;
  }
  return m->ns;
}

void Interp::read_namespace(Dict* d, V key) {
  auto it = impl->namespaces.find(d);
  if (it == impl->namespaces.end()) return;
  if (key.is_undef()) {
    impl->run_all(it->second);
    for (std::uint32_t i = 0; i < d->used; ++i)
      if (d->e[i].key.is(Kind::str) && d->e[i].val.is_obj() &&
          d->e[i].val.o->cls == impl->lazy_import)
        impl->resolve_lazy(it->second, d->e[i].key.as<Str>(), d->e[i].val);
    return;
  }
  V out;
  if (key.is(Kind::str)) impl->module_lookup(it->second, intern(key.as<Str>()), out);
}

bool Impl::module_getattr(Module* m, Str* name, V& out) {
  if (name == s_dict) {
    out = V(exposed(m));
    return true;
  }
  if (m->is_external) {
    if (V* p = in->find(m->ns, name)) {
      out = *p;
      return true;
    }
    const auto n = name->view();
    if (n == "__path__" || n == "__all__") return false;
    if (const std::string version =
            n == "__version__" && finder ? finder->version(std::string(m->name->view())) : "";
        !version.empty()) {
      out = in->str(version);
      return true;
    }
    if (const V* value = known_attribute(m->name->view(), n)) {
      out = *value;
      return true;
    }
    out = in->unknown(std::string(m->name->view()) + "." + std::string(n));
    return true;
  }
  if (module_lookup(m, name, out)) return true;
  if (m->lazy && m->lazy->package) {
    if (Module* sub = find_module(std::string(m->name->view()) + "." + std::string(name->view()))) {
      out = V(sub);
      return true;
    }
  }
  V hook;
  if (name != s_getattr && module_lookup(m, s_getattr, hook)) {
    out = in->call(hook, {V(name)});
    return true;
  }
  return false;
}

void Impl::module_store(Module* m, Str* name, V v) {
  if (m->lazy && !m->lazy->all_run) {
    V old;
    in->caught([&] { module_lookup(m, name, old); });
    m->lazy->resolved[name] = 2;
  }
  in->put(m->ns, name, v);
}

void Impl::run_all(Module* m) {
  if (!m->lazy || m->lazy->all_run) return;
  ensure_parsed(m);
  Lazy* l = m->lazy;
  if (!l->ctx) return;
  l->all_run = true;
  for (std::uint32_t i = 0; i < l->state.size(); ++i) {
    if (l->state[i]) continue;
    const V failed = in->caught([&] { run_statement(m, i); });
    l->state[i] = 2;  // a module that runs whole does not try again
    if (!failed.is_undef()) in->reraise(failed);
  }
}

V Impl::overlay(const char* module, const char* what) {
  Module* m = find_module(module);
  V out;
  if (!m || !module_lookup(m, in->intern(what), out)) return {};
  return out;
}

std::string Impl::absolute_name(Frame& f, std::uint32_t level, const std::string& target) {
  if (!level) return target;
  V* p = in->find(f.module->ns, in->intern("__package__"));
  std::string base = p && p->is(Kind::str) ? std::string(p->as<Str>()->view()) : "";
  for (std::uint32_t i = 1; i < level; ++i) {
    const auto dot = base.rfind('.');
    if (dot == std::string::npos)
      in->raise(in->t.ImportError, "attempted relative import beyond top-level package");
    base.resize(dot);
  }
  if (base.empty())
    in->raise(in->t.ImportError, "attempted relative import with no known parent package");
  return target.empty() ? base : base + "." + target;
}

V Impl::import_from(Frame&, Module* m, Str* what, const std::string& from) {
  V out;
  bool found = false;
  in->caught(in->t.AttributeError, [&] { found = module_getattr(m, what, out); });
  if (found) return out;
  if (m->lazy || !m->is_external) {
    if (Module* sub = find_module(from + "." + std::string(what->view()))) return V(sub);
  }
  std::string where(m->lazy ? std::string_view(m->lazy->shown) : "unknown location");
  V e = in->make_exception(in->t.ImportError, "cannot import name '" + std::string(what->view()) +
                                                  "' from '" + from + "' (" + where + ")");
  e.o->attrs = in->dict();
  in->put(e.o->attrs, in->intern("name"), in->str(from));
  in->raise(e);
}

V Impl::import_statement_module(const std::string& dotted, bool as) {
  Module* m = import_module(dotted);
  if (as || dotted.find('.') == std::string::npos) return V(m);
  return V(import_module(dotted.substr(0, dotted.find('.'))));
}

void Impl::import_star(Frame& f, const std::string& module) {
  Module* m = import_module(module);
  if (f.lazy_imports || m->is_external) return;  // looked into when a name is missing
  run_all(m);
  V all;
  if (module_lookup(m, s_all, all)) {
    in->for_each(all, [&](V n) {
      V out;
      if (module_getattr(m, in->intern(n.as<Str>()), out))
        in->put(f.module->ns, in->intern(n.as<Str>()), out);
      return true;
    });
    return;
  }
  for (std::uint32_t i = 0; i < m->ns->used; ++i) {
    const auto& e = m->ns->e[i];
    if (e.key.is(Kind::str) && e.key.as<Str>()->view()[0] != '_')
      in->put(f.module->ns, e.key, resolve_lazy(m, e.key.as<Str>(), e.val));
  }
}

}  // namespace kdex::py
