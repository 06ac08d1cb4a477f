// What the interpreter's own files share: frames, compiled code, generators, module loading state.
// Native type files need interp.h only.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <memory_resource>
#include <string>
#include <unordered_map>
#include <vector>

#include <kdex/value.h>

#include "core/python/finder.h"
#include "core/python/machine/interp.h"
#include "core/python/machine/origins.h"
#include "core/python/machine/regimes.h"
#include "core/source/ast.h"

namespace kdex::py {

struct Host;

using source::Ast;
using source::N;
using source::Node;
using source::NodeId;
using source::Scope;

/// One file as this isolate sees it: interned names and constants, filled when first used.
struct ModCtx {
  const Ast* ast = nullptr;
  std::uint16_t index = 0;  // 1 + its place in Impl::ctxs; 0 past 65535
  /// A literal's origin is this and its node. 0 for kdex's own files, whose literals have none.
  std::uint32_t literals = 0;
  std::uint32_t first_node = 0;  // nodes of the files before it
  Module* module = nullptr;
  Str** names = nullptr;  // by StrId
  std::shared_ptr<const Ast> keep;
  struct GlobalCache {  // where a name stands in the module's names or the builtins
    std::uint32_t version = 0,
                  at = 0;  // a builtin: the version of the module's names that did not have it
    bool known = false, builtin = false;
  };
  std::pmr::vector<GlobalCache> globals;
  explicit ModCtx(std::pmr::memory_resource* memory) : globals(memory) {}
};

/// The arguments of a call with one more in front.
class Prefixed : public Args {
 public:
  Prefixed(Interp& in, V first, const Args& a) : Args(a) {
    V* to = a.npos < std::size(few_) ? few_ : in.arena.array<V>(a.npos + 1);
    to[0] = first;
    for (std::uint32_t i = 0; i < a.npos; ++i) to[i + 1] = a.pos[i];
    pos = to;
    npos = a.npos + 1;
  }
  Prefixed(const Prefixed&) = delete;

 private:
  V few_[8];
};

struct CodeX : Code {
  ModCtx* ctx = nullptr;
  const Scope* sc = nullptr;
  source::ExtraId def = 0;  // extra of the function_def node: annotations
  using Code::Code;
};

struct Generator;

/// Adds to a stream's text; past a bound throws LimitError.
void write_bounded(std::string& out, std::string_view s);

struct Frame {
  CodeX* code = nullptr;
  ModCtx* ctx = nullptr;
  const Ast* ast = nullptr;
  V* slots = nullptr;
  Cell** closure = nullptr;
  Dict* ns = nullptr;  // class and module bodies
  Module* module = nullptr;
  Frame* back = nullptr;
  std::uint32_t line = 0;
  Function* fn = nullptr;
  Generator* gen = nullptr;
  V ret;
  V handling;  // the exception that an except block of this frame handles; undef: none
  bool lazy_imports = false;  // a module's top level: imports bind lazily
};

/// How a statement ended. `raise`: the exception is in Interp::raised (README.md).
enum class [[nodiscard]] Flow : std::uint8_t{normal, ret, brk, cont, raise};

struct Fiber;
struct Generator;

/// The stack of a generator that has begun and not ended, for the collector.
struct GeneratorStack {
  Generator* generator;
  bool running;                  // else it waits
  const char *begin, *end;       // the stack
  const char *inside, *outside;  // where it, and who resumed it, left their stacks
};

struct Generator : Obj {
  Frame* frame = nullptr;
  Fiber* fiber = nullptr;
  enum State : std::uint8_t { created, suspended, running, closed } state = created;
  V sent, yielded, thrown, result;
  Str* name = nullptr;
  using Obj::Obj;
};

/// An import that a module's top level made, not looked into yet.
struct LazyImport : Obj {
  Str* module = nullptr;
  Str* attr = nullptr;  // null: the module itself
  bool being_looked_for = false;
  using Obj::Obj;
};

/// Top-level statements of a module that have not run.
struct Lazy {
  ModCtx* ctx = nullptr;
  CodeX* code = nullptr;
  Frame* frame = nullptr;
  std::pmr::vector<std::uint8_t> state;  // a statement: 0 not run, 1 running, 2 done
  std::pmr::unordered_map<Str*, std::pmr::vector<std::uint32_t>> binds;
  std::pmr::vector<std::pair<std::uint32_t, std::uint32_t>>
      before;  // (statement, an earlier one that binds a name of its), sorted
  std::pmr::vector<std::uint32_t> stars;  // statements `from x import *`
  std::pmr::unordered_map<Str*, std::uint8_t>
      resolved;  // names whose statements have run (1: running, 2: done)
  std::pmr::vector<NodeId>
      static_imports;  // under TYPE_CHECKING, where the module replaces itself in sys.modules
  std::pmr::vector<std::uint32_t>
      registrations;  // statements that register something elsewhere, not run yet
  std::pmr::unordered_map<NodeId, std::pair<std::pmr::string, std::pmr::string>>
      targets;  // of imports: the whole name, and its last part without underscores
  std::pmr::vector<std::uint32_t> running;  // statements that run now, innermost last
  bool in_use = false;                      // what it does to other modules has been done
  bool parsed = false;
  bool all_run = false;
  std::pmr::string path;   // on disk
  std::pmr::string shown;  // as messages show it
  bool package = false;
  bool own = false;  // a file of kdex
  explicit Lazy(std::pmr::memory_resource* m)
      : state(m),
        binds(m),
        before(m),
        stars(m),
        resolved(m),
        static_imports(m),
        registrations(m),
        targets(m),
        running(m),
        path(m),
        shown(m) {}
};

struct AssumptionEntry {
  std::string file;
  int line;
  std::string condition, reason;
};

/// A file or folder that the program made.
struct Written {
  bool folder = false;
  std::string data;
};

/// The strings that stand for their text: an open-addressing table.
class Interned {
 public:
  explicit Interned(std::pmr::memory_resource* memory) : slots_(memory) {}
  Str*& place(std::string_view s, std::uint64_t hash);  // where it is or belongs (then null)
  void added() { ++count_; }
  template <class F>
  void each(F f) const {
    for (Str* s : slots_)
      if (s) f(s);
  }

