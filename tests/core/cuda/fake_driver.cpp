// A libcuda.so.1 for tests without a GPU: one device of little memory on which every launch does
// nothing.
#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>

namespace {
std::map<unsigned long long, std::size_t> sizes;
std::size_t used = 0;
std::size_t limit() {
  const char* v = std::getenv("KDEX_FAKE_MEMORY");
  return v ? std::strtoull(v, nullptr, 10) : std::size_t{1} << 30;
}
int object = 0;
}  // namespace

#define FAKE extern "C" __attribute__((visibility("default"))) int
FAKE cuInit(unsigned) { return std::getenv("KDEX_FAKE_NO_DEVICE") ? 100 : 0; }
FAKE cuDriverGetVersion(int* v) { return *v = 13000, 0; }
FAKE cuDeviceGetCount(int* n) { return *n = 1, 0; }
FAKE cuDeviceGet(int* d, int) { return *d = 0, 0; }
FAKE cuDeviceGetName(char* to, int n, int) {
  return std::strncpy(to, "Fake GPU", static_cast<std::size_t>(n)), 0;
}
FAKE cuDeviceGetAttribute(int* v, int which, int) {
  return *v = which == 75 ? 9 : which == 76 ? 0 : which == 16 ? 132 : 1 << 20, 0;
}
FAKE cuDeviceTotalMem_v2(std::size_t* n, int) { return *n = limit(), 0; }
FAKE cuDevicePrimaryCtxRetain(void** c, int) { return *c = &object, 0; }
FAKE cuDevicePrimaryCtxRelease_v2(int) { return 0; }
FAKE cuCtxSetCurrent(void*) { return 0; }
FAKE cuMemAlloc_v2(unsigned long long* p, std::size_t n) {
  if (used + n > limit()) return 2;
  used += n;
  *p = reinterpret_cast<unsigned long long>(std::malloc(n));
  sizes[*p] = n;
  return 0;
}
FAKE cuMemFree_v2(unsigned long long p) {
  return std::free(reinterpret_cast<void*>(p)), used -= sizes[p], 0;
}
FAKE cuMemcpyHtoD_v2(unsigned long long to, const void* from, std::size_t n) {
  return std::memcpy(reinterpret_cast<void*>(to), from, n), 0;
}
FAKE cuMemcpyDtoH_v2(void* to, unsigned long long from, std::size_t n) {
  return std::memcpy(to, reinterpret_cast<void*>(from), n), 0;
}
FAKE cuMemcpyDtoDAsync_v2(unsigned long long to, unsigned long long from, std::size_t n, void*) {
  return std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), n), 0;
}
FAKE cuMemsetD8Async(unsigned long long to, unsigned char v, std::size_t n, void*) {
  return std::memset(reinterpret_cast<void*>(to), v, n), 0;
}
FAKE cuStreamCreate(void** s, unsigned) { return *s = &object, 0; }
FAKE cuStreamSynchronize(void*) {
  if (std::getenv("KDEX_FAKE_HANG")) ::sleep(60);
  return std::getenv("KDEX_FAKE_FAULT") ? 700 : 0;
}
FAKE cuModuleLoadData(void** m, const void*) { return *m = &object, 0; }
FAKE cuModuleGetFunction(void** f, void*, const char*) { return *f = &object, 0; }
FAKE cuModuleUnload(void*) { return 0; }
FAKE cuFuncSetAttribute(void*, int, int) { return 0; }
FAKE cuLaunchKernelEx(const void*, void*, void**, void**) {
  if (std::getenv("KDEX_FAKE_CRASH")) ::raise(SIGKILL);
  return 0;
}
FAKE cuStreamBeginCapture_v2(void*, int) { return 0; }
FAKE cuStreamEndCapture(void*, void** g) { return *g = &object, 0; }
FAKE cuGraphInstantiateWithFlags(void** e, void*, unsigned long long) { return *e = &object, 0; }
FAKE cuGraphLaunch(void*, void*) { return 0; }
FAKE cuGraphExecDestroy(void*) { return 0; }
FAKE cuGraphDestroy(void*) { return 0; }
FAKE cuEventCreate(void** e, unsigned) { return *e = &object, 0; }
FAKE cuEventDestroy_v2(void*) { return 0; }
FAKE cuEventRecord(void*, void*) { return 0; }
FAKE cuEventSynchronize(void*) { return 0; }
FAKE cuEventElapsedTime(float* ms, void*, void*) { return *ms = 1, 0; }
FAKE cuTensorMapEncodeTiled(void*, int, unsigned, void*, const void*, const void*, const void*,
                            const void*, int, int, int, int) {
  return 0;
}
FAKE cuGetErrorString(int code, const char** text) {
  *text = code == 100   ? "no CUDA-capable device is detected"
          : code == 700 ? "an illegal memory access was encountered"
                        : "unknown error";
  return 0;
}
