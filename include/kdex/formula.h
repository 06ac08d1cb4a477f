// A form's formula in float64, for samples of its outputs: what `kdex kernels verify` compares
// with. What formulas share: tensors as doubles, samples of rows, work on several threads. Knows
// no form.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <kdex/error.h>
#include <kdex/params.h>
#include <kdex/tensor.h>

namespace kdex {

/// Inputs of one call by name. The accessors throw kdex::Error where there is none.
struct CallInputs {
  std::map<std::string, const HostTensor*> tensors;
  std::map<std::string, double> scalars;

  const HostTensor& tensor(const std::string& name) const {
    auto it = tensors.find(name);
    if (it == tensors.end()) throw Error("there is no input '" + name + "'", "reference");
    return *it->second;
  }
  double scalar(const std::string& name) const {
    auto it = scalars.find(name);
    if (it == scalars.end()) throw Error("there is no scalar '" + name + "'", "reference");
    return it->second;
  }
};

/// Some elements of one output (indices in row-major order) and what they should be.
struct Expected {
  std::string output;
  std::vector<std::int64_t> elements;
  std::vector<double> values;
};

/// The samples of every output of a form. `random` chooses them; runs on `threads` threads. Throws
/// kdex::Error where the inputs do not fit.
using Formula = std::function<std::vector<Expected>(const Params& params, const CallInputs& inputs,
                                                    Random& random, int threads)>;

namespace sdk {

/// A tensor as doubles; one table for the dtypes of 8 and 16 bits. The tensor must outlive it.
class Values {
 public:
  explicit Values(const HostTensor& t)
      : dtype_(t.dtype), data_(t.bytes.data()), bytes_(dtype_bytes(t.dtype)) {
    if (bytes_ > 2 || dtype_ == "bfloat16") return;
    table_.resize(bytes_ == 1 ? 256 : 65536);
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const std::uint16_t bits = static_cast<std::uint16_t>(i);
      table_[i] = value_at(&bits, dtype_, 0);  // little-endian: the low byte comes first
    }
  }
  double operator[](std::int64_t i) const {
    if (table_.size() == 256) return table_[static_cast<unsigned char>(data_[i])];
    if (!table_.empty())
      return table_[static_cast<unsigned char>(data_[2 * i]) |
                    static_cast<unsigned char>(data_[2 * i + 1]) << 8];
    return value_at(data_, dtype_, i);
  }

 private:
  std::string dtype_;
  const char* data_;
  std::size_t bytes_;
  std::vector<double> table_;
};

/// `most` of 0 .. count-1: the first, the last, then random ones; ascending.
inline std::vector<std::int64_t> pick(std::int64_t count, std::int64_t most, Random& random) {
  std::set<std::int64_t> out;
  if (count <= most)
    for (std::int64_t i = 0; i < count; ++i) out.insert(i);
  else {
    out.insert(0), out.insert(count - 1);
    while (static_cast<std::int64_t>(out.size()) < most) out.insert(random.below(count));
  }
  return {out.begin(), out.end()};
}

/// Calls work(0) .. work(count-1), each once, from up to `threads` threads.
inline void in_parallel(std::int64_t count, int threads,
                        const std::function<void(std::int64_t)>& work) {
  std::atomic<std::int64_t> next{0};
  auto run = [&] {
    for (std::int64_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < std::min<std::int64_t>(threads, count); ++t) others.emplace_back(run);
  run();
  for (auto& t : others) t.join();
}

/// Rows `rows` of an output with `width` elements each; their values are still 0.
inline Expected rows_of(const std::string& output, const std::vector<std::int64_t>& rows,
                        std::int64_t width) {
  Expected e{output, {}, {}};
  for (auto r : rows)
    for (std::int64_t i = 0; i < width; ++i) e.elements.push_back(r * width + i);
  e.values.resize(e.elements.size());
  return e;
}

}  // namespace sdk
}  // namespace kdex