 private:
  std::pmr::vector<Str*> slots_;
  std::size_t count_ = 0;
};

/// Lets a table of names be asked by any text.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};

struct Interp::Impl {
  explicit Impl(Home& h)
      : home(&h),
        interned(&h),
        origins(&h),
        modules(&h),
        namespaces(&h),
        addresses(&h),
        ctxs(&h),
        lazies(&h),
        asked_paths(&h) {}
  Home* home;
  Interp* in = nullptr;
  Frame* top = nullptr;
  int depth = 0;
  char* stack_limit = nullptr;
  std::uint32_t type_version = 1;  // changes with the names of native classes
  Interned interned;
  OriginTable origins;
  std::uint32_t nodes = 0;  // of all files of this isolate
  std::vector<AssumptionEntry> assumptions;
  std::int64_t unknowns = 0, calls = 0;
  // choices.cpp
  std::vector<std::vector<std::int64_t>> choices;  // of each number that stands for several
  std::vector<std::size_t> undecided;  // the places in these for which the run so far is the same
  std::shared_ptr<class Repeats> repeats;  // made on first use
  List* held_by_repeats = nullptr;         // where the collector finds it
  std::size_t shown = 0;                   // the place whose values are shown, where `shows`
  bool shows = false;
  // regimes.cpp
  bool watches = false;  // comparisons on sizes are noted
  std::unique_ptr<Regimes> regimes;
  V border;  // called in place of an unknown function (_kdex.border); undef: none
  V known;   // a dict: values of attributes of what is not known (_kdex.border); undef: none
  std::pmr::unordered_map<std::pmr::string, Module*, TextHash, std::equal_to<>> modules;
  Dict* sys_modules = nullptr;
  std::pmr::unordered_map<Dict*, Module*> namespaces;  // those with is_namespace
  struct Address {
    std::int64_t begin = 0, bytes = 0;
  };
  std::pmr::unordered_map<const Obj*, Address> addresses;  // that were given (_kdex.address)
  std::int64_t next_address = 0x7F0000000000;
  std::pmr::vector<ModCtx*> ctxs;  // in `home`, as what follows
  std::pmr::vector<Lazy*> lazies;
  std::pmr::vector<std::pmr::string>
      asked_paths;            // of files that were asked for while a state was prepared
  bool is_preparing = false;  // a state that an image keeps (image.h)
  std::vector<Fiber*> fibers, free_fibers;
  std::unordered_map<std::size_t, std::string>
      json_files;  // hash of what fs_read gave of a .json file → its path
  std::map<std::string, Written>
      written;  // what the program wrote, by virtual path; in memory only
  std::size_t written_bytes = 0;
  Finder* finder = nullptr;
  const Host* host = nullptr;
  std::int64_t clock_readings = 0;
  std::string* printed = nullptr;
  std::string* err = nullptr;
  double deadline = 0;
  Type* lazy_import = nullptr;
  struct CacheLine {
    Type* t = nullptr;
    Str* n = nullptr;
    std::uint32_t version = 0;
    V v;
  };
  CacheLine cache[4096];
  // names that are used all the time
  Str *s_init, *s_new, *s_call, *s_get, *s_set, *s_delete, *s_getattr, *s_getattribute, *s_setattr,
      *s_delattr, *s_class, *s_dict, *s_name, *s_qualname, *s_module, *s_doc, *s_iter, *s_next,
      *s_len, *s_bool, *s_eq, *s_hash, *s_getitem, *s_setitem, *s_delitem, *s_contains, *s_enter,
      *s_exit, *s_str, *s_repr, *s_index, *s_format, *s_missing, *s_set_name, *s_init_subclass,
      *s_class_getitem, *s_mro_entries, *s_prepare, *s_instancecheck, *s_subclasscheck,
      *s_annotations, *s_all, *s_path, *s_file, *s_instance_slots, *s_match_args, *s_build_class,
      *s_missing_name, *s_abstract, *s_keeps_call, *s_call_made;
  Str *s_op[13], *s_rop[13], *s_iop[13],
      *s_cmp[6];  // __add__, __radd__, __iadd__ by Op; __eq__ to __ge__ by Cmp

