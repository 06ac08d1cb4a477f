// extract.h on the abstract machine: one isolate a model, the engine's driver inside it, and a walk
// over the live module objects that it leaves. Must not know any model, nor what an attribute
// means.
#include "core/model/extract.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <kdex/error.h>

#include "core/model/read_tree.h"
#include "core/model/source_tree.h"
#include "core/python/host.h"
#include "core/python/impl.h"
#include "core/python/json.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using py::Dict;
using py::Interp;
using py::Kind;
using py::PyErr;
using py::V;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Where links in a checkpoint's folder may lead: the blobs of the Hugging Face cache that it is a
/// snapshot of, and what its configuration is when that is a link itself.
std::vector<std::string> linked_files(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) return out;
  for (const char* name : {"config.json", "hf_quant_config.json"})
    if (const fs::path file = fs::canonical(real / name, error); !error)
      out.push_back(file.string());
  const fs::path blobs = real.parent_path().parent_path() / "blobs";
  if (real.parent_path().filename() == "snapshots" &&
      fs::is_directory(fs::symlink_status(blobs, error)))
    out.push_back(blobs.string());
  return out;
}

std::uint32_t deployment_origin(Interp& in, const char* what, std::int64_t value) {
  py::OriginEntry e;
  e.kind = 2;
  e.text = in.intern(what);
  e.has_value = true;
  e.value = value;
  in.impl->origins.push_back(e);
  return static_cast<std::uint32_t>(in.impl->origins.size() - 1);
}

/// Where the engine sees the checkpoint. It looks for names in its path, so the path ends in the
/// checkpoint's.
std::string path_of(const Checkpoint& c) {
  const fs::path name = fs::path(c.name).lexically_normal().relative_path();
  for (const auto& part : name)
    if (part == "..") return "/model";
  return name.empty() || name == "." ? "/model" : "/model/" + name.string();
}

/// Where the engine sees a server argument's folder (a draft model's, say), empty where the text
/// names none with a configuration.
std::string path_of(const std::string& argument, const std::string& text) {
  std::error_code error;
  if (text.empty() || !fs::is_regular_file(fs::path(text) / "config.json", error)) return "";
  const fs::path full = fs::canonical(text, error);
  return error ? "" : "/" + argument + "/" + full.filename().string();
}

V request_of(Interp& in, const Checkpoint& checkpoint, const Deployment& d, Tree& tree) {
  Dict* r = in.dict();
  auto put = [&](const char* name, V v) { in.put(r, in.intern(name), v); };
  put("checkpoint", in.str(path_of(checkpoint)));
  auto number = [&](const char* name, std::int64_t n) {
    put(name, V::integer(n, deployment_origin(in, name, n)));
  };
  number("tp", d.tp);
  number("ep", d.ep);
  number("attention_dp", d.attention_dp);
  const std::size_t before = in.impl->origins.size();
  const V known = py::json_loads(in, tree.platforms, "platforms.json");
  for (std::size_t i = before; i < in.impl->origins.size(); ++i)
    in.impl->origins[i].kind = static_cast<std::uint8_t>(Origin::Kind::platform);
  V* facts = known.is(Kind::dict) ? in.find(known.as<Dict>(), in.intern(d.platform)) : nullptr;
  put("platform", facts ? *facts : in.str(d.platform));
  Dict* arguments = in.dict();
  for (const auto& [name, text] : d.engine_args) {
    const std::string folder = path_of(name, text);
    in.put(arguments, in.intern(name), in.str(folder.empty() ? text : folder));
  }
  put("engine_args", V(arguments));
  Dict* architectures = in.dict();
  for (const auto& m : tree.models())
    in.put(architectures, in.intern(m.architecture), in.str(m.module));
  put("architectures", V(architectures));
  Dict* names = in.dict();
  for (const auto& [name, argument] : tree.engine().arguments)
    in.put(names, in.intern(name), in.str(argument));
  put("arguments", V(names));
  return V(r);
}
}  // namespace

ModuleTree extract_modules(SourceTree& source, const Checkpoint& checkpoint,
                           const Deployment& deployment, const Limits& limits) {
  auto& tree = static_cast<Tree&>(source);
  ModuleTree out;
  const auto start = std::chrono::steady_clock::now();
  py::Sources::thread_seconds() = 0;
  auto fail = [&](const char* stage, const std::string& type, const std::string& text) {
    out.ok = false;
    out.modules.clear();
    out.stage = stage;
    out.error_type = type;
    out.error = text;
  };
  Interp in(limits.memory_bytes, limits.steps, limits.seconds);
  in.impl->finder = &tree.sources;
  py::Host host;
  std::error_code error;
  fs::path folder(checkpoint.folder);
  if (fs::is_regular_file(folder, error)) folder = folder.parent_path();
  host.files = {{path_of(checkpoint), folder.string()}};
  host.linked = linked_files(folder);
  for (const auto& [name, text] : deployment.engine_args)
    if (const std::string seen = path_of(name, text); !seen.empty()) {
      host.files.emplace_back(seen, text);
      for (auto& file : linked_files(text)) host.linked.push_back(std::move(file));
    }
  host.versions = tree.versions;
  py::set_host(in, &host);
  V failed;
  try {
    V result;
    try {
      py::Module* driver = in.impl->import_module(tree.engine().driver);
      V build;
      if (!in.impl->module_getattr(driver, in.intern("build"), build))
        throw Error("the engine's driver has no function build", tree.engine().folder);
      result = in.call(build, {request_of(in, checkpoint, deployment, tree)});
    } catch (const PyErr& e) {
      failed = e.exc;
    }
    if (!failed.is_undef()) {
      fail("internal", in.type_name(failed), "");
      out.where = where(in, failed);
      out.error = in.str_of(failed);
    } else if (!result.is(Kind::dict)) {
      fail("internal", "InternalError", "the engine's driver gave no dict");
    } else {
      in.keep_all = true;  // the tables of the reading hold values by address
      read_result(in, result, out);
      tree.roles.apply(out);
    }
  } catch (const py::LimitError& e) {
    fail("limit", "LimitError", e.what);
    for (const py::Frame* f = in.impl->top; f; f = f->back)
      if (f->ast) out.where.insert(out.where.begin(), f->ast->file + ":" + std::to_string(f->line));
  } catch (const PyErr& e) {
    fail("internal", "InternalError", "an exception while the model was read");
  }
  for (const auto& a : in.impl->assumptions)
    out.assumptions.push_back({{a.file, a.line}, a.condition, a.reason, false});
  out.unknowns = in.impl->unknowns;
  out.python_calls = in.impl->calls;
  for (const auto& c : in.impl->ctxs)
    if (!c->ast->file.empty()) out.files.push_back(c->ast->file);
  std::sort(out.files.begin(), out.files.end());
  out.files.erase(std::unique(out.files.begin(), out.files.end()), out.files.end());
  out.parse_seconds = py::Sources::thread_seconds();
  out.run_seconds = seconds_since(start) - out.parse_seconds;
  return out;
}

}  // namespace kdex
