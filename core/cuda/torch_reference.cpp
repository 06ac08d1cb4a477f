// The other side is a Python program in this file; a call and its answer are a line of JSON each.
#include "core/cuda/torch_reference.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/digest.h"
#include "core/base/files.h"

namespace fs = std::filesystem;
using nlohmann::json;

namespace kdex::cuda {

namespace {

const char* const kProgram = R"py(import ctypes, json, os, re, sys
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what a reference prints is no answer


def answer(x):
    answers.write(json.dumps(x) + "\n")
    answers.flush()


try:
    import torch
except Exception as e:
    answer({"error": f"python3 has no torch ({type(e).__name__}: {e})".replace("\n", " ")})
    sys.exit(0)
gpu = torch.cuda.is_available()
device = "cuda" if gpu else "cpu"
torch.backends.cuda.matmul.allow_tf32 = False
types = {name: getattr(torch, name) for name in ("float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "bool",
                                                 "float8_e4m3fn", "float8_e5m2")}
out_of_memory = getattr(torch, "OutOfMemoryError", None) or torch.cuda.OutOfMemoryError
if gpu:
    torch.zeros(1, device=device)  # its context is current from here on
    driver = ctypes.CDLL("libcuda.so.1")


class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_ubyte * 64)]


class Memory:
    def __init__(self, pointer, size):
        self.__cuda_array_interface__ = {"data": (pointer, False), "shape": (size,), "typestr": "|u1", "version": 2}


def tensor(x, opened):
    size = torch.empty(0, dtype=types[x["dtype"]]).element_size()
    for n in x["shape"]:
        size *= n
    if size == 0:
        return torch.empty(x["shape"], dtype=types[x["dtype"]], device=device)
    if "handle" in x:
        pointer = ctypes.c_uint64()
        code = driver.cuIpcOpenMemHandle_v2(ctypes.byref(pointer), Handle((ctypes.c_ubyte * 64)(*bytes.fromhex(x["handle"]))), ctypes.c_uint(1))
        if code:
            raise OSError(f"the driver does not share memory: error {code}")
        opened.append(pointer)
        data = torch.as_tensor(Memory(pointer.value, size), device=device)
    else:
        with open(x["file"], "rb") as f:
            data = torch.frombuffer(bytearray(f.read()), dtype=torch.uint8).to(device)
    return data.view(types[x["dtype"]]).reshape(x["shape"])


def reference(call, arguments):
    """The outputs, in float64 where the reference bears it."""
    text = call["reference"]
    wide = re.sub(r"\.float\(\)", ".double()", text.replace("torch.float32", "torch.float64"))
    plain = (torch.float16, torch.bfloat16, torch.float32)
    floats = sum(a.numel() for a in arguments if torch.is_tensor(a) and a.dtype in plain)
    raised = arguments
    if floats <= 1 << 30:
        raised = [a.double() if torch.is_tensor(a) and a.dtype in plain else a for a in arguments]
    failure = None
    for source, given in ((wide, raised), (wide, arguments), (text, arguments)):
        try:
            scope = {"__name__": "reference"}
            exec(compile(source, "reference.py", "exec"), scope)
            with torch.no_grad():
                out = scope["run"](*given)
            if isinstance(out, dict):
                out = [out[name] for name in call["outputs_order"]]
            return list(out) if isinstance(out, (tuple, list)) else [out]
        except out_of_memory:
            raise
        except Exception as e:  # the first way's failure is the least telling
            failure = e
    raise failure


def compare(got, want):
    if tuple(want.shape) != tuple(got.shape):
        raise ValueError(f"it gives the shape {tuple(want.shape)}, not {tuple(got.shape)}")
    got, want = got.reshape(-1), want.reshape(-1).to(device)
    difference = size = absolute = relative = 0.0
    finite, step, zeros = True, 1 << 24, True
    for at in range(0, got.numel(), step):
        g, w = got[at : at + step].to(torch.float64), want[at : at + step].to(torch.float64)
        zeros = zeros and not bool(w.any())
        g, w = torch.where(torch.isinf(w) & (g == w), 0.0, g), torch.where(torch.isinf(w) & (g == w), 0.0, w)
        finite = finite and bool(torch.isfinite(g).all())
        d = (g - w).abs()
        difference += float((d * d).sum())
        size += float((w * w).sum())
        absolute = max(absolute, float(d.max()))
        relative = max(relative, float((d / (w.abs() + 1e-8)).max()))
    number = lambda x: x if x == x and abs(x) != float("inf") else None
    return {"finite": finite, "zeros": zeros, "compared": got.numel(), "frobenius": number((difference / size if size > 0 else difference) ** 0.5),
            "absolute": number(absolute), "relative": number(relative)}


def work(call, opened):
    arguments = [x["value"] if "value" in x else tensor(x, opened) for x in call["inputs"]]
    got = [tensor(x, opened) for x in call["outputs"]]
    call["outputs_order"] = [x["name"] for x in call["outputs"]]
    want = reference(call, arguments)
    if len(want) != len(got):
        raise ValueError(f"it gives {len(want)} outputs, not {len(got)}")
    return [compare(g, w if torch.is_tensor(w) else torch.tensor(w)) for g, w in zip(got, want)]