  Str* intern(std::string_view s, std::uint64_t hash);

  // regimes.cpp
  void note_compare(const Frame& f, std::uint32_t line, Cmp op, V a, V b, V result);

  /// The file that holds the node with this number, counted over all files.
  const ModCtx& file_of(std::uint32_t node) const {
    const auto after =
        std::upper_bound(ctxs.begin(), ctxs.end(), node,
                         [](std::uint32_t n, const ModCtx* c) { return n < c->first_node; });
    return **std::prev(after);
  }

  // choices.cpp
  V choice(std::vector<std::int64_t> values);
  V alternative(V v, std::size_t place) const;
  void decide() { undecided.resize(std::min<std::size_t>(undecided.size(), 1)); }
  bool choose_compare(Cmp op, V a, V b, V& out);
  bool choose_binary(Op op, const char* sign, V a, V b, V& out);
  bool choose_truth(V v);

  // raise.cpp
  void set_raised(V exc) {  // into Interp::raised; what says so is to be returned at once
    note_context(exc);
    in->raised = exc;
  }
  Flow raising(V exc) {
    set_raised(exc);
    return Flow::raise;
  }
  Flow passing(V exc) {  // the same of one that was caught
    in->raised = exc;
    return Flow::raise;
  }
  [[noreturn]] void throw_raised();  // Interp::raised goes on as a C++ exception
  void settle(Flow r) {
    if (r == Flow::raise) throw_raised();
  }
  /// How a block ended: as `flow` says, or in an exception.
  struct Outcome {
    Flow flow = Flow::normal;
    V exc;
  };
  template <class F>
  Outcome outcome(const F& f) {
    Outcome o;
    o.exc = in->caught([&] { o.flow = f(); });
    if (!o.exc.is_undef()) o.flow = Flow::normal;
    return o;
  }
  Flow passing(const Outcome& o) { return o.exc.is_undef() ? o.flow : passing(o.exc); }
  void note_context(V exc);
  V current_exception();

