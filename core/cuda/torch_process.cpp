// The program of core/cuda/torch_process.h: what opens the tensors of a call is common, `work` is
// the caller's.
#include "core/cuda/torch_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <kdex/error.h>

#include "core/base/digest.h"
#include "core/base/files.h"

namespace fs = std::filesystem;
using nlohmann::json;

namespace kdex::cuda {

namespace {

const char* const kBefore = R"py(import ctypes, json, os, re, sys
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


)py";

const char* const kBehind = R"py(answer({"gpu": gpu})
for line in sys.stdin:
    opened = []
    try:
        out = work(json.loads(line), opened)
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

json TorchProcess::read() {
  for (;;) {
    if (auto end = buffer_.find('\n'); end != std::string::npos) {
      json j = json::parse(buffer_.substr(0, end), nullptr, false);
      buffer_.erase(0, end + 1);
      if (j.is_object()) return j;
      continue;
    }
    char chunk[65536];
    const ssize_t n = ::read(from_, chunk, sizeof chunk);
    if (n <= 0) throw Error("python3 ended without an answer", "reference");
    buffer_.append(chunk, static_cast<std::size_t>(n));
  }
}

void TorchProcess::write(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(to_, text.data() + at, text.size() - at);
    if (n <= 0) throw Error("python3 ended without an answer", "reference");
    at += static_cast<std::size_t>(n);
  }
}

void TorchProcess::stop() {
  if (to_ >= 0) ::close(to_);
  if (from_ >= 0) ::close(from_);
  to_ = from_ = -1;
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    int status = 0;
    ::waitpid(child_, &status, 0);
  }
  child_ = -1;
  std::error_code error;
  if (!folder_.empty()) fs::remove_all(folder_, error);
}

TorchProcess::TorchProcess(const std::string& folder, const std::string& work) {
  int down[2], up[2];
  if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0)
    throw Error("no pipe", "reference");
  ::signal(SIGPIPE, SIG_IGN);
  std::string name = folder + "/reference-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw Error("no folder could be made", name);
  folder_ = name;
  const std::string program = kBefore + work + kBehind;
  child_ = ::fork();
  if (child_ < 0) throw Error("no process could be started", "reference");
  if (child_ == 0) {
    ::dup2(down[0], 0);
    ::dup2(up[1], 1);
    if (const int log = ::open((name + "/log").c_str(), O_WRONLY | O_CREAT, 0600); log >= 0)
      ::dup2(log, 2);
    ::execlp("python3", "python3", "-u", "-c", program.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(down[0]), ::close(up[1]);
  to_ = down[1], from_ = up[0];
  json first;
  try {
    first = read();
  } catch (const Error&) {
    stop();
    throw Error("python3 was not found, or does not start", "reference");
  }
  if (first.contains("error")) {
    stop();
    throw Error(first["error"].get<std::string>(), "reference");
  }
  gpu_ = first.value("gpu", false);
}

TorchProcess::~TorchProcess() { stop(); }

json TorchProcess::ask(const json& call) {
  write(call.dump(-1, ' ', true, json::error_handler_t::replace) + "\n");
  return read();
}

json TorchProcess::inputs(const Definition& d, const std::vector<SharedTensor>& tensors,
                          const std::map<std::string, double>& scalars) {
  json all = json::array();
  for (const auto& spec : d.inputs) {
    if (!spec.shape) {
      const double v = scalars.at(spec.name);
      const bool real = spec.dtype.starts_with("float") || spec.dtype == "bfloat16";
      json value = real ? json(v) : json(static_cast<std::int64_t>(v));
      all.push_back({{"name", spec.name}, {"value", std::move(value)}});
      continue;
    }
    for (const auto& t : tensors)
      if (t.name == spec.name) all.push_back(given(t, "in" + std::to_string(all.size())));
  }
  return all;
}

json TorchProcess::outputs(const std::vector<SharedTensor>& tensors) {
  json all = json::array();
  for (const auto& t : tensors) all.push_back(given(t, "out" + std::to_string(all.size())));
  return all;
}

json TorchProcess::given(const SharedTensor& t, const std::string& file) {
  json j = {{"name", t.name}, {"dtype", t.dtype}, {"shape", t.shape}};
  if (!t.handle.empty()) {
    j["handle"] = hex(t.handle);
  } else {
    j["file"] = folder_ + "/" + file;
    write_file_atomically(j["file"], t.host->bytes, false);
  }
  return j;
}

}  // namespace kdex::cuda