answer({"gpu": gpu})
for line in sys.stdin:
    opened = []
    try:
        out = {"outputs": work(json.loads(line), opened)}
    except out_of_memory:
        out = {"error": "the GPU is out of memory"}
    except Exception as e:
        out = {"error": f"{type(e).__name__}: {e}".replace("\n", " ")}
    if gpu:
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
    for pointer in opened:
        driver.cuIpcCloseMemHandle(pointer)
    answer(out)
)py";

}  // namespace

struct TorchReference::Impl {
  pid_t child = -1;
  int to = -1, from = -1;
  bool gpu = false;
  std::string buffer, folder;

  json read() {
    for (;;) {
      if (auto end = buffer.find('\n'); end != std::string::npos) {
        json j = json::parse(buffer.substr(0, end), nullptr, false);
        buffer.erase(0, end + 1);
        if (j.is_object()) return j;
        continue;
      }
      char chunk[65536];
      const ssize_t n = ::read(from, chunk, sizeof chunk);
      if (n <= 0) throw Error("python3 ended without an answer", "reference");
      buffer.append(chunk, static_cast<std::size_t>(n));
    }
  }
  void write(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t n = ::write(to, text.data() + at, text.size() - at);
      if (n <= 0) throw Error("python3 ended without an answer", "reference");
      at += static_cast<std::size_t>(n);
    }
  }
  void stop() {
    if (to >= 0) ::close(to);
    if (from >= 0) ::close(from);
    to = from = -1;
    if (child > 0) {
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
    }
    child = -1;
    std::error_code error;
    if (!folder.empty()) fs::remove_all(folder, error);
  }
  ~Impl() { stop(); }
};

TorchReference::TorchReference(const std::string& folder) : impl_(std::make_unique<Impl>()) {
  int down[2], up[2];
  if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0)
    throw Error("no pipe", "reference");
  ::signal(SIGPIPE, SIG_IGN);
  std::string name = folder + "/reference-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw Error("no folder could be made", name);
  impl_->folder = name;
  impl_->child = ::fork();
  if (impl_->child < 0) throw Error("no process could be started", "reference");
  if (impl_->child == 0) {
    ::dup2(down[0], 0);
    ::dup2(up[1], 1);
    if (const int log = ::open((name + "/log").c_str(), O_WRONLY | O_CREAT, 0600); log >= 0)
      ::dup2(log, 2);
    ::execlp("python3", "python3", "-u", "-c", kProgram, nullptr);
    ::_exit(127);
  }
  ::close(down[0]), ::close(up[1]);
  impl_->to = down[1], impl_->from = up[0];
  json first;
  try {
    first = impl_->read();
  } catch (const Error&) {
    throw Error("python3 was not found, or does not start", "reference");
  }
  if (first.contains("error")) throw Error(first["error"].get<std::string>(), "reference");
  impl_->gpu = first.value("gpu", false);
}

TorchReference::~TorchReference() = default;

bool TorchReference::on_gpu() const { return impl_->gpu; }

std::vector<Deviation> TorchReference::compare(const Definition& d,
                                               const std::vector<SharedTensor>& inputs,
                                               const std::map<std::string, double>& scalars,
                                               const std::vector<SharedTensor>& got) {
  json call = {{"reference", d.reference}, {"inputs", json::array()}, {"outputs", json::array()}};
  auto given = [&](const SharedTensor& t) -> json {
    json j = {{"name", t.name}, {"dtype", t.dtype}, {"shape", t.shape}};
    if (!t.handle.empty()) {
      j["handle"] = hex(t.handle);
    } else {
      j["file"] =
          impl_->folder + "/" + std::to_string(call["inputs"].size() + call["outputs"].size());
      write_file_atomically(j["file"], t.host->bytes, false);
    }
    return j;
  };
  for (const auto& spec : d.inputs) {
    if (!spec.shape) {
      const double v = scalars.at(spec.name);
      const bool real = spec.dtype.starts_with("float") || spec.dtype == "bfloat16";
      if (real)
        call["inputs"].push_back({{"value", v}});
      else
        call["inputs"].push_back({{"value", static_cast<std::int64_t>(v)}});
      continue;
    }
    for (const auto& t : inputs)
      if (t.name == spec.name) call["inputs"].push_back(given(t));
  }
  for (const auto& t : got) call["outputs"].push_back(given(t));
  impl_->write(call.dump(-1, ' ', true, json::error_handler_t::replace) + "\n");
  json out = impl_->read();
  if (out.contains("error"))
    throw Error(out["error"].get<std::string>(), d.name + ": its reference failed under python3");
  std::vector<Deviation> all;
  for (const auto& x : out.at("outputs")) {
    auto number = [&](const char* name) {
      return x.at(name).is_number() ? x.at(name).get<double>()
                                    : std::numeric_limits<double>::quiet_NaN();
    };
    Deviation v;
    v.frobenius = number("frobenius"), v.max_absolute = number("absolute"),
    v.max_relative = number("relative");
    v.finite = x.at("finite").get<bool>();
    v.size = x.at("zeros").get<bool>() ? 0 : 1;
    v.compared = x.at("compared").get<std::size_t>();
    all.push_back(v);
  }
  return all;
}

}  // namespace kdex::cuda