  // eval.cpp
  V eval(Frame& f, NodeId id);
  V eval_display(Frame& f, const Node& n);  // tuples, lists, sets
  V eval_dict(Frame& f, const Node& n);
  V eval_chain(Frame& f, NodeId id, const Node& n);  // a < b < c
  V value(Frame& f, NodeId id) {                     // eval, the shortest ways first
    const Node& n = f.ast->node(id);
    if (n.kind == N::name && n.op == static_cast<int>(source::Where::local)) {
      if (const V v = f.slots[n.b]; !v.is_undef()) return v;
    } else if (n.kind == N::const_str) {
      if (Str* s = f.ctx->names[n.a]) return V(s);
    }
    return eval(f, id);
  }
  Flow exec_block(Frame& f, source::ExtraId b);
  Flow exec(Frame& f, NodeId id);
  V call_function(Function* fn, const Args& a, V self);
  // False: the call ended in an exception, which is in Interp::raised. It may throw one as well.
  bool try_function(Function* fn, const Args& a, V self, V& out);
  bool try_call(V f, const Args& a, V& out);
  bool call_border(Unknown* f, const Args& a, V& out);
  V* known_attribute(std::string_view owner, std::string_view name);  // nullptr: unknown, too
  bool try_builtin(Builtin* b, const Args& a, V& out);
  bool try_call_node(Frame& f, const Node& n, V& out);
  bool try_call_stars(Frame& f, const Node& n, V callee, V self, V& out);
  bool try_value(Frame& f, NodeId id, V& out) {
    const Node& n = f.ast->node(id);
    if (n.kind == N::call) return try_call_node(f, n, out);
    out = value(f, id);
    return true;
  }
  void bind(Function* fn, const Args& a, V self, V* slots);
  Flow run_frame(Frame& f);  // the value is in f.ret
  V call_node(Frame& f, const Node& n);
  void assign(Frame& f, NodeId target, V v);
  void del(Frame& f, NodeId target);
  V load_name(Frame& f, const Node& n);
  V load_global(Frame& f, std::uint32_t name);
  void store_name(Frame& f, const Node& n, V v) {
    if (n.op == static_cast<int>(source::Where::local))
      f.slots[n.b] = v;
    else
      store_elsewhere(f, n, v);
  }
  void store_elsewhere(Frame& f, const Node& n, V v);
  void store_attribute(Frame& f, NodeId target, V v);
  /// The origin of a value that is given the name `name` by a node.
  std::uint32_t way(V v, Origin::Way kind, const Frame& f, NodeId node, Str* name, Str* owner);
  V make_function(Frame& f, std::uint32_t scope, source::ExtraId def, bool lambda);
  Cell** make_closure(Frame& f, const Scope& s);
  V comprehension(Frame& f, const Node& n);
  void comp_clause(Frame& f, const std::uint32_t* w, std::uint32_t i, std::uint32_t n,
                   const std::uint32_t* all, N kind, V acc);
  Flow exec_for(Frame& f, const Node& n);
  void unpack(Frame& f, const Node& target, V v);
  V joined(Frame& f, const Node& n);
  V sum(Frame& f, const Node& n,
        bool& fresh);  // a + b + ..; fresh: a str that nothing else refers to
  V eval_operand(Frame& f, NodeId id, bool& fresh) {  // as eval
    const N kind = f.ast->node(id).kind;
    if (kind == N::binop || kind == N::call || kind == N::joined_str)
      return eval_made(f, id, fresh);
    fresh = false;
    return value(f, id);
  }
  V eval_made(Frame& f, NodeId id, bool& fresh);
  bool truth_at(Frame& f, NodeId cond, V v);
  void assume(Frame* f, std::uint32_t line, const std::string& why);
  V import_from(Frame& f, Module* m, Str* name, const std::string& module_name);
  Str* name(ModCtx* c, std::uint32_t id) {
    Str* s = c->names[id];
    return s ? s : name_slow(c, id);
  }
  Str* name_slow(ModCtx* c, std::uint32_t id);
  V const_str(ModCtx* c, std::uint32_t id) { return V(name(c, id)); }
  V annotations_of(Function* fn);
  V make_generator(Frame* heap_frame, Function* fn, bool coroutine);
  bool resume(Generator* g, V send, V thrown, V& out);  // false: finished, g->result
  std::vector<GeneratorStack> generator_stacks() const;
  void drop_fibers();          // none is in use
  void abandon(Generator* g);  // nothing can resume it any more
  V yield(Frame& f, V value);
  V await(Frame& f, V v);
  [[noreturn]] void star_error(V callee, const char* star, const char* what, V got);
  V yield_from(Frame& f, V iterable);

  // statements.cpp
  Flow exec_rare(Frame& f, const Node& n);
  Flow exec_aug_assign(Frame& f, const Node& n);
  Flow exec_ann_assign(Frame& f, const Node& n);
  Flow exec_raise(Frame& f, const Node& n);
  Flow exec_import_from(Frame& f, const Node& n);
  Flow exec_try(Frame& f, const Node& n);
  V except_groups(Frame& f, const std::uint32_t* handlers, V exc);
  Outcome except_clauses(Frame& f, const std::uint32_t* handlers, V exc);
  bool handles(Frame& f, NodeId type, V exc);
  Flow exec_with(Frame& f, const Node& n, std::uint32_t i);

  // match.cpp
  bool match(Frame& f, NodeId pattern, V subject);
  bool match_sequence(Frame& f, const Node& n, V subject);
  bool match_mapping(Frame& f, const Node& n, V subject);
  bool match_class(Frame& f, const Node& n, V subject);
  bool match_positional(Frame& f, V cls, const std::uint32_t* patterns, std::uint32_t npos,
                        V subject, Held<Str*>& taken);

