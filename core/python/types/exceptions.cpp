// The exception hierarchy, and tracebacks as CPython prints them.
#include <cerrno>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/text/codecs.h"
#include "core/python/types/types.h"

namespace kdex::py {

using Impl = Interp::Impl;

V Interp::make_exception(Type* type, std::string_view message) {
  Exc* e = make<Exc>(Kind::exception, type);
  const V m = str(message);
  e->args = tuple(&m, message.empty() && type == t.StopIteration ? 0 : 1).as<Tuple>();
  return V(e);
}

namespace {

V exception_construct(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  std::int64_t number;
  if (cls == in.t.OSError && a.npos > 2 && a.npos < 7 && in.as_int64(a[1], number)) {
    static const std::pair<int, const char*> kinds[] = {{EPERM, "PermissionError"},
                                                        {EACCES, "PermissionError"},
                                                        {ENOENT, "FileNotFoundError"},
                                                        {EEXIST, "FileExistsError"},
                                                        {ENOTDIR, "NotADirectoryError"},
                                                        {EISDIR, "IsADirectoryError"},
                                                        {ETIMEDOUT, "TimeoutError"},
                                                        {EINTR, "InterruptedError"},
                                                        {ECHILD, "ChildProcessError"},
                                                        {ESRCH, "ProcessLookupError"},
                                                        {EPIPE, "BrokenPipeError"},
                                                        {ECONNRESET, "ConnectionResetError"},
                                                        {ECONNREFUSED, "ConnectionRefusedError"},
                                                        {ECONNABORTED, "ConnectionAbortedError"},
                                                        {EAGAIN, "BlockingIOError"}};
    for (auto [n, name] : kinds)
      if (n == number)
        if (V* t = in.find(in.builtins, in.intern(name)); t && t->is(Kind::type))
          cls = t->as<Type>();
  }
  Exc* e = in.make<Exc>(Kind::exception, cls);
  e->args = in.tuple(a.pos + 1, a.npos - 1).as<Tuple>();
  if (Interp::is_subtype(e->cls, in.t.StopIteration)) e->value = a.npos > 1 ? a[1] : V::none();
  return V(e);
}

std::string message_of(Interp& in, Exc* e) {
  if (Interp::is_subtype(e->cls, in.t.KeyError) && e->args->n == 1 &&
      !in.lookup(e->cls, in.impl->s_str).is(Kind::function))
    return in.repr_of(e->args->at[0]);
  return in.str_of(V(e));
}

void print_one(Interp& in, Exc* e, std::string& out, int depth) {
  if (depth < 20) {
    if (e->cause.is(Kind::exception)) {
      print_one(in, e->cause.as<Exc>(), out, depth + 1);
      out += "\nThe above exception was the direct cause of the following exception:\n\n";
    } else if (e->context.is(Kind::exception) && !e->suppress_context) {
      print_one(in, e->context.as<Exc>(), out, depth + 1);
      out += "\nDuring handling of the above exception, another exception occurred:\n\n";
    }
  }
  if (e->ntrace) out += "Traceback (most recent call last):\n";
  std::uint32_t same = 0;
  const auto repeated = [&] {
    if (same > 2)
      out += "  [Previous line repeated " + std::to_string(same - 2) +
             (same == 3 ? " more time]\n" : " more times]\n");
    same = 0;
  };
  const CodeX* last = nullptr;
  std::uint32_t last_line = 0;
  for (std::uint32_t i = 0; i < e->ntrace; ++i) {
    CodeX* c = static_cast<CodeX*>(e->trace[i].code);
    if (!c) continue;
    if (c == last && e->trace[i].line == last_line) {
      if (++same > 2) continue;
    } else {
      repeated();
    }
    last = c;
    last_line = e->trace[i].line;
    const std::string file(c->ctx->ast->file);
    out += "  File \"" + file + "\", line " + std::to_string(e->trace[i].line) + ", in " +
           std::string(c->name->view()) + "\n";
    const std::string line =
        in.impl->finder ? in.impl->finder->read_line(file, static_cast<int>(e->trace[i].line)) : "";
    if (!line.empty()) out += "    " + line.substr(0, 1000) + "\n";
  }
  repeated();
  std::string name(e->cls->qualname->view());
  if (V* m = in.find(e->cls->ns, in.impl->s_module); m && m->is(Kind::str) &&
                                                     m->as<Str>()->view() != "builtins" &&
                                                     m->as<Str>()->view() != "__main__")
    name = std::string(m->as<Str>()->view()) + "." + name;
  std::string text;
  const V failed = in.caught([&] { text = message_of(in, e); });
  if (!failed.is_undef()) text = "<exception str() failed>";
  out += text.empty() ? name + "\n" : name + ": " + text + "\n";
}

/// The exception classes, bases before what is below them.
void add_exception_types(Interp& in) {
  auto add = [&](Type** at, const char* name, Type* base) {
    Type* x = in.new_type(name, base, Kind::exception);
    x->is_exception = true;
    *at = x;
    in.put(in.builtins, x->name, V(x));
  };
  Types& t = in.t;
  add(&t.BaseException, "BaseException", t.object);
  t.BaseException->construct = exception_construct;
  struct Row {
    Type** at;
    const char* name;
    Type** base;
  };
  const Row rows[] = {{&t.Exception, "Exception", &t.BaseException},
                      {&t.GeneratorExit, "GeneratorExit", &t.BaseException},
                      {&t.SystemExit, "SystemExit", &t.BaseException},
                      {&t.KeyboardInterrupt, "KeyboardInterrupt", &t.BaseException},
                      {&t.TypeError, "TypeError", &t.Exception},
                      {&t.ValueError, "ValueError", &t.Exception},
                      {&t.LookupError, "LookupError", &t.Exception},
                      {&t.KeyError, "KeyError", &t.LookupError},
                      {&t.IndexError, "IndexError", &t.LookupError},
                      {&t.AttributeError, "AttributeError", &t.Exception},
                      {&t.NameError, "NameError", &t.Exception},
                      {&t.UnboundLocalError, "UnboundLocalError", &t.NameError},
                      {&t.RuntimeError, "RuntimeError", &t.Exception},
                      {&t.RecursionError, "RecursionError", &t.RuntimeError},
                      {&t.NotImplementedError, "NotImplementedError", &t.RuntimeError},
                      {&t.StopIteration, "StopIteration", &t.Exception},
                      {&t.StopAsyncIteration, "StopAsyncIteration", &t.Exception},
                      {&t.ArithmeticError, "ArithmeticError", &t.Exception},
                      {&t.ZeroDivisionError, "ZeroDivisionError", &t.ArithmeticError},
                      {&t.OverflowError, "OverflowError", &t.ArithmeticError},
                      {&t.FloatingPointError, "FloatingPointError", &t.ArithmeticError},
                      {&t.AssertionError, "AssertionError", &t.Exception},
                      {&t.ImportError, "ImportError", &t.Exception},
                      {&t.ModuleNotFoundError, "ModuleNotFoundError", &t.ImportError},
                      {&t.OSError, "OSError", &t.Exception},
                      {&t.FileNotFoundError, "FileNotFoundError", &t.OSError},
                      {&t.PermissionError, "PermissionError", &t.OSError},
                      {&t.FileExistsError, "FileExistsError", &t.OSError},
                      {&t.NotADirectoryError, "NotADirectoryError", &t.OSError},
                      {&t.IsADirectoryError, "IsADirectoryError", &t.OSError},
                      {&t.TimeoutError, "TimeoutError", &t.OSError},
                      {&t.ConnectionError, "ConnectionError", &t.OSError},
                      {&t.EOFError, "EOFError", &t.Exception},
                      {&t.MemoryError, "MemoryError", &t.Exception},
                      {&t.UnicodeError, "UnicodeError", &t.ValueError},
                      {&t.UnicodeDecodeError, "UnicodeDecodeError", &t.UnicodeError},
                      {&t.UnicodeEncodeError, "UnicodeEncodeError", &t.UnicodeError},
                      {&t.SyntaxError, "SyntaxError", &t.Exception},
                      {&t.Warning, "Warning", &t.Exception},
                      {&t.BufferError, "BufferError", &t.Exception},
                      {&t.SystemError, "SystemError", &t.Exception},
                      {&t.ReferenceError, "ReferenceError", &t.Exception}};
  for (const Row& r : rows) add(r.at, r.name, *r.base);
  for (const char* name :
       {"UserWarning", "DeprecationWarning", "FutureWarning", "RuntimeWarning",
        "PendingDeprecationWarning", "ImportWarning", "SyntaxWarning", "ResourceWarning",
        "UnicodeWarning", "BytesWarning", "EncodingWarning"}) {
    Type* x;
    add(&x, name, t.Warning);
  }
  for (const char* name : {"BrokenPipeError", "ConnectionResetError", "ConnectionRefusedError",
                           "ConnectionAbortedError"}) {
    Type* x;
    add(&x, name, t.ConnectionError);
  }
  for (const char* name :
       {"BlockingIOError", "ChildProcessError", "InterruptedError", "ProcessLookupError"}) {
    Type* x;
    add(&x, name, t.OSError);
  }
  Type* indent;
  add(&indent, "IndentationError", t.SyntaxError);
  in.put(in.builtins, in.intern("IOError"), V(t.OSError));
  in.put(in.builtins, in.intern("EnvironmentError"), V(t.OSError));
}

const AttributeDef kBaseException[] = {
    method(
        "__init__",
        [](Interp& i, const Args& a) {
          Exc* e = a[0].as<Exc>();
          e->args = i.tuple(a.pos + 1, a.npos - 1).as<Tuple>();
          if (Interp::is_subtype(e->cls, i.t.StopIteration))
            e->value = a.npos > 1 ? a[1] : V::none();
          for (std::uint32_t k = 0; k < a.nkw; ++k) {
            if (!e->attrs) e->attrs = i.dict();
            i.put(e->attrs, a.kwname[k], a.kwval[k]);
          }
          return V::none();
        },
        1, -1, true),
    method(
        "__str__",
        [](Interp& i, const Args& a) {
          Exc* e = a[0].as<Exc>();
          if (!e->args->n) return i.str("");
          if (Interp::is_subtype(e->cls, i.t.UnicodeEncodeError) ||
              Interp::is_subtype(e->cls, i.t.UnicodeDecodeError))
            return i.str(unicode_error_text(i, e));
          if (e->args->n == 1)
            return i.str(Interp::is_subtype(e->cls, i.t.KeyError) ? i.repr_of(e->args->at[0])
                                                                  : i.str_of(e->args->at[0]));
          if (Interp::is_subtype(e->cls, i.t.OSError) && e->args->n >= 2) {
            std::string s = "[Errno " + i.str_of(e->args->at[0]) + "] " + i.str_of(e->args->at[1]);
            if (e->args->n > 2 && !e->args->at[2].is_none()) s += ": " + i.repr_of(e->args->at[2]);
            return i.str(s);
          }
          return i.str(i.repr_of(V(e->args)));
        },
        1, 1),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          Exc* e = a[0].as<Exc>();
          std::string s(e->cls->name->view());
          s += "(";
          for (std::uint32_t k = 0; k < e->args->n; ++k)
            s += (k ? ", " : "") + i.repr_of(e->args->at[k]);
          return i.str(s + ")");
        },
        1, 1),
    method(
        "with_traceback", [](Interp&, const Args& a) { return a[0]; }, 2, 2),
    method(
        "add_note",
        [](Interp& i, const Args& a) {
          if (!a[0].o->attrs) a[0].o->attrs = i.dict();
          V* l = i.find(a[0].o->attrs, i.intern("__notes__"));
          V notes = l ? *l : V(i.list());
          i.append(notes.as<List>(), a[1]);
          i.put(a[0].o->attrs, i.intern("__notes__"), notes);
          return V::none();
        },
        2, 2),
    attribute(
        "args", [](Interp&, const Args& a) { return V(a[0].as<Exc>()->args); },
        [](Interp& i, const Args& a) {
          a[0].as<Exc>()->args = i.to_tuple(a[1]).as<Tuple>();
          return V::none();
        }),
    attribute(
        "__cause__", [](Interp&, const Args& a) { return or_none(a[0].as<Exc>()->cause); },
        [](Interp&, const Args& a) {
          a[0].as<Exc>()->cause = a[1];
          a[0].as<Exc>()->suppress_context = true;
          return V::none();
        }),
    attribute(
        "__context__", [](Interp&, const Args& a) { return or_none(a[0].as<Exc>()->context); },
        [](Interp&, const Args& a) {
          a[0].as<Exc>()->context = a[1];
          return V::none();
        }),
    attribute(
        "__suppress_context__",
        [](Interp&, const Args& a) { return V::boolean(a[0].as<Exc>()->suppress_context); },
        [](Interp& i, const Args& a) {
          a[0].as<Exc>()->suppress_context = i.truth(a[1]);
          return V::none();
        }),
    attribute(
        "__traceback__",
        [](Interp& i, const Args& a) {
          const Exc* e = a[0].as<Exc>();
          if (!e->ntrace) return V::none();
          const V made = i.impl->overlay("types", "TracebackType");
          return made.is_undef() ? V::none()
                                 : i.call(made, {a[0], V::integer(e->trace[e->ntrace - 1].line)});
        },
        [](Interp&, const Args&) { return V::none(); }),
};