  // class_statement.cpp
  V build_class(Frame& f, const Node& n);
  List* class_arguments(Frame& f, const std::uint32_t* call);
  void class_keywords(Frame& f, const std::uint32_t* call, V& meta, Held<Str*>& names,
                      Held<V>& values);
  List* real_bases(List* given, bool& unknown_base, bool& replaced);
  void run_stored_body(Frame& body, const Scope& s, Dict* ns);

  // attributes.cpp, classes.cpp
  enum class [[nodiscard]] Found : std::uint8_t{no, yes, raised};
  Found find_attribute(V o, Str* name, V& out);
  Found find_by_hook(V o, Type* t, Str* name, V& out);
  bool getattr_impl(V o, Str* name, V& out) {
    const Found r = find_attribute(o, name, out);
    if (r == Found::raised) throw_raised();
    return r == Found::yes;
  }
  bool generic_getattr(V o, Type* t, Str* name, V& out);
  bool type_getattr(Type* t, Str* name, V& out);
  V descr_get(V d, V obj, Type* cls);
  V* slot_of(Member* m, V obj);  // where an instance keeps what the slot names
  bool is_data_descr(V d);
  void generic_setattr(V o, Str* name, V v);
  void generic_delattr(V o, Str* name);
  V type_call(Type* cls, const Args& a);
  void keep_call(V obj, const Args& a);
  V type_new(Type* meta, Str* name, Tuple* bases, Dict* ns, const Args& kw, bool unknown_base);
  V name_of(Type* cls, Str* name) {  // Interp::lookup of an interned name
    const CacheLine& line = cache[cache_line(cls, name)];
    if (line.t == cls && line.n == name && line.version == cls->version + type_version)
      return line.v;
    return in->lookup(cls, name);
  }
  static std::size_t cache_line(const Type* cls, const Str* name) {
    return ((reinterpret_cast<std::uintptr_t>(cls) >> 5) ^
            (reinterpret_cast<std::uintptr_t>(name) >> 4)) &
           4095;
  }
  void refresh(Type* t) {
    if (t->hooks != t->version + type_version) find_hooks(t);
  }
  void find_hooks(Type* t);
  void changed(Type* t);           // names of a class came, went or mean something else
  V no_attribute(V o, Str* name);  // the AttributeError
  void attribute_error(V o, Str* name);
  Type* calculate_meta(Type* meta, Tuple* bases);
  void set_bases(Type* t, V bases);

  // modules.cpp
  Module* import_module(const std::string& dotted);  // ModuleNotFoundError
  Module* find_module(const std::string& dotted);    // null where absent
  bool module_lookup(Module* m, Str* name, V& out);  // runs what binds it
  bool run_binding(Module* m, Str* name);
  bool lookup_in_imports(Module* m, Str* name, V& out);
  bool lookup_in_files(Module* m, Str* name, V& out);
  Dict* exposed(Module* m);  // the namespace for Python code
  bool module_getattr(Module* m, Str* name, V& out);
  void module_store(Module* m, Str* name, V v);
  void ensure_parsed(Module* m);
  void run_statement(Module* m, std::uint32_t i);
  void come_into_use(Module* m, bool for_effect = false);
  void run_all(Module* m);
  V resolve_lazy(Module* m, Str* name, V v);
  bool statically_binds(Module* m, Str* name, int depth = 0);
  std::vector<std::string> likeliest(Module* m, const std::vector<NodeId>& statements, Str* name);
  ModCtx* make_ctx(const std::shared_ptr<const Ast>& ast, Module* m, bool own);
  CodeX* make_code(ModCtx* c, std::uint32_t scope);
  V import_statement_module(const std::string& dotted, bool as);
  std::string absolute_name(Frame& f, std::uint32_t level, const std::string& name);
  V overlay(const char* module,
            const char* name);  // a name of an overlay module; undef without one
  void import_star(Frame& f, const std::string& module);
  void install_modules();
};

/// A frame on the stack while this lives. RecursionError where it is full.
struct FrameGuard {
  Interp::Impl& im;
  Frame* back;
  int depth;
  FrameGuard(Interp::Impl& i, Frame& f) : im(i), back(i.top), depth(i.depth) {
    f.back = i.top;
    char here;
    if (i.depth >= 1000 || &here < i.stack_limit)
      i.in->raise(i.in->t.RecursionError, "maximum recursion depth exceeded");
    i.top = &f;
    ++i.depth;
  }
  ~FrameGuard() {
    im.top = back;
    im.depth = depth;
  }
};

/// "1 argument", "2 arguments".
inline std::string plural(std::size_t n, const char* word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

void destroy_fiber(Fiber* f);
bool is_fiber_free(const Fiber* f);

}  // namespace kdex::py