const AttributeDef kImportError[] = {
    attribute("msg",
              [](Interp&, const Args& a) {
                return a[0].as<Exc>()->args->n ? a[0].as<Exc>()->args->at[0] : V::none();
              }),
};

const AttributeDef kStopIteration[] = {
    attribute("value", [](Interp&, const Args& a) { return or_none(a[0].as<Exc>()->value); }),
};

const AttributeDef kSystemExit[] = {
    attribute("code",
              [](Interp&, const Args& a) {
                Exc* e = a[0].as<Exc>();
                return e->args->n ? e->args->at[0] : V::none();
              }),
};

}  // namespace

std::string Interp::format_traceback(V exc) {
  std::string out;
  if (exc.is(Kind::exception)) print_one(*this, exc.as<Exc>(), out, 0);
  return out;
}

void install_exceptions(Interp& in) {
  add_exception_types(in);
  const Types& t = in.t;
  define(in, t.BaseException, kBaseException);
  define(in, t.ImportError, kImportError);
  in.put(t.ImportError->ns, in.intern("name"), V::none());
  in.put(t.ImportError->ns, in.intern("path"), V::none());
  define(in, t.StopIteration, kStopIteration);
  define(in, t.SystemExit, kSystemExit);
  for (auto [name, k] :
       {std::pair{"encoding", 0u}, {"object", 1u}, {"start", 2u}, {"end", 3u}, {"reason", 4u}})
    in.def_property(
        t.UnicodeError, name,
        [](Interp& i, const Args& a) {
          Exc* e = a[0].as<Exc>();
          const auto n = static_cast<std::uint32_t>(i.current_builtin->data.i);
          return n < e->args->n ? e->args->at[n] : V::none();
        },
        nullptr, V::integer(k));
  for (auto [name, k] : {std::pair{"errno", 0u}, {"strerror", 1u}, {"filename", 2u}})
    in.def_property(
        t.OSError, name,
        [](Interp& i, const Args& a) {
          Exc* e = a[0].as<Exc>();
          const auto n = static_cast<std::uint32_t>(i.current_builtin->data.i);
          return e->args->n >= 2 && n < e->args->n ? e->args->at[n] : V::none();
        },
        nullptr, V::integer(k));
}

}  // namespace kdex::py
